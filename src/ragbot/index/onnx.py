"""Opens an exported model: ONNX Runtime's session with the tokenizer beside it."""

from __future__ import annotations

from pathlib import Path

import onnxruntime as ort
from tokenizers import Tokenizer

from ragbot.errors import ModelUnavailableError

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
# Its fused kernel (ONNX Runtime 1.32) is slow on a CPU: without it an int8 model takes a fifth
# less time for the same arithmetic.
SLOW_FUSIONS = ("SkipLayerNormFusion",)


def open_model(
    folder: Path, *, threads: int, what: str, remedy: str
) -> tuple[ort.InferenceSession, Tokenizer]:
    """Session and tokenizer of the model in `folder`; `threads` 0 uses all cores.

    Raises ModelUnavailableError, naming the model as `what`, if the files do not load.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # A pool that spins while it waits takes the other core from everyone: 2.4 times the processor
    # time for a question of twelve words on two cores, and no less time by the clock.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = ort.InferenceSession(
            str(folder / MODEL_FILE),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=list(SLOW_FUSIONS),
        )
        return session, Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    except Exception as error:  # both libraries raise bare exceptions of their own
        raise ModelUnavailableError(
            f"{what} in {folder} does not load ({error}).", remedy=remedy
        ) from error
