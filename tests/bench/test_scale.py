"""Libraries made at scale: real text with changes, sampled vectors, the index's own writer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from bench.replicate import read_texts, write_library

from bench import scale_run
from ragbot.index.export import ensure_export
from ragbot.library.chunking import chunk_document
from ragbot.library.corpus import Failure, list_corpus, read_files
from ragbot.settings import SHIPPED_MODEL
from small_library import link_model

ROOT = Path(__file__).parents[2]


@pytest.fixture
def made(tmp_path):
    texts = read_texts(None, ROOT / "corpus")
    return write_library(texts, 30_000, tmp_path / "corpus"), tmp_path / "corpus"


def test_a_made_library_reads_and_its_later_copies_differ(made):
    library, folder = made
    documents = list(read_files(list_corpus(folder)))
    assert not any(isinstance(document, Failure) for document in documents)
    assert len(documents) == library.documents
    sources = [document for document in documents if document.kind == "source"]
    assert sum(len(document.text.split()) for document in sources) >= 30_000
    assert len({document.text for document in sources}) == len(sources)
    chunks = [chunk.text for document in sources for chunk in chunk_document(document, words=90)]
    assert len(set(chunks)) > 0.95 * len(chunks)


def test_its_articles_cite_sources_that_are_there(made):
    library, folder = made
    documents = {document.id: document for document in read_files(list_corpus(folder))}
    for slug, question in library.asked:
        article = documents[slug]
        assert question
        assert article.article is not None
        assert article.article.references
        assert article.markers
        assert all(entry.source_id in documents for entry in article.article.references)


def test_answers_of_a_file_are_texts(tmp_path):
    rows = [
        {"focus": "Measles", "question": "What is measles?", "answer": "A rash [1]. It spreads."},
        {"focus": "Mumps", "question": "What is mumps?", "answer": ""},
    ]
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    texts = read_texts(path, tmp_path)
    assert [text.title for text in texts] == ["Measles"]
    assert texts[0].sentences == ("A rash 1 .", "It spreads.")


def test_sampled_vectors_are_near_real_ones_and_all_different(exported_model, monkeypatch):
    monkeypatch.setattr(scale_run, "SAMPLED", 3)
    real = ensure_export(SHIPPED_MODEL, exported_model).open(1)
    texts = [f"Relapse after transplant, report {number}" for number in range(50)]
    vectors = scale_run.SampledEmbeddings(real).embed_array(texts)
    first = real.embed_array(texts[:3])
    assert np.allclose(vectors[:3], first)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    near = (vectors[3:] @ first.T).max(axis=1)
    assert near.min() > 0.85
    assert near.max() < 0.999
    assert len({vector.tobytes() for vector in vectors}) == len(vectors)


def test_the_parts_of_one_size(made, tmp_path, exported_model, monkeypatch):
    """The index is written, opened and synced by ragbot's own code; nothing is embedded anew."""
    library, _ = made
    monkeypatch.setattr(scale_run, "SAMPLED", 20)
    monkeypatch.setattr(scale_run, "ASKED", 3)
    link_model(tmp_path / "index", exported_model)
    orders = {
        "folder": str(tmp_path),
        "chunk_words": 90,
        "k": 5,
        "threads": 1,
        "asked": library.asked,
    }
    built = scale_run.build(orders)
    assert built["documents"] == library.documents
    probed = scale_run.probe(orders)
    assert probed["opened_chunks"] == built["chunks"]
    for name in ("scope_ms", "library_ms", "answer_ms"):
        assert probed[name]["n"] == 3
        assert 0 < probed[name]["p50"] <= probed[name]["p95"]
    assert probed["answer_cpu_ms"]["p50"] > 0
    grown = scale_run.multiplied({**orders, "copies": 3})
    assert grown["chunks"] == 3 * built["chunks"]
    assert scale_run.probe(orders)["opened_chunks"] == 3 * built["chunks"]


def test_a_library_of_one_size_is_brought_up_to_date(made, tmp_path, exported_model, monkeypatch):
    library, _ = made
    monkeypatch.setattr(scale_run, "SAMPLED", 20)
    link_model(tmp_path / "index", exported_model)
    orders = {"folder": str(tmp_path), "chunk_words": 90, "k": 5, "threads": 1}
    orders["asked"] = library.asked
    scale_run.build(orders)
    again = scale_run.sync_again(orders)
    assert again["unchanged_embedded"] == 0
    assert 0 < again["changed_embedded"] < 10
