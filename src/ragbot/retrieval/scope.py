"""Passages in scope: the article, the sources it cites, then the rest of the library."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ragbot.index.reader import LibraryIndex
from ragbot.retrieval.hybrid import HybridSearch, Rows, ScoredRow
from ragbot.retrieval.probe import DEPTH, HybridProbe
from ragbot.types import Document, Passage, Scope

REST_SHARE = 0.25
"""How many of the passages may come from beyond the article and its cited sources."""
CANDIDATES = 4
"""Candidates a passage wanted, from each side, in a library too large to be searched exactly."""

Queries = Sequence[tuple[str, float]]


def cited_ids(article: Document, index: LibraryIndex) -> list[str]:
    """Ids of the sources that `article` cites and the library holds, by reference number."""
    if article.article is None:
        return []
    return [
        reference.source_id
        for reference in sorted(article.article.references, key=lambda r: r.number)
        if reference.source_id is not None
        and index.titles.get(reference.source_id, ("",))[0] == "source"
    ]


class ScopedSearch:
    """Hybrid search that knows what an article's scope is."""

    def __init__(self, index: LibraryIndex, search: HybridSearch) -> None:
        self._index = index
        self._search = search
        self._rows: dict[str, tuple[Rows, Rows]] = {}

    def in_scope(self, article: Document) -> tuple[Rows, Rows]:
        """Rows of the article's chunks, and of its cited sources' chunks; kept ready."""
        if article.id not in self._rows:
            self._rows[article.id] = (
                self._index.rows_of([article.id]),
                self._index.rows_of(cited_ids(article, self._index)),
            )
        return self._rows[article.id]

    def probe(self) -> HybridProbe:
        """What candidate queries retrieve in the library, for condensing.

        Within an article's scope it told less: its weights are fitted on pools of thousands of
        passages (figures in follow-ups 0.833 in scope, 0.889 library-wide).
        """
        among = (lambda texts: self._likely(texts, DEPTH)) if self._is_large else None
        return HybridProbe(self._search, among)

    def passages(self, queries: Queries, article: Document, k: int) -> list[Passage]:
        """The best passages of the article and its sources, then of other sources, marked as such.

        Other articles are left out: what they say is no evidence for this one.
        """
        own, cited = self.in_scope(article)
        near = self._search.search(queries, k, np.concatenate([own, cited]))
        rest = max(1, round(k * REST_SHARE))
        known = {*own.tolist(), *cited.tolist()}
        far = [row for row in self._everywhere(queries, k + len(known)) if row.row not in known]
        found = self._passages([*near, *far[: rest * 3]], set(own.tolist()), set(cited.tolist()))
        scoped = [passage for passage in found if passage.scope != "library"]
        others = [p for p in found if p.scope == "library" and p.chunk.kind == "source"]
        return _ranked([*scoped, *others[:rest]])

    def library(self, queries: Queries, k: int) -> list[Passage]:
        """The best passages of the whole library."""
        return self._passages(self._everywhere(queries, k), set(), set())

    def within(self, queries: Queries, article: Document, k: int) -> list[Passage]:
        """The best passages of the article and its cited sources alone."""
        own, cited = self.in_scope(article)
        rows = self._search.search(queries, k, np.concatenate([own, cited]))
        return self._passages(rows, set(own.tolist()), set(cited.tolist()))

    def of_documents(
        self, queries: Queries, names: Sequence[str], article: Document, k: int
    ) -> list[Passage]:
        """The best passages of the documents `names`, which a question asks about by name."""
        own, cited = self.in_scope(article)
        rows = self._search.search(queries, k, self._index.rows_of(names))
        return self._passages(rows, set(own.tolist()), set(cited.tolist()))

    def _everywhere(self, queries: Queries, k: int) -> list[ScoredRow]:
        """The best rows of the library: exact while it is small, else of the likely ones.

        Beyond `exact_search_limit` chunks, Chroma's nearest neighbours and the best rows by words
        are taken as candidates, and scored exactly.
        """
        if not self._is_large:
            return self._search.search(queries, k)
        return self._search.search(queries, k, self._likely([text for text, _ in queries], k))

    @property
    def _is_large(self) -> bool:
        return len(self._search) > self._index.settings.exact_search_limit

    def _likely(self, texts: Sequence[str], k: int) -> Rows:
        """Rows near any of `texts` by vectors, and the best by words, ascending."""
        wanted = max(k, 1) * CANDIDATES
        rows: set[int] = set()
        for text, vector in zip(texts, self._search.embed(texts), strict=True):
            near = [name for name, _ in self._index.chroma.query(vector, wanted)]
            rows.update(self._index.catalog.rows_by_id(near))
            rows.update(row for row, _ in self._search.lexical.top(text, wanted))
        return np.array(sorted(rows), dtype=np.int64)

    def _passages(
        self, found: Sequence[ScoredRow], own: set[int], cited: set[int]
    ) -> list[Passage]:
        records = self._index.records([entry.row for entry in found])
        return _ranked(
            [
                Passage(
                    records[entry.row].chunk,
                    entry.score,
                    0,
                    _scope(entry.row, own, cited),
                    entry.row,
                )
                for entry in found
            ]
        )


def _scope(row: int, own: set[int], cited: set[int]) -> Scope:
    if row in own:
        return "article"
    return "cited" if row in cited else "library"


def _ranked(passages: Sequence[Passage]) -> list[Passage]:
    return [
        Passage(passage.chunk, passage.score, rank, passage.scope, passage.row)
        for rank, passage in enumerate(passages, 1)
    ]
