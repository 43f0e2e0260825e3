"""Passages in scope, on the shipped library."""

from __future__ import annotations

import pytest

from ragbot.index.reader import LibraryIndex
from ragbot.retrieval.hybrid import HybridSearch
from ragbot.retrieval.scope import ScopedSearch, cited_ids

QUERIES = (("CD19-negative relapse after blinatumomab", 1.0),)


@pytest.fixture
def search(library_index):
    return ScopedSearch(library_index, hybrid_of(library_index))


def hybrid_of(index: LibraryIndex) -> HybridSearch:
    return HybridSearch(index.vectors, index.lexical, index.embed)


def test_each_passage_says_where_it_lies(library_index, search):
    article = library_index.article("tp53-b-all")
    cited = set(cited_ids(article, library_index))
    passages = search.passages(QUERIES, article, 12)
    assert [passage.rank for passage in passages] == list(range(1, len(passages) + 1))
    for passage in passages:
        owner = passage.chunk.document_id
        expected = "article" if owner == article.id else "cited" if owner in cited else "library"
        assert passage.scope == expected
    assert {passage.scope for passage in passages} == {"article", "cited", "library"}
    beyond = [passage for passage in passages if passage.scope == "library"]
    assert passages[-len(beyond) :] == beyond, "what lies beyond the article comes last"


def test_other_articles_are_no_evidence(library_index, search):
    article = library_index.article("tp53-b-all")
    passages = search.passages(QUERIES, article, 30)
    articles = {p.chunk.document_id for p in passages if p.chunk.kind == "article"}
    assert articles == {"tp53-b-all"}


def test_a_reference_without_a_source_is_left_out(library_index):
    article = library_index.article("tp53-b-all")
    missing = [r for r in article.article.references if r.source_id is None]
    assert missing
    assert None not in cited_ids(article, library_index)
    assert len(cited_ids(article, library_index)) == len(article.article.references) - len(missing)


def test_a_large_library_is_searched_through_chroma(shipped, library_index):
    """The candidates of Chroma and of BM25, scored exactly, agree with the exact search."""
    settings = shipped.model_copy(update={"exact_search_limit": 10})
    large = LibraryIndex(settings)
    try:
        searching = ScopedSearch(large, hybrid_of(large))
        exact = ScopedSearch(library_index, hybrid_of(library_index))
        found = [p.chunk.id for p in searching.library(QUERIES, 10)]
        wanted = [p.chunk.id for p in exact.library(QUERIES, 10)]
        assert found[:5] == wanted[:5]
        assert len(set(found) & set(wanted)) >= 8
        questions = ["What is the relapse rate?", "How does blinatumomab do with TP53?"]
        for near, whole in zip(searching.probe()(questions), exact.probe()(questions), strict=True):
            assert near.rows[:3] == whole.rows[:3]
            assert near.dense == pytest.approx(whole.dense, abs=0.01)
            assert near.lexical == pytest.approx(whole.lexical, abs=1e-4)
    finally:
        large.chroma.close()
        large.catalog.close()
