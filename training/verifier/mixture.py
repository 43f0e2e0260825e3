"""What one stage of training sees: which pairs, in what shares, in batches of like length."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sentence_transformers.base.sampler import DefaultBatchSampler
from training_paths import LABELS

from ragbot.answering.grounding.sentences import WINDOW_WORDS, window_text

Row = dict[str, str]
SYNTHETIC = ("abstracts", "answers")
# How much likelier than others a kind of synthetic pair is taken. Edits of near copies are the most
# by far, and claims in other words than their evidence, which readers' claims are, the fewest.
OTHER_WORDS_FIRST: Mapping[str, float] = {
    "square": 0.4, "entity": 0.4, "title": 3.0, "title-other": 3.0, "kept": 0.7,
}  # fmt: skip


def read_pairs(path: Path, leave_out: str = "") -> list[Row]:
    """The pairs of a file, without those of the labelled set `leave_out`."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [row for row in rows if not leave_out or row["set"].rstrip("+") != leave_out]


def with_windows(rows: list[Row], words: int = WINDOW_WORDS) -> list[Row]:
    """The pairs with their evidence narrowed to the window that a model reads."""
    return [{**row, "evidence": window_text(row["claim"], row["evidence"], words)} for row in rows]


def with_varied_windows(rows: list[Row], words: Sequence[int], rng: random.Random) -> list[Row]:
    """The pairs with windows of one of those lengths: a labelled pair seldom reads the same."""
    return [
        {**row, "evidence": window_text(row["claim"], row["evidence"], rng.choice(words))}
        for row in rows
    ]


def is_supported(row: Row) -> bool:
    """Whether the pair's label is supported."""
    return row["label"] == LABELS[0]


def balanced_sets(
    rows: list[Row], rng: random.Random, relatives: bool, share: float = 0.25
) -> list[Row]:
    """Each labelled set with as many supported as other pairs, filled with their relatives.

    A set in which most pairs are supported would teach its style instead of its substance. `share`
    is how many more pairs than its larger side each side gets.
    """
    chosen: list[Row] = []
    for name in sorted({row["set"] for row in rows if row["kind"] == "human"}):
        sides = {
            side: [r for r in rows if r["set"] == name and is_supported(r) is side]
            for side in (True, False)
        }
        wanted = round(max(map(len, sides.values())) * (1 + share))
        for side, human in sides.items():
            other = [r for r in rows if r["set"] == f"{name}+" and is_supported(r) is side]
            missing = wanted - len(human)
            fill = rng.sample(other, min(len(other), missing * 2 // 3)) if relatives else []
            again = rng.choices(human, k=max(0, missing - len(fill)))
            chosen += human + fill + again
    return chosen


def synthetic(
    rows: list[Row], size: int, rng: random.Random, weights: Mapping[str, float]
) -> list[Row]:
    """`size` synthetic pairs, half of them supported, drawn by their kinds' weights (others: 1).

    The order of `random ** (1 / weight)` is such a draw (Efraimidis and Spirakis, 2006).
    """
    chosen: list[Row] = []
    for side in (True, False):
        pool = [r for r in rows if r["set"] in SYNTHETIC and is_supported(r) is side]
        pool.sort(key=lambda r: rng.random() ** (1 / weights.get(r["kind"], 1)), reverse=True)
        chosen += pool[: size // 2]
    return chosen


def captions(rows: list[Row], size: int, rng: random.Random) -> list[Row]:
    """`size` pairs of SNLI: short, everyday, judged by people."""
    pool = [row for row in rows if row["kind"] == "caption"]
    return rng.sample(pool, min(len(pool), size))


def columns(rows: list[Row], cosines: list[float]) -> dict[str, list[Any]]:
    """The columns that the trainer's dataset is made of; a label is its index and the cosine."""
    return {
        "claim": [row["claim"] for row in rows],
        "evidence": [row["evidence"] for row in rows],
        "label": [
            [float(LABELS.index(row["label"])), cosine]
            for row, cosine in zip(rows, cosines, strict=True)
        ],
    }


class FullBatchSampler(DefaultBatchSampler):
    """Batches of pairs of like length in random order, each with as many as its letters hold.

    Little is padded, nothing is left out, and a step takes about the same time whatever it reads.
    """

    letters = 14_000
    most = 96
    short_first = False

    def __iter__(self) -> Iterator[list[int]]:
        rng = random.Random(self.seed + self.epoch)
        lengths = self._lengths()
        pools = self._pools(rng, lengths)
        batches = [batch for pool in pools for batch in self._cut(pool, lengths)]
        rng.shuffle(batches)
        if self.short_first:
            # random noise on the order: short pairs come first, but never only short ones
            batches.sort(key=lambda batch: lengths[batch[0]] * rng.uniform(0.3, 1.7))
        yield from batches

    def _pools(self, rng: random.Random, lengths: list[int]) -> Iterator[list[int]]:
        """All pairs in random order, some batches at a time, each such pool short ones first."""
        order = list(range(len(lengths)))
        rng.shuffle(order)
        size = self.batch_size * 64
        for at in range(0, len(order), size):
            yield sorted(order[at : at + size], key=lambda i: lengths[i])

    def _cut(self, pool: list[int], lengths: list[int]) -> Iterator[list[int]]:
        batch: list[int] = []
        for one in pool:
            full = lengths[one] * (len(batch) + 1) > self.letters or len(batch) >= self.most
            if batch and full:
                yield batch
                batch = []
            batch.append(one)
        yield batch

    def _lengths(self) -> list[int]:
        rows = self.sampler  # the base class keeps the dataset under this name
        return [len(a) + len(b) for a, b in zip(rows["claim"], rows["evidence"], strict=True)]


class ShortFirstSampler(FullBatchSampler):
    """Like it, with short pairs mostly first: comparing is learned sooner on short texts."""

    short_first = True


def by_set(rows: list[Row]) -> dict[str, list[Row]]:
    """The pairs by their set, in the order of its name."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["set"]].append(row)
    return {name: groups[name] for name in sorted(groups)}
