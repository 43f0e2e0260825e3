"""Questions about a reference of the article by its number or its author."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragbot.answering.citations import Markers
from ragbot.types import Document, Reference

BY_NUMBER = re.compile(
    r"\[(\d{1,3})\]|\b(?:ref(?:erence)?|citation|source)s?\.?\s*(?:no\.?\s*|number\s*|#\s*)?(\d{1,3})\b",
    re.IGNORECASE,
)
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
MARKER = re.compile(r"\[(A|L\d{1,3})\]")
SURNAME = re.compile(r"[A-Z][^\W\d_]{2,}")


def asked_numbers(question: str) -> list[int]:
    """Reference numbers that `question` names: "[2]", "ref 2", "source #2"."""
    return [int(found[1] or found[2]) for found in BY_NUMBER.finditer(question)]


def named_documents(question: str, markers: Markers) -> list[str]:
    """Ids of the documents that `question` names by marker: "[2]", "ref 2", "[A]", "[L1]"."""
    named = [*map(str, asked_numbers(question)), *MARKER.findall(question)]
    held = (markers.document_id(marker) for marker in dict.fromkeys(named))
    return [document_id for document_id in held if document_id is not None]


def holds_figures(question: str, texts: Sequence[str]) -> bool:
    """Whether any figure of `question`, markers left out, stands in `texts`, or it has none.

    "You wrote 'HR 6.84 [4]'" is no question on [4] where [4] knows no 6.84: the marker is stale.
    """
    asked = FIGURE.findall(MARKER.sub(" ", BY_NUMBER.sub(" ", question)))
    held = {figure for text in texts for figure in FIGURE.findall(text)}
    return not asked or not held.isdisjoint(asked)


def unavailable_reference(question: str, article: Document) -> str:
    """Why the reference that `question` asks about cannot be read, or an empty string.

    A reference without a source in the library is never answered from what others say of it.
    """
    references = {r.number: r for r in article.article.references} if article.article else {}
    for number in asked_numbers(question):
        if number not in references:
            return f"the article has no reference [{number}]"
    missing = [r for r in references.values() if r.source_id is None]
    words = set(SURNAME.findall(question))
    for reference in missing:
        if reference.number in asked_numbers(question) or _first_author(reference) in words:
            return f"reference [{reference.number}] is not in the library: {reference.citation}"
    return ""


def _first_author(reference: Reference) -> str | None:
    found = SURNAME.search(reference.citation)
    return found[0] if found else None
