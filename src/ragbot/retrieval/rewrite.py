"""Writing a follow-up out in full: pure functions on text.

A rewrite puts the phrase in the place of a pronoun, exchanges the subject of the question before
("What about ...?"), or adds the phrase at the end.
"""

from __future__ import annotations

import re

from ragbot.retrieval.cues import VERB
from ragbot.retrieval.measures import find_measure, is_measure, names_subject, swap_measure
from ragbot.retrieval.phrases import Phrase, alternatives, is_population, phrases, subject

_LEAD = re.compile(
    r"^(?:(?:and|but|so|ok|okay|also|then|well|now|oh|yes|no|thanks|thank you)\b[\s,.!]*)+", re.I
)
_ABOUT = re.compile(
    r"^(?:what|how)\s+about\s+(?P<rest>.+)$|^(?:the\s+)?same\s+(?:question\s+)?for\s+(?P<same>.+)$",
    re.I,
)
_PREPOSITION = re.compile(
    r"^(?P<word>in|for|with|among|after|before|without|during|under|over|on|at|if)\s+(?P<rest>.+)$",
    re.I,
)
_NOUN = (
    r"(?:disease|condition|disorder|syndrome|drug|illness|medication|mutation|therapy|problem|"
    r"infection|tumou?r|cancer|antibody|agent)"
)
_LONE = r"(?!\s+(?:of|for|with|that|which|options?)\b)"
# In the order of preference: "How would they know they have it?" asks about "it".
_PRONOUNS = (
    re.compile(r"\b(?P<possessive>its)\b(?!\s+own)", re.I),
    re.compile(r"\bit\b", re.I),
    re.compile(rf"\b(?:this|that|these|those|such|the)\s+{_NOUN}s?\b{_LONE}", re.I),
    re.compile(
        r"\b(?:this|that|these|those)\b"
        r"(?=\s*(?:[?.,!]|$|is\b|are\b|was\b|were\b|mean|happen|affect|work|compare))",
        re.I,
    ),
    re.compile(r"\b(?P<possessive>their|theirs)\b(?!\s+own)", re.I),
    re.compile(r"\b(?:they|them)\b", re.I),
)
_PERSON = (
    re.compile(r"\b(?P<possessive>his|hers|her(?=\s+[a-z]))\b", re.I),
    re.compile(r"\b(?:he|she|him|her)\b", re.I),
)
_PLEONASTIC = re.compile(
    r"\b(?:is|was|be|does|would|do|did)\s+it\s+(?:\w+\s+){0,2}?(?:possible|true|safe|worth|"
    r"necessary|recommended|important|common|ok|okay|take|matter|make\s+sense)\s+"
    r"(?:to|that|for|if)\b|\bhow\s+long\s+does\s+it\s+take\b",
    re.I,
)
_SEVERAL = re.compile(
    r"^what\s+(?:are|were)\s+(?P<these>the\s+[^?]+\s+(?:of|for)\s+[^?]+)\?*$", re.I
)
_FINAL = re.compile(
    r"\b(about|of|for|with|in|on|to|from|by|against|after|before|between)\s*$", re.I
)
_CASES = (
    ("for", ("treatment", "therapy", "option", "risk", "test", "trial", "dose", "dosage", "cure",
             "guideline", "recommendation", "indication", "screening", "reason")),
    ("of", ("symptom", "sign", "cause", "type", "effect", "prognosis", "complication", "history",
            "cost", "stage", "outlook", "name", "kind", "benefit", "advantage", "rate", "role",
            "origin", "importance", "mechanism", "goal", "purpose", "feature", "example",
            "definition", "meaning", "diagnosis", "prevalence", "incidence", "size")),
    ("by", ("affected", "caused")),
)  # fmt: skip
"""Prepositions that go with the last word of a question; "in" goes with any."""


def lead_removed(text: str) -> str:
    """`text` without "And", "So", "OK" and the like in front."""
    return _LEAD.sub("", text) or text


def asks_about(text: str) -> str | None:
    """What "what about X?", "and in X?" or a bare "X?" asks about; None for a whole question."""
    match = _ABOUT.match(text)
    if match:
        return (match.group("rest") or match.group("same")).strip(" ?.!")
    if len(text.split()) <= 8 and not VERB.search(text):
        return text.strip(" ?.!") or None
    return None


