"""One part of one size, in a process of its own: `python -m bench.scale_run PART ORDERS.json`.

`build` writes the index by the index's own code, with vectors that are sampled instead of computed;
`multiply` makes a built one several times as large;
`probe` opens it and searches; `sync` is `ragbot index` again, first with nothing changed, then with
one article changed. Each prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.multiply import multiply
from bench.numbers import spread
from ragbot.index import generations
from ragbot.index.build import Build
from ragbot.index.embedding import OnnxEmbeddings
from ragbot.index.export import ExportedModel, ensure_export
from ragbot.library.corpus import Failure, list_corpus, read_files
from ragbot.settings import Settings, load_settings

SAMPLED = 500
NOISE = 0.35
"""Length of the noise added to a sampled vector of length 1: neighbours, and no duplicates."""
ASKED = 100


class SampledEmbeddings:
    """Real vectors for the first texts; for the others one of these with noise, normalised."""

    def __init__(self, real: OnnxEmbeddings, seed: int = 3) -> None:
        self._real = real
        self._chance = np.random.default_rng(seed)

    def embed_array(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Vectors of `texts`, shape (n, d)."""
        some = self._real.embed_array(texts[:SAMPLED])
        vectors = np.empty((len(texts), some.shape[1]), dtype=np.float32)
        vectors[: len(some)] = some
        for at in range(len(some), len(texts), 10_000):
            part = vectors[at : at + 10_000]
            noise = self._chance.standard_normal(part.shape, dtype=np.float32)
            part[:] = some[self._chance.integers(len(some), size=len(part))]
            part += noise * np.float32(NOISE / np.sqrt(part.shape[1]))
            part /= np.linalg.norm(part, axis=1, keepdims=True)
        if progress is not None:
            progress(len(texts))
        return vectors


class SampledModel(ExportedModel):
    """The exported model, whose embedder computes a sample only."""

    def open(self, threads: int = 0) -> Any:
        """The sampling embedder."""
        return SampledEmbeddings(ExportedModel.open(self, threads))


def settings_of(orders: dict[str, Any]) -> Settings:
    """Ragbot's settings for this size."""
    folder = Path(orders["folder"])
    return load_settings(
        corpus=folder / "corpus",
        index=folder / "index",
        database_url=f"sqlite:///{folder / 'conversations.sqlite'}",
        chunk_words=orders["chunk_words"],
        passages=orders["k"],
        threads=orders["threads"],
    )


def build(orders: dict[str, Any]) -> dict[str, Any]:
    """Write the index."""
    settings = settings_of(orders)
    real = ensure_export(settings.embedding_model, settings.index / generations.MODELS)
    model = SampledModel(real.folder, real.fingerprint, real.dimension, real.max_tokens)
    began = time.perf_counter()
    documents = []
    for entry in read_files(list_corpus(settings.corpus)):
        if isinstance(entry, Failure):
            raise TypeError(f"a made file does not read: {entry}")
        documents.append(entry)
    read = time.perf_counter()
    documents.sort(key=lambda document: document.id)
    with generations.writer(settings.index), generations.building(settings.index) as folder:
        _, stamp = Build(folder, settings, model, None, lambda *_: None).write(documents)
        generations.switch_to(settings.index, folder)
    return {
        "documents": stamp.documents,
        "chunks": stamp.chunks,
        "sentences": stamp.sentences,
        "read_s": read - began,
        "write_s": time.perf_counter() - read,
        "build_peak_bytes": peak(),
    }


def multiplied(orders: dict[str, Any]) -> dict[str, Any]:
    """Make the index as many times as large as it is told; see `bench.multiply`."""
    settings = settings_of(orders)
    began = time.perf_counter()
    stamp = multiply(settings.index, orders["copies"])
    return {
        "documents": stamp.documents,
        "chunks": stamp.chunks,
        "sentences": stamp.sentences,
        "multiply_s": time.perf_counter() - began,
        "multiply_peak_bytes": peak(),
    }


def probe(orders: dict[str, Any]) -> dict[str, Any]:
    """Open and search; every query is a new one, and every article is asked on for the first time
    as long as there are enough.
    """
    from ragbot import Ragbot

    bot = Ragbot(settings_of(orders))
    began = time.perf_counter()
    chunks = len(bot.index.vectors)
    opened = time.perf_counter()
    pairs = [tuple(pair) for pair in orders["asked"]]
    bot.search(pairs[0][1], k=orders["k"])
    first = time.perf_counter()
    bot.ask(pairs[0][1], pairs[0][0])
    whole = [text for _, text in pairs]
    taken: dict[str, list[tuple[float, float]]] = {"scope": [], "library": [], "answer": []}
    for at in range(1, ASKED + 1):
        article, question = pairs[at % len(pairs)]
        # no query is answered from what is remembered of another
        mark, other = f"{question} {at}", f"{whole[(7 * at) % len(whole)]} number {at}"
        timed(taken["scope"], lambda a=article, q=mark: bot.search(q, a, orders["k"]))
        timed(taken["library"], lambda q=other: bot.search(q, k=orders["k"]))
        timed(taken["answer"], lambda a=article, q=question: bot.ask(q, a))
    return {
        "opened_chunks": chunks,
        "open_s": opened - began,
        "first_search_s": first - opened,
        **{f"{name}_ms": spread([wall for wall, _ in times]) for name, times in taken.items()},
        **{f"{name}_cpu_ms": spread([cpu for _, cpu in times]) for name, times in taken.items()},
        "peak_bytes": peak(),
    }


def timed(into: list[tuple[float, float]], do: Callable[[], object]) -> None:
    """Milliseconds of a call, by the clock and of CPU time."""
    began, cpu = time.perf_counter(), time.process_time()
    do()
    into.append((1000 * (time.perf_counter() - began), 1000 * (time.process_time() - cpu)))


def sync_again(orders: dict[str, Any]) -> dict[str, Any]:
    """`ragbot index` with nothing changed, then with a sentence added to one article."""
    from ragbot.index.sync import sync

    settings = settings_of(orders)
    same = sync(settings)
    path = settings.corpus / "articles" / f"{orders['asked'][0][0]}.md"
    added = "\n\nA later report in 214 patients did not change these figures.\n"
    path.write_text(path.read_text(encoding="utf-8") + added, encoding="utf-8")
    changed = sync(settings)
    return {
        "unchanged_s": same.seconds,
        "unchanged_embedded": same.embedded,
        "changed_s": changed.seconds,
        "changed_embedded": changed.embedded,
        "sync_peak_bytes": peak(),
    }


def peak() -> int:
    """Most memory this process has held, in bytes (resident)."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(lines[0].split()[1]) * 1024


PARTS = {"build": build, "multiply": multiplied, "probe": probe, "sync": sync_again}


def main() -> None:
    """Do the part that is named."""
    orders = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    sys.stdout.write(json.dumps(PARTS[sys.argv[1]](orders)) + "\n")


if __name__ == "__main__":
    main()
