"""An optional judge of a run: a chat model that says whether a passage supports a statement.

It is calibrated first, on pairs that people have labelled; one that does not agree with them enough
is shown with its disagreements, and its scores do not count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from ragbot.answering.generative.chat import LangChainChat
from ragbot.answering.generative.judge import ChatJudge
from ragbot.errors import UsageError
from ragbot.evaluation.binary_scores import balanced_accuracy
from ragbot.evaluation.runner import Terms
from ragbot.evaluation.runs import JudgePair, JudgeReport
from ragbot.evaluation.scorers import Opinion
from ragbot.evaluation.tapes import on_tape
from ragbot.settings import Settings
from ragbot.types import Verdict

NEEDED = 0.6
"""Cohen's kappa with people from which a judge is trusted: "substantial", Landis and Koch 1977."""
UNREAD = "unreadable"


class LabelledPair(BaseModel):
    """A statement and a passage of the library, with the label that people gave."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    document: str
    statement: str
    passage: str
    label: Verdict


def load_pairs(path: Path) -> tuple[LabelledPair, ...]:
    """The calibration set in `path`, JSON lines. Raises UsageError that names the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"The calibration set {path} cannot be read ({error}).",
            remedy="Name another with --judge-set.",
        ) from error
    pairs = [_pair(line, f"{path} line {n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not pairs:
        raise UsageError(f"{path} holds no pair.", remedy="Name another with --judge-set.")
    return tuple(pairs)


def _pair(line: str, where: str) -> LabelledPair:
    try:
        return LabelledPair.model_validate_json(line)
    except ValidationError as error:
        raise UsageError(
            f"{where} is no labelled pair ({error.errors()[0]['msg']}).",
            remedy="Give each line id, document, statement, passage and label.",
        ) from error


def calibrate(
    name: str, opinion: Opinion, pairs: Sequence[LabelledPair], needed: float = NEEDED
) -> JudgeReport:
    """How far `opinion` agrees with the labels; a verdict that cannot be read is a disagreement."""
    said = [opinion(pair.statement, pair.passage) or UNREAD for pair in pairs]
    labels = [pair.label for pair in pairs]
    truth = np.array([label == "supported" for label in labels])
    found = np.array([verdict == "supported" for verdict in said])
    agreed = kappa(labels, said)
    return JudgeReport(
        name=name,
        pairs=len(pairs),
        agreement=sum(a == b for a, b in zip(labels, said, strict=True)) / len(pairs),
        kappa=agreed,
        balanced_accuracy=balanced_accuracy(truth, found),
        needed=needed,
        trusted=agreed >= needed,
        unread=said.count(UNREAD),
        disagreements=tuple(
            JudgePair(pair.id, pair.statement, pair.passage, pair.label, verdict)
            for pair, verdict in zip(pairs, said, strict=True)
            if verdict != pair.label
        ),
    )


def kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Cohen's kappa (1960) of two raters; 0 where chance alone would agree throughout."""
    n = len(first)
    seen = sum(a == b for a, b in zip(first, second, strict=True)) / n
    left, right = Counter(first), Counter(second)
    by_chance = sum(left[label] * right[label] for label in left) / n**2
    return (seen - by_chance) / (1 - by_chance) if by_chance < 1 else 0.0


def judge_terms(terms: Terms, settings: Settings, path: Path, needed: float) -> Terms:
    """`terms` with the settings' chat model as judge, calibrated on the pairs in `path`.

    Raises UsageError if no chat model answers in this run, or the pairs do not read.
    """
    if not settings.has_chat:
        raise UsageError(
            "--judge needs a chat model, and none answers in this mode.",
            remedy="Use --mode live or --mode recorded.",
        )
    pairs = load_pairs(path)
    asked = ChatJudge(LangChainChat(settings), settings.chat_deadline)
    with on_tape(terms.tape, "calibration of the judge"):
        found = calibrate(asked.name, asked.judge, pairs, needed)
    return replace(terms, judge=found, opinion=asked.judge)
