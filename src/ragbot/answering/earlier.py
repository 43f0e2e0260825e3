"""Passages that a follow-up points at: of a source that it names, or cited in the answer before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ragbot.index.reader import LibraryIndex
from ragbot.retrieval.scope import cited_ids
from ragbot.types import Citation, Document, Passage, Scope

MOST_EARLIER = 4


def scope_of(document_id: str, article: Document, index: LibraryIndex) -> Scope:
    """Where a document lies, seen from `article`."""
    if document_id == article.id:
        return "article"
    return "cited" if document_id in cited_ids(article, index) else "library"


def earlier_passages(
    cited: Sequence[Citation], article: Document, index: LibraryIndex, found: Iterable[Passage]
) -> tuple[Passage, ...]:
    """The passages that hold `cited`, without those `found` anew; at most four.

    What the library no longer holds is left out: evidence is only carried while it can be opened.
    """
    known = {passage.row for passage in found}
    held: dict[int, Passage] = {}
    for citation in cited:
        if citation.document_id not in index.titles:
            continue
        records = index.records(index.rows_of([citation.document_id]).tolist())
        for row, record in records.items():
            chunk = record.chunk
            inside = chunk.start <= citation.start and citation.end <= chunk.end
            quote = chunk.text[citation.start - chunk.start : citation.end - chunk.start]
            if inside and quote == citation.quote and row not in known:
                scope = scope_of(chunk.document_id, article, index)
                held.setdefault(row, Passage(chunk, 0.0, 0, scope, row))
    return tuple(held.values())[:MOST_EARLIER]
