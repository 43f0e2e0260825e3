"""An article and the source it cites, side by side where they differ, and silence where not."""

from __future__ import annotations

import json
from io import StringIO

import pytest

from ragbot import Ragbot
from ragbot.answering.contrast import difference, population_of
from ragbot.cli.printing import print_answer
from ragbot.index.sync import sync
from ragbot.types import Bibliography, Population
from small_library import ALPHA, FIRST

SOURCE = [
    "The trial randomised 326 adults with relapsed ALL.",
    "Median overall survival was 7.7 months with inotuzumab versus 6.7 months with chemotherapy.",
    "Veno-occlusive disease occurred in 11% of adults given inotuzumab.",
    "Transplant in first remission did not improve survival.",
]


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("Veno-occlusive disease occurred in 41% of adults given inotuzumab.", "number"),
        ("Median overall survival was 7.7 years with inotuzumab.", "number"),
        ("Transplant in first remission did improve survival.", "negation"),
        (
            "Median overall survival was 6.7 months with inotuzumab versus 7.7 months with "
            "chemotherapy.",
            "arms",
        ),
    ],
)
def test_what_a_source_says_otherwise_is_found(statement, kind):
    found = difference(statement, SOURCE)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    "statement",
    [
        *SOURCE,
        "Of the adults given inotuzumab, veno-occlusive disease occurred in 11%.",
        "Children with Down syndrome relapse more often than others do.",
        "Blinatumomab was followed by relapse in 41% of 17 patients.",
    ],
)
def test_what_it_says_too_or_does_not_speak_of_is_no_difference(statement):
    assert difference(statement, SOURCE) is None


def test_a_figure_that_stands_elsewhere_in_the_source_is_no_difference():
    statement = "Veno-occlusive disease occurred in 41% of adults given inotuzumab."
    assert difference(statement, [*SOURCE, "Of all, 41% had liver disease."]) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "In children with relapsed B-ALL survival was 9%.",
            Population("children", "relapsed or refractory", "B-ALL"),
        ),
        (
            "In AYA on a paediatric-type regimen for newly diagnosed ALL it was 9%.",
            Population("adolescents and young adults", "frontline", "ALL"),
        ),
        ("Survival was 9%.", Population("adults", "", "CLL")),
    ],
)
def test_whom_a_sentence_speaks_of_comes_before_its_publication(text, expected):
    details = Bibliography(population="adults with chronic lymphocytic leukaemia")
    assert population_of(text, details) == expected


@pytest.fixture
def differing(small, small_corpus):
    """A library whose article gives another rate than the source that it cites."""
    text = small_corpus.article(ALPHA).read_text("utf-8")
    small_corpus.article(ALPHA).write_text(
        text.replace(
            "Veno-occlusive disease followed inotuzumab in 11% of patients",
            "Veno-occlusive disease occurred in 41% of patients given inotuzumab",
        ),
        encoding="utf-8",
    )
    sync(small)
    return Ragbot(small)


def test_an_answer_shows_both_layers_with_whom_they_speak_of(differing):
    given = differing.ask("How often did veno-occlusive disease occur with inotuzumab?", ALPHA)
    contrast = next(claim.contrast for claim in given.claims if claim.contrast)
    assert contrast.kind == "number"
    assert "41%" in contrast.article.text
    assert "11%" in contrast.source.text
    assert (contrast.article.marker, contrast.source.marker) == ("A", "1")
    cited = {citation.key: citation for citation in given.citations}
    for side, name in ((contrast.article, ALPHA), (contrast.source, FIRST)):
        citation = cited[side.key]
        text = differing.document(name).text
        assert citation.document_id == name
        assert side.text == citation.quote == text[citation.start : citation.end]
    claim = next(claim for claim in given.claims if claim.contrast)
    assert claim.role == "conflict"
    assert "differ" in claim.note
    assert contrast.source.text in given.text
    kept = differing.conversations.turns(given.conversation_id)[-1].answer
    assert kept == given
    assert json.loads(json.dumps(given.to_dict()))["claims"]


def test_a_terminal_shows_them_in_two_columns(differing):
    given = differing.ask("How often did veno-occlusive disease occur with inotuzumab?", ALPHA)
    out = StringIO()
    print_answer(given, out)
    assert "    The article states [A]" in out.getvalue()
    assert " | Source [1]" in out.getvalue()


def test_where_both_agree_nothing_is_set_beside(small, small_corpus):
    sync(small)
    given = Ragbot(small).ask("How often did veno-occlusive disease occur with inotuzumab?", ALPHA)
    assert given.claims
    assert not any(claim.contrast for claim in given.claims)
