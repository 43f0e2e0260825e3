"""A change touches only its own chunks, and what is taken away is in no file any more."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from ragbot.index import build, generations
from ragbot.index.reader import LibraryIndex
from ragbot.index.sync import sync
from ragbot.index.tokens import load_tokens
from ragbot.index.vectors import load_arrays
from small_library import FIRST, SECOND

SECRET = "Quizartinib reached 31.4 months."


def files_with(index: Path, needle: bytes) -> list[str]:
    """Names of the files of an index, models left out, that hold `needle`."""
    return [
        str(path.relative_to(index))
        for path in sorted(index.rglob("*"))
        if path.is_file() and "models" not in path.parts and needle in path.read_bytes()
    ]


def vector_of(index: LibraryIndex, document_id: str) -> np.ndarray:
    return np.array(index.vectors[index.rows_of([document_id])[0]])


@pytest.fixture
def analysed(monkeypatch):
    """The texts that a build analyses."""
    texts: list[str] = []
    analyze = build.analyze

    def noting(text: str) -> list[str]:
        texts.append(text)
        return analyze(text)

    monkeypatch.setattr(build, "analyze", noting)
    return texts


def test_only_new_text_is_analysed(small, small_corpus, analysed):
    first = sync(small)
    assert len(analysed) == first.chunks
    analysed.clear()
    small_corpus.write_source("new-source", SECRET)
    sync(small)
    assert len(analysed) == 1
    assert SECRET in analysed[0]


def rows_of(catalog: Path) -> list[tuple]:
    """All rows of a catalogue but their order."""
    with closing(sqlite3.connect(catalog)) as held:
        tables = ("documents", "chunks")
        return [row for name in tables for row in sorted(held.execute(f"SELECT * FROM {name}"))]


def test_a_generation_is_that_of_a_build_from_nothing(small, small_corpus, tmp_path):
    sync(small)
    small_corpus.write_source("new-source", SECRET)
    small_corpus.write_source(FIRST, "Every word of it is new.")
    (small_corpus.folder / "sources" / f"{SECOND}.md").unlink()
    sync(small)
    anew = small.model_copy(update={"index": tmp_path / "anew"})
    shutil.copytree(small.index / generations.MODELS, anew.index / generations.MODELS)
    sync(anew)
    held, wanted = LibraryIndex(small).lexical, LibraryIndex(anew).lexical
    for question in (SECRET, "every word", "CD19-negative relapse", "TP53"):
        assert np.array_equal(held.scores(question), wanted.scores(question))
    grown, whole = map(generations.current_generation, (small.index, anew.index))
    assert rows_of(grown / "catalog.sqlite") == rows_of(whole / "catalog.sqlite")
    same = [path.relative_to(whole) for path in whole.rglob("*") if path.suffix in {".npy", ".txt"}]
    assert len(same) > 10
    for name in same:
        if not name.name.startswith(("chunks", "sentences")):  # embedded in other batches
            assert (grown / name).read_bytes() == (whole / name).read_bytes()
    for mine, theirs in zip(load_arrays(grown), load_arrays(whole), strict=True):
        assert np.allclose(mine, theirs, atol=1e-3)


def test_broken_tokens_are_made_anew(small, small_corpus, analysed):
    sync(small)
    folder = generations.current_generation(small.index)
    assert load_tokens(folder, LibraryIndex(small).stamp.chunks) is not None
    assert load_tokens(folder, 1) is None
    (folder / "tokens" / "ids.npy").write_bytes(b"broken")
    generations.write_manifest(folder)
    analysed.clear()
    small_corpus.write_source("new-source", SECRET)
    assert len(analysed) < sync(small).chunks == len(analysed)


def test_a_deleted_document_is_in_no_file(small, small_corpus):
    small_corpus.write_source("taken-away", SECRET)
    sync(small)
    vector = vector_of(LibraryIndex(small), "taken-away")
    assert files_with(small.index, b"31.4 months")
    assert len(files_with(small.index, vector.tobytes())) > 1  # the arrays and Chroma's
    (small_corpus.folder / "sources" / "taken-away.md").unlink()
    assert sync(small).removed == 1
    assert files_with(small.index, b"31.4") == []
    assert files_with(small.index, b"taken-away") == []
    assert files_with(small.index, vector.tobytes()) == []
    assert files_with(small.index, vector.astype(np.float16).tobytes()) == []


def test_changed_text_is_in_no_file(small, small_corpus):
    small_corpus.write_source("changed", SECRET)
    sync(small)
    small_corpus.write_source("changed", "Something else was found.")
    sync(small)
    assert files_with(small.index, b"31.4 months") == []
