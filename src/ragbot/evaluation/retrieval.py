"""Measures retrieval on a collection in BEIR form, with ragbot's own analysis and embedding.

Queries that carry a `history` are follow-ups: `rewrite` says whether they are searched as they are
("none"), as ragbot condenses them ("auto"), or as a person rewrote them ("given").
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ragbot.errors import DocumentError, UsageError
from ragbot.evaluation.retrieval_data import Collection, Query, read_collection
from ragbot.evaluation.retrieval_metrics import judge, summarise
from ragbot.index.arrays import load_array
from ragbot.index.embedding import OnnxEmbeddings, Progress
from ragbot.index.export import ensure_export
from ragbot.index.lexical import LexicalIndex
from ragbot.retrieval.condense import Context, condense
from ragbot.retrieval.hybrid import HybridSearch
from ragbot.retrieval.probe import HybridProbe
from ragbot.retrieval.rerank import PairScorer, Rerank
from ragbot.settings import SHIPPED_MODEL

Rewrite = Literal["none", "auto", "given"]
Floats = np.ndarray[Any, np.dtype[np.float32]]
Queries = Sequence[tuple[str, float]]

REWRITES: tuple[Rewrite, ...] = ("none", "auto", "given")
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a search: the embedder, and what reads the best passages once more."""

    embedder: OnnxEmbeddings
    scorer: PairScorer | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """One query as it was searched: the question written out, the queries, the passages found."""

    query: Query
    standalone: str
    queries: tuple[tuple[str, float], ...]
    passages: tuple[str, ...]


def evaluate(
    folder: Path,
    *,
    rewrite: str = "auto",
    embedder: OnnxEmbeddings | Models,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Metrics of the collection in `folder`.

    Returns `metrics` and `kinds` (the same for each kind of query), each metric with value, n and
    its 95% interval; `passages`, `left_out` (queries without a relevant passage) and the
    milliseconds a query took. Passage vectors are kept in `cache` if it is given; `progress` is
    told how many passages were embedded.

    Raises UsageError if `rewrite` is unknown, DocumentError if the collection does not read.
    """
    if rewrite not in REWRITES:
        raise UsageError(f"--rewrite {rewrite!r} is unknown.", remedy="Use none, auto or given.")
    collection = read_collection(folder)
    if rewrite == "given" and not any(query.rewrite for query in collection.queries):
        raise DocumentError(
            f"The queries in {folder} carry no rewrite.", remedy="Use --rewrite none or auto."
        )
    models = embedder if isinstance(embedder, Models) else Models(embedder)
    vectors = embedded(models.embedder, collection.texts, cache, progress)
    lexical = LexicalIndex.build(collection.texts)
    rerank = _rerank(collection, models.scorer) if models.scorer is not None else None
    search = HybridSearch(vectors, lexical, models.embedder.embed_array, rerank=rerank)
    began = time.perf_counter()
    ranked = [run(query, collection, search, rewrite) for query in collection.queries]
    took = (time.perf_counter() - began) * 1000 / len(ranked)
    return {**report(ranked, collection), "rewrite": rewrite, "ms_per_query": round(took, 2)}


def _rerank(collection: Collection, scorer: PairScorer) -> Rerank:
    def read(question: str, rows: Sequence[int]) -> Floats:
        return scorer.scores(question, [collection.texts[row] for row in rows])

    return read


def run(query: Query, collection: Collection, search: HybridSearch, rewrite: str) -> Ranked:
    """Search the collection for one query."""
    standalone = query.text
    queries: tuple[tuple[str, float], ...] = ((query.text, 1.0),)
    if rewrite == "given" and query.rewrite:
        standalone, queries = query.rewrite, ((query.rewrite, 1.0),)
    elif rewrite == "auto" and query.history:
        made = condense(query.text, query.history, Context(), HybridProbe(search))
        standalone, queries = made.text, made.queries
    found = search.search(queries, DEPTH)
    passages = tuple(collection.ids[one.row] for one in found)
    return Ranked(query, standalone, queries, passages)


def report(ranked: Sequence[Ranked], collection: Collection) -> dict[str, Any]:
    """The metrics over all queries and by kind; follow-ups without a kind are told from first
    turns.
    """
    judged: dict[str, list[dict[str, float]]] = {}
    for one in ranked:
        kind = one.query.kind or ("follow-up" if one.query.history else "first turn")
        judged.setdefault(kind, []).append(judge(one.passages, collection.qrels[one.query.id]))
    return {
        "metrics": summarise([values for kind in judged.values() for values in kind]),
        "kinds": {kind: summarise(values) for kind, values in sorted(judged.items())},
        "passages": len(collection.ids),
        "left_out": collection.left_out,
    }


def embedded(
    embedder: OnnxEmbeddings,
    texts: Sequence[str],
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Floats:
    """Vectors of `texts`, shape (n, d), from `cache` if they lie there already."""
    if cache is None:
        return embedder.embed_array(texts, progress=progress)
    digest = hashlib.sha256(f"{_model_mark(embedder)}\n".encode())
    for text in texts:
        digest.update(hashlib.sha256(text.encode()).digest())
    path = cache / f"vectors-{digest.hexdigest()[:16]}.npy"
    if path.is_file():
        kept: Floats = load_array(path, mapped=True)
        return kept
    vectors = embedder.embed_array(texts, progress=progress)
    _save_whole(path, lambda aside: np.save(aside, vectors))
    return vectors


def _model_mark(embedder: OnnxEmbeddings) -> str:
    """Tells embedders apart by what they make of one text."""
    return hashlib.sha256(embedder.embed_array(["mark"]).round(3).tobytes()).hexdigest()


def _save_whole(path: Path, save: Callable[[Path], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        aside = Path(folder) / "vectors.npy"
        save(aside)
        aside.replace(path)


def opened_model(cache: Path) -> OnnxEmbeddings:
    """The shipped embedding model, exported into `cache` if need be."""
    return ensure_export(SHIPPED_MODEL, cache / "models").open()
