"""References back: "going back to the first condition", "and the other one?", "the latter"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ragbot.retrieval.phrases import alternatives

_WHICH = r"(?P<which>first|former|original|second|third|latter|last|other|previous|earlier)"
_THING = (
    r"(?:\s+(?:one|condition|disease|disorder|drug|treatment|agent|option|question|topic|subject|"
    r"antibody|therapy|medication|syndrome|problem|thing|two))"
)
_RETURN = re.compile(
    rf"^(?:(?:going|coming|getting|turning|to\s+go|let'?s\s+go)\s+)?back\s+to\s+"
    rf"(?:the\s+{_WHICH}{_THING}?|(?P<named>[^:,?]+?))\s*(?:[:,-]\s*|[?.]?$)",
    re.I,
)
_POINTER = re.compile(
    rf"\b(?:the|that)\s+{_WHICH}{_THING}?"
    r"(?=\s*[?.,!:]|\s*$|\s+(?:is|was|has|have|does|do|did|work|works|better|too|instead)\b)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Pointed:
    """What a reference points at; `rest` is the question without a clause of return before it.

    `inside` tells that the reference stands within the question itself ("and the other one?"),
    `instead_of` what the other one is the other of.
    """

    phrase: str
    rest: str
    inside: bool
    instead_of: str = ""


def points_back(text: str, subjects: Sequence[str], asked: Sequence[str] = ()) -> Pointed | None:
    """What `text` points back at: among `subjects`, which are in the order they came up, or the
    other one of two that `asked`, the user's turns so far, set beside each other.
    """
    returning = _RETURN.match(text)
    if returning:
        named = returning.group("named")
        if named is None and not subjects:
            return None
        phrase = named.strip() if named else _pick(returning.group("which"), subjects)
        return Pointed(phrase, text[returning.end() :].strip(), inside=False)
    pointer = _POINTER.search(text)
    if pointer is None:
        return None
    other = _other(asked) if pointer.group("which").lower() == "other" else None
    if other is None and len(subjects) < 2:
        return None
    phrase, counterpart = other or (_pick(pointer.group("which"), subjects), "")
    rest = text[: pointer.start()] + phrase + text[pointer.end() :]
    return Pointed(phrase, rest, inside=True, instead_of=counterpart)


def _pick(which: str, subjects: Sequence[str]) -> str:
    which = which.lower()
    if which in ("first", "former", "original"):
        return subjects[-2] if which == "former" and len(subjects) > 1 else subjects[0]
    if which in ("other", "previous", "earlier") and len(subjects) > 1:
        return subjects[-2]
    if which in ("second", "third") and len(subjects) > ("second", "third").index(which) + 1:
        return subjects[("second", "third").index(which) + 1]
    return subjects[-1]


def _other(asked: Sequence[str]) -> tuple[str, str] | None:
    """Of the last two things set beside each other, the one that the last turn did not ask of, then
    the one that it did.
    """
    if not asked:
        return None
    last = asked[-1].lower()
    for text in reversed(asked):
        for first, second in reversed(alternatives(text)):
            named = [phrase.text.lower() in last for phrase in (first, second)]
            if named == [True, False]:
                return second.text, first.text
            if named == [False, True]:
                return first.text, second.text
    return None
