"""The shipped cross-encoder on ONNX Runtime: no torch at question time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tokenizers import Encoding

from ragbot.answering.grounding.reading import Logits
from ragbot.index.onnx import open_model

MODEL_FOLDER = Path(__file__).parent / "model"
MAX_TOKENS = 256
OUTPUTS = 4


class OnnxPairModel:
    """A cross-encoder exported with its tokenizer into one folder."""

    def __init__(self, folder: Path = MODEL_FOLDER, *, threads: int = 0) -> None:
        """Open the model in `folder`; `threads` 0 uses all cores, a text on each.

        Raises ModelUnavailableError if the files are missing or do not load.
        """
        self._threads = threads or os.cpu_count() or 1
        self._session, self._tokenizer = open_model(
            folder,
            threads=1,
            what="The verifier's model",
            remedy="Reinstall ragbot, or choose another verifier.",
        )
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Logits:
        """Logits of supported, contradicted, unsupported and likeness, shape (n, 4), in order.

        Each text runs by itself: int8 ranges are taken over all that runs together, and a verdict
        must not depend on what else was asked.
        """
        encoded = self._tokenizer.encode_batch(list(pairs))
        with ThreadPoolExecutor(self._threads) as pool:
            rows = list(pool.map(self._run, encoded))
        return np.concatenate(rows) if rows else np.zeros((0, OUTPUTS), dtype=np.float32)

    def _run(self, entry: Encoding) -> Logits:
        feed = {
            "input_ids": np.array([entry.ids], dtype=np.int64),
            "attention_mask": np.array([entry.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([entry.type_ids], dtype=np.int64),
        }
        return np.asarray(self._session.run(None, feed)[0], dtype=np.float32)
