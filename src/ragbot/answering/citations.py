"""Markers and citations: code gives the numbers, never a model.

A source that the article cites keeps the article's own number; the article itself is "A"; other
sources of the library are "L1", "L2", ... in the order in which a conversation first cites them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from ragbot.errors import IndexDamagedError
from ragbot.types import Bibliography, Chunk, Citation, Document

ARTICLE_MARKER = "A"


@dataclass
class Markers:
    """The markers of one conversation; grows as sources beyond the article's list are cited."""

    article: Document
    given: dict[str, str]

    @classmethod
    def of(cls, article: Document, kept: Mapping[str, str]) -> Markers:
        """The markers of `article`'s own list, and those `kept` from earlier turns."""
        return cls(article, dict(kept))

    def marker(self, document_id: str) -> str:
        """The marker of a document: the same through the whole conversation."""
        if document_id == self.article.id:
            return ARTICLE_MARKER
        number = self._number(document_id)
        if number is not None:
            return str(number)
        if document_id not in self.given:
            taken = [int(marker[1:]) for marker in self.given.values()]
            self.given[document_id] = f"L{max(taken, default=0) + 1}"
        return self.given[document_id]

    def _number(self, document_id: str) -> int | None:
        references = self.article.article.references if self.article.article else ()
        numbers = [r.number for r in references if r.source_id == document_id]
        return min(numbers, default=None)

    def document_id(self, marker: str) -> str | None:
        """The document that `marker` stands for, or None."""
        if marker == ARTICLE_MARKER:
            return self.article.id
        references = self.article.article.references if self.article.article else ()
        own = {str(reference.number): reference.source_id for reference in references}
        if marker in own:
            return own[marker]
        return next((name for name, given in self.given.items() if given == marker), None)


def citation_key(document_id: str, start: int, end: int, quote: str) -> str:
    """Content hash of a cited passage (12 hex digits): the same passage, the same key."""
    identity = "\x00".join((document_id, str(start), str(end), quote))
    return hashlib.sha256(identity.encode()).hexdigest()[:12]


def cite(document: Document, chunk: Chunk, start: int, end: int, marker: str) -> Citation:
    """The citation of `document.text[start:end]`.

    Raises IndexDamagedError if the chunk does not say there what the document says: a citation
    that does not open its passage is never given out.
    """
    quote = document.text[start:end]
    if not quote or chunk.text[start - chunk.start : end - chunk.start] != quote:
        raise IndexDamagedError(
            f"A passage of {document.id} does not stand at {start}-{end}.",
            remedy="Run `ragbot index`.",
        )
    details = document.bibliography or Bibliography()
    return Citation(
        key=citation_key(document.id, start, end, quote),
        marker=marker,
        kind=document.kind,
        document_id=document.id,
        title=document.title,
        section=" > ".join(chunk.heading_path),
        quote=quote,
        start=start,
        end=end,
        url=details.url,
        doi=details.doi,
        pmid=details.pmid,
        population=details.population,
        design=details.design,
    )
