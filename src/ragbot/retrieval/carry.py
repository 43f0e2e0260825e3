"""Which phrases of the conversation a follow-up takes for granted.

Every content phrase of the turns so far, of the opening of the answers and of the article's title
is a candidate. A logistic regression over features of the follow-up and of the candidate gives the
probability that a person would write the phrase into the question to make it stand alone.
`training/followups/fit.py` fits it; `weights.json` holds it, with its card.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from ragbot.index.analysis import analyze
from ragbot.retrieval.cues import Cues, read_cues
from ragbot.retrieval.phrases import (
    Phrase,
    is_definition,
    is_framed,
    is_population,
    phrases,
    subject,
)

Place = Literal["title", "user", "answer"]
Rarity = Callable[[str], float]

ANSWER_SENTENCES = 3
ANSWER_LENGTH = 600
ANSWER_PHRASES = 10
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn of the user, one answer, or the article's title, to draw candidates from.

    `turn` is the user turn that it belongs to, from 0; -1 for the title.
    """

    place: Place
    text: str
    turn: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase that could be carried over.

    `turn` is the latest turn that mentions it, `first` the first. `defined` tells that the user
    asked what it is; `newer` counts the user's subjects that came up after its latest mention,
    `reset` tells that the user asked what one of those is, which opens a new topic.
    """

    text: str
    stems: frozenset[str]
    place: Place
    turn: int
    first: int
    mentions: int
    is_subject: bool
    by_user: bool
    defined: bool = False
    newer: int = 0
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Follow:
    """A follow-up as the features see it: `rarest` is the rarity of its rarest content word."""

    text: str
    stems: frozenset[str]
    cues: Cues
    content: int
    rarest: float


@lru_cache(maxsize=4096)
def stems(text: str) -> frozenset[str]:
    """Index tokens of `text`, for comparing phrases."""
    return frozenset(analyze(text))


def read(text: str, rarity: Rarity) -> Follow:
    """What the features need to know of the follow-up `text`."""
    found = phrases(text)
    content = stems(" ".join(phrase.text for phrase in found))
    rarest = max((rarity(token) for token in content), default=0.0)
    return Follow(text, stems(text), read_cues(text), len(found), rarest)


def gather(utterances: Sequence[Utterance]) -> list[Candidate]:
    """The candidates of `utterances`, oldest mention first; mentions of one phrase are merged."""
    found: dict[frozenset[str], Candidate] = {}
    for utterance in utterances:
        for phrase, is_subject in _mentioned(utterance):
            key = stems(phrase.text)
            if key:
                found[key] = _mention(phrase, key, utterance, is_subject, found.pop(key, None))
    counted: list[Candidate] = []
    newer, opened = 0, -1
    for candidate in reversed(found.values()):
        counted.append(replace(candidate, newer=newer, reset=candidate.turn < opened))
        newer += candidate.is_subject and candidate.by_user
        if candidate.defined:
            opened = max(opened, candidate.turn)
    return counted[::-1]


def _mentioned(utterance: Utterance) -> list[tuple[Phrase, bool]]:
    """The phrases of an utterance, and whether each is its subject or a part of it.

    A subject that the frame of the question marks off is one phrase, however many it holds.
    """
    if utterance.place == "answer":
        opening = " ".join(_SENTENCE_END.split(utterance.text.strip())[:ANSWER_SENTENCES])
        found = phrases(opening[:ANSWER_LENGTH])
        return [(phrase, False) for phrase in found[:ANSWER_PHRASES]]
    found = phrases(utterance.text)
    topic = subject(utterance.text)
    if topic is None:
        return []
    if not is_framed(utterance.text):
        return [(p, topic.start <= p.start and p.end <= topic.end) for p in found]
    apart = [(p, False) for p in found if p.end <= topic.start or topic.end <= p.start]
    return sorted([*apart, (topic, True)], key=lambda pair: pair[0].start)


def _mention(
    phrase: Phrase,
    key: frozenset[str],
    utterance: Utterance,
    is_subject: bool,
    known: Candidate | None,
) -> Candidate:
    by_user = utterance.place == "user"
    keeps = known is not None and known.by_user and not by_user  # the user's own words are kept
    return Candidate(
        text=known.text if known and keeps else phrase.text,
        stems=key,
        place=utterance.place,
        turn=utterance.turn,
        first=known.first if known else utterance.turn,
        mentions=known.mentions + 1 if known else 1,
        is_subject=is_subject or (known is not None and known.is_subject),
        by_user=by_user or (known is not None and known.by_user),
        defined=(by_user and is_subject and is_definition(utterance.text))
        or (known is not None and known.defined and not by_user),
    )


def turn_features(follow: Follow) -> dict[str, float]:
    """Features of the follow-up alone."""
    features = {name: float(value) for name, value in follow.cues.items()}
    features["content0"] = float(follow.content == 0)
    features["content1"] = float(follow.content == 1)
    features["content3"] = float(follow.content >= 3)
    features["rarest"] = follow.rarest
    return features


def candidate_features(
    candidate: Candidate, follow: Follow, turns: int, rarity: Rarity
) -> dict[str, float]:
    """Features of one candidate after `turns` turns of the user."""
    ago = turns - 1 - candidate.turn
    words = candidate.text.split()
    return {
        "answer": float(candidate.place == "answer"),
        "answer_only": float(not candidate.by_user and candidate.place == "answer"),
        "title": float(candidate.first < 0),
        "last": float(ago == 0),
        "ago": math.log1p(max(ago, 0)),
        "opening": float(candidate.first == 0 and candidate.by_user),
        "again": float(candidate.mentions > 1),
        "mentions": math.log(candidate.mentions),
        "subject": float(candidate.is_subject),
        "rarity": max((rarity(token) for token in candidate.stems), default=0.0),
        "words": float(min(len(words), 4) - 1),
        "capital": float(candidate.text[:1].isupper()),
        "name": float(len(words) > 1 and all(word[:1].isupper() for word in words)),
        "population": float(is_population(candidate.text)),
        "newer0": float(candidate.newer == 0),
        "newer2": float(candidate.newer >= 2),
        "defined": float(candidate.defined),
        "reset": float(candidate.reset),
        "shared": len(candidate.stems & follow.stems) / len(candidate.stems),
    }


_CROSS_TURN = (
    *("it", "they", "person", "bare_this", "this_noun", "definite", "about", "lead", "other"),
    *("one", "fragment", "content0", "content3", "rarest", "aspect"),
)
_CROSS_CANDIDATE = (
    *("answer_only", "last", "ago", "opening", "subject", "rarity", "newer0", "name", "shared"),
    *("title", "defined", "reset"),
)


def features(candidate: Candidate, follow: Follow, turns: int, rarity: Rarity) -> dict[str, float]:
    """All features of one candidate for one follow-up, with the products of the two kinds."""
    turn = turn_features(follow)
    own = candidate_features(candidate, follow, turns, rarity)
    products = {f"{a}*{b}": turn[a] * own[b] for a in _CROSS_TURN for b in _CROSS_CANDIDATE}
    return {**turn, **own, **products}


def logistic(weights: Mapping[str, float], values: Mapping[str, float]) -> float:
    """1 / (1 + exp(-(w0 + w.x))); `weights[""]` is w0, features without a weight count nothing."""
    total = weights.get("", 0.0) + sum(
        weights.get(name, 0.0) * value for name, value in values.items() if value
    )
    return 1.0 / (1.0 + math.exp(-max(min(total, 30.0), -30.0)))


def rank(
    follow: Follow,
    candidates: Sequence[Candidate],
    turns: int,
    rarity: Rarity,
    weights: Mapping[str, float],
) -> list[tuple[Candidate, float]]:
    """Candidates that the follow-up does not name itself, with their probability, best first."""
    scored = [
        (candidate, logistic(weights, features(candidate, follow, turns, rarity)))
        for candidate in candidates
        if not candidate.stems <= follow.stems
    ]
    return sorted(scored, key=lambda pair: -pair[1])
