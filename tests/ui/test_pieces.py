"""Contrasts, audit marks, thumbs, findings and failed turns as HTML: words, signs and escaping."""

from __future__ import annotations

import html
import re
import threading
import time
from dataclasses import replace

import pytest

from ragbot.audit.report import AuditedStatement, AuditReport
from ragbot.evaluation.runs import StatedClaim, TurnResult
from ragbot.types import (
    Answer,
    Block,
    Citation,
    Claim,
    Contrast,
    Document,
    Evidence,
    Feedback,
    Population,
    Side,
    Turn,
)
from ragbot.ui.answer_html import answer_html, claim_html, role_order, stated_of
from ragbot.ui.audit_html import marks, summary_html
from ragbot.ui.behind import Behind
from ragbot.ui.passage_html import carried, panel
from ragbot.ui.place import Place, cite_at, cited_at
from ragbot.ui.quality_html import failed_html, feedback_html, missed_by
from ragbot.ui.rating import rating_html

from .strings import CLINICAL

PLACE = Place(article="a", conversation="c")
AWKWARD = "5*10^9/L <b>&amp; p<0.001"


def words_of(drawn: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", drawn))


def citation(marker: str, key: str, quote: str = "q") -> Citation:
    return Citation(key, marker, "source", f"s{marker}", "Title", "", quote, 0, 1)


def evidence(**changes: object) -> Evidence:
    found = Evidence(AWKWARD, 3, (), "s", ((0, 5),), "unverified", 0.5, note="Likely.")
    return replace(found, **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"verdict": "supported", "note": ""}, "✓ The marked passage says the same, word for word"),
        ({}, "? Likely."),
        ({"part": "p", "others": (4,)}, "carries a part of it; the statement also cites [4]. Lik"),
        (
            {"verdict": "unsupported", "lacking": ("7%", "9%")},
            "! The marked passage comes nearest, but 7% and 9% do not stand in it.",
        ),
        ({"lacking": ("7%",), "others": (1, 2)}, "7% does not stand in it; the statement also ci"),
        ({"spans": ()}, "! No passage was found in this source that carries the statement."),
    ],
)
def test_how_far_a_passage_carries_a_statement_is_said_in_words(
    changes: dict[str, object], said: str
) -> None:
    opened = carried(evidence(**changes), "3@5")
    assert said in words_of(opened.finding)
    assert AWKWARD in words_of(opened.cited_for)
    assert "<b>" not in opened.cited_for + opened.finding


def test_a_place_in_the_article_has_a_name_that_reads_back() -> None:
    assert cited_at(cite_at(3, 1520)) == (3, 1520)
    for other in ("3", "ab12", "3@", "@5", "3@5@6", "x@1", "-3@1"):
        assert cited_at(other) is None


def test_both_sides_of_a_contrast_stand_beside_each_other_with_their_chips() -> None:
    sides = (citation("A", "k1"), citation("4", "k2"))
    people = Population("adults", "relapsed", "ALL")
    contrast = Contrast(
        "number",
        "18% <> 19%",
        Side(AWKWARD, "A", "k1", people),
        Side("19%", "4", "k2", Population()),
    )
    claim = Claim("It was 18%.", ("A",), "supported", 1.0, ("k1",), contrast=contrast)
    drawn = claim_html(claim, sides, PLACE)
    said = words_of(drawn)
    assert "They differ: 18% <> 19%" in said
    assert said.index("The article says") < said.index(AWKWARD) < said.index("The source says")
    assert "adults; relapsed; ALL" in said
    assert drawn.count("rb-chip") - drawn.count("rb-chips") == 3  # the claim's own, and one a side
    whole = Answer("q", "q", "a", "c", False, "", "", "D.", "m", "0", (claim,), sides)
    assert [c.key for c in stated_of(whole)[0].citations] == ["k1", "k2"]


def test_an_unclear_question_is_asked_back_with_its_choices() -> None:
    answer = Answer("q", "q", "a", "c", True, "unclear", "Which?", "D.", "m", "0",
                    choices=("Adults <60?", "Children?"))  # fmt: skip
    drawn = answer_html(answer, PLACE, str)
    assert 'data-question="Adults &lt;60?"' in drawn
    assert "No answer" not in words_of(drawn)


def test_plain_words_are_told_from_the_statement() -> None:
    claim = Claim("OS.", (), "supported", 1.0, plain="How long they lived & <5%.")
    assert "In plain words: How long they lived & <5%." in words_of(claim_html(claim, (), PLACE))


