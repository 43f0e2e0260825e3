"""Baselines and the gate: a run that falls beyond its tolerance blocks the release."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ragbot.errors import UsageError
from ragbot.evaluation.runner import RunReport, Scores, TurnResult

# What must hold of every answer has no tolerance; the rest may move by a few turns.
STRICT = frozenset(
    {
        "citation_precision",
        "citation_recall",
        "citation_validity",
        "disclaimer",
        "groundedness",
        "marker_stability",
        "no_sources_in_refusal",
        "number_exactness",
    }
)
TOLERANCE = 0.015
UNGATED = frozenset({"milliseconds"})


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn of the baseline: what it answered and how it scored."""

    text: str
    standalone_question: str
    scores: Scores


@dataclass(frozen=True, slots=True)
class Baseline:
    """A committed run: its stamp, its metrics and its turns."""

    revision: str
    model: str
    verifier: str
    settings_digest: str
    suites: tuple[str, ...]
    metrics: Mapping[str, float]
    turns: Mapping[str, KeptTurn]


@dataclass(frozen=True, slots=True)
class Fall:
    """A metric below its baseline."""

    metric: str
    before: float
    now: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class Change:
    """A turn that scores worse than in the baseline, with both answers."""

    id: str
    question: str
    metrics: tuple[str, ...]
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class GateResult:
    """What the gate found; it passes if no metric fell and none has gone."""

    falls: tuple[Fall, ...]
    gone: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def passes(self) -> bool:
        """Whether the release may go out."""
        return not self.falls and not self.gone


def revision(folder: Path) -> str:
    """The revision of the code in `folder`, or "unknown" outside a checkout."""
    try:
        found = subprocess.run(  # noqa: S603 - fixed words and a folder
            ["git", "-C", str(folder), "rev-parse", "--short=12", "HEAD"],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def to_baseline(report: RunReport, stamp: str) -> Baseline:
    """The baseline that `report` would be."""
    return Baseline(
        revision=stamp,
        model=report.model,
        verifier=report.verifier,
        settings_digest=report.settings_digest,
        suites=report.suites,
        metrics={name: round(m.value, 6) for name, m in report.metrics.items() if m.n},
        turns={
            turn.id: KeptTurn(turn.text, turn.standalone_question, turn.scores)
            for turn in report.turns
        },
    )


def save_baseline(baseline: Baseline, path: Path) -> None:
    """Write `baseline`, sorted, so that a change reads well as a diff."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(baseline), indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def load_baseline(path: Path) -> Baseline:
    """The baseline in `path`. Raises UsageError if it is not there or does not read."""
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        turns = {name: KeptTurn(**turn) for name, turn in data.pop("turns").items()}
        return Baseline(**{**data, "suites": tuple(data["suites"]), "turns": turns})
    except FileNotFoundError as error:
        raise UsageError(
            f"There is no baseline {path}.", remedy="Make one with --update-baseline."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"The baseline {path} does not read ({error}).",
            remedy="Restore it, or make it anew with --update-baseline.",
        ) from error


def judge_run(report: RunReport, baseline: Baseline) -> GateResult:
    """Compare `report` with `baseline`, over the suites that both have run."""
    now = to_baseline(report, "").metrics
    before = _comparable(report, baseline)
    falls = [
        Fall(name, value, now[name], tolerance)
        for name, value in sorted(before.items())
        for tolerance in [0.0 if name in STRICT else TOLERANCE]
        if name in now and now[name] < value - tolerance - 1e-9
    ]
    gone = [name for name in sorted(before) if name not in now and name not in UNGATED]
    return GateResult(tuple(falls), tuple(gone), tuple(_changes(report.turns, baseline)))


def _comparable(report: RunReport, baseline: Baseline) -> Mapping[str, float]:
    """The baseline's metrics, summed up anew where only some of its suites were run."""
    ran = {turn.id for turn in report.turns}
    if ran >= set(baseline.turns):
        return baseline.metrics
    sums: dict[str, list[float]] = {}
    for name, turn in baseline.turns.items():
        if name in ran:
            for metric, value in turn.scores.items():
                if value is not None:
                    sums.setdefault(metric, []).append(value)
    return {metric: sum(values) / len(values) for metric, values in sums.items()}


def _changes(turns: Sequence[TurnResult], baseline: Baseline) -> list[Change]:
    changes = []
    for turn in turns:
        kept = baseline.turns.get(turn.id)
        if kept is None:
            continue
        worse = [
            name
            for name, value in kept.scores.items()
            if value is not None and (now := turn.scores.get(name)) is not None and now < value
        ]
        if worse:
            changes.append(Change(turn.id, turn.question, tuple(worse), kept.text, turn.text))
    return changes
