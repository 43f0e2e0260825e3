"""Puts what was found into another order, by a model that reads question and passage together.

Off unless a setting names a model: it costs a pass of the model for each passage, and what it gains
is told in docs/decisions/0002-retrieval.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from ragbot.errors import ModelUnavailableError

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


class CrossEncoderScorer:
    """Any sentence-transformers CrossEncoder with one output, by its folder or hub name."""

    def __init__(self, name: str) -> None:
        """Load the model; raises ModelUnavailableError if that fails, or it has several outputs."""
        try:
            from sentence_transformers import CrossEncoder

            self._model = CrossEncoder(name, device="cpu")
        except Exception as error:  # the loader raises whatever its layers below raise
            raise ModelUnavailableError(
                f"The reranker {name!r} cannot be loaded ({error}).",
                remedy="Use the name or folder of a sentence-transformers CrossEncoder, or unset "
                "RAGBOT_RERANKER.",
            ) from error
        if self._model.num_labels != 1:
            raise ModelUnavailableError(
                f"The reranker {name!r} has {self._model.num_labels} outputs instead of one.",
                remedy="Use a model that scores passages, or unset RAGBOT_RERANKER.",
            )

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        """The model's outputs, shape (n,)."""
        pairs = [(question, text) for text in texts]
        found = self._model.predict(pairs, show_progress_bar=False)
        return np.asarray(found, dtype=np.float32).reshape(len(texts))


def mixed(found: Floats, read: Floats, share: float = SHARE) -> Floats:
    """Both scores scaled to 0 to 1 over the passages, and added; shape as given."""
    mix: Floats = (1 - share) * _spread(found) + share * _spread(read)
    return mix.astype(np.float32)


def _spread(scores: Floats) -> Floats:
    span = float(scores.max() - scores.min()) if scores.size else 0.0
    even: Floats = (scores - scores.min()) / np.float32(span) if span > 0 else scores * 0
    return even