def audited(verdict: str, offset: int) -> AuditedStatement:
    return AuditedStatement(0, 5, "So it", offset, (1,), "S", verdict, 0.1, AWKWARD)


def test_only_statements_that_their_sources_do_not_carry_are_marked_with_sign_and_reason() -> None:
    verdicts = ("supported", "unsupported", "contradicted", "missing")
    statements = tuple(audited(v, n) for n, v in enumerate(verdicts))
    report = AuditReport("a", "A", "0", "approved", statements, ())
    drawn = marks(report)
    assert [mark.offset for mark in drawn] == [1, 2]
    assert f"not supported by its source: {AWKWARD}" in words_of(drawn[0].html)
    assert "its source says otherwise" in words_of(drawn[1].html)
    assert all('tabindex="0"' in mark.html and "rb-flag" in mark.html for mark in drawn)
    assert "1 of 4 cited statements agree" in words_of(summary_html(report))
    assert "2 marked" in words_of(summary_html(report))


def test_a_given_thumb_is_pressed_and_its_reasons_are_told() -> None:
    turn = Turn(7, "2026", Answer("Q <5%?", "", "a", "c", False, "", "", "D.", "m", "0"))
    kept = Feedback(1, turn, "down", ("wrong",), AWKWARD, "2026-11-23T10:00:00.000+00:00")
    drawn = rating_html(7, kept)
    pressed = dict(re.findall(r'data-rating="(\w+)" aria-pressed="(\w+)"', drawn))
    assert pressed == {"up": "false", "down": "true"}
    assert "Kept for review: says something wrong" in words_of(drawn)
    assert 'aria-pressed="true"' not in rating_html(7, None)
    assert AWKWARD in words_of(feedback_html(kept))
    assert "Q <5%?" in words_of(feedback_html(kept))


def test_a_failed_turn_shows_what_it_missed_beside_its_passages() -> None:
    turn = TurnResult(
        "s-1/1", "s", "single", 1, "Why <5%?", "Why in adults?", True, False, "t",
        ("doc: one",), ("doc: one more", "other: two"), {"answered": 1.0, "figures": 0.5}, 3.0,
        (StatedClaim(AWKWARD, ("1",), "unsupported"),),
    )  # fmt: skip
    assert missed_by(turn) == "figures 0.50"
    said = words_of(failed_html(turn))
    for part in ("Why <5%?", "Why in adults?", AWKWARD, "unsupported", "doc – cited", "two"):
        assert part in said


@pytest.mark.parametrize("said", CLINICAL)
def test_clinical_strings_in_questions_answers_and_passages_are_escaped_text(said: str) -> None:
    claim = Claim(said, ("1",), "supported", 1.0, ("k1",), note="", plain=said)
    answer = Answer(said, said, "a", "c", False, "", said, "D.", "m", "0", (claim,),
                    (citation("1", "k1", said),))  # fmt: skip
    drawn = answer_html(answer, PLACE, str)
    assert words_of(drawn).count(said) >= 2
    assert set(re.findall(r"<(\w+)", drawn)) <= {
        "div", "ul", "li", "span", "a", "p", "button", "details", "summary", "dl", "dt", "dd", "h3",
    }  # fmt: skip


@pytest.mark.parametrize("said", CLINICAL)
def test_clinical_strings_in_the_panel_are_escaped_text_marked_whole(said: str) -> None:
    block = Block("paragraph", 0, len(said))
    source = Document("s", "source", said, said, (block,), "0")
    opened = carried(evidence(statement=said, spans=((0, len(said)),)), "3@5")
    drawn = panel(source, "3", opened)
    assert [words_of(mark) for mark in re.findall(r"<mark>(.*?)</mark>", drawn)] == [said]
    assert said in words_of(opened.cited_for)


def test_a_thing_behind_the_page_is_made_once_and_a_failure_is_no_error() -> None:
    behind: Behind[int] = Behind("test", -1)
    go, made = threading.Event(), []

    def make() -> int:
        go.wait(10)
        made.append(1)
        return 5

    assert behind.get("a", make) is None
    assert behind.get("a", make) is None
    go.set()
    assert settled(behind, "a", make) == 5
    assert made == [1]
    assert settled(behind, "b", lambda: 1 // 0) == -1


def settled(behind: Behind[int], key: str, make: object) -> int:
    end = time.monotonic() + 10
    while (found := behind.get(key, make)) is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def test_what_the_question_takes_for_granted_is_corrected_first():
    roles = ["beyond", "detail", "unheard-of", "correction", "bottom_line", "conflict"]
    first, *_, last = sorted(roles, key=role_order)
    assert (first, last) == ("correction", "unheard-of")
