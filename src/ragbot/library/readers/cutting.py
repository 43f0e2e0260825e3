"""Takes pieces out of a part's text, so that its places still point at the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ragbot.library.markdown import is_interval
from ragbot.library.readers.model import CLOSE, OPEN, Part, Place

Span = tuple[int, int]
_SIGN = f"{OPEN}[^{CLOSE}]*{CLOSE}"
_SIGNS = rf"{_SIGN}(?:\s*[,;\u2013-]?\s*{_SIGN})*"
SIGNED = re.compile(rf"\s*\[\s*{_SIGNS}\s*\]|\s*\(\s*{_SIGNS}\s*\)|\s*{_SIGNS}")
BRACKETED = re.compile(r"\s*\[(\d{1,3}(?:\s*[,;\u2013-]\s*\d{1,3})*)\]")
LONGEST_BEFORE = 50


def cut_places(places: Sequence[Place], spans: Sequence[Span]) -> tuple[Place, ...]:
    """`places` after the sorted `spans` are taken out of their text."""

    def moved(at: int) -> int:
        return at - sum(min(end, at) - start for start, end in spans if start < at)

    kept = (replace(p, start=moved(p.start), end=moved(p.end)) for p in places)
    return tuple(place for place in kept if place.end > place.start)


def cut(part: Part, spans: Sequence[Span]) -> Part:
    """`part` without the sorted `spans` of its text."""
    if not spans:
        return part
    at, pieces = 0, []
    for start, end in spans:
        pieces.append(part.text[at:start])
        at = end
    text = "".join((*pieces, part.text[at:]))
    return replace(part, text=text, places=cut_places(part.places, spans))


def without_citations(parts: Sequence[Part]) -> Iterator[Part]:
    """Parts of a source, whose own citation numbers are left out: they number another list."""
    for part in parts:
        cells = tuple(_without(cell) for cell in part.cells)
        made = replace(cut(part, citation_spans(part.text)), cells=cells)
        if made.text.strip():
            yield _trimmed(made)


def citation_spans(text: str) -> list[Span]:
    """Where citation numbers stand in the text of a source, with the space before them."""
    found = [(f.start(), f.end()) for f in SIGNED.finditer(text)]
    for f in BRACKETED.finditer(text):
        before = text[max(0, f.start() - LONGEST_BEFORE) : f.start()]
        if not is_interval(before, f[1]):
            found.append((f.start(), f.end()))
    return sorted(found)


def _without(text: str) -> str:
    return cut(Part("paragraph", text), citation_spans(text)).text.strip()


def _trimmed(part: Part) -> Part:
    lead = len(part.text) - len(part.text.lstrip())
    part = cut(part, [(0, lead)]) if lead else part
    return replace(part, text=part.text.rstrip())
