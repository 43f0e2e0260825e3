"""Exports a trained cross-encoder to the files that ragbot ships: ONNX in int8, and its tokenizer.

`python training/verifier/export.py --model RUN/averaged --out FOLDER [--precision int8|fp32]`
checks the exported model against the original and prints how far their probabilities differ.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mixture import read_pairs, with_windows
from onnx import TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model
from sentence_transformers import CrossEncoder

from ragbot.answering.grounding.onnx_model import MAX_TOKENS, OnnxPairModel
from ragbot.index.onnx import MODEL_FILE, TOKENIZER_FILE


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
    with tempfile.TemporaryDirectory() as folder:
        plain, fused = Path(folder) / "plain.onnx", Path(folder) / "fused.onnx"
        _trace(model, plain)
        # fused attention makes it a quarter faster, and that layer norm a fifth slower
        heads, width = model.config.num_attention_heads, model.config.hidden_size
        fusions = FusionOptions("bert")
        fusions.enable_skip_layer_norm = fusions.enable_bias_skip_layer_norm = False
        optimised = optimize_model(
            str(plain),
            model_type="bert",
            num_heads=heads,
            hidden_size=width,
            optimization_options=fusions,
            opt_level=0,
        )
        optimised.save_model_to_file(str(fused))
        if precision == "int8":
            quantize_dynamic(
                fused,
                out / MODEL_FILE,
                per_channel=True,
                reduce_range=False,
                weight_type=QuantType.QInt8,
                extra_options={"DefaultTensorType": TensorProto.FLOAT},
            )
        else:
            shutil.copy(fused, out / MODEL_FILE)
    tokenizer = model.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.save(str(out / TOKENIZER_FILE))


def _trace(model: CrossEncoder, path: Path) -> None:
    sample = model.tokenizer([("a claim", "its evidence")] * 2, return_tensors="pt")
    names = ("input_ids", "attention_mask", "token_type_ids")
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter warns about its own insides
        torch.onnx.export(
            Logits(model.model).eval(),
            tuple(sample[name] for name in names),
            str(path),
            input_names=list(names),
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "sequence"} for name in names},
            opset_version=17,
            dynamo=False,  # the newer exporter's graph is not fused by the optimiser
        )


def compare(model: CrossEncoder, out: Path, dev: Path) -> dict[str, float]:
    """How far the exported model's P(supported) is from the original's on the development pairs."""
    rows = with_windows(read_pairs(dev))[:400]
    pairs = [(row["claim"], row["evidence"]) for row in rows]
    identity = torch.nn.Identity()
    found = model.predict(pairs, activation_fn=identity, show_progress_bar=False)
    original = torch.softmax(torch.as_tensor(np.asarray(found))[:, :3], dim=1).numpy()
    logits = OnnxPairModel(out).logits(pairs)
    exported = torch.softmax(torch.as_tensor(logits)[:, :3], dim=1).numpy()
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
    model = CrossEncoder(
        str(given.model),
        max_length=MAX_TOKENS,
        device="cpu",
        model_kwargs={"attn_implementation": "eager", "dtype": torch.float32},
    )
    export(model, given.out, given.precision)
    print(json.dumps(compare(model, given.out, given.dev), indent=1))


if __name__ == "__main__":
    main()
