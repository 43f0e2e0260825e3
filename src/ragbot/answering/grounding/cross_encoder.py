"""Any sentence-transformers CrossEncoder as verifier: MiniCheck, HHEM, an NLI model.

Importing sentence_transformers takes many seconds, so that happens when such a verifier is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ragbot.answering.grounding.calibration import Calibration
from ragbot.answering.grounding.reading import FEATURES, Logits, read, score_readings
from ragbot.answering.grounding.verdict import GroundingVerdict, no_evidence
from ragbot.errors import ModelUnavailableError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

THRESHOLD = 0.5
SUPPORT_WORDS = ("entail", "support", "consistent", "factual", "grounded", "label_1")
CONTRADICTION_WORDS = ("contradict", "refute", "inconsistent", "hallucinat", "not_entail")


def label_columns(names: Mapping[int, str]) -> tuple[int, int | None]:
    """Which output means supported and which contradicted (None: no output does).

    Raises ModelUnavailableError if no output's name means support.
    """
    lowered = {column: name.lower() for column, name in names.items()}
    opposed = (c for c, name in lowered.items() if any(w in name for w in CONTRADICTION_WORDS))
    against = next(opposed, None)
    for word in SUPPORT_WORDS:
        for column, name in lowered.items():
            if word in name and column != against:
                return column, against
    raise ModelUnavailableError(
        f"No label of the model ({', '.join(names.values())}) means that a text supports a claim.",
        remedy="Use a model with a label such as 'entailment' or 'supported', or a single output.",
    )


def load_cross_encoder(name: str, use: str, remedy: str, device: str | None = None) -> CrossEncoder:
    """The model `name`, for a `use` that its error names; raises ModelUnavailableError."""
    try:
        from sentence_transformers import CrossEncoder

        return CrossEncoder(name, device=device)
    except Exception as error:  # the loader raises whatever its layers below raise
        raise ModelUnavailableError(
            f"The {use} {name!r} cannot be loaded ({error}).", remedy=remedy
        ) from error


class CrossEncoderModel:
    """Logits of a CrossEncoder in our order; pairs are given to it as (text, claim)."""

    def __init__(self, name: str) -> None:
        """Load the model `name`; raises ModelUnavailableError if that fails."""
        remedy = "Use the name or folder of a sentence-transformers CrossEncoder."
        self._model = load_cross_encoder(name, "verifier model", remedy)
        labels = dict(self._model.config.id2label)
        self._columns = label_columns(labels) if self._model.num_labels > 1 else None
        # a model of ours reads the claim first; every other NLI model reads it last
        self._claim_first = list(labels.values())[:3] == [
            "supported",
            "contradicted",
            "unsupported",
        ]

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Logits:
        """Log-probabilities of supported, contradicted and unsupported, shape (n, 3)."""
        texts = list(pairs) if self._claim_first else [(text, claim) for claim, text in pairs]
        if self._columns is None:
            support = np.asarray(self._model.predict(texts, show_progress_bar=False))
            support = np.clip(support.reshape(-1).astype(np.float64), 0.0, 1.0)
            against = np.zeros_like(support)
        else:
            support, against = self._split(texts, self._columns)
        parts = np.stack([support, against, 1.0 - support - against], axis=1)
        return np.asarray(np.log(np.clip(parts, 1e-6, 1.0)), dtype=np.float32)

    def _split(self, texts: list[tuple[str, str]], columns: tuple[int, int | None]) -> Any:
        found = self._model.predict(texts, apply_softmax=True, show_progress_bar=False)
        chances = np.asarray(found, dtype=np.float64)
        against = columns[1]
        other = np.zeros(len(texts)) if against is None else chances[:, against]
        return chances[:, columns[0]], other


class CrossEncoderVerifier:
    """A CrossEncoder beside the rules, uncalibrated: its own probability, threshold 0.5."""

    def __init__(self, name: str) -> None:
        """Load the model `name`; raises ModelUnavailableError if that fails."""
        self.name = f"cross-encoder:{name}"
        self._model = CrossEncoderModel(name)
        empty = np.zeros((3, len(FEATURES)))
        self._calibration = Calibration(empty, np.zeros(3), THRESHOLD, THRESHOLD, ("number",))

    def verify_batch(self, pairs: Sequence[tuple[str, str]]) -> list[GroundingVerdict]:
        """One verdict for each pair `(claim, evidence)`: the best of the window and sentences."""
        from ragbot.answering.grounding.verifiers import judge, readable

        verdicts = [no_evidence(self.name)] * len(pairs)
        rows = [i for i, pair in enumerate(pairs) if readable(*pair)]
        readings = [read(*pairs[i]) for i in rows]
        for row, reading, logits in zip(
            rows, readings, score_readings(self._model, readings) if rows else [], strict=True
        ):
            chances = np.exp(logits[int(np.argmax(logits[:, 0]))]).astype(np.float64)
            verdicts[row] = judge(reading, logits, chances, self._calibration, self.name)
        return verdicts
