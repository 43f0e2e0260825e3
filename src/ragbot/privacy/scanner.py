"""Scans a text for personal data, in milliseconds: nothing but patterns and checksums."""

from __future__ import annotations

from collections.abc import Iterator

from ragbot.privacy.addresses import ADDRESSES
from ragbot.privacy.finding import Finding, settled
from ragbot.privacy.names import find_names
from ragbot.privacy.patterns import NUMBERS, PUBLIC

LEAST_SCORE = 0.5
# Other signs for the same, one for one, so that offsets stay what they are.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—−﹣－", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000\u200b\u2060", " "),
        **dict(zip("０１２３４５６７８９", "0123456789", strict=True)),
        "＠": "@", "．": ".", "：": ":", "＋": "+",
    }
)  # fmt: skip


def scan(text: str) -> tuple[Finding, ...]:
    """Personal data in `text`, in its order, without overlaps.

    Numbers of publications and trials, study dates, ages up to 89, drugs, genes and authors of
    papers are none.
    """
    plain = text.translate(_PLAIN)
    public = [found.span() for found in PUBLIC.finditer(plain)]
    return settled(
        one
        for one in _found(plain)
        if one.score >= LEAST_SCORE
        and (one.kind == "email" or not any(a < one.end and one.start < b for a, b in public))
    )


def _found(text: str) -> Iterator[Finding]:
    for one in (*NUMBERS, *ADDRESSES):
        yield from one.find(text)
    yield from find_names(text)
