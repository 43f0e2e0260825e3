"""Edits made in a claim and in its evidence alike, where both say a thing in different words.

A claim that was edited by itself can be told by its odd wording. Here the same edit is made on
both sides, so that of the four pairs of claim and evidence, each as it was or edited, the two that
agree are supported and the two that do not are not: only comparing them tells.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edits import OPPOSITES, negate, replace_word
from words import Neighbours

from ragbot.answering.grounding.sentences import content_words

ENTITIES = 0.3
_FIGURE = re.compile(r"(?<![\w.,-])\d+(?:\.\d+)?(?![\w]|[.,]\d)")
_LONG_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]{4,}")


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A claim and its evidence after the same edit, and the name of that edit."""

    claim: str
    evidence: str
    kind: str


def mirror(
    claim: str, sentences: Sequence[str], best: int, words: Neighbours, rng: random.Random
) -> Mirrored | None:
    """The claim and its evidence edited alike; None where no edit fits both.

    Another name is put in only now and then where nothing else fits, or it would be in most pairs.
    `best` is the sentence that says what the claim says.
    """
    kinds: list[tuple[float, Callable[[], Mirrored | None]]] = [
        (3.0, lambda: _opposite(claim, sentences, best, rng)),
        (2.0, lambda: _number(claim, sentences, rng)),
        (0.8, lambda: _negation(claim, sentences, best, rng)),
    ]
    for _, edit in sorted(kinds, key=lambda kind: rng.random() ** (1 / kind[0]), reverse=True):
        done = edit()
        if done is not None:
            return done
    return _entity(claim, sentences, words, rng) if rng.random() < ENTITIES else None


def _with(sentences: Sequence[str], at: int, changed: str) -> str:
    return " ".join([*sentences[:at], changed, *sentences[at + 1 :]])


def _opposite(
    claim: str, sentences: Sequence[str], best: int, rng: random.Random
) -> Mirrored | None:
    choices = [*OPPOSITES, *((b, a) for a, b in OPPOSITES)]
    rng.shuffle(choices)
    for old, new in choices:
        said, told = replace_word(claim, old, new), replace_word(sentences[best], old, new)
        if said and told:
            return Mirrored(said, _with(sentences, best, told), "opposite")
    return None


def _negation(
    claim: str, sentences: Sequence[str], best: int, rng: random.Random
) -> Mirrored | None:
    said, told = negate(claim, rng), negate(sentences[best], rng)
    if not said or not told or (len(said) > len(claim)) != (len(told) > len(sentences[best])):
        return None
    return Mirrored(said, _with(sentences, best, told), "negation")


def _number(claim: str, sentences: Sequence[str], rng: random.Random) -> Mirrored | None:
    passage = " ".join(sentences)
    shared = sorted(set(_FIGURE.findall(claim)) & set(_FIGURE.findall(passage)))
    if not shared:
        return None
    old = rng.choice(shared)
    digits = len(old.partition(".")[2])
    new = f"{float(old) * rng.choice((0.1, 0.5, 0.8, 1.2, 1.5, 2, 3, 10)):.{digits}f}"
    if new == old or new in passage or float(new) == 0:
        return None
    return Mirrored(_everywhere(claim, old, new), _everywhere(passage, old, new), "number")


def _entity(
    claim: str, sentences: Sequence[str], words: Neighbours, rng: random.Random
) -> Mirrored | None:
    passage = " ".join(sentences)
    both = set(_LONG_WORD.findall(claim)) & set(_LONG_WORD.findall(passage))
    shared = sorted(word for word in both if content_words(word))
    rng.shuffle(shared)
    for old in shared[:4]:
        options = [word for word in words.of(old) if word.lower() not in passage.lower()]
        if options:
            new = rng.choice(options)
            return Mirrored(_everywhere(claim, old, new), _everywhere(passage, old, new), "entity")
    return None


def _everywhere(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w-]|\.\d)", new, text)
