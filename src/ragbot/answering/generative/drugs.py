"""Drugs and treatments that a text names, brand and generic names alike."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from ragbot.answering.grounding.lexicon import is_drug
from ragbot.index.analysis import CONCEPT_MARK, analyze
from ragbot.index.vocabulary import CONCEPTS

_FIRST_DRUG, _LAST_DRUG = "blinatumomab", "nivolumab"
_TREATMENTS = (
    "car-t", "donor-lymphocytes", "tki", "tbi", "hyper-cvad", "mini-hyper-cvd", "transplant",
    "autologous", "allogeneic", "haploidentical", "chemotherapy",
)  # fmt: skip
_WORD = re.compile(r"[a-z][a-z-]{3,}")


@cache
def _concepts() -> frozenset[str]:
    """The vocabulary's drugs, which stand together in it, and the treatments swapped for them."""
    names = list(CONCEPTS)
    drugs = names[names.index(_FIRST_DRUG) : names.index(_LAST_DRUG) + 1]
    return frozenset(f"{CONCEPT_MARK}{name}" for name in (*drugs, *_TREATMENTS))


@lru_cache(maxsize=4096)
def drugs_named(text: str) -> frozenset[str]:
    """Drugs and treatments in `text`: by concept where the vocabulary knows them, else by name."""
    known = {token for token in analyze(text) if token in _concepts()}
    shaped = {word for word in _WORD.findall(text.lower()) if is_drug(word)}
    alone = {word for word in shaped if not _concepts().intersection(analyze(word))}
    return frozenset(token.removeprefix(CONCEPT_MARK) for token in known | alone)


def drugs_missing(claim: str, quotes: tuple[str, ...]) -> list[str]:
    """Drugs and treatments that `claim` names and none of `quotes` does, sorted."""
    offered: set[str] = set()
    for quote in quotes:
        offered |= drugs_named(quote)
    return sorted(drugs_named(claim) - offered)
