"""How a passage is read for a claim: the window, the sentences alone, and the features of both.

Training of the calibration and question time share this module, so that a feature means the same
in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ragbot.answering.grounding.rules import Finding, findings
from ragbot.answering.grounding.sentences import (
    Span,
    choose_window,
    content_words,
    details,
    overlaps,
    phrase_overlap,
    plain_decimals,
    split_sentences,
    without_frame,
)

ALONE = 1  # a second sentence alone changed no figure by more than chance, and costs a fifth
READ_WORDS = 100  # of a window; training used up to 100
Logits = np.ndarray[Any, np.dtype[np.float32]]
Features = np.ndarray[Any, np.dtype[np.float64]]
FEATURES = (
    "window_support",
    "window_side",
    "alone_support",
    "alone_side",
    "alone_likeness",
    "best_overlap",
    "overlap_lead",
    "window_overlap",
    "phrase_overlap",
    "details",
    "details_by_support",
)


class PairModel(Protocol):
    """Scores texts beside claims."""

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Logits:
        """Logits of supported, contradicted and unsupported for (claim, text), shape (n, 3).

        The shipped model adds a fourth: how like the claim the text is.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of a passage: a window, and the best sentences alone (indices, best first)."""

    claim: str
    sentences: tuple[Span, ...]
    scores: tuple[float, ...]
    window: str
    alone: tuple[int, ...]
    found: tuple[Finding, ...]

    def texts(self) -> list[tuple[str, str]]:
        """The pairs that a model scores: the window first, then each sentence alone."""
        claim = plain_decimals(without_frame(self.claim))
        parts = [self.window, *(self.sentences[index].text for index in self.alone)]
        return [(claim, plain_decimals(part)) for part in parts]


def read(claim: str, evidence: str) -> Reading:
    """Prepare a passage for a claim; `evidence` holds at least one sentence."""
    sentences = split_sentences(evidence)
    scores = overlaps(claim, sentences)
    window = " ".join(sentences[i].text for i in choose_window(sentences, scores, READ_WORDS))
    ranked = sorted(range(len(sentences)), key=lambda i: -scores[i])
    alone = tuple(ranked[:ALONE]) if len(sentences) > 1 else ()
    found = tuple(findings(claim, sentences, scores))
    return Reading(claim, tuple(sentences), tuple(scores), window, alone, found)


def score_readings(model: PairModel, readings: Sequence[Reading]) -> list[Logits]:
    """Logits of each reading's texts, shape (1 + alone, outputs); all are scored in one go."""
    texts = [reading.texts() for reading in readings]
    flat = model.logits([pair for entry in texts for pair in entry])
    ends = np.cumsum([len(entry) for entry in texts])[:-1]
    return [np.asarray(part, dtype=np.float32) for part in np.split(flat, ends)]


def features(reading: Reading, logits: Logits) -> Features:
    """The numbers that the calibration weighs, in the order of `FEATURES`.

    Support is the log-odds of supported, side is supported against contradicted. Details count as
    their logarithm, and once more times the window's support: the more a claim holds, the less
    likely all of it is stated, and the more the model's word is worth. The rules are not among
    them: they veto.
    """
    alone = logits[1:] if len(logits) > 1 else logits
    support = _support(logits)[0]
    held = np.log1p(details(without_frame(reading.claim)))
    model = [
        support,
        logits[0, 0] - logits[0, 1],
        np.max(_support(alone)),
        np.max(alone[:, 0] - alone[:, 1]),
        np.max(alone[:, 3]),
    ]
    return np.array([*model, *_lexical(reading), held, held * support], dtype=np.float64)


def _lexical(reading: Reading) -> tuple[float, float, float, float]:
    """Overlap of the best sentence, its lead over the next, the window's, and of phrases."""
    wanted = content_words(reading.claim)
    ranked = sorted(reading.scores)[-2:]
    return (
        ranked[-1],
        ranked[-1] - ranked[0],
        len(wanted & content_words(reading.window)) / max(1, len(wanted)),
        phrase_overlap(reading.claim, " ".join(s.text for s in reading.sentences)),
    )


def _support(logits: Logits) -> Logits:
    """Log-odds of supported, shape (n,)."""
    return np.asarray(logits[:, 0] - np.logaddexp(logits[:, 1], logits[:, 2]), dtype=np.float32)


def deciding_sentence(reading: Reading, logits: Logits, column: int) -> Span:
    """The sentence that says most for the verdict, of those read alone.

    For an unsupported claim that is the one that comes nearest to supporting it.
    """
    if not reading.alone:
        return reading.sentences[int(np.argmax(reading.scores))]
    margins = logits[1:, column % 2] - logits[1:, 2]
    return reading.sentences[reading.alone[int(np.argmax(margins))]]
