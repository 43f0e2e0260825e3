# ruff: noqa: E501
"""What a reader has read, written as Markdown, reads back to the last character."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragbot.errors import DocumentError
from ragbot.library.composing import body_of, composed
from ragbot.library.markdown import parse_markdown
from ragbot.library.reader import document_of
from ragbot.library.readers.cleaning import Cleaner
from ragbot.library.readers.model import Entry, Part, Place, Reading
from ragbot.types import Bibliography, Marker

SIGNS = st.text(alphabet="ab 1.)-+*_#>|\\`[](){}<>&!~=:;\"'^$%\n\tÄé≥⁶²½", min_size=1, max_size=40)
TEXTS = SIGNS.map(lambda t: Cleaner().clean(t)).filter(bool)
KINDS = st.sampled_from(["heading", "paragraph", "item", "table"])


@st.composite
def parts(draw: st.DrawFn) -> list[Part]:
    made: list[Part] = []
    for _ in range(draw(st.integers(1, 8))):
        kind = draw(KINDS)
        text = draw(TEXTS)
        level = draw(st.integers(1, 4))
        if kind == "item":
            number = draw(st.one_of(st.none(), st.integers(1, 120)))
            made.append(Part("item", text, level, number, continues=draw(st.booleans())))
        elif kind == "table":
            row = draw(st.lists(TEXTS, min_size=2, max_size=2))
            made.append(Part("table", " | ".join(row), len(made), cells=tuple(row)))
        else:
            made.append(Part(kind, text, level))
    return [*made, Part("paragraph", "This ends it all.")]


@settings(max_examples=400, deadline=None)
@given(parts())
def test_every_text_survives_being_written_as_markdown(made):
    reading = Reading("text", "T", "source", tuple(made))
    text = composed(reading, {}, {}).text
    assert text.split("\n") == [part.text for part in made]


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(st.integers(1, 30), min_size=1, max_size=3, unique=True), st.data())
def test_markers_stand_where_they_stood(text, numbers, data):
    offset = data.draw(st.integers(1, len(text)))
    if text[offset : offset + 1].isalnum() or text[offset - 1] == " ":
        offset = len(text)
    marker = Marker(offset, tuple(sorted(numbers)))
    body = body_of([Part("paragraph", text, markers=(marker,))])
    parsed, _, markers = parse_markdown(body)
    assert parsed == text
    assert [(m.offset, n) for m in markers for n in m.numbers] == [
        (offset, n) for n in marker.numbers
    ]


def test_a_numbered_list_that_begins_anew_is_another_list():
    made = [Part("item", t, 1, n) for t, n in (("a", 1), ("b", 2), ("c", 1), ("d", 2))]
    _, blocks, _ = parse_markdown(body_of(made))
    assert [block.number for block in blocks] == [1, 2, 1, 2]


def test_lists_keep_their_levels_numbers_and_second_paragraphs():
    made = [
        Part("item", "one", 1, 9), Part("item", "one, more", 1, 9, continues=True),
        Part("item", "in it", 2), Part("item", "deeper", 3, 1), Part("item", "ten", 1, 10),
        Part("item", "below ten", 2),
    ]  # fmt: skip
    text, blocks, _ = parse_markdown(body_of(made))
    assert [(text[b.start : b.end], b.level, b.number) for b in blocks] == [
        ("one", 1, 9), ("one, more", 1, 9), ("in it", 2, None), ("deeper", 3, 1), ("ten", 1, 10),
        ("below ten", 2, None),
    ]  # fmt: skip


def test_a_citation_behind_a_figure_is_not_taken_for_its_interval():
    part = Part("paragraph", "Remission in 5% of them.", markers=(Marker(15, (4, 6)),))
    assert parse_markdown(body_of([part]))[2] == (Marker(15, (4,)), Marker(15, (6,)))


def test_front_matter_reads_back_as_it_was_said():
    about = Bibliography(
        authors=("O'Neil P", "No, N", "null"), journal="No", year=2020, pmid="0123", doi="10.1/x: y",
        licence="CC BY 4.0", caveats=("- a # b",), retracted=True, sample_size=12,
    )  # fmt: skip
    reading = Reading(
        "ris", 'A "title": yes\u2028no', "source", (Part("paragraph", "Some text here."),), about
    )
    document = document_of(
        composed(reading, {"original": "x.ris"}, {}).markdown.encode(), "a.md", "source"
    )
    assert document.title == 'A "title": yes no'
    assert document.bibliography == about


def test_places_point_into_the_written_text():
    place = Place(5, 9, 1, 0.0, 0.0, 1.0, 1.0)
    reading = Reading("pdf", "T", "source", (
        Part("heading", "Head", 2), Part("item", "some text here", 1, places=(place,)),
    ))  # fmt: skip
    made = composed(reading, {}, {})
    assert [made.text[p.start : p.end] for p in made.places] == ["text"]


@pytest.mark.parametrize("texts", [(), ("",), ("two words",)])
def test_a_document_without_text_is_refused(texts):
    reading = Reading("text", "T", "source", tuple(Part("paragraph", t) for t in texts))
    with pytest.raises(DocumentError, match="holds no text"):
        composed(reading, {}, {})


def test_an_article_gets_its_references():
    part = Part("paragraph", "Survival fell in them.", markers=(Marker(21, (1,)),))
    reading = Reading("html", "Q?", "article", (part,), entries=(Entry(1, "A. One."),))
    fields = {"status": "submitted", "updated": "unknown",
              "references": {1: {"missing": True, "citation": "A. One."}}}  # fmt: skip
    document = document_of(composed(reading, {}, fields).markdown.encode(), "q.md", "article")
    assert document.markers == (Marker(21, (1,)),)
    assert document.article is not None
    assert document.article.references[0].citation == "A. One."
