"""Runs one system in its own environment: `python bench/worker.py SYSTEM`, JSON lines in and out.

The first line is the task. Nothing but the standard library is imported before it is read, so that
what a process needs to its first answer is the system's own.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any, TextIO

sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench.protocol import Doc, System, Task  # noqa: E402


def main() -> None:
    """Serve calls until stdin ends."""
    # what libraries print must not mix with the answers
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    task = Task.from_dict(json.loads(sys.stdin.readline()))
    system: System | None = None
    for line in sys.stdin:
        call = json.loads(line)
        try:
            if system is None:
                module = importlib.import_module(f"bench.adapters.{sys.argv[1]}")
                system = module.make(task)
            began = time.perf_counter()
            result = _do(system, call)
            answer = {"ok": True, "result": result, "seconds": time.perf_counter() - began}
        except Exception as error:  # noqa: BLE001  (whatever a system raises is its result)
            traceback.print_exc()
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"[:500]}
        _tell(out, answer)


def _do(system: System, call: dict[str, Any]) -> Any:
    if call["call"] == "index":
        with Path(call["docs"]).open(encoding="utf-8") as file:
            return system.index([Doc(**json.loads(line)) for line in file])
    if call["call"] == "ask":
        return system.ask(call["question"], call["history"])
    if call["call"] == "retrieve":
        return [system.retrieve(q["query"], q["history"], call["k"]) for q in call["queries"]]
    raise ValueError(f"unknown call {call['call']!r}")


def _tell(out: TextIO, answer: dict[str, Any]) -> None:
    out.write(json.dumps(answer) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
