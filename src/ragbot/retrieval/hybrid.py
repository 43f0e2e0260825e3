"""Hybrid search: exact cosine and BM25 over the same rows, fused for one or several queries."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from ragbot.index.lexical import LexicalIndex
from ragbot.retrieval.fusion import convex
from ragbot.retrieval.rerank import RERANKED, Rerank, mixed

Floats = np.ndarray[Any, np.dtype[np.float32]]
Rows = np.ndarray[Any, np.dtype[np.int64]]
Embed = Callable[[list[str]], Floats]

DENSE_WEIGHT = 0.75
_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """A row found: the fused `score` (0 to 1), and the first query's cosine and BM25 score."""

    row: int
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one query: `dense` (cosine), `lexical` (BM25) and `fused`, one for each row."""

    rows: Rows
    dense: Floats
    lexical: Floats
    fused: Floats


class HybridSearch:
    """Exact hybrid search over n passages with vectors of length d.

    Safe to use from several threads: what changes is only a memory of query vectors.
    """

    def __init__(
        self,
        vectors: Floats,
        lexical: LexicalIndex,
        embed: Embed,
        *,
        dense_weight: float = DENSE_WEIGHT,
        rerank: Rerank | None = None,
    ) -> None:
        """`vectors` has shape (n, d), L2-normalised, and may be memory-mapped.

        `embed` gives L2-normalised vectors, shape (queries, d); `rerank` reads the best rows once
        more for the first query, which is the question written out. Raises ValueError if `vectors`
        and `lexical` are not of the same length.
        """
        if len(vectors) != len(lexical):
            raise ValueError(f"{len(vectors)} vectors, but {len(lexical)} passages of text")
        self._vectors = vectors
        self._lexical = lexical
        self._embed = embed
        self._dense_weight = dense_weight
        self._rerank = rerank
        self._remembered: OrderedDict[str, Floats] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._lexical)

    @property
    def lexical(self) -> LexicalIndex:
        """The lexical index searched."""
        return self._lexical

    def embed(self, texts: Sequence[str]) -> Floats:
        """Vectors of `texts`, shape (len(texts), d): the new ones in one batch, others recalled."""
        with self._lock:
            known = {text: self._remembered[text] for text in texts if text in self._remembered}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known.update(zip(missing, self._embed(missing), strict=True))
            self._remember({text: known[text] for text in missing})
        return np.stack([known[text] for text in texts])

    def search(
        self, queries: Sequence[tuple[str, float]], k: int, rows: Rows | None = None
    ) -> list[ScoredRow]:
        """The `k` best rows for the weighted `queries`, best first, among `rows` if given.

        Each query's cosine and BM25 scores are fused; the fused scores are averaged by weight.
        """
        if k < 1 or not queries:
            return []
        scored = self.scores([text for text, _ in queries], rows)
        if scored[0].rows.size == 0:
            return []
        total = max(sum(weight for _, weight in queries), 1e-9)
        fused = np.zeros(scored[0].rows.size, dtype=np.float32)
        for one, (_, weight) in zip(scored, queries, strict=True):
            fused += np.float32(weight / total) * one.fused
        first = scored[0]
        return [
            ScoredRow(
                int(first.rows[i]), float(fused[i]), float(first.dense[i]), float(first.lexical[i])
            )
            for i in self._best(queries[0][0], fused, first.rows, k)
        ]

    def _best(self, question: str, fused: Floats, rows: Rows, k: int) -> list[int]:
        """Positions of the `k` best rows, best first: read once more where there is a reranker."""
        if self._rerank is None:
            return best(fused, rows, k)
        found = best(fused, rows, max(k, RERANKED))
        head, tail = found[:RERANKED], found[RERANKED:]
        read = self._rerank(question, rows[head].tolist())
        order = np.argsort(-mixed(fused[head], read), kind="stable")
        return [*(head[i] for i in order), *tail][:k]

    def scores(self, texts: Sequence[str], rows: Rows | None = None) -> list[Scores]:
        """Scores of each text for each of `rows` (all if None); texts are embedded in one batch."""
        chosen = np.arange(len(self)) if rows is None else np.asarray(rows, dtype=np.int64)
        dense = self.dense_scores(texts, rows)
        found: list[Scores] = []
        for at, text in enumerate(texts):
            lexical = self._lexical.scores(text)[chosen]
            fused = convex(dense[at], lexical, self._dense_weight)
            found.append(Scores(chosen, dense[at], lexical, fused))
        return found

    def dense_scores(self, texts: Sequence[str], rows: Rows | None = None) -> Floats:
        """Cosine of each text with each of `rows` (all if None), shape (len(texts), rows)."""
        vectors = self._vectors if rows is None else self._vectors[rows]
        scores: Floats = self.embed(texts) @ vectors.T
        return scores

    def _remember(self, vectors: dict[str, Floats]) -> None:
        with self._lock:
            self._remembered.update(vectors)
            while len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)


def best(scores: Floats, rows: Rows, k: int) -> list[int]:
    """Positions of the `k` greatest `scores`, best first, equal ones in the order of `rows`."""
    kept = np.argpartition(-scores, k - 1)[:k] if k < scores.size else np.arange(scores.size)
    order = kept[np.lexsort((rows[kept], -scores[kept]))]
    return [int(i) for i in order]
