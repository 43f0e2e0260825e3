"""The shipped cross-encoder on ONNX Runtime: no torch at question time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Encoding, Tokenizer

from ragbot.answering.grounding.reading import Logits
from ragbot.errors import ModelUnavailableError

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
MODEL_FOLDER = Path(__file__).parent / "model"
MAX_TOKENS = 256
OUTPUTS = 4
BATCH_TOKENS = 4096


class OnnxPairModel:
    """A cross-encoder exported with its tokenizer into one folder."""

    def __init__(self, folder: Path = MODEL_FOLDER, *, threads: int = 0) -> None:
        """Open the model in `folder`; `threads` 0 uses all cores.

        Raises ModelUnavailableError if the files are missing or do not load.
        """
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(
                str(folder / MODEL_FILE), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        except Exception as error:  # both libraries raise bare exceptions of their own
            raise ModelUnavailableError(
                f"The verifier's model in {folder} does not load ({error}).",
                remedy="Reinstall ragbot, or choose another verifier.",
            ) from error
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Logits:
        """Logits of supported, contradicted, unsupported and likeness, shape (n, 4), in order.

        Batches hold texts of like length, so that little is padded.
        """
        encoded = self._tokenizer.encode_batch(list(pairs))
        found = np.zeros((len(pairs), OUTPUTS), dtype=np.float32)
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i].ids))
        at = 0
        while at < len(order):
            size = max(1, BATCH_TOKENS // len(encoded[order[min(at + 15, len(order) - 1)]].ids))
            rows = order[at : at + size]
            found[rows] = self._run([encoded[i] for i in rows])
            at += size
        return found

    def _run(self, batch: Sequence[Encoding]) -> Logits:
        shape = (len(batch), max(len(entry.ids) for entry in batch))
        ids, types, mask = (np.zeros(shape, dtype=np.int64) for _ in range(3))
        for row, entry in enumerate(batch):
            size = len(entry.ids)
            ids[row, :size] = entry.ids
            types[row, :size] = entry.type_ids
            mask[row, :size] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        return np.asarray(self._session.run(None, feed)[0], dtype=np.float32)
