"""Runs suites through a `Ragbot`, turn by turn, and sums the scores up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ragbot.bot import Ragbot
from ragbot.errors import QuestionError
from ragbot.evaluation.scorers import Judge, Outcome, marker_stability, score_turn
from ragbot.evaluation.suites import ExpectedTurn, Sample, Suite
from ragbot.types import Answer

RESAMPLES = 1000
SEED = 20_170_301

Scores = dict[str, float | None]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class TurnResult:
    """One turn with its answer and its scores; `id` is the sample's id and the turn's number."""

    id: str
    suite: str
    kind: str
    number: int
    question: str
    standalone_question: str
    answerable: bool
    abstained: bool
    text: str
    citations: tuple[str, ...]
    passages: tuple[str, ...]
    scores: Scores
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure with its number of scored turns and its 95% bootstrap interval."""

    value: float
    n: int
    low: float
    high: float
    unscored: int = 0


@dataclass(frozen=True, slots=True)
class RunReport:
    """A whole run: what was run, its metrics, and every turn."""

    model: str
    verifier: str
    settings_digest: str
    suites: tuple[str, ...]
    seconds: float
    metrics: Mapping[str, Metric]
    turns: tuple[TurnResult, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready form."""
        return asdict(self)


def run_suites(
    bot: Ragbot, suites: Sequence[Suite], judge: Judge, progress: Progress | None = None
) -> RunReport:
    """Run every sample of `suites` in a conversation of its own."""
    tell = progress or (lambda *_: None)
    began = time.monotonic()
    samples = [(suite.name, sample) for suite in suites for sample in suite.samples]
    turns: list[TurnResult] = []
    for done, (name, sample) in enumerate(samples, 1):
        turns += _run_sample(bot, name, sample, judge)
        tell("running samples", done, len(samples))
    return RunReport(
        model=bot.chain.answerer.name,
        verifier=bot.chain.verifier.name,
        settings_digest=bot.settings.digest(),
        suites=tuple(suite.name for suite in suites),
        seconds=round(time.monotonic() - began, 2),
        metrics=summarise(turns),
        turns=tuple(turns),
    )


def _run_sample(bot: Ragbot, suite: str, sample: Sample, judge: Judge) -> list[TurnResult]:
    conversation = f"eval-{sample.id}"
    results: list[TurnResult] = []
    answers: list[Answer] = []
    for number, expected in enumerate(sample.turns, 1):
        outcome = _ask(bot, sample, expected, conversation)
        if outcome is None:
            results.append(_refused(suite, sample, number, expected))
            continue
        answers.append(outcome.answer)
        scores = score_turn(outcome, judge)
        if number == len(sample.turns):
            scores["marker_stability"] = marker_stability(answers, _numbers(bot, sample.article))
        results.append(_result(suite, sample, number, outcome, scores))
    return results


def _ask(bot: Ragbot, sample: Sample, expected: ExpectedTurn, conversation: str) -> Outcome | None:
    """The turn's outcome, or None if the question was refused as unreadable."""
    try:
        draft = bot.trace(expected.question, sample.article, conversation)
    except QuestionError:
        return None
    assert draft.answer is not None
    assert draft.turn is not None
    texts = {c.document_id: bot.document(c.document_id).text for c in draft.answer.citations}
    disclaimer = bot.settings.disclaimer_text()
    return Outcome(expected, draft.answer, draft.turn.passages, texts, disclaimer)


def _numbers(bot: Ragbot, slug: str) -> dict[str, str]:
    details = bot.document(slug).article
    references = sorted(details.references, key=lambda r: -r.number) if details else []
    numbers = {r.source_id: str(r.number) for r in references if r.source_id}
    return numbers | {slug: "A"}


def _result(
    suite: str, sample: Sample, number: int, outcome: Outcome, scores: Scores
) -> TurnResult:
    answer = outcome.answer
    return TurnResult(
        id=f"{sample.id}/{number}",
        suite=suite,
        kind=sample.kind,
        number=number,
        question=outcome.expected.question,
        standalone_question=answer.standalone_question,
        answerable=outcome.expected.answerable,
        abstained=answer.abstained,
        text=answer.text,
        citations=tuple(f"[{c.marker}] {c.document_id}: {c.quote}" for c in answer.citations),
        passages=tuple(f"{p.chunk.document_id}: {p.chunk.text}" for p in outcome.passages),
        scores=scores,
        milliseconds=answer.timings_ms.get("total", 0.0),
    )


def _refused(suite: str, sample: Sample, number: int, expected: ExpectedTurn) -> TurnResult:
    """An unreadable question was refused with an error line: as good as an abstention."""
    scores: Scores = {"answered": 0.0} if expected.answerable else {"abstained": 1.0}
    return TurnResult(
        id=f"{sample.id}/{number}",
        suite=suite,
        kind=sample.kind,
        number=number,
        question=expected.question,
        standalone_question="",
        answerable=expected.answerable,
        abstained=True,
        text="",
        citations=(),
        passages=(),
        scores=scores,
        milliseconds=0.0,
    )


def abstention_scores(answerable: Sequence[bool], abstained: Sequence[bool]) -> dict[str, float]:
    """Precision, recall and F1 of abstaining; 1 where there was nothing to abstain on or from."""
    right = sum(a and not b for a, b in zip(abstained, answerable, strict=True))
    precision = right / sum(abstained) if any(abstained) else 1.0
    needed = sum(not entry for entry in answerable)
    recall = right / needed if needed else 1.0
    both = precision + recall
    return {
        "abstention_precision": precision,
        "abstention_recall": recall,
        "abstention_f1": 2 * precision * recall / both if both else 0.0,
    }


def summarise(turns: Sequence[TurnResult]) -> dict[str, Metric]:
    """Metrics over all turns, with bootstrap intervals over conversations' turns."""
    rng = np.random.default_rng(SEED)
    draws = rng.integers(0, max(len(turns), 1), (RESAMPLES, len(turns)))
    metrics: dict[str, Metric] = {}
    names = sorted({name for turn in turns for name in turn.scores})
    for name in names:
        values = np.array(
            [np.nan if (v := turn.scores.get(name)) is None else v for turn in turns], dtype=float
        )
        metrics[name] = _mean_metric(values, draws)
    follow = [turn for turn in turns if turn.number > 1]
    if follow:
        gap = [_figure_share([t for t in turns if t.number == 1]), _figure_share(follow)]
        metrics["figures_first_turns"], metrics["figures_followups"] = gap
    answerable = np.array([turn.answerable for turn in turns])
    silent = np.array([turn.abstained for turn in turns])
    whole = abstention_scores(answerable.tolist(), silent.tolist())
    drawn = [
        abstention_scores(answerable[draw].tolist(), silent[draw].tolist()) for draw in draws[:300]
    ]
    for name, value in whole.items():
        low, high = np.percentile([entry[name] for entry in drawn], [2.5, 97.5])
        metrics[name] = Metric(value, len(turns), float(low), float(high))
    return metrics


def _figure_share(turns: Sequence[TurnResult]) -> Metric:
    values = np.array(
        [np.nan if (v := turn.scores.get("must_have_figures")) is None else v for turn in turns],
        dtype=float,
    )
    draws = np.random.default_rng(SEED).integers(0, max(len(turns), 1), (RESAMPLES, len(turns)))
    return _mean_metric(values, draws)


def _mean_metric(values: np.ndarray[Any, Any], draws: np.ndarray[Any, Any]) -> Metric:
    scored = ~np.isnan(values)
    n = int(scored.sum())
    if n == 0:
        return Metric(0.0, 0, 0.0, 0.0, len(values))
    drawn, kept = values[draws], scored[draws]
    counts = kept.sum(axis=1)
    sums = np.where(kept, drawn, 0.0).sum(axis=1)
    means = sums[counts > 0] / counts[counts > 0]
    low, high = np.percentile(means, [2.5, 97.5])
    return Metric(float(np.nanmean(values)), n, float(low), float(high), len(values) - n)
