"""How special a word is: everyday words of a question need not stand in its answer."""

from __future__ import annotations

import math
from functools import cache
from importlib import resources

EVERYDAY_RANK = 1000
SPECIAL_RANK = 15_000
ENDINGS = ("s", "es", "d", "ed", "ing", "ly")


@cache
def _ranks() -> dict[str, int]:
    """Rank of each common word, from 1 (see data/README.md for the list's origin)."""
    text = (resources.files("ragbot.answering") / "data" / "common_words.txt").read_text("utf-8")
    return {word: rank for rank, word in enumerate(text.split(), 1)}


def common_words() -> frozenset[str]:
    """All common words."""
    return frozenset(_ranks())


def _rank(word: str) -> int:
    ranks = _ranks()
    forms = (word, *(word.removesuffix(ending) for ending in ENDINGS if word.endswith(ending)))
    return min((ranks[form] for form in forms if form in ranks), default=SPECIAL_RANK)


def specialness(word: str) -> float:
    """0 for an everyday word, 1 for a rare one, in between by the logarithm of its rank."""
    if not word.isalpha():
        return 1.0
    share = math.log(_rank(word.lower()) / EVERYDAY_RANK) / math.log(SPECIAL_RANK / EVERYDAY_RANK)
    return min(max(share, 0.0), 1.0)
