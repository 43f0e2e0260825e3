"""Drugs, genes and trials that a statement names and its sources do not."""

from __future__ import annotations

import re

from ragbot.answering.grounding.lexicon import is_drug
from ragbot.index.analysis import CONCEPT_MARK, analyze

_WORD = re.compile(r"[^\W_]+(?:[-'/][^\W_]+)*")
_TRIAL = re.compile(r"[A-Z]{4,}(?:-?\d+)?|[A-Z]+-[A-Z]*\d+|[A-Z]{2,}\d+[A-Z]?\d*")
_CODED = re.compile(r"\d")


def unnamed(statement: str, whole: str) -> list[str]:
    """The names of `statement` that are not in `whole`, in any written form the index knows."""
    offered = set(analyze(whole))
    found = []
    for word in _WORD.findall(statement):
        if not (is_drug(word.lower()) or _TRIAL.fullmatch(word)):
            continue
        tokens = analyze(word)
        known_word = any(token.startswith(CONCEPT_MARK) for token in tokens)
        if known_word and not (is_drug(word.lower()) or _CODED.search(word)):
            continue  # OS, EFS: an abbreviation that the source may write out otherwise
        if tokens and not offered & set(tokens):
            found.append(word)
    return list(dict.fromkeys(found))
