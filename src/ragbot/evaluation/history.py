"""The history of runs: a small JSON file for each, in one folder, from which trends are drawn."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ragbot.errors import RagbotError, StorageError
from ragbot.evaluation.gate import GateResult
from ragbot.evaluation.measures import Metric
from ragbot.evaluation.runs import RunReport, load_report

LAST = "last"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run without its turns.

    `finished` is ISO 8601, UTC; `passes` is what the gate said, None where there was no baseline;
    `fallen` are the metrics that fell. `metrics` holds shares (0 to 1), `latency` milliseconds.
    """

    finished: str
    revision: str
    mode: str
    model: str
    verifier: str
    settings_digest: str
    suites: tuple[str, ...]
    turns: int
    seconds: float
    passes: bool | None
    fallen: tuple[str, ...]
    metrics: Mapping[str, Metric]
    latency: Mapping[str, Metric] = field(default_factory=dict)


@cache
def _summaries() -> TypeAdapter[RunSummary]:
    return TypeAdapter(RunSummary)


def summary_of(report: RunReport, result: GateResult | None = None) -> RunSummary:
    """`report` without its turns, with what the gate said of it."""
    return RunSummary(
        finished=report.finished,
        revision=report.revision,
        mode=report.mode,
        model=report.model,
        verifier=report.verifier,
        settings_digest=report.settings_digest,
        suites=report.suites,
        turns=len(report.turns),
        seconds=report.seconds,
        passes=result.passes if result else None,
        fallen=(*(fall.metric for fall in result.falls), *result.gone) if result else (),
        metrics=report.metrics,
        latency=report.latency,
    )


def add(summary: RunSummary, folder: Path) -> Path:
    """Keep `summary` in `folder`; gives its file. Raises StorageError."""
    stamp = "".join(c for c in summary.finished if c.isalnum())
    path = folder / f"{stamp}-{summary.mode}-{summary.revision}.json"
    held = _summaries().dump_json(summary, indent=1) + b"\n"
    return _write(path, held, f"The history of runs in {folder} cannot be written")


def _write(path: Path, held: bytes, problem: str) -> Path:
    """Write a whole file or none; gives `path`. Raises StorageError, which says `problem`."""
    aside = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(held)
        aside.replace(path)
    except OSError as error:
        raise StorageError(
            f"{problem} ({error}).",
            remedy="Set RAGBOT_EVAL_HISTORY to a writable folder, or run with --no-history.",
        ) from error
    return path


def load(folder: Path) -> tuple[RunSummary, ...]:
    """The runs kept in `folder`, oldest first; none if there is no such folder.

    A file that does not read is left out, and logged.
    """
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(_summaries().validate_json(path.read_bytes()))
        except (OSError, ValidationError) as error:
            _log.warning("%s is no run of the history: %s", path, " ".join(str(error).split()))
    return tuple(sorted(found, key=lambda run: run.finished))


def keep_last(report: RunReport, folder: Path) -> Path:
    """Keep the whole of the last run in its mode, with its turns; gives its file.

    Raises StorageError.
    """
    path = folder / LAST / f"{report.mode}.json"
    held = json.dumps(report.to_dict(), ensure_ascii=False).encode()
    return _write(path, held, f"The last run cannot be written to {path}")


def last_reports(folder: Path) -> tuple[RunReport, ...]:
    """The whole of the last run in each mode, the newest first; what does not read is left out."""
    found = []
    for path in sorted((folder / LAST).glob("*.json")):
        try:
            found.append(load_report(path))
        except RagbotError as error:
            _log.warning("%s", error)
    return tuple(sorted(found, key=lambda report: report.finished, reverse=True))
