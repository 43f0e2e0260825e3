from __future__ import annotations

import pytest

from ragbot.answering.citations import Markers, citation_key, cite
from ragbot.errors import IndexDamagedError
from ragbot.types import ArticleDetails, Bibliography, Chunk, Document, Reference


def article(*references: Reference) -> Document:
    details = ArticleDetails("approved", "2026-01-01", "clinician", "", references)
    return Document("art", "article", "Title", "Text.", (), "0", article=details)


def test_the_article_s_own_numbers_never_change():
    markers = Markers.of(article(Reference(7, "s7"), Reference(2, "s2"), Reference(9, "s2")), {})
    assert markers.marker("s7") == "7"
    assert markers.marker("s2") == "2"
    assert markers.marker("art") == "A"
    assert markers.given == {}


def test_other_sources_are_numbered_in_the_order_of_citing_and_keep_their_marker():
    markers = Markers.of(article(Reference(1, "s1")), {"old": "L4"})
    assert markers.marker("old") == "L4"
    assert markers.marker("new") == "L5"
    assert markers.marker("newer") == "L6"
    assert markers.marker("new") == "L5"
    again = Markers.of(article(Reference(1, "s1")), markers.given)
    assert again.marker("newer") == "L6"


def test_a_marker_leads_back_to_its_document():
    markers = Markers.of(article(Reference(1, "s1"), Reference(2, None, "Missing")), {"x": "L1"})
    assert markers.document_id("1") == "s1"
    assert markers.document_id("2") is None
    assert markers.document_id("A") == "art"
    assert markers.document_id("L1") == "x"
    assert markers.document_id("L9") is None
    assert markers.document_id("99") is None


def source(text: str) -> Document:
    details = Bibliography(doi="10.1/x", pmid="12", url="https://example.org", population="adults")
    return Document("s1", "source", "A source", text, (), "0", bibliography=details)


def chunk_of(document: Document, start: int, end: int) -> Chunk:
    text = document.text[start:end]
    return Chunk(
        "c", document.id, "source", "A source", ("Findings",), start, end, text, ((start, end),)
    )


def test_a_citation_opens_exactly_its_passage():
    document = source("Lead. Median OS was 7.7 months. End.")
    citation = cite(document, chunk_of(document, 6, 31), 6, 31, "4")
    assert citation.quote == document.text[citation.start : citation.end]
    assert citation.quote == "Median OS was 7.7 months."
    assert (citation.marker, citation.section) == ("4", "Findings")
    assert (citation.doi, citation.pmid, citation.population) == ("10.1/x", "12", "adults")


@pytest.mark.parametrize(("start", "end"), [(6, 6), (40, 50), (7, 20)])
def test_a_citation_that_does_not_stand_there_is_never_given(start, end):
    document = source("Lead. Median OS was 7.7 months. End.")
    stale = chunk_of(source("Lead. Median PS was 9.9 months. End."), 6, 31)
    with pytest.raises(IndexDamagedError, match="s1"):
        cite(document, stale, start, end, "4")


def test_keys_tell_passages_apart():
    keys = {
        citation_key("a", 0, 5, "quote"),
        citation_key("b", 0, 5, "quote"),
        citation_key("a", 1, 6, "quote"),
        citation_key("a", 0, 5, "other"),
    }
    assert len(keys) == 4
    assert citation_key("a", 0, 5, "quote") in keys
