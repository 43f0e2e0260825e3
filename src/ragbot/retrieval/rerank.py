"""Puts what was found into another order, by a model that reads question and passage together.

Off unless a setting names a model: it costs a pass of the model for each passage, and what it gains
is told in docs/decisions/0002-retrieval.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from ragbot.retrieval.fusion import scaled

Floats = np.ndarray[Any, np.dtype[np.float32]]
Rerank = Callable[[str, Sequence[int]], Floats]
"""How well each of some rows answers a question, shape (rows,); only their order counts."""

RERANKED = 20
"""How many of the best passages are read."""
SHARE = 0.25
"""Weight of the model's score beside that of the search, both scaled to 0 to 1.

Half was better on claims (SciFact) and worse on questions (MTRAG) with the shipped model.
"""


class PairScorer(Protocol):
    """Scores passages for a question; a greater score is a better passage."""

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        """One score for each of `texts`, shape (n,)."""


def mixed(found: Floats, read: Floats, share: float = SHARE) -> Floats:
    """Both scores scaled to 0 to 1 over the passages, and added; shape as given."""
    mix: Floats = (1 - share) * _spread(found) + share * _spread(read)
    return mix.astype(np.float32)


def _spread(scores: Floats) -> Floats:
    return scaled(scores, float(scores.min(initial=np.inf)))
