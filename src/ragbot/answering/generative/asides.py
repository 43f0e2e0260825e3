"""What the model says beside its claims: a gap, or a question back. Checked, then put by code.

Neither can be checked against a passage, so neither may say anything new: a gap is made of the
question's own words, the readings of a question of words that stand in it or in the passages.
"""

from __future__ import annotations

from collections.abc import Sequence

from ragbot.answering.generative.wording import plain_claim
from ragbot.answering.grounding.sentences import content_words

LONGEST_GAP = 200
LONGEST_OPTION = 120
FEWEST_OPTIONS, MOST_OPTIONS = 2, 4


def gap_note(text: str, asked: str) -> str:
    """The note that a part of the question has no answer; empty if it is not of its words."""
    part = plain_claim(text).rstrip(" .?")
    if not part or len(part) > LONGEST_GAP or not _is_made_of(part, asked):
        return ""
    return f"The passages that were found do not answer this part of the question: “{part}”."


def question_back(options: Sequence[str], known: str) -> str:
    """The question which of `options` is meant; empty unless all are made of words of `known`."""
    plain = list(dict.fromkeys(plain_claim(option).rstrip(" .?") for option in options))
    readable = [
        option
        for option in plain
        if option and len(option) <= LONGEST_OPTION and _is_made_of(option, known)
    ]
    if len(readable) != len(plain) or not FEWEST_OPTIONS <= len(plain) <= MOST_OPTIONS:
        return ""
    listed = " or ".join(f"“{option}”" for option in readable)
    return f"The question can be understood in more than one way. Which is meant: {listed}?"


def _is_made_of(text: str, known: str) -> bool:
    words = content_words(text)
    return bool(words) and words <= content_words(known)
