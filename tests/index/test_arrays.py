"""Arrays read back from files, also where Python's own parser fails for a moment."""

from __future__ import annotations

import ast
import threading
from pathlib import Path

import numpy as np
import pytest

from ragbot.index.arrays import load_array


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    np.save(tmp_path / "rows.npy", np.arange(12, dtype=np.float32).reshape(3, 4))
    return tmp_path / "rows.npy"


@pytest.mark.parametrize("mapped", [True, False])
def test_an_array_reads_back(kept: Path, mapped: bool):
    array = load_array(kept, mapped=mapped)
    assert array.tolist() == np.arange(12).reshape(3, 4).tolist()
    assert isinstance(array, np.memmap) is mapped


def test_a_parser_that_fails_for_a_moment_is_asked_again(
    kept: Path, monkeypatch: pytest.MonkeyPatch
):
    whole, failures = ast.literal_eval, iter([True, True])

    def parse(text: str) -> object:
        if next(failures, False):
            raise SystemError("AST constructor recursion depth mismatch (before=42, after=141)")
        return whole(text)

    monkeypatch.setattr(ast, "literal_eval", parse)
    assert load_array(kept).shape == (3, 4)


def test_a_parser_that_fails_for_good_is_told(kept: Path, monkeypatch: pytest.MonkeyPatch):
    def parse(text: str) -> object:
        raise SystemError("AST constructor recursion depth mismatch")

    monkeypatch.setattr(ast, "literal_eval", parse)
    with pytest.raises(SystemError):
        load_array(kept)


def test_heads_are_parsed_one_at_a_time(kept: Path, monkeypatch: pytest.MonkeyPatch):
    whole, busy, seen = ast.literal_eval, threading.Lock(), []

    def parse(text: str) -> object:
        seen.append(busy.acquire(blocking=False))
        try:
            threading.Event().wait(0.01)
            return whole(text)
        finally:
            if seen[-1]:
                busy.release()

    monkeypatch.setattr(ast, "literal_eval", parse)
    readers = [threading.Thread(target=load_array, args=(kept,)) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert seen == [True] * 8


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\x00"])
def test_a_file_without_an_array_is_an_error_its_readers_expect(tmp_path: Path, content: bytes):
    (tmp_path / "rows.npy").write_bytes(content)
    with pytest.raises((OSError, ValueError, EOFError)):
        load_array(tmp_path / "rows.npy")


def test_nothing_else_reads_array_files():
    source = Path(__file__).parents[2] / "src"
    readers = {path.name for path in source.rglob("*.py") if "np.load(" in path.read_text()}
    assert readers == {"arrays.py"}
