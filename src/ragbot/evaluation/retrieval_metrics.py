"""Metrics of ranked retrieval: pure functions, the same values as trec_eval gives."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ragbot.evaluation.statistics import mean_interval

SEED = 20

METRICS = ("nDCG@10", "Recall@5", "Recall@10", "MRR@10")


def ndcg(ranked: Sequence[str], gains: Mapping[str, int], k: int) -> float:
    """Normalised discounted cumulative gain at `k`, gains taken as they are (0 to 1).

    Jaervelin and Kekaelaeinen 2002, with the logarithm of rank + 1 to base 2, as in trec_eval.
    """
    found = sum(
        gains.get(item, 0) / math.log2(rank + 1) for rank, item in enumerate(ranked[:k], start=1)
    )
    best = sorted((gain for gain in gains.values() if gain > 0), reverse=True)[:k]
    ideal = sum(gain / math.log2(rank + 1) for rank, gain in enumerate(best, start=1))
    return found / ideal if ideal else 0.0


def recall(ranked: Sequence[str], gains: Mapping[str, int], k: int) -> float:
    """Share of the relevant passages that are among the first `k` (0 to 1)."""
    relevant = {item for item, gain in gains.items() if gain > 0}
    return len(relevant.intersection(ranked[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], gains: Mapping[str, int], k: int) -> float:
    """1 / rank of the first relevant passage among the first `k`, else 0."""
    for rank, item in enumerate(ranked[:k], start=1):
        if gains.get(item, 0) > 0:
            return 1.0 / rank
    return 0.0


def judge(ranked: Sequence[str], gains: Mapping[str, int]) -> dict[str, float]:
    """All of `METRICS` for one query."""
    return {
        "nDCG@10": ndcg(ranked, gains, 10),
        "Recall@5": recall(ranked, gains, 5),
        "Recall@10": recall(ranked, gains, 10),
        "MRR@10": reciprocal_rank(ranked, gains, 10),
    }


def summarise(judged: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Mean of each metric with its count and interval: value, n, low, high."""
    summary: dict[str, dict[str, float]] = {}
    for name in METRICS:
        values = [one[name] for one in judged]
        low, high = mean_interval(values, SEED)
        mean = sum(values) / len(values) if values else 0.0
        summary[name] = {"value": mean, "n": len(values), "low": low, "high": high}
    return summary
