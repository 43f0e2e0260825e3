"""Reads misspelt words of a question as the library's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from ragbot.index.words import WORD

SHORTEST = 6  # shorter words have too many neighbours
LONG = 9
_LETTERS = re.compile(r"[^\W\d_]+")


class Speller:
    """Corrects words that neither the library nor everyday English knows."""

    def __init__(self, words: Sequence[str], everyday: frozenset[str]) -> None:
        """`words` are the library's, commonest first; `everyday` words are never corrected."""
        self._words = [word for word in words if len(word) >= SHORTEST - 1]
        self._known = frozenset(words) | everyday
        self._nearest = lru_cache(maxsize=4096)(self._find)

    def correct(self, question: str) -> str:
        """`question` with each unknown word replaced by its one near neighbour, if it has one."""
        return _LETTERS.sub(lambda found: self._nearest(found[0]), question)

    def _find(self, written: str) -> str:
        word = written.lower()
        if len(word) < SHORTEST or word in self._known or not WORD.fullmatch(word):
            return written
        if any(word.removesuffix(end) in self._known for end in ("s", "es", "ed", "ing", "ly")):
            return written
        distance = 2 if len(word) >= LONG else 1
        near = process.extractOne(
            word,
            (known for known in self._words if known[0] == word[0]),
            scorer=DamerauLevenshtein.distance,
            score_cutoff=distance,
        )
        return near[0] if near else written
