"""Which reranker the settings name: none, the shipped verifier's model, or any CrossEncoder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ragbot.errors import ConfigurationError, ModelUnavailableError
from ragbot.index.reader import LibraryIndex
from ragbot.library.chunking import embedded_text
from ragbot.retrieval.rerank import Floats, PairScorer, Rerank
from ragbot.settings import Settings

SUPPORTED, UNSUPPORTED = 0, 2


class VerifierScorer:
    """The shipped verifier's model as a reranker: how far a passage is from saying nothing of it.

    It was trained on statements and evidence, not on questions; see what it gains in the record.
    """

    def __init__(self, threads: int = 0) -> None:
        """Load the model; raises ModelUnavailableError if its files are missing."""
        from ragbot.answering.grounding.onnx_model import OnnxPairModel

        self._model = OnnxPairModel(threads=threads)

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        """Logit of supported less that of unsupported, shape (n,)."""
        logits = self._model.logits([(question, text) for text in texts])
        return np.asarray(logits[:, SUPPORTED] - logits[:, UNSUPPORTED], dtype=np.float32)


class CrossEncoderScorer:
    """Any sentence-transformers CrossEncoder with one output, by its folder or hub name."""

    def __init__(self, name: str) -> None:
        """Load the model; raises ModelUnavailableError if that fails, or it has several outputs."""
        from ragbot.answering.grounding.cross_encoder import load_cross_encoder

        remedy = (
            "Use the name or folder of a sentence-transformers CrossEncoder, or unset "
            "RAGBOT_RERANKER."
        )
        self._model = load_cross_encoder(name, "reranker", remedy, device="cpu")
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


def pair_scorer(name: str, *, threads: int = 0) -> PairScorer:
    """The reranker of that name: "shipped" or "cross-encoder:NAME".

    Raises ConfigurationError for another name, ModelUnavailableError if the model does not load.
    """
    if name == "shipped":
        return VerifierScorer(threads)
    kind, _, model = name.partition(":")
    if kind == "cross-encoder" and model:
        return CrossEncoderScorer(model)
    raise ConfigurationError(
        f"There is no reranker named {name!r}.",
        remedy="Use 'shipped' or 'cross-encoder:NAME', or unset RAGBOT_RERANKER.",
    )


def reranking(settings: Settings, index: LibraryIndex) -> Rerank | None:
    """What reads the best rows of `index` once more, or None where the settings name nothing."""
    if not settings.reranker:
        return None
    scorer = pair_scorer(settings.reranker, threads=settings.threads)

    def read(question: str, rows: Sequence[int]) -> Floats:
        records = index.records(rows)
        return scorer.scores(question, [embedded_text(records[row].chunk) for row in rows])

    return read
