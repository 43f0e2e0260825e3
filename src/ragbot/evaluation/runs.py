"""A run of suites as a value: every turn with its answer and scores, the metrics, the stamp."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from ragbot.errors import UsageError
from ragbot.evaluation.measures import Metric, Scores, sample_of

Mode = Literal["extractive", "recorded", "live"]


@dataclass(frozen=True, slots=True)
class StatedClaim:
    """A claim of an answer with its markers and verdict, and why it carries a note."""

    text: str
    citations: tuple[str, ...]
    verdict: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TurnResult:
    """One turn with its answer and its scores; `id` is the sample's id and the turn's number.

    `answerable` is None where the suite leaves it open.
    """

    id: str
    suite: str
    kind: str
    number: int
    question: str
    standalone_question: str
    answerable: bool | None
    abstained: bool
    text: str
    citations: tuple[str, ...]
    passages: tuple[str, ...]
    scores: Scores
    milliseconds: float
    claims: tuple[StatedClaim, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def sample(self) -> str:
        """The sample that it belongs to."""
        return sample_of(self.id)


@dataclass(frozen=True, slots=True)
class JudgePair:
    """A statement and a passage, what a person says of them, and what the judge said."""

    id: str
    statement: str
    passage: str
    label: str
    said: str


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """How far a judge agrees with people, on the calibration set that ships with it.

    `trusted` says whether its scores count; `disagreements` are the pairs on which it differs,
    `unread` how many of its verdicts could not be read.
    """

    name: str
    pairs: int
    agreement: float
    kappa: float
    balanced_accuracy: float
    needed: float
    trusted: bool
    unread: int
    disagreements: tuple[JudgePair, ...]


@dataclass(frozen=True, slots=True)
class RunReport:
    """A whole run: what was run, its metrics, and every turn.

    `finished` is ISO 8601, UTC. `remarks` say what could not be measured, and why. `latency` is
    kept apart from `metrics`, which are the same each time.
    """

    model: str
    verifier: str
    settings_digest: str
    suites: tuple[str, ...]
    seconds: float
    metrics: Mapping[str, Metric]
    turns: tuple[TurnResult, ...]
    mode: Mode = "extractive"
    revision: str = "unknown"
    finished: str = ""
    latency: Mapping[str, Metric] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    judge: JudgeReport | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready form."""
        return asdict(self)

    def scores(self) -> dict[str, Scores]:
        """The scores of every turn by its id."""
        return {turn.id: turn.scores for turn in self.turns}


@cache
def _reports() -> TypeAdapter[RunReport]:
    return TypeAdapter(RunReport)


def load_report(path: Path) -> RunReport:
    """The run kept in `path`, a report.json or the folder that holds one.

    Raises UsageError if it is not there or is no report of a run.
    """
    file = path / "report.json" if path.is_dir() else path
    try:
        document: Any = json.loads(file.read_text(encoding="utf-8"))
        return _reports().validate_python(document)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UsageError(
            f"The report {file} cannot be read ({error}).",
            remedy="Make one with `ragbot eval run --report DIR`.",
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise UsageError(
            f"{file} is no report of a run: {where}: {first['msg']}.",
            remedy="Name a report.json of `ragbot eval run`.",
        ) from error
