"""What candidate queries retrieve, and how much that says for carrying something over.

A question that stands alone finds a few passages clearly ahead of the rest; one that leans on the
conversation finds many that are equally near, and what it finds changes when its subject is added.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ragbot.retrieval.hybrid import HybridSearch, Rows, best

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one query finds: its best rows by the fused score, and its `DEPTH` best scores."""

    query: str
    rows: tuple[int, ...]
    dense: tuple[float, ...]
    lexical: tuple[float, ...]


class Probe(Protocol):
    """Tells what candidate queries retrieve, and how rare a word is."""

    def __call__(self, queries: Sequence[str]) -> Sequence[Evidence]:
        """Evidence for each of `queries`, in their order."""

    def rarity(self, token: str) -> float:
        """0 for an index token that every passage holds, 1 for one that none holds."""


class HybridProbe:
    """The probe over a `HybridSearch`.

    In a library too large to be scored whole, `among` gives the rows likely for some queries.
    """

    def __init__(
        self, search: HybridSearch, among: Callable[[Sequence[str]], Rows] | None = None
    ) -> None:
        self._search = search
        self._among = among
        size = len(search)
        self._highest = math.log(1 + (size + 0.5) / 0.5)

    def __call__(self, queries: Sequence[str]) -> list[Evidence]:
        """Evidence for each of `queries`, which are embedded in one batch."""
        rows = self._among(queries) if self._among is not None else None
        return [
            Evidence(
                query,
                tuple(int(scored.rows[i]) for i in best(scored.fused, scored.rows, DEPTH)),
                _highest(scored.dense),
                _highest(scored.lexical),
            )
            for query, scored in zip(queries, self._search.scores(list(queries), rows), strict=True)
        ]

    def rarity(self, token: str) -> float:
        """Inverse document frequency of `token`, as a share of the highest there can be."""
        return min(self._search.lexical.idf(token) / self._highest, 1.0)


def _highest(scores: np.ndarray[Any, np.dtype[np.float32]]) -> tuple[float, ...]:
    return tuple(np.sort(scores)[::-1][:DEPTH].tolist())


def gate_features(last: Evidence, carried: Evidence, previous: Evidence) -> dict[str, float]:
    """Whether the follow-up or its carried form is better: what the three queries find.

    `last` is the follow-up alone, `carried` with what it takes for granted, `previous` the user's
    turn before.
    """
    return {
        "peak_last": _peak(last.dense),
        "peak_carried": _peak(carried.dense),
        "lexical_peak_last": _relative_peak(last.lexical),
        "lexical_peak_carried": _relative_peak(carried.lexical),
        "gain": carried.dense[0] - last.dense[0] if last.dense and carried.dense else 0.0,
        "overlap": _overlap(last.rows, carried.rows),
        "overlap_last_previous": _overlap(last.rows, previous.rows),
        "overlap_carried_previous": _overlap(carried.rows, previous.rows),
    }


def _peak(scores: Sequence[float]) -> float:
    return scores[0] - scores[-1] if scores else 0.0


def _relative_peak(scores: Sequence[float]) -> float:
    return _peak(scores) / scores[0] if scores and scores[0] > 0 else 0.0


def _overlap(first: Sequence[int], second: Sequence[int]) -> float:
    return len(set(first) & set(second)) / max(len(first), len(second), 1)


def standardised(values: Mapping[str, float], scales: Mapping[str, float]) -> dict[str, float]:
    """`values` divided by the spread that they had when the gate was fitted."""
    return {name: value / scales.get(name, 1.0) for name, value in values.items()}
