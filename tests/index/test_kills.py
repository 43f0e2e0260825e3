"""Indexing is killed at random moments: what is there opens and is whole, every time.

`RAGBOT_KILLS` sets how many kills there are (20 unless told), `RAGBOT_SEED` repeats a run.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
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
from ragbot.library.chunking import embedded_text
from ragbot.settings import SHIPPED_MODEL, Settings
from small_library import SmallCorpus, environment_of

KILLS = int(os.environ.get("RAGBOT_KILLS", "20"))
PROGRAM = Path(__file__).with_name("killing.py")
NEVER = 10**9
FEWEST, MOST = 2, 6
WORK = ("add", "change", "rename", "delete")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + 30 * KILLS)]

Texts = dict[str, str]


@dataclass
class Changing:
    """A corpus that is changed by chance; every text in it ever is told by a word of its own."""

    corpus: SmallCorpus
    dice: random.Random
    texts: Texts = field(default_factory=dict)
    made: int = 0

    def write(self, name: str) -> None:
        self.made += 1
        more = " ".join(f"Sentence {n} of it." for n in range(self.dice.randint(0, 6)))
        self.texts[name] = f"Only here stands word{self.made}mark. {more}".strip()
        self.corpus.write_source(name, self.texts[name])

    def change(self) -> str:
        """Add, change, rename or delete one to three documents; says what was done."""
        done = [self._one() for _ in range(self.dice.choice((1, 1, 1, 2, 3)))]
        return "+".join(sorted(set(done)))

    def _one(self) -> str:
        allowed = [
            work
            for work in WORK
            if (work != "delete" or len(self.texts) > FEWEST)
            and (work != "add" or len(self.texts) < MOST)
        ]
        work = self.dice.choice(allowed)
        name = self.dice.choice(sorted(self.texts))
        fresh = f"paper-{self.made + 1}-{self.dice.randrange(10**6)}"
        if work in {"add", "change"}:
            self.write(fresh if work == "add" else name)
        elif work == "rename":
            self.corpus.source(name).rename(self.corpus.source(fresh))
            self.texts[fresh] = self.texts.pop(name)
        else:
            self.corpus.source(name).unlink()
            del self.texts[name]
        return work


@dataclass
class Killer:
    """Runs `sync` in processes that are killed."""

    process: subprocess.Popen[str]
    events: int = 130

    def run(self, event: int = NEVER, delay: float = 0.0) -> dict[str, object]:
        """A run killed `delay` ms after file `event` was touched."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{event} {delay}\n")
        self.process.stdin.flush()
        told: dict[str, object] = json.loads(self.process.stdout.readline())
        if told["code"] == 0:
            self.events = int(str(told["events"]))
        return told

    def killed(self, dice: random.Random) -> dict[str, object]:
        """A run killed anywhere: right at a touched file, a little after it, or at any time."""
        event = dice.randrange(self.events + 1)
        how = dice.random()
        delay = 0.0 if how < 0.4 else dice.expovariate(1 / 8)
        return self.run(0, dice.uniform(0, 700)) if how > 0.8 else self.run(event, delay)


@pytest.fixture
def killer(small: Settings) -> Iterator[Killer]:
    with subprocess.Popen(
        [sys.executable, str(PROGRAM)],
        env=environment_of(small, RAGBOT_THREADS="1"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Killer(process)
        assert process.stdin is not None
        process.stdin.close()


@dataclass
class Looking:
    """Looks into every part of an index."""

    settings: Settings
    embedder: OnnxEmbeddings
    vectors: dict[str, np.ndarray] = field(default_factory=dict)

    def held(self) -> Texts:
        """The texts that the index holds, each found in all of its parts, and nothing else."""
        index = LibraryIndex(self.settings)
        try:
            records = index.records(range(len(index.vectors)))
            assert len(records) == index.stamp.chunks
            for row, record in records.items():
                wanted = self._vector(embedded_text(record.chunk))
                assert np.allclose(index.vectors[row], wanted, atol=1e-5)
            texts = {name: index.document(name).text for name in index.titles}
            assert len(texts) == index.stamp.documents
            for name, text in texts.items():
                if "mark" in text:
                    word = next(word for word in text.split() if "mark" in word).strip(".")
                    rows = [row for row, _ in index.lexical.top(word, 9)]
                    assert [records[row].chunk.document_id for row in rows] == [name]
            index.chroma.check(index.catalog.chunk_ids(), index.vectors)
            index.chroma.close()
            return texts
        finally:
            index.catalog.close()

    def _vector(self, text: str) -> np.ndarray:
        if text not in self.vectors:
            self.vectors[text] = self.embedder.embed_array([text])[0]
        return self.vectors[text]

    def bytes_with(self, words: list[str]) -> list[str]:
        """Files of the index that hold one of `words`."""
        return [
            path.name
            for path in (self.settings.index / generations.GENERATIONS).rglob("*")
            if path.is_file() and any(word.encode() in path.read_bytes() for word in words)
        ]


def test_an_index_survives_being_killed(
    small: Settings, small_corpus: SmallCorpus, exported_model: Path, killer: Killer
):
    exported = find_export(SHIPPED_MODEL, exported_model)
    assert exported is not None
    look = Looking(small, exported.open(threads=1))
    seed = int(os.environ.get("RAGBOT_SEED", "0")) or random.randrange(1, 10**6)
    dice = random.Random(seed)
    changing = Changing(small_corpus, dice)
    fixed = {path.stem for path in small_corpus.folder.rglob("*.md")}
    for name in ("paper-a", "paper-b"):
        changing.write(name)
    stages: Counter[str] = Counter()
    works: Counter[str] = Counter()
    held: Texts | None = None
    while stages.total() < KILLS:
        work = changing.change() if dice.random() < 0.9 else "the same again"
        told = killer.run() if held is None and stages.total() > 2 else killer.killed(dice)
        assert told["code"] in {0, signal.SIGALRM}, f"seed {seed}: {told}"
        was_killed = told["code"] != 0
        if was_killed:
            stages[str(told["last"])] += 1
            works[work] += 1
        try:
            found = look.held()
        except IndexMissingError:
            assert held is None, f"an index that was there is gone (seed {seed}, {told})"
            assert was_killed
            continue
        now = {name: text for name, text in found.items() if name not in fixed}
        assert fixed <= set(found)
        assert now == changing.texts or (was_killed and now == held), f"seed {seed}: {told}"
        held = now
    print(f"\nseed {seed}: {stages.total()} kills while: {works.most_common()}")
    for last, count in stages.most_common():
        print(f"{count:5} {last}")
    assert sync(small).failed == ()
    changing.corpus.source(min(changing.texts)).unlink()  # a deletion forgets all that is gone
    del changing.texts[min(changing.texts)]
    assert sync(small).failed == ()
    assert {k: v for k, v in look.held().items() if k not in fixed} == changing.texts
    there = {word.strip(".") for text in changing.texts.values() for word in text.split()}
    gone = {f"word{n}mark" for n in range(1, changing.made + 1)} - there
    assert look.bytes_with(sorted(gone)) == []
    assert look.bytes_with([min(word for word in there if "mark" in word)])
    assert len(list((small.index / generations.GENERATIONS).iterdir())) == 1
    name, text = min(changing.texts.items())
    assert Ragbot(small).search(text)[0].chunk.document_id == name
