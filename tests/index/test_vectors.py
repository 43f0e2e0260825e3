"""Vectors are the model's own, and a damaged model is seen."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from ragbot.errors import IndexDamagedError, ModelUnavailableError
from ragbot.index.export import CHECK_FILE, ensure_export, find_export, model_location
from ragbot.index.vectors import ChromaStore
from ragbot.settings import SHIPPED_MODEL

TEXTS = [
    "Median overall survival was 7.7 versus 4.0 months (HR 0.71; 95% CI 0.55-0.93).",
    "CD19-negative relapse",
    "White cells above 50*10^9/L; t(9;22)(q34;q11) é ü 🙂 复发",
    "",
    " ",
    "word " * 600,
]


@pytest.fixture(scope="module")
def embedder(exported_model):
    return find_export(SHIPPED_MODEL, exported_model).open(threads=2)


@pytest.mark.slow
def test_vectors_are_those_of_sentence_transformers(embedder):
    from sentence_transformers import SentenceTransformer

    original = SentenceTransformer(model_location(SHIPPED_MODEL), device="cpu").encode(
        TEXTS, normalize_embeddings=True, show_progress_bar=False
    )
    exported = embedder.embed_array(TEXTS)
    assert np.sum(original * exported, axis=1).min() >= 0.999
    assert np.allclose(np.linalg.norm(exported, axis=1), 1, atol=1e-4)


def test_an_8_bit_export_is_a_model_of_its_own_and_a_third_as_large(exported_model, embedder):
    whole = find_export(SHIPPED_MODEL, exported_model)
    small = ensure_export(SHIPPED_MODEL, exported_model, int8=True)
    assert small.fingerprint != whole.fingerprint
    sizes = [(model.folder / "model.onnx").stat().st_size for model in (small, whole)]
    assert 3 * sizes[0] < sizes[1]
    texts = [text for text in TEXTS if text.strip()]
    cosines = np.sum(small.open(1).embed_array(texts) * embedder.embed_array(texts), axis=1)
    assert 0.95 < cosines.min() < 0.9999


def test_a_text_has_one_vector_whatever_it_is_embedded_with(embedder):
    together = embedder.embed_array(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert np.dot(embedder.embed_query(text), vector) > 0.9999


def test_no_text_gives_no_vector(embedder):
    assert embedder.embed_array([]).shape == (0, 384)


def test_progress_adds_up_to_the_texts(embedder):
    told: list[int] = []
    embedder.embed_array(["one", "two"] * 40, progress=told.append)
    assert sum(told) == 80


def test_a_model_that_is_not_there_is_named_with_the_remedy(tmp_path):
    with pytest.raises(ModelUnavailableError, match="no-such-model") as caught:
        ensure_export("/nowhere/no-such-model", tmp_path)
    assert "RAGBOT_EMBEDDING_MODEL" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_cut_model_does_not_load(tmp_path, exported_model, name):
    shutil.copytree(exported_model, tmp_path / "models")
    found = find_export(SHIPPED_MODEL, tmp_path / "models")
    held = (found.folder / name).read_bytes()
    (found.folder / name).write_bytes(held[: len(held) // 2])
    with pytest.raises(ModelUnavailableError, match="ragbot index"):
        found.open()


@pytest.mark.parametrize("check", ["", "{}", "[]", "null", '{"dimension": 384}'])
def test_an_export_without_its_check_is_no_export(tmp_path, exported_model, check):
    shutil.copytree(exported_model, tmp_path / "models")
    folder = find_export(SHIPPED_MODEL, tmp_path / "models").folder
    assert json.loads((folder / CHECK_FILE).read_text("utf-8"))["cosine"] >= 0.999
    (folder / CHECK_FILE).write_text(check, encoding="utf-8")
    assert find_export(SHIPPED_MODEL, tmp_path / "models") is None


def test_chroma_holds_what_it_is_given_and_finds_it(tmp_path):
    vectors = np.eye(4, dtype=np.float32)
    names = ["a", "b", "c", "d"]
    store = ChromaStore(tmp_path / "chroma", begin=True)
    store.upsert(names, vectors, names)
    store.delete(["b"])
    store.upsert(["c"], vectors[3:], ["c"])
    store.close()
    store = ChromaStore(tmp_path / "chroma")
    store.check(["a", "c", "d"], vectors[[0, 3, 3]])
    assert store.query(vectors[0], 1) == [("a", pytest.approx(1.0, abs=1e-5))]
    with pytest.raises(IndexDamagedError, match="3 vectors instead of 3, 2 of 3 as written"):
        store.check(["a", "b", "d"], vectors[[0, 1, 3]])
    with pytest.raises(IndexDamagedError, match="3 vectors instead of 3, 2 of 3 as written"):
        store.check(["a", "c", "d"], vectors[[0, 2, 3]])
    with pytest.raises(IndexDamagedError, match="3 vectors instead of 2, 2 of 2 as written"):
        store.check(["a", "c"], vectors[[0, 3]])
    store.close()


def test_a_reader_never_begins_a_collection(tmp_path):
    with pytest.raises(IndexDamagedError, match="there is no chroma"):
        ChromaStore(tmp_path / "chroma")
    assert not (tmp_path / "chroma").exists()
