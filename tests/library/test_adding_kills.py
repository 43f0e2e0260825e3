"""Killed at any moment, `ragbot add` leaves whole documents behind, and goes on where it was.

`RAGBOT_ADDING_KILLS=60` kills as often.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

from readers_files import PAPERS, bibtex, jats, nbib, pdf, ris

from ragbot.library.corpus import corpus_files
from ragbot.library.originals import Originals
from ragbot.library.reader import read_document

KILLS = int(os.environ.get("RAGBOT_ADDING_KILLS", "5"))
PROGRAM = (
    "import sys; from pathlib import Path; from ragbot.library.adding import Wishes, add_files\n"
    "reports = add_files([Path(sys.argv[1])], Path(sys.argv[2]), Wishes())\n"
    "print(sum(r.status in {'added', 'unchanged'} for r in reports))\n"
)


def start(box: Path, corpus: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(box), str(corpus)], stdout=subprocess.PIPE, text=True
    )


def check(corpus: Path) -> int:
    """Every document there is reads whole, and its original is there too."""
    originals = Originals(corpus)
    files = corpus_files(corpus) if any(corpus.glob("*/*.md")) else []
    for path, kind in files:
        assert read_document(path, kind).text
        assert originals.path(path.stem).is_file()
    return len(files)


def test_killed_at_any_moment_no_document_is_half_in(tmp_path):
    box, corpus = tmp_path / "box", tmp_path / "corpus"
    box.mkdir()
    makers = (nbib, ris, bibtex, jats, pdf)
    for at, paper in enumerate(PAPERS):
        made = makers[at % len(makers)](paper, at)
        (box / made.name).write_bytes(made.data)
    chance = random.Random(6)
    began = time.monotonic()
    whole = start(box, tmp_path / "once")
    assert whole.communicate(timeout=120)[0].strip() == str(len(PAPERS))
    lasts = time.monotonic() - began
    seen = set()
    for _ in range(KILLS):
        process = start(box, corpus)
        time.sleep(chance.uniform(0.1, 1.0) * lasts)
        process.kill()
        process.communicate()
        corpus.mkdir(exist_ok=True)
        seen.add(check(corpus))
        if chance.random() < 0.6:
            shutil.rmtree(corpus)
    last = start(box, corpus)
    assert last.communicate(timeout=120)[0].strip() == str(len(PAPERS))
    assert check(corpus) == len(PAPERS)
    assert not list(corpus.rglob("*.tmp"))
    print(f"{KILLS} kills, documents there after them: {sorted(seen)}")
