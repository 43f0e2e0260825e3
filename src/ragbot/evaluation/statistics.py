"""Intervals and paired tests by resampling, with fixed seeds: the same data, the same figures.

What is drawn are units that do not depend on each other: pairs, queries, or whole conversations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Indices = np.ndarray[Any, np.dtype[np.int64]]
Value = Callable[[Floats], Floats]
"""A metric of summed parts: shape (..., parts) to shape (...); nan where it is not defined."""

RESAMPLES = 2000
SWAPS = 10_000
EXACT_UP_TO = 13
"""With so few changed units every swap is tried (2 ** 13), else `SWAPS` random ones."""
SEED = 20_170_301
LEVEL = 0.95


def resamples(size: int, count: int = RESAMPLES, seed: int = SEED) -> list[Indices]:
    """`count` bootstrap draws of `size` indices, the same for the same seed."""
    rng = np.random.default_rng(seed)
    return [rng.integers(0, size, size) for _ in range(count)]


def interval(values: Sequence[float] | Floats) -> tuple[float, float]:
    """The middle 95% of bootstrap values; nan in, nan left out; (0, 0) of none."""
    drawn = np.asarray(values, dtype=np.float64)
    drawn = drawn[~np.isnan(drawn)]
    if not drawn.size:
        return 0.0, 0.0
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def mean_interval(values: Sequence[float], seed: int = SEED) -> tuple[float, float]:
    """95% bootstrap percentile interval of a mean."""
    if not values:
        return 0.0, 0.0
    sample = np.asarray(values, dtype=np.float64)
    return interval([float(sample[draw].mean()) for draw in resamples(len(values), seed=seed)])


def weights(size: int, count: int = RESAMPLES, seed: int = SEED) -> Floats:
    """How often each of `size` units is drawn in each of `count` resamples, shape (count, size)."""
    drawn = [np.bincount(draw, minlength=size) for draw in resamples(size, count, seed)]
    return np.array(drawn, dtype=np.float64).reshape(count, size)


def permutation_p(before: Floats, now: Floats, value: Value, seed: int = SEED) -> float:
    """Two-sided p of a paired permutation test: units, shape (units, parts), swap their sides.

    If nothing had changed, it would not matter which side of a unit is called before and which
    now; p is how often swapping gives a difference at least as large as the one seen.
    """
    differing = (before != now).any(axis=1)
    step = (before - now)[differing]
    if not len(step):
        return 1.0
    swaps = _swaps(len(step), seed)
    moved = swaps @ step
    drawn = np.abs(value(now.sum(axis=0) + moved) - value(before.sum(axis=0) - moved))
    seen = float(np.abs(value(now.sum(axis=0)) - value(before.sum(axis=0))))
    as_large = int((drawn >= seen - 1e-12).sum())
    if len(step) <= EXACT_UP_TO:
        return as_large / len(swaps)
    return (as_large + 1) / (len(swaps) + 1)  # the order that was seen is one of them


def _swaps(size: int, seed: int) -> Floats:
    """Rows of 0 and 1, shape (swaps, size): all there are if few, else random ones."""
    if size <= EXACT_UP_TO:
        every = np.arange(2**size)[:, None] >> np.arange(size)[None, :]
        return (every & 1).astype(np.float64)
    return np.random.default_rng(seed).integers(0, 2, (SWAPS, size)).astype(np.float64)


def holm(chances: Sequence[float]) -> list[float]:
    """The p values adjusted for their number (Holm 1979): what is still small is no accident."""
    order = sorted(range(len(chances)), key=lambda at: chances[at])
    adjusted, highest = [0.0] * len(chances), 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, chances[at] * (len(chances) - rank)))
        adjusted[at] = highest
    return adjusted
