"""Embeds text with ONNX Runtime: no torch on the question path.

The exported model and its tokenizer lie in one folder (see `ragbot.index.export`). The class is
a LangChain `Embeddings`, so that it fits into anyone's chain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings

from ragbot.index.onnx import open_model

BATCH = 32
PAD = "[PAD]"

Progress = Callable[[int], None]


class OnnxEmbeddings(Embeddings):
    """Sentence embeddings of an exported sentence-transformers model.

    Vectors are float32, L2-normalised, so that a dot product is the cosine similarity. Text beyond
    the model's own limit (`max_tokens`, 256 for all-MiniLM-L6-v2) is cut, as the original does.
    """

    def __init__(self, folder: Path, *, max_tokens: int, threads: int = 0) -> None:
        """Open the model in `folder`; `threads` 0 uses all cores.

        Raises ModelUnavailableError if the files are missing or do not load.
        """
        self._session, self._tokenizer = open_model(
            folder,
            threads=threads,
            what="The exported embedding model",
            remedy="Delete that folder and run `ragbot index`.",
        )
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.enable_padding(pad_id=self._tokenizer.token_to_id(PAD) or 0, pad_token=PAD)
        self._inputs = {entry.name for entry in self._session.get_inputs()}

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._session.get_outputs()[0].shape[-1])

    def embed_array(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Vectors of `texts`, shape (n, dimension), in their order.

        Batches are sorted by length, so that little is padded; `progress` is told after each
        batch how many texts it held.
        """
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for at in range(0, len(order), BATCH):
            rows = order[at : at + BATCH]
            vectors[rows] = self._run([texts[i] for i in rows])
            if progress is not None:
                progress(len(rows))
        return vectors

    def _run(self, texts: list[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        encoded = self._tokenizer.encode_batch(texts)
        ids = np.array([entry.ids for entry in encoded], dtype=np.int64)
        mask = np.array([entry.attention_mask for entry in encoded], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        output = self._session.run(None, {k: v for k, v in feed.items() if k in self._inputs})[0]
        return np.asarray(output, dtype=np.float32)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's face of `embed_array`."""
        rows: list[list[float]] = self.embed_array(texts).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        """LangChain's face of `embed_array` for one query."""
        return self.embed_documents([text])[0]
