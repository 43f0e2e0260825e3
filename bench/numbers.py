"""Small statistics: medians and percentiles of a list of measurements."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def median(values: Sequence[float]) -> float | None:
    """The median, or None of nothing."""
    return statistics.median(values) if values else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value at `share` (0 to 1) of the sorted values, by linear interpolation."""
    if not values:
        return None
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def spread(values: Sequence[float]) -> dict[str, float | int | None]:
    """p50, p95, least and greatest, and how many there are."""
    return {
        "p50": median(values),
        "p95": percentile(values, 0.95),
        "low": min(values, default=None),
        "high": max(values, default=None),
        "n": len(values),
    }
