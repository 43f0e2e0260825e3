"""A system's process as the harness sees it from outside: calls, time, CPU time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.protocol import Task

ROOT = Path(__file__).resolve().parents[1]
WORKER = ROOT / "bench" / "worker.py"
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "LANGSMITH_TRACING": "false",
    "DO_NOT_TRACK": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "OPENAI_API_KEY": "bench",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONWARNINGS": "ignore",
}
"""No telemetry, no network, no key that is worth anything."""
_UNSET = ("OPENAI_BASE_URL", "PYTHONPATH")


class SystemFailedError(Exception):
    """A system raised, ended or took too long; the message is its own words, in one line."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call gave: `seconds` and `cpu` as seen from outside, `inside` as the worker counted.

    `began` is the time of `time.monotonic()` at which the call (or, for a process's first one, the
    process) began. CPU seconds are None where the platform does not tell.
    """

    result: Any
    began: float
    seconds: float
    inside: float
    cpu: float | None


class Worker:
    """One process of one system. Use it in a `with` block."""

    def __init__(self, python: Path, adapter: str, task: Task, *, threads: int, log: Path) -> None:
        task.state.mkdir(parents=True, exist_ok=True)
        self.name = adapter
        self._log = log.open("a", encoding="utf-8")
        self._began: float | None = time.monotonic()
        self._process = subprocess.Popen(
            [python, WORKER, adapter],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            cwd=task.state,
            env=_environ(task, threads),
        )
        self._write(task.to_dict())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def call(self, what: str, *, limit: float = 600.0, **given: Any) -> Reply:
        """Ask and wait. The first call's time counts from the start of the process.

        Raises SystemFailedError.
        """
        first, self._began = self._began, None
        began = time.monotonic() if first is None else first
        cpu = 0.0 if first is not None else self._cpu()
        self._write({"call": what, **given})
        timer = threading.Timer(limit, self._process.kill)
        timer.start()
        try:
            line = self._process.stdout.readline() if self._process.stdout else ""
        finally:
            timer.cancel()
        seconds = time.monotonic() - began
        if not line:
            raise SystemFailedError(f"{self.name} ended, or took longer than {limit:.0f} s")
        answer: Mapping[str, Any] = json.loads(line)
        if not answer["ok"]:
            raise SystemFailedError(" ".join(str(answer["error"]).split()))
        spent = self._cpu()
        used = None if spent is None or cpu is None else spent - cpu
        return Reply(answer["result"], began, seconds, answer["seconds"], used)

    def _write(self, value: Mapping[str, Any]) -> None:
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(value) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise SystemFailedError(f"{self.name} has ended ({error})") from error

    def _cpu(self) -> float | None:
        """CPU seconds the process has spent, user and system."""
        try:
            stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii")
        except OSError:
            return None
        fields = stat.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak(self) -> int | None:
        """Most memory the process has held, in bytes (resident); None where it is not told."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        except OSError:
            return None
        lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
        return int(lines[0].split()[1]) * 1024 if lines else None

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()


def _environ(task: Task, threads: int) -> dict[str, str]:
    """The environment without settings of the person who runs it, which would favour one."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _UNSET and not name.startswith("RAGBOT_")
    }
    number = str(threads)
    pinned = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), number)
    own = {"PQA_HOME": str(task.state), "RAYON_NUM_THREADS": number}
    return {**kept, **QUIET, **pinned, **own}
