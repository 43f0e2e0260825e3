"""Measures of a yes-or-no judgement: pure functions on arrays of shape (n,)."""

from __future__ import annotations

from typing import Any

import numpy as np

Bools = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
BINS = 10


def balanced_accuracy(truth: Bools, said: Bools) -> float:
    """Mean of the shares of yes and of no that were told right; the one there is if only one is."""
    parts = []
    for side in (True, False):
        rows = truth == side
        if rows.any():
            parts.append(float(np.mean(said[rows] == side)))
    return float(np.mean(parts)) if parts else float("nan")


def best_balanced_accuracy(truth: Bools, scores: Floats) -> tuple[float, float]:
    """The best balanced accuracy that any threshold on `scores` gives, and that threshold."""
    order = np.argsort(-scores, kind="stable")
    ranked, values = truth[order], scores[order]
    yes, no = max(1, int(truth.sum())), max(1, int((~truth).sum()))
    found = np.cumsum(ranked) / yes
    wrong = np.cumsum(~ranked) / no
    last_of_value = np.append(values[1:] != values[:-1], True)
    result = np.where(last_of_value, (found + 1 - wrong) / 2, 0.0)
    best = int(np.argmax(result))
    return max(0.5, float(result[best])), float(values[best])


def auroc(truth: Bools, scores: Floats) -> float:
    """Chance that a yes scores above a no, ties counting half; 0.5 if one of them is missing."""
    yes, no = int(truth.sum()), int((~truth).sum())
    if not yes or not no:
        return 0.5
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    return float((ranks[truth].sum() - yes * (yes + 1) / 2) / (yes * no))


def calibration_error(truth: Bools, chances: Floats, bins: int = BINS) -> float:
    """Expected calibration error over bins of equal width: mean gap of chance and frequency."""
    which = np.minimum((chances * bins).astype(int), bins - 1)
    total = 0.0
    for one in range(bins):
        rows = which == one
        if rows.any():
            total += float(rows.mean()) * abs(float(truth[rows].mean() - chances[rows].mean()))
    return total
