"""What the model says beside its claims: a gap, or a question back. Checked, then put by code.

Neither can be checked against a passage, so neither may say anything new: a gap is made of the
question's own words, the readings of a question of words that stand in it or in the passages.
"""

from __future__ import annotations

from collections.abc import Sequence

from ragbot.answering.draft import Remark
from ragbot.answering.generative.wording import plain_claim
from ragbot.answering.grounding.sentences import content_words

LONGEST_GAP = 200
LONGEST_OPTION = 120
FEWEST_OPTIONS, MOST_OPTIONS = 2, 4


def gap_of(text: str, asked: str) -> str:
    """The part of the question that has no answer; empty if it is not of its words."""
    part = plain_claim(text).rstrip(" .?")
    return part if len(part) <= LONGEST_GAP and _is_made_of(part, asked) else ""


def gap_remark(gap: str) -> Remark:
    """The caveat that names a gap."""
    note = f"The passages that were found do not answer this part of the question: “{gap}”."
    return Remark(note=note, gap=gap)


def choices(options: Sequence[str], known: str) -> tuple[str, ...]:
    """What the question may mean; empty unless all `options` are made of words of `known`."""
    plain = list(dict.fromkeys(plain_claim(option).rstrip(" .?") for option in options))
    readable = [o for o in plain if len(o) <= LONGEST_OPTION and _is_made_of(o, known)]
    if len(readable) != len(plain) or not FEWEST_OPTIONS <= len(plain) <= MOST_OPTIONS:
        return ()
    return tuple(readable)


def question_back(meanings: Sequence[str]) -> str:
    """The question which of `meanings` is meant."""
    listed = " or ".join(f"“{option}”" for option in meanings)
    return f"The question can be understood in more than one way. Which is meant: {listed}?"


def _is_made_of(text: str, known: str) -> bool:
    words = content_words(text)
    return bool(words) and words <= content_words(known)
