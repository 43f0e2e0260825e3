"""Fusing rankings and scores: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float32]]

RRF_K = 60


def reciprocal_rank_fusion(
    rankings: Sequence[tuple[Sequence[int], float]], k: int = RRF_K
) -> list[tuple[int, float]]:
    """Fuse (rows best first, weight) pairs by the sum of weight / (k + rank), ranks from 1.

    Returns (row, score), best first; equal scores in the order of the rows. Cormack, Clarke and
    Buettcher 2009, with weights.
    """
    scores: dict[int, float] = {}
    for rows, weight in rankings:
        for rank, row in enumerate(rows, start=1):
            scores[row] = scores.get(row, 0.0) + weight / (k + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def scaled(scores: Floats, floor: float) -> Floats:
    """`scores` mapped so that `floor` is 0 and their greatest 1; all 0 if none is above `floor`.

    The floor is the least value the scoring can give (-1 for a cosine, 0 for BM25) and not the
    least that was seen, so that the scale does not depend on how many passages were scored (Bruch,
    Gai and Ingber 2023, "theoretical" min-max).
    """
    if scores.size == 0:
        return scores
    span = float(scores.max()) - floor
    if span <= 0:
        return np.zeros_like(scores)
    result: Floats = (np.maximum(scores, floor) - np.float32(floor)) / np.float32(span)
    return result


def convex(dense: Floats, lexical: Floats, dense_weight: float) -> Floats:
    """`dense_weight` x scaled cosine + (1 - `dense_weight`) x scaled BM25, each shape (n,)."""
    share = np.float32(dense_weight)
    fused: Floats = share * scaled(dense, -1.0) + (1 - share) * scaled(lexical, 0.0)
    return fused
