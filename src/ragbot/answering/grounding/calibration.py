"""From a model's logits and the rules to probabilities that mean what they say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ragbot.answering.grounding.reading import FEATURES, Features
from ragbot.answering.grounding.verdict import LABELS, Label
from ragbot.errors import ModelUnavailableError

CALIBRATION_FILE = "calibration.json"
Matrix = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A multinomial logistic regression on `FEATURES`, and two thresholds on P(supported).

    `weights` has shape (3, features), `bias` (3,), in the order supported, contradicted,
    unsupported. A claim is labelled supported from `label_threshold` on; it may be shown as
    verified from `shown_threshold` on. `vetoes` are the rules that take support away by
    themselves.
    """

    weights: Matrix
    bias: Matrix
    label_threshold: float
    shown_threshold: float
    vetoes: tuple[str, ...] = ()

    def probabilities(self, rows: Features) -> Matrix:
        """Probabilities of the three labels, shape (n, 3), for features of shape (n, features)."""
        scores = rows @ self.weights.T + self.bias
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float64)

    def label(self, probabilities: Matrix) -> Label:
        """The label of one row of probabilities, shape (3,)."""
        if probabilities[0] >= self.label_threshold:
            return LABELS[0]
        return LABELS[1] if probabilities[1] > probabilities[2] else LABELS[2]


def load_calibration(folder: Path) -> Calibration:
    """The calibration that lies beside a model.

    Raises ModelUnavailableError if it is missing or was made for other features.
    """
    path = folder / CALIBRATION_FILE
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        order = [list(kept["features"]).index(name) for name in FEATURES]
        return Calibration(
            np.array(kept["weights"], dtype=np.float64).reshape(3, -1)[:, order],
            np.array(kept["bias"], dtype=np.float64).reshape(3),
            float(kept["label_threshold"]),
            float(kept["shown_threshold"]),
            tuple(kept["vetoes"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailableError(
            f"The verifier's calibration {path} cannot be read ({error}).",
            remedy="Reinstall ragbot, or run training/verifier again.",
        ) from error
