"""A damaged index says so in one line or still answers, and `sync` repairs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ragbot.bot import Ragbot
from ragbot.errors import (
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    ModelUnavailableError,
    UnavailableError,
)
from ragbot.index import generations
from ragbot.index.export import ASIDE
from ragbot.index.reader import LibraryIndex
from ragbot.index.sync import sync
from ragbot.settings import SHIPPED_MODEL, Settings
from small_library import ALPHA, copy_model, environment_of, own_settings, write_small_corpus

FILES = [
    "CURRENT",
    "catalog.sqlite",
    "chunks.npy",
    "sentences.npy",
    "words.txt",
    "word_counts.txt",
    "stamp.json",
    "manifest.json",
    "chroma/chroma.sqlite3",
    "lexical/lexical.json",
    "lexical/scores.npy",
    "lexical/passages.npy",
    "lexical/starts.npy",
    "lexical/words.npy",
    "lexical/word_starts.npy",
    "tokens/ids.npy",
    "tokens/starts.npy",
    "tokens/words.txt",
]
TOKENS = {name for name in FILES if name.startswith("tokens/")}
UNREAD = {
    "words.txt",
    "word_counts.txt",
    "manifest.json",
    *TOKENS,
}  # by a question, or not needed for one
HARMS: dict[str, Callable[[bytes], bytes]] = {
    "half": lambda held: held[: len(held) // 2],
    "short": lambda held: held[:-1],
    "head": lambda held: held[:16],
    "empty": lambda held: b"",
    "zeros": lambda held: bytes(len(held)),
    "noise": lambda held: bytes((byte * 7 + at) % 256 for at, byte in enumerate(held)),
    "list": lambda held: b"[]",
    "null": lambda held: b"null",
    "long": lambda held: b"x" * 5000,
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, exported_model: Path) -> Settings:
    """A built index of the small corpus, to be copied."""
    folder = tmp_path_factory.mktemp("built")
    write_small_corpus(folder / "corpus")
    settings = own_settings(folder, exported_model)
    sync(settings)
    return settings


@pytest.fixture
def copied(built: Settings, tmp_path: Path) -> Settings:
    """A copy of it, to be harmed."""
    shutil.copytree(built.index, tmp_path / "index", symlinks=True)
    shutil.copytree(built.corpus, tmp_path / "corpus")
    return built.model_copy(update={"index": tmp_path / "index", "corpus": tmp_path / "corpus"})


def place(settings: Settings, name: str) -> Path:
    if name == "CURRENT":
        return settings.index / name
    return generations.current_generation(settings.index) / name


def check_answers(settings: Settings) -> None:
    """Every document reads, and a search finds what it should."""
    bot = Ragbot(settings)
    assert [document.id for document in bot.articles()]
    for name in bot.index.titles:
        assert bot.document(name).text
    assert bot.search("CD19-negative relapse after blinatumomab", k=2)
    index = bot.index
    index.chroma.check(index.catalog.chunk_ids(), index.vectors)
    index.chroma.close()


def complaint(settings: Settings) -> str:
    """What is said on opening and asking; nothing if it answers. Other errors go through."""
    said = caught(settings)
    if said is None:
        return ""
    assert said.exit_code == 3
    assert "`ragbot index`" in said.remedy
    assert "--rebuild" not in str(said)
    assert len(str(said)) < 800
    return str(said)


def caught(settings: Settings) -> UnavailableError | None:
    try:
        check_answers(settings)
    except UnavailableError as error:
        return error
    return None


def test_every_file_of_a_generation_is_harmed_below(built):
    folder = generations.current_generation(built.index)
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    vectors = {name for name in files if name.startswith("chroma/") and name.endswith(".bin")}
    assert files - vectors == set(FILES) - {"CURRENT"}


@pytest.mark.parametrize("name", FILES)
def test_a_harmed_file_is_named_or_does_no_harm_and_is_repaired(copied, name):
    path = place(copied, name)
    held = path.read_bytes()
    for harm in HARMS.values():
        path.write_bytes(harm(held))
        complaint(copied)
    path.unlink()
    said = complaint(copied)
    assert bool(said) == (name not in UNREAD)
    path.write_bytes(HARMS["half"](held))
    report = sync(copied)
    assert (report.documents, report.failed) == (5, ())
    assert complaint(copied) == ""
    assert sync(copied).unchanged == 5


def test_vectors_that_were_altered_are_seen_by_the_next_run(copied):
    path = place(copied, "chunks.npy")
    held = path.read_bytes()
    path.write_bytes(held[:-400] + bytes(400))
    assert sync(copied).embedded == 6
    assert place(copied, "chunks.npy").read_bytes() == held


def test_a_damaged_collection_is_made_again_without_embedding(copied):
    shutil.rmtree(place(copied, "chroma"))
    report = sync(copied)
    assert (report.embedded, report.unchanged) == (0, 5)
    check_answers(copied)


def test_a_collection_that_was_opened_meanwhile_is_still_whole(copied):
    index = LibraryIndex(copied)
    index.chroma.query(index.vectors[0], 2)
    index.chroma.close()
    before = generations.current_generation(copied.index)
    sync(copied)
    assert generations.current_generation(copied.index) == before


def test_a_missing_index_says_how_to_get_one(tmp_path, settings_for):
    settings = settings_for(tmp_path)
    with pytest.raises(IndexMissingError, match="Run `ragbot index` first") as caught:
        LibraryIndex(settings)
    assert str(settings.index) in str(caught.value)
    with pytest.raises(IndexMissingError):
        LibraryIndex(settings.model_copy(update={"index": tmp_path / "nowhere"}))
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "name", ["", "gone", ".", "..", "../..", "/etc", "a/b", "x" * 5000, "\x00", ".building-1"]
)
def test_a_pointer_to_nowhere_is_damage(copied, name):
    (copied.index / generations.CURRENT).write_text(name, encoding="utf-8")
    with pytest.raises(IndexDamagedError, match="built anew"):
        LibraryIndex(copied)


def test_an_index_folder_that_is_a_file_is_damage(tmp_path, settings_for):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(IndexDamagedError, match="cannot be read"):
        LibraryIndex(settings_for(tmp_path, index=tmp_path / "file"))


def test_an_older_format_is_refused_and_built_anew(copied):
    path = place(copied, "stamp.json")
    stamp = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(stamp | {"format": 1}), encoding="utf-8")
    with pytest.raises(IndexMismatchError, match="Run `ragbot index`"):
        LibraryIndex(copied)
    assert sync(copied).embedded == 6
    check_answers(copied)


def test_words_analysed_by_another_version_are_refused_and_indexed_anew(copied):
    path = place(copied, "stamp.json")
    stamp = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(stamp | {"analysis": "older"}), encoding="utf-8")
    with pytest.raises(IndexMismatchError, match="another version"):
        LibraryIndex(copied)
    generations.write_manifest(path.parent)
    assert sync(copied).embedded == 0
    check_answers(copied)


@pytest.mark.slow
def test_a_damaged_model_is_named_and_exported_anew(copied, exported_model):
    copy_model(copied.index, exported_model)
    folder = next((copied.index / generations.MODELS).iterdir())
    held = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(held[: len(held) // 2])
    leftover = folder.with_name(f"{ASIDE}killed")
    leftover.mkdir()
    os.utime(leftover, (time.time() - 9999,) * 2)
    with pytest.raises(ModelUnavailableError, match="run `ragbot index`"):
        Ragbot(copied).search("relapse")
    report = sync(copied)
    assert (report.unchanged, report.embedded) == (5, 0)
    assert not leftover.exists()
    check_answers(copied)


def test_a_missing_model_is_named(copied):
    (copied.index / generations.MODELS).unlink()
    with pytest.raises(ModelUnavailableError, match="Run `ragbot index`"):
        Ragbot(copied).search("relapse")
    assert Ragbot(copied).document(ALPHA).title


def with_small_files(settings: Settings, size: int) -> subprocess.CompletedProcess[str]:
    """`ragbot index` where no file may grow beyond `size` bytes, as on a full disk."""
    script = (
        "import resource, sys; from ragbot.cli import main; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); "
        "sys.argv = ['ragbot', 'index']; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        env=environment_of(settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("size", [1, 4_000, 30_000, 100_000])
def test_a_full_disk_is_told_in_one_line_and_nothing_is_lost(copied, size):
    path = copied.corpus / "sources" / "new-source.md"
    path.write_text("---\ntitle: New\n---\nSomething new.\n", encoding="utf-8")
    before = generations.current_generation(copied.index)
    ended = with_small_files(copied, size)
    assert ended.returncode == 3, ended.stderr
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    assert generations.current_generation(copied.index) == before
    check_answers(copied)
    assert sync(copied).added == 1


@pytest.fixture(autouse=True)
def _no_leftovers(tmp_path: Path) -> Iterator[None]:
    yield
    folder = tmp_path / "index" / generations.GENERATIONS
    assert not folder.is_dir() or not list(folder.glob(".building-*"))


def test_the_shipped_model_is_the_default(built):
    assert LibraryIndex(built).stamp.embedding_model == SHIPPED_MODEL
