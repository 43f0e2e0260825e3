"""One writer at a time: a second is refused soon, and readers never wait."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from ragbot.errors import IndexLockedError
from ragbot.index import generations
from ragbot.index.reader import LibraryIndex
from ragbot.index.sync import sync
from ragbot.settings import Settings
from small_library import environment_of

WORKING = Path(__file__).with_name("working.py")


@contextmanager
def working(settings: Settings, step: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that is at `step` of its work on the index, and waits there."""
    process = subprocess.Popen(
        [sys.executable, str(WORKING), step],
        env=environment_of(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "working\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_writer_is_refused_soon_and_the_first_ends_its_work(small, small_corpus, ragbot):
    began = time.monotonic()
    ragbot(small, "index", "--corpus", "/nowhere")
    starting = time.monotonic() - began
    with working(small, "indexing words") as first:
        began = time.monotonic()
        with pytest.raises(IndexLockedError, match="Another process is writing") as caught:
            sync(small)
        assert time.monotonic() - began < 2
        assert str(small.index) in str(caught.value)

        began = time.monotonic()
        second = ragbot(small, "index", "--json")
        assert time.monotonic() - began < 2 + 3 * starting
        assert second.returncode == 3
        assert second.stdout == ""
        assert second.stderr.count("\n") == 1
        assert "Wait until it is done" in second.stderr

        first.communicate("go on\n")
        assert first.returncode == 0
    assert LibraryIndex(small).stamp.documents == 5
    assert sync(small).unchanged == 5


def test_readers_do_not_wait_for_a_writer(small, small_corpus):
    sync(small)
    small_corpus.write_source("new-source", "Something new.")
    with working(small, "embedding sentences"):
        began = time.monotonic()
        assert LibraryIndex(small).stamp.documents == 5
        assert time.monotonic() - began < 2


def test_a_killed_writer_leaves_no_lock_and_its_leftovers_go(small):
    with working(small, "indexing words") as first:
        assert list((small.index / generations.GENERATIONS).glob(".building-*"))
        first.kill()
        first.wait()
        assert sync(small).added == 5
    assert not list((small.index / generations.GENERATIONS).glob(".*"))


def test_the_corpus_is_listed_when_the_lock_is_held(small, small_corpus, monkeypatch):
    """Else what the writer before has just taken in would look removed to the next."""
    monkeypatch.setattr(generations, "LOCK_WAIT_SECONDS", 60)
    with ThreadPoolExecutor(1) as pool:
        with generations.writer(small.index):
            waiting = pool.submit(sync, small)
            with pytest.raises(TimeoutError):
                waiting.result(1)
            small_corpus.write_source("new-source", "Something new.")
        assert waiting.result(60).added == 6
