"""`sync` over and over, each time in a child process that is killed at a place of its own choosing.

All modules and the model are loaded once, before the children are made: what is killed is nearly
all writing. A line "EVENT DELAY" on stdin starts one run: the child is killed DELAY milliseconds
after it has touched files of the index or the corpus EVENT times. The answer is one line of JSON:
`code` as `waitpid` gives it, `events`, the number of files touched, and `last`, what was done to
which. (The child kills itself by a timer's signal that nobody handles: no clean-up of any kind.)
"""

from __future__ import annotations

import importlib
import json
import mmap
import os
import re
import signal
import sys
from functools import cache

from ragbot.index.export import ExportedModel, find_export
from ragbot.index.sync import sync
from ragbot.settings import Settings, load_settings

NEVER = 10**9
AT_ONCE = 1e-6
WARM = ("bm25s", "chromadb.api.rust", "chromadb.telemetry.product.posthog", "numpy.lib.format")
TAKEN_AWAY = {"os.remove", "os.rmdir"}
"""Of these a path is given from the folder that is open."""
CHANCE_NAMES = re.compile(r"\.building-\w+|\d{8}T\d{6}-\w+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{20,}")


def watch(event: int, delay: float, below: tuple[str, ...], seen: mmap.mmap) -> None:
    """Count what this process does to files `below`, and have it killed at the chosen place."""
    count = 0

    def hook(name: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if not arguments or name.startswith(("import", "object", "marshal", "compile")):
            return
        path = arguments[0]
        if name not in TAKEN_AWAY and not str(path).startswith(below):
            return
        count += 1
        line = json.dumps([count, f"{name} {path}"]).encode()
        seen[: len(line) + 1] = line + b"\n"
        if count == event:
            signal.setitimer(signal.ITIMER_REAL, max(AT_ONCE, delay))
            while delay <= 0:
                signal.pause()

    sys.addaudithook(hook)
    if event == 0:
        signal.setitimer(signal.ITIMER_REAL, max(AT_ONCE, delay))


def run_once(event: int, delay: float, settings: Settings, seen: mmap.mmap) -> dict[str, object]:
    """One run in a child; what came of it."""
    seen[:3] = b"[]\n"
    child = os.fork()
    if child == 0:
        code = 1
        try:
            watch(event, delay, (f"{settings.index}/", f"{settings.corpus}/"), seen)
            code = 0 if not sync(settings).failed else 3
        finally:
            os._exit(code)
    _, code = os.waitpid(child, 0)
    count, last = json.loads(seen[: seen.find(b"\n")]) or (0, "nothing")
    plain = last.replace(f"{settings.index}/", "").replace(f"{settings.corpus}/", "corpus/")
    return {"code": code, "events": count, "last": CHANCE_NAMES.sub("*", plain)}


def main() -> None:
    """Answer one line after another."""
    settings = load_settings()
    for name in WARM:
        importlib.import_module(name)
    exported = find_export(settings.embedding_model, settings.index / "models")
    assert exported is not None
    ExportedModel.open = cache(ExportedModel.open)  # type: ignore[method-assign]
    exported.open(settings.threads)
    seen = mmap.mmap(-1, 1 << 16)
    for line in sys.stdin:
        event, delay = line.split()
        print(json.dumps(run_once(int(event), float(delay) / 1000, settings, seen)), flush=True)


if __name__ == "__main__":
    main()
