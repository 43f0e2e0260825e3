"""Baselines and the gate: a run that falls beyond its tolerance blocks the release."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ragbot.errors import UsageError
from ragbot.evaluation.comparing import Change, changed_turns
from ragbot.evaluation.measures import Difference, Scores, differences, tallies
from ragbot.evaluation.runs import RunReport

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
DESCRIBE = ("describe", "--always", "--exclude=*", "--abbrev=12", "--dirty=+")
UNGATED = frozenset({"judge_support"})
"""What a chat model thinks of the answers is shown, and blocks nothing."""


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
class GateResult:
    """What the gate found; it passes if no metric fell and none has gone.

    `changes` are the turns that score worse, `differences` the paired test of every metric,
    `remarks` what the baseline was made with that the run was not.
    """

    falls: tuple[Fall, ...]
    gone: tuple[str, ...]
    changes: tuple[Change, ...]
    differences: tuple[Difference, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether the release may go out."""
        return not self.falls and not self.gone


def revision(folder: Path) -> str:
    """The revision of the code in `folder`, with a "+" where files were changed since.

    "unknown" outside a checkout.
    """
    try:
        found = subprocess.run(  # noqa: S603 - fixed words and a folder
            ["git", "-C", str(folder), *DESCRIBE],  # noqa: S607
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
    """Compare `report` with `baseline`, over the turns that both have."""
    now = report.scores()
    before = {name: turn.scores for name, turn in baseline.turns.items() if name in now}
    found = differences(before, now)
    falls = [
        Fall(one.metric, one.before, one.now, tolerance)
        for one in found
        for tolerance in [0.0 if one.metric in STRICT else TOLERANCE]
        if one.metric not in UNGATED and one.now < one.before - tolerance - 1e-9
    ]
    scored = {one.metric for one in found}
    gone = [n for n, t in tallies(before).items() if t.n and n not in scored | UNGATED]
    worse = tuple(change for change in changed_turns(baseline.turns, report) if change.worse)
    return GateResult(tuple(falls), tuple(gone), worse, found, _remarks(report, baseline))


def _remarks(report: RunReport, baseline: Baseline) -> tuple[str, ...]:
    return tuple(
        f"The baseline was made with {name.replace('_', ' ')} {before}, this run with {now}."
        for name in ("model", "verifier", "settings_digest")
        for before, now in [(getattr(baseline, name), getattr(report, name))]
        if before != now
    )
