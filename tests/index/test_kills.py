"""`ragbot index` is killed at random moments: what is there opens and answers, every time.

`RAGBOT_KILLS` sets how many kills there are (8 unless told), `RAGBOT_SEED` repeats a run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from ragbot.bot import Ragbot
from ragbot.errors import IndexMissingError
from ragbot.index import generations
from ragbot.index.embedding import OnnxEmbeddings
from ragbot.index.export import find_export
from ragbot.index.reader import LibraryIndex
from ragbot.index.sync import sync
from ragbot.settings import SHIPPED_MODEL, Settings
from small_library import SmallCorpus, command_line, environment_of

KILLS = int(os.environ.get("RAGBOT_KILLS", "8"))
NONE = -1
QUESTION = "Which version of the changing source is this?"
ANYWHERE = 0.3
"""Part of the kills that fall anywhere in the run, also where nothing is written."""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + 60 * KILLS)]


def start(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command_line(["index"]),
        env=environment_of(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@dataclass
class Pace:
    """What a whole run takes, in seconds, and how long of it a generation is being written.

    The pace is learnt: a kill that came too late makes it shorter, any other a little longer.
    """

    run: float = 6.0
    build: float = 1.5

    def learn(self, *, late: bool) -> None:
        factor = 0.85 if late else 1.04
        self.run, self.build = self.run * factor, self.build * factor


def building(settings: Settings) -> bool:
    return any((settings.index / generations.GENERATIONS).glob(".building-*"))


def wait_for_build(process: subprocess.Popen[bytes], settings: Settings) -> None:
    while process.poll() is None and not building(settings):
        time.sleep(0.002)


def whole_run(settings: Settings) -> Pace:
    """Let the command come to its end, and time it."""
    began = time.monotonic()
    process = start(settings)
    wait_for_build(process, settings)
    built = time.monotonic()
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    return Pace(time.monotonic() - began, time.monotonic() - built)


def killed(settings: Settings, dice: random.Random, pace: Pace) -> bool:
    """Start the command and kill it at a random moment; False if it had ended by then.

    Some kills fall anywhere in the run; most while a generation is written and switched to.
    """
    for leftover in (settings.index / generations.GENERATIONS).glob(".building-*"):
        leftover.rename(leftover.with_name(f".left-{leftover.name}"))
    process = start(settings)
    moment = dice.uniform(0, pace.run)
    if dice.random() > ANYWHERE:
        wait_for_build(process, settings)
        moment = dice.uniform(0, pace.build)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    _, errors = process.communicate()
    assert process.returncode in {0, -signal.SIGKILL}, errors
    pace.learn(late=process.returncode == 0)
    return process.returncode != 0


def change(corpus: SmallCorpus, version: int) -> None:
    """Give the next run work to do: a new document, a changed one and a removed one."""
    corpus.write_source("changing", f"Version {version} of the changing source.")
    corpus.write_source(f"new-{version}", f"Source number {version} is new here.")
    corpus.source(f"new-{version - 2}").unlink(missing_ok=True)


def held_version(settings: Settings, embedder: OnnxEmbeddings) -> int:
    """The version that the index holds, after a search and a look into every part of it."""
    index = LibraryIndex(settings)
    try:
        row = int(np.argmax(index.vectors @ embedder.embed_array([QUESTION])[0]))
        assert row in [found for found, _ in index.lexical.top(QUESTION, 3)]
        records = index.records(range(len(index.vectors)))
        assert len(records) == index.stamp.chunks
        text = records[row].chunk.text
        version = int(text.split()[1])
        assert index.document("changing").text == text
        assert index.document(f"new-{version}").text == f"Source number {version} is new here."
        index.chroma.check(index.catalog.chunk_ids(), index.vectors)
        index.chroma.close()
        return version
    finally:
        index.catalog.close()


def stage_of(settings: Settings) -> str:
    """How far the killed run had come, by what it left behind."""
    folder = settings.index / generations.GENERATIONS
    left = list(folder.glob(".building-*")) if folder.is_dir() else []
    if not left:
        return "before or after the build"
    names = {path.name for path in left[0].iterdir()}
    for name in ("manifest.json", "stamp.json", "chroma", "words.txt", "lexical", "chunks.npy"):
        if name in names:
            return f"with {name}"
    return "with the catalogue" if names else "embedding"


def test_an_index_survives_being_killed(
    small: Settings, small_corpus: SmallCorpus, exported_model: Path
):
    embedder = find_export(SHIPPED_MODEL, exported_model).open(threads=2)
    seed = int(os.environ.get("RAGBOT_SEED", "0")) or random.randrange(1, 10**6)
    dice = random.Random(seed)
    stages: Counter[str] = Counter()
    held, version, pace = NONE, 0, Pace()
    while stages.total() < KILLS:
        version += 1
        change(small_corpus, version)
        if held == NONE and stages.total() >= min(2, KILLS):  # the first kills meet no index
            pace = whole_run(small)
            held = held_version(small, embedder)
            assert held == version
            continue
        was_killed = killed(small, dice, pace)
        stage = stage_of(small)
        try:
            now = held_version(small, embedder)
        except IndexMissingError:
            assert held == NONE, f"an index that was there is gone (seed {seed})"
            assert was_killed
            stages[f"{stage}, no index yet"] += 1
            continue
        assert now in ({held, version} if was_killed else {version}), f"seed {seed}"
        if was_killed:
            stages[f"{stage}, switched" if now == version else stage] += 1
        held = now
    print(f"\nseed {seed}: {stages.total()} kills; {pace}; {stages.most_common()}")
    report = sync(small)
    assert report.failed == ()
    assert held_version(small, embedder) == version
    assert len(list((small.index / generations.GENERATIONS).iterdir())) <= 2
    assert Ragbot(small).search(QUESTION)[0].chunk.document_id == "changing"
    assert LibraryIndex(small).stamp.documents == len(list(small_corpus.folder.rglob("*.md")))
