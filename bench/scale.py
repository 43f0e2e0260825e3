"""ragbot at scale: made libraries of several sizes, each part of the work in a process of its own.

Embedding 100,000 chunks for real takes the better part of an hour on two cores, and time to search
does not depend on what the vectors say. So only a sample of the texts is embedded; the others get
one of these vectors with noise (see `bench.scale_run`). All else is done by the index's own code.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.environments import ROOT
from bench.process import QUIET
from bench.replicate import read_texts, write_library

PARTS = ("build", "probe", "sync")
MULTIPLIED = ("build", "multiply", "probe")
LARGEST_BASE = 100_000
"""Libraries beyond twice this many chunks are multiplied from one of this size."""
WORDS_SHARE = 0.68
"""How full chunks are: words of the text by chunk, as a share of the words a chunk aims at."""


def measure_size(size: int, given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The measurements at about `size` chunks; a part that fails is told with its last words."""
    texts = read_texts(given.library, given.corpus)
    models = folder / "models"
    place = folder / str(size)
    shutil.rmtree(place, ignore_errors=True)
    copies = round(size / LARGEST_BASE) if size > 2 * LARGEST_BASE else 1
    words = round(size / copies * given.chunk_words * WORDS_SHARE)
    made = write_library(texts, words, place / "corpus")
    models.mkdir(parents=True, exist_ok=True)
    (place / "index").mkdir(parents=True)
    (place / "index" / "models").symlink_to(models.absolute(), target_is_directory=True)
    orders = {
        "folder": str(place.absolute()),
        "chunk_words": given.chunk_words,
        "k": given.k,
        "threads": given.threads,
        "asked": made.asked[:2000],
        "copies": copies,
    }
    written = place / "orders.json"
    written.write_text(json.dumps(orders), encoding="utf-8")
    run: dict[str, Any] = {"size": size}
    for part in MULTIPLIED if copies > 1 else PARTS:
        done = _run(part, written, given.threads)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no message"]
            return run | {"failed": f"{part}: {lines[-1][:300]}"}
        run |= json.loads(done.stdout)
        if part in {"build", "multiply"}:
            run["disk_bytes"] = size_of(place / "index" / "generations")
            run["corpus_bytes"] = size_of(place / "corpus")
        print(f"scale {size}: {part} done", file=sys.stderr, flush=True)
    shutil.rmtree(place, ignore_errors=True)
    return run


def _run(part: str, orders: Path, threads: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench.scale_run", part, orders],
        cwd=ROOT,
        env=_environ(threads),
        capture_output=True,
        text=True,
        check=False,
    )


def size_of(folder: Path) -> int:
    """Bytes of all files under `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _environ(threads: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAGBOT_")}
    number = str(threads)
    pinned = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), number)
    return {**kept, **QUIET, **pinned}
