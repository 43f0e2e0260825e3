"""Finds a quote in a passage, and gives the exact span of whole sentences that it stands in.

White space, dashes, quotation marks and invisible signs may differ between the quote and the
passage; letters and figures may not. What is cited is never the model's copy of the text but the
document's own sentences around it, so that nothing can be torn out of its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ragbot.types import Chunk

FEWEST_WORDS = 3
MOST_SENTENCES = 3
_DASHES = "‐‑‒–—―−﹣－"
_SINGLE = "‘’‚‛′＇"
_DOUBLE = "“”„‟″＂«»"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_FOLD = {
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_SINGLE, "'"),
    **dict.fromkeys(_DOUBLE, '"'),
    **dict.fromkeys(_INVISIBLE, ""),
    "…": "...",
}
_ELLIPSIS = re.compile(r"\s*[\[(]?\.\.\.[\])]?\s*")
_OUTER = " \t\n\"'.,;:"


def folded(text: str) -> tuple[str, list[int]]:
    """`text` in one spelling of each sign, and for each of its characters the offset in `text`."""
    kept: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        for plain in " " if char.isspace() else _FOLD.get(char, char):
            if plain == " " and (not kept or kept[-1] == " "):
                continue
            kept.append(plain)
            places.append(at)
    return "".join(kept), places


def find(quote: str, text: str) -> tuple[int, int] | None:
    """The span of `text` that says `quote`, or None. A quote's first letter may be of either case.

    Outer quotation marks and punctuation of the quote do not count.
    """
    plain, places = folded(text)
    wanted = folded(quote)[0].strip(_OUTER)
    if not wanted:
        return None
    for form in (wanted, wanted[0].swapcase() + wanted[1:]):
        for at in _occurrences(form, plain):
            return places[at], places[at + len(form) - 1] + 1
    return None


def _occurrences(form: str, plain: str) -> Iterator[int]:
    """Where `form` stands in `plain` as whole words: "5%" is not in "25%"."""
    at = plain.find(form)
    while at >= 0:
        end = at + len(form)
        joined = at > 0 and plain[at - 1].isalnum() and form[0].isalnum()
        cut = end < len(plain) and plain[end].isalnum() and form[-1].isalnum()
        if not joined and not cut:
            yield at
        at = plain.find(form, at + 1)


def locate(quote: str, chunk: Chunk) -> list[tuple[int, int]] | None:
    """The spans of whole sentences of `chunk`'s document that hold `quote`, or None.

    A quote with an ellipsis has several parts: all of them must be there. Each part has at least
    three words, and lies within three sentences.
    """
    parts = [part for part in _ELLIPSIS.split(folded(quote)[0]) if part.strip(_OUTER)]
    spans: list[tuple[int, int]] = []
    for part in parts:
        found = find(part, chunk.text)
        if found is None or not _is_telling(part, chunk, found):
            return None
        span = sentences_around(chunk, found)
        if span is None:
            return None
        spans.append(span)
    return sorted(set(spans)) or None


def _is_telling(part: str, chunk: Chunk, found: tuple[int, int]) -> bool:
    """Whether a quote is long enough to say where it stands: three words, or a whole sentence."""
    if len(part.split()) >= FEWEST_WORDS:
        return True
    start, end = found[0] + chunk.start, found[1] + chunk.start
    return any(end - start >= b - a - 1 for a, b in chunk.sentences if a <= start and end <= b)


def sentences_around(chunk: Chunk, found: tuple[int, int]) -> tuple[int, int] | None:
    """Document offsets of the sentences that `chunk.text[found]` touches; None if too many."""
    start, end = found[0] + chunk.start, found[1] + chunk.start
    touched = [(a, b) for a, b in chunk.sentences if a < end and start < b]
    if not touched or len(touched) > MOST_SENTENCES:
        return None
    return touched[0][0], touched[-1][1]
