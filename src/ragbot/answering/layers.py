"""Finds where an article and the source it cites differ, for the claims of an answer.

A claim that rests on the article is held against the sources that its sentence cites; a claim that
rests on a source, against the article's sentence that cites it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from ragbot.answering.citations import Markers, cite
from ragbot.answering.contrast import Difference, difference, population_of
from ragbot.answering.draft import DraftClaim
from ragbot.answering.grounding.sentences import Span, overlaps
from ragbot.index.reader import LibraryIndex
from ragbot.library.chunking import sentence_markers
from ragbot.types import Chunk, Citation, Claim, Contrast, Document, Side

SAME_MATTER = 0.5
"""Least share of a claim's words in the article's sentence that is held against its source."""
KEPT = 2048
DIFFERS = "The article and the source it cites differ: both are shown."


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a document, with the reference numbers that stand with it."""

    chunk: Chunk
    start: int
    end: int
    text: str
    numbers: tuple[int, ...]


class Layers:
    """Holds articles against their sources; what was compared is kept. Safe from many threads."""

    def __init__(self, index: LibraryIndex) -> None:
        self._index = index
        self._statements = lru_cache(maxsize=256)(self._read)
        self._difference = lru_cache(maxsize=KEPT)(self._compare)

    def contrast(
        self, claim: DraftClaim, markers: Markers
    ) -> tuple[Contrast, tuple[Citation, ...]] | None:
        """Where the claim's statement and its source differ, with the citations of both sides."""
        article = markers.article
        for statement, source in self._pairs(claim, article):
            found = self._difference(statement.text, source)
            if found is not None:
                other = self._statements(source)[found.at]
                sides = (self._cite(statement, markers), self._cite(other, markers))
                ours, theirs = (self._side(citation) for citation in sides)
                return Contrast(found.kind, found.detail, ours, theirs), sides
        return None

    def _pairs(self, claim: DraftClaim, article: Document) -> Iterator[tuple[Statement, str]]:
        """The article's statements that bear on `claim`, each with a source that it cites."""
        listed = article.article.references if article.article else ()
        held = {r.number: r.source_id for r in listed if r.source_id in self._index.titles}
        of_source = {source: number for number, source in held.items()}
        for passage, start, end in claim.spans:
            name = passage.chunk.document_id
            if name == article.id:
                for one in self._statements(name):
                    if start <= one.start and one.end <= end:
                        yield from ((one, s) for n in one.numbers if (s := held.get(n)))
            elif name in of_source:
                near = self._nearest(claim.text, article, of_source[name])
                if near is not None:
                    yield near, name

    def _nearest(self, text: str, article: Document, number: int) -> Statement | None:
        """The article's sentence with `number` that shares most with `text`, if that is enough."""
        citing = [one for one in self._statements(article.id) if number in one.numbers]
        scores = overlaps(text, [Span(0, len(one.text), one.text) for one in citing])
        best = max(range(len(citing)), key=lambda at: scores[at], default=None)
        return citing[best] if best is not None and scores[best] >= SAME_MATTER else None

    def _compare(self, statement: str, source: str) -> Difference | None:
        return difference(statement, [one.text for one in self._statements(source)])

    def _read(self, document_id: str) -> tuple[Statement, ...]:
        records = self._index.records(self._index.rows_of([document_id]).tolist())
        chunks = sorted((record.chunk for record in records.values()), key=lambda c: c.start)
        return tuple(
            Statement(
                chunk,
                start,
                end,
                chunk.text[start - chunk.start : end - chunk.start],
                tuple(n for m in sentence_markers(chunk, (start, end)) for n in m.numbers),
            )
            for chunk in chunks
            for start, end in chunk.sentences
        )

    def _cite(self, statement: Statement, markers: Markers) -> Citation:
        document = self._index.document(statement.chunk.document_id)
        marker = markers.marker(document.id)
        return cite(document, statement.chunk, statement.start, statement.end, marker)

    def _side(self, citation: Citation) -> Side:
        details = self._index.document(citation.document_id).bibliography
        whom = population_of(citation.quote, details)
        return Side(citation.quote, citation.marker, citation.key, whom)


def contrasted(claim: Claim, found: Contrast) -> Claim:
    """`claim` as one on which the evidence disagrees."""
    role = claim.role if claim.role == "beyond" else "conflict"
    return replace(claim, role=role, note=f"{claim.note} {DIFFERS}".strip(), contrast=found)
