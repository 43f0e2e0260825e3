"""What the sentence encoder itself thinks: the cosine of a claim and its nearest sentence.

The cross-encoder learns to tell it with a fourth output. It starts from that encoder, and keeps in
this way what the encoder knows of paraphrase, which few labelled pairs would not teach it again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch
from mixture import Row
from sentence_transformers import SentenceTransformer
from training_paths import backbone_folder

from ragbot.answering.grounding.sentences import split_sentences


def similarities(rows: list[Row], cache: Path) -> list[float]:
    """Cosine of each claim and the nearest sentence of its evidence, kept in the folder `cache`."""
    text = "\0".join(f"{row['claim']}\0{row['evidence']}" for row in rows)
    path = cache / f"similarity-{hashlib.sha256(text.encode()).hexdigest()[:16]}.npy"
    if path.is_file():
        return [float(value) for value in np.load(path)]
    parts = [[s.text for s in split_sentences(row["evidence"])] or [""] for row in rows]
    texts = sorted({t for entry in parts for t in entry} | {row["claim"] for row in rows})
    at = {t: i for i, t in enumerate(texts)}
    vectors = _vectors(texts)
    found = [
        float(np.max(vectors[[at[t] for t in entry]] @ vectors[at[row["claim"]]]))
        for row, entry in zip(rows, parts, strict=True)
    ]
    cache.mkdir(parents=True, exist_ok=True)
    np.save(path, np.array(found, dtype=np.float32))
    return found


def _vectors(texts: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    model = SentenceTransformer(
        str(backbone_folder()), model_kwargs={"attn_implementation": "eager"}
    )
    model.max_seq_length = 128
    with torch.autocast(model.device.type, dtype=torch.bfloat16):
        found = model.encode(texts, batch_size=64, show_progress_bar=False)
    found = np.asarray(found, dtype=np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)
