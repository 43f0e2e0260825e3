"""Exports a trained cross-encoder to the files that ragbot ships: ONNX in int8, and its tokenizer.

`python training/verifier/export.py --model RUN/fine/model --out FOLDER [--precision int8|fp32]`
checks the exported model against the original and prints how far their probabilities differ.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mixture import read_pairs, with_windows
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import CrossEncoder

from ragbot.answering.grounding.onnx_model import (
    MAX_TOKENS,
    MODEL_FILE,
    TOKENIZER_FILE,
    OnnxPairModel,
)


class Logits(torch.nn.Module):
    """From token ids to the logits, with the names that the exporter needs."""

    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
        """Logits of shape (batch, 3)."""
        return self.inner(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).logits


def export(model: CrossEncoder, out: Path, precision: str) -> None:
    """Write the model and its tokenizer into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    plain = out / "plain.onnx"
    sample = model.tokenizer([("a claim", "its evidence")] * 2, return_tensors="pt")
    names = ("input_ids", "attention_mask", "token_type_ids")
    axes = {0: "batch", 1: "sequence"}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter warns about its own insides
        torch.onnx.export(
            Logits(model.model).eval(),
            tuple(sample[name] for name in names),
            str(plain),
            input_names=list(names),
            output_names=["logits"],
            dynamic_shapes=dict.fromkeys(names, axes),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    if precision == "int8":
        quantize_dynamic(
            plain,
            out / MODEL_FILE,
            per_channel=True,
            reduce_range=False,
            weight_type=QuantType.QInt8,
        )
        plain.unlink()
    else:
        plain.replace(out / MODEL_FILE)
    tokenizer = model.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.save(str(out / TOKENIZER_FILE))


def compare(model: CrossEncoder, out: Path, dev: Path) -> dict[str, float]:
    """How far the exported model's P(supported) is from the original's on the development pairs."""
    rows = with_windows(read_pairs(dev))[:400]
    pairs = [(row["claim"], row["evidence"]) for row in rows]
    original = np.asarray(model.predict(pairs, apply_softmax=True, show_progress_bar=False))
    logits = OnnxPairModel(out).logits(pairs)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    exported = powers / powers.sum(axis=1, keepdims=True)
    gap = np.abs(original[:, 0] - exported[:, 0])
    return {
        "megabytes": (out / MODEL_FILE).stat().st_size / 1e6,
        "mean_gap": float(gap.mean()),
        "largest_gap": float(gap.max()),
        "same_side": float(np.mean((original[:, 0] > 0.5) == (exported[:, 0] > 0.5))),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True, help="dev.jsonl of build_data.py")
    parser.add_argument("--precision", choices=("int8", "fp32"), default="int8")
    given = parser.parse_args()
    model = CrossEncoder(str(given.model), max_length=MAX_TOKENS, device="cpu")
    export(model, given.out, given.precision)
    print(json.dumps(compare(model, given.out, given.dev), indent=1))


if __name__ == "__main__":
    main()
