"""The words of a PDF page, with raised digits put where they belong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ragbot.library.readers.cleaning import Cleaner, raised
from ragbot.library.readers.pdf_layout import Word

SMALLEST_SIGN = 1.5
SYMBOL_FONT = re.compile(r"(?:^|\+)Symbol", re.I)
SYMBOLS = str.maketrans(
    "abcdefghijklmnopqrstuwxyzDFGLPQSWXY\u2021\u00a3\u2013\u00b7\u00a5\u2044\u00bb",
    "αβχδεφγηιϕκλμνοπθρστυωξψζΔΦΓΛΠΘΣΩΞΨ≥≤±×∞/≈",
)
BOLD = re.compile(r"bold|black|heavy|semibold|[-,]b(?:$|[^a-z])|cmbx|\.b$", re.I)
SMALL = 0.85
TOUCHING = 0.15
LARGEST_BULLET = 8.0
BULLET_GAP = (2.0, 20.0)
MOST_BULLETS = 200
RAISED_BY = 0.12


def words_of(page: Any, cleaner: Cleaner) -> list[Word]:
    """The upright, visible words of `page`, cleaned; what touches is one word."""
    width, height = page.width, page.height

    def shown(sign: Any) -> bool:
        return sign["object_type"] != "char" or bool(
            sign["upright"]
            and sign["size"] >= SMALLEST_SIGN
            and -1 <= sign["x0"] <= width + 1
            and -1 <= sign["top"] <= height + 1
        )

    found = page.filter(shown).extract_words(
        x_tolerance_ratio=0.15, y_tolerance=2, keep_blank_chars=False, use_text_flow=False,
        extra_attrs=["size", "fontname"],
    )  # fmt: skip
    return _glued(
        [
            Word(_spelled(w["text"], w["fontname"]), w["x0"], w["top"], w["x1"], w["bottom"],
                 w["size"], bool(BOLD.search(w["fontname"])))
            for w in found
        ],
        cleaner,
    )  # fmt: skip


def _spelled(text: str, font: str) -> str:
    """Letters of the Symbol font as the signs that they draw: "g" is γ, "‡" is ≥."""
    return text.translate(SYMBOLS) if SYMBOL_FONT.search(font) else text


def bullets_of(page: Any, words: Sequence[Word]) -> list[Word]:
    """Bullets that are drawn and not written, as words: small shapes just before a word."""
    found = []
    for shape in (*page.curves, *page.rects):
        wide, high = shape["x1"] - shape["x0"], shape["bottom"] - shape["top"]
        if not (SMALLEST_SIGN <= wide <= LARGEST_BULLET and 0.6 < wide / max(high, 0.1) < 1.7):
            continue
        middle = (shape["top"] + shape["bottom"]) / 2
        for word in words:
            near = BULLET_GAP[0] < word.x0 - shape["x1"] < BULLET_GAP[1]
            if near and word.top < middle < word.bottom:
                box = (shape["x0"], word.top, shape["x1"], word.bottom)
                found.append(Word("\u2022", *box, word.size, word.bold))
                break
    return found if len(found) <= MOST_BULLETS else []


def _glued(words: Sequence[Word], cleaner: Cleaner) -> list[Word]:
    """Words with what is raised behind them; a stop that touches a word is part of it."""
    rows: dict[int, list[Word]] = {}
    for word in words:
        for key in range(int(word.top) // 8 - 1, int(word.bottom) // 8 + 2):
            rows.setdefault(key, []).append(word)
    for row in rows.values():
        row.sort(key=lambda w: w.x0)
    after: dict[int, Word] = {}
    has_before: set[int] = set()
    for word in sorted(words, key=lambda w: w.x0):
        follower = _touching(word, rows[int(word.middle) // 8])
        if follower is not None and id(follower) not in has_before:
            after[id(word)] = follower
            has_before.add(id(follower))
    made = []
    for word in words:
        if id(word) not in has_before:
            chain = [word]
            while id(chain[-1]) in after:
                chain.append(after[id(chain[-1])])
            if (whole := _chained(chain, cleaner)) is not None:
                made.append(whole)
    return made


def _touching(word: Word, row: Sequence[Word]) -> Word | None:
    size = max(word.size, 1.0)
    for other in row:
        gap = other.x0 - word.x1
        if other is word or gap < -TOUCHING * size or other.x0 <= word.x0:
            continue
        if gap > TOUCHING * max(size, other.size):
            return None
        if min(word.bottom, other.bottom) - max(word.top, other.top) > 0.3 * min(size, other.size):
            return other
    return None


def _chained(chain: Sequence[Word], cleaner: Cleaner) -> Word | None:
    largest = max(chain, key=lambda w: (w.size, len(w.text)))
    text = ""
    for word in chain:
        is_small = word.size < SMALL * largest.size
        is_up = word.bottom < largest.bottom - RAISED_BY * largest.size
        text += raised(text, word.text) if is_small and is_up and text else word.text
    text = cleaner.clean(text)
    if not text:
        return None
    return Word(
        text,
        min(w.x0 for w in chain),
        largest.top,
        max(w.x1 for w in chain),
        largest.bottom,
        largest.size,
        largest.bold,
    )
