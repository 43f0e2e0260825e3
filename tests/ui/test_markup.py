"""Text of others goes into the page's HTML as data."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.types import Block, Document, Marker, Reference
from ragbot.ui.document_html import body
from ragbot.ui.markup import Insertion, element, link, query, run_of_text, safe_url, text
from ragbot.ui.place import Place
from ragbot.ui.references_html import reference_chips


def words_of(drawn: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", drawn))


@given(st.text())
def test_text_comes_out_as_it_went_in(content: str) -> None:
    drawn = text("p", content)
    assert words_of(drawn) == content
    assert re.findall(r"</?(\w+)", drawn) == ["p", "p"]


@given(st.text(min_size=1), st.data())
def test_a_run_keeps_its_text_whatever_is_put_into_it(content: str, data: st.DataObject) -> None:
    places = st.integers(0, len(content))
    start, end = sorted((data.draw(places), data.draw(places)))
    spans = data.draw(st.lists(st.tuples(places, places), max_size=3))
    inserted = [Insertion(at, "<i></i>") for at in data.draw(st.lists(places, max_size=4))]
    drawn = run_of_text(content, start, end, inserted, spans)
    assert words_of(drawn) == content[start:end]
    assert drawn.count("<i></i>") == sum(start <= item.offset <= end for item in inserted)
    assert drawn.count("<mark>") == drawn.count("</mark>")


def test_a_highlight_is_marked_with_what_stands_in_it() -> None:
    drawn = run_of_text("a <5% b", 0, 7, [Insertion(4, "[1]")], [(2, 5)])
    assert drawn == "a <mark>&lt;5</mark>[1]<mark>%</mark> b"


def test_attributes_are_escaped_and_left_out_when_not_given() -> None:
    drawn = element("a", "x", title='"><script>', hidden=True, lang=None, disabled=False)
    assert drawn == '<a title="&quot;&gt;&lt;script&gt;" hidden>x</a>'


def test_links_that_lead_out_open_beside_the_page() -> None:
    assert 'target="_blank"' in link("DOI", "https://doi.org/10.1/x")
    assert "target" not in link("here", "?article=x")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//x.invalid", None])
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert safe_url(url) is None


def test_an_address_keeps_what_it_is_given() -> None:
    place = Place(article="tp53-b-all", conversation="a&b=c")
    assert place.href(cite="3") == "?article=tp53-b-all&conversation=a%26b%3Dc&cite=3"
    assert query(article=None) == "?"


def document(
    *lines: tuple[str, str, int, int | None], markers: tuple[Marker, ...] = ()
) -> Document:
    """A document of (kind, text, level, number)."""
    blocks, at = [], 0
    for kind, said, level, number in lines:
        blocks.append(Block(kind, at, at + len(said), level, number))  # type: ignore[arg-type]
        at += len(said) + 1
    whole = "\n".join(said for _, said, _, _ in lines)
    return Document("d", "article", "D", whole, tuple(blocks), "0", markers=markers)


def test_lists_are_nested_as_their_levels_say() -> None:
    drawn = body(
        document(
            ("item", "one", 1, None),
            ("item", "deeper", 2, 1),
            ("item", "and", 2, 2),
            ("item", "two", 1, None),
            ("paragraph", "end", 0, None),
        )
    )
    plain = re.sub(r' dir="auto"', "", drawn)
    assert plain == (
        '<ul><li>one<ol><li value="1">deeper</li><li value="2">and</li></ol></li>'
        "<li>two</li></ul><p>end</p>"
    )


@given(st.lists(st.tuples(st.integers(1, 4), st.one_of(st.none(), st.integers(1, 3))), max_size=8))
def test_every_list_is_closed(items: list[tuple[int, int | None]]) -> None:
    drawn = body(document(*(("item", f"i{n}", *item) for n, item in enumerate(items))))
    open_tags: list[str] = []
    for closing, tag in re.findall(r"<(/?)(ul|ol|li|p)\b", drawn):
        if closing:
            assert open_tags.pop() == tag
        else:
            assert tag != "li" or open_tags[-1] in {"ul", "ol"}
            open_tags.append(tag)
    assert open_tags == []
    assert [words_of(part) for part in re.findall(r"i\d", drawn)] == [
        f"i{n}" for n in range(len(items))
    ]


def test_tables_are_drawn_cell_by_cell() -> None:
    drawn = body(document(("table", "a | b", 0, None), ("table", "1*2 | <3", 0, None)))
    assert re.findall(r"<t[hd][^>]*>(.*?)</t", drawn) == ["a", "b", "1*2", "&lt;3"]


def test_a_marker_stands_at_its_offset_and_a_missing_source_is_named() -> None:
    references = {1: Reference(1, None, "Not here, 2011")}
    drawn = body(
        document(("paragraph", "So it is.", 0, None), markers=(Marker(8, (1,)),)),
        lambda marker: reference_chips(marker, references, {}, Place(article="d")),
    )
    assert words_of(drawn) == "So it is1source not in the library."
    assert 'aria-label="Reference 1. Not here, 2011. not in the library"' in drawn