def has_pronoun(text: str, *, person: bool = False) -> bool:
    """Whether `text` has a pronoun that stands for something; he and she only if `person`."""
    if _PLEONASTIC.search(text):
        text = _PLEONASTIC.sub(" ", text)
    return any(pattern.search(text) for pattern in (*_PRONOUNS, *(_PERSON if person else ())))


def replace_pronoun(text: str, phrase: str, *, person: bool = False) -> str:
    """`text` with its pronoun written out as `phrase`; other pronouns stay."""
    for pattern in (*(_PERSON if person else ()), *_PRONOUNS):
        match = pattern.search(text)
        if match:
            put = f"{phrase}'s" if match.groupdict().get("possessive") else phrase
            return capitalised(text[: match.start()] + put + text[match.end() :])
    return text


def append(text: str, phrase: str) -> str:
    """`text` with `phrase` added at the end, after the preposition that its last word takes."""
    stem = text.rstrip(" ?.!")
    if _FINAL.search(stem):
        return capitalised(f"{stem} {phrase}?")
    last = re.sub(r"(?:ies|es|s)$", "", stem.split()[-1].lower()) if stem else ""
    word = next(
        (preposition for preposition, nouns in _CASES if any(last == _short(n) for n in nouns)),
        "in",
    )
    return capitalised(f"{stem} {word} {phrase}?")


def _short(noun: str) -> str:
    return re.sub(r"(?:ies|es|s)$", "", noun)


def plural(question: str) -> str | None:
    """What "they" can stand for after `question`: "What are the side effects of X?" names them."""
    match = _SEVERAL.match(question)
    return match.group("these") if match else None


def exchange(previous: str, about: str, instead_of: str = "") -> str:
    """The `previous` question, asked `about` something else.

    The new phrase takes the place of `instead_of` if that stands there, of the pair that it was
    one of, of the phrase after the same preposition, or of the subject; people and circumstances
    ("in children", "after transplant") that replace nothing are added at the end.
    """
    stem = previous.rstrip(" ?.!")
    preposition = _PREPOSITION.match(about)
    word = preposition.group("word").lower() if preposition else "in"
    bare = preposition.group("rest") if preposition else about
    place = _place(stem, bare, word if preposition else "", instead_of)
    if place is not None:
        return f"{stem[: place[0]]}{bare}{stem[place[1] :]}?"
    if is_population(bare) or (preposition and word != "for"):
        return f"{_without_population(stem)} {word} {bare}?"
    if not preposition and not instead_of and find_measure(bare):
        return _other_measure(stem, bare)
    topic = _measured(stem)
    if topic is None:
        return append(stem, bare)
    return f"{stem[: topic.start]}{bare}{stem[topic.end :]}?"


def _measured(stem: str) -> Phrase | None:
    """The subject of a question; in "the OS with X" that is X and not the whole."""
    topic = subject(stem)
    if topic is None or not find_measure(topic.text):
        return topic
    within = (p for p in phrases(stem) if topic.start <= p.start and p.end <= topic.end)
    return next((p for p in within if not find_measure(p.text)), topic)


def _other_measure(stem: str, bare: str) -> str:
    """Another outcome asked of the same subject: "EFS?" after "What is the OS with X?".

    What names its own subject too ("VOD risk with inotuzumab?") is whole.
    """
    if names_subject(bare):
        return f"{capitalised(bare)}?"
    swapped = swap_measure(stem, bare) if is_measure(bare) else None
    if swapped is not None:
        return f"{swapped}?"
    topic = _measured(stem) if VERB.search(stem) else None
    return append(bare, topic.text if topic is not None else stem)


def _place(stem: str, bare: str, word: str, instead_of: str) -> tuple[int, int] | None:
    """Where in `stem` the new phrase belongs, or None where its subject or its end is the place."""
    at = stem.lower().find(instead_of.lower()) if instead_of else -1
    if at >= 0:
        return at, at + len(instead_of)
    for first, second in alternatives(stem):
        if bare.lower() in (first.text.lower(), second.text.lower()):
            return first.start, second.end
    if word and not is_population(bare):
        for phrase in reversed(phrases(stem)):
            if stem[: phrase.start].lower().rstrip().endswith(f" {word}"):
                return phrase.start, phrase.end
    return None


def _without_population(stem: str) -> str:
    match = re.search(r"\s+(?:in|for|among)\s+((?:[\w-]+\s+){0,2}[\w-]+)$", stem)
    if match and is_population(match.group(1)):
        return stem[: match.start()]
    return stem


def capitalised(text: str) -> str:
    """`text` with its first letter in capitals."""
    return text[:1].upper() + text[1:]
