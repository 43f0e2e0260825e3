"""Runs suites through a `Ragbot`, turn by turn, and sums the scores up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ragbot.bot import Ragbot
from ragbot.errors import QuestionError, UnknownDocumentError
from ragbot.evaluation import ranking
from ragbot.evaluation.measures import Scores, latency, summarise
from ragbot.evaluation.ranking import Ranking
from ragbot.evaluation.runs import JudgeReport, Mode, RunReport, StatedClaim, TurnResult
from ragbot.evaluation.scorers import (
    Facts,
    Judge,
    Opinion,
    Outcome,
    facts,
    judge_support,
    marker_stability,
    score_turn,
    scores_of_refused,
)
from ragbot.evaluation.suites import ExpectedPassage, ExpectedTurn, Sample, Suite
from ragbot.evaluation.tapes import Tape, on_tape
from ragbot.types import Answer, Chunk, Document

FRAMING = "framing"
"""The kind of samples that come in pairs and ask for the same facts from opposite sides."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a run is made.

    `tape` is told which turn is asked. `judge` is what calibration says of the chat model that
    `opinion` asks; it is asked only if it is trusted.
    """

    mode: Mode = "extractive"
    revision: str = "unknown"
    settings_digest: str = ""
    tape: Tape | None = None
    judge: JudgeReport | None = None
    opinion: Opinion | None = None


class _Library:
    """Documents and chunks of the index that is evaluated, each read once."""

    def __init__(self, bot: Ragbot) -> None:
        self._bot = bot
        self.documents: dict[str, Document] = {}
        self.chunks: dict[str, tuple[Chunk, ...]] = {}

    def relevant(self, named: Sequence[ExpectedPassage]) -> frozenset[str]:
        for passage in named:
            self._read(passage.document)
        return ranking.relevant_chunks(named, self.documents, self.chunks)

    def _read(self, name: str) -> None:
        if name in self.chunks:
            return
        index = self._bot.index
        self.chunks[name] = tuple(
            record.chunk for record in index.records(index.rows_of([name]).tolist()).values()
        )
        try:
            self.documents[name] = self._bot.document(name)
        except UnknownDocumentError:
            return  # what needs it is unscored, and counted


@dataclass
class _Run:
    """A run as it grows."""

    bot: Ragbot
    judge: Judge
    terms: Terms
    library: _Library
    turns: list[TurnResult] = field(default_factory=list)
    rankings: list[Ranking] = field(default_factory=list)
    framed: dict[str, Facts] = field(default_factory=dict)


def run_suites(
    bot: Ragbot,
    suites: Sequence[Suite],
    judge: Judge,
    progress: Progress | None = None,
    terms: Terms | None = None,
) -> RunReport:
    """Run every sample of `suites` in a conversation of its own."""
    tell = progress or (lambda *_: None)
    terms = terms or Terms()
    began = time.monotonic()
    samples = [(suite.name, sample) for suite in suites for sample in suite.samples]
    run = _Run(bot, judge, terms, _Library(bot))
    for done, (name, sample) in enumerate(samples, 1):
        _run_sample(run, name, sample)
        tell("running samples", done, len(samples))
    turns, remark = _ranked(run.turns, run.rankings)
    return RunReport(
        model=bot.chain.answerer.name,
        verifier=bot.chain.verifier.name,
        settings_digest=terms.settings_digest or bot.settings.digest(),
        suites=tuple(suite.name for suite in suites),
        seconds=round(time.monotonic() - began, 2),
        metrics=summarise({turn.id: turn.scores for turn in turns}),
        turns=turns,
        mode=terms.mode,
        revision=terms.revision,
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        latency=latency([turn.milliseconds for turn in turns if turn.milliseconds]),
        remarks=(remark,) if remark else (),
        judge=terms.judge,
    )


def _ranked(
    turns: Sequence[TurnResult], rankings: Sequence[Ranking]
) -> tuple[tuple[TurnResult, ...], str]:
    """The turns with their retrieval metrics, and what to say of those that have none."""
    found, remark = ranking.score(rankings)
    scored = (replace(t, scores={**t.scores, **found.get(t.id, {})}) for t in turns)
    return tuple(scored), remark


def _run_sample(run: _Run, suite: str, sample: Sample) -> None:
    conversation = f"eval-{sample.id}"
    answers: list[Answer] = []
    for number, expected in enumerate(sample.turns, 1):
        with on_tape(run.terms.tape, f"{sample.id}/{number}"):
            outcome = _ask(run.bot, sample, expected, conversation)
        if outcome is None:
            run.turns.append(_refused(suite, sample, number, expected))
            continue
        answers.append(outcome.answer)
        scores = score_turn(outcome, run.judge)
        if run.terms.judge is not None:
            with on_tape(run.terms.tape, f"{sample.id}/{number}"):
                scores |= _opinion(outcome, run.terms)
        if number == len(sample.turns):
            stable = marker_stability(answers, _numbers(run.bot, sample.article))
            scores |= {} if stable is None else {"marker_stability": stable}
        if sample.kind == FRAMING:
            scores |= _framed(run.framed, f"{sample.id}/{number}", facts(outcome))
        result = _result(suite, sample, number, outcome, scores)
        run.turns.append(result)
        if expected.passages:
            found = tuple(passage.chunk.id for passage in outcome.passages)
            run.rankings.append(Ranking(result.id, found, run.library.relevant(expected.passages)))


def _framed(seen: dict[str, Facts], turn: str, now: Facts) -> Scores:
    """1 if the second of a pair of samples, "...b", tells what its "...a" told."""
    sample, _, number = turn.rpartition("/")
    seen[turn] = now
    first = seen.get(f"{sample[:-1]}a/{number}") if sample.endswith("b") else None
    return {} if first is None else {"framing_stability": float(first == now)}


def _opinion(outcome: Outcome, terms: Terms) -> Scores:
    """What the chat model that judges thinks, None if it is not trusted or cannot be read."""
    if not outcome.answer.claims:
        return {}
    is_trusted = terms.judge is not None and terms.judge.trusted
    asked = terms.opinion if is_trusted else None
    return {"judge_support": judge_support(outcome, asked) if asked else None}


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
        claims=tuple(StatedClaim(c.text, c.citations, c.verdict, c.note) for c in answer.claims),
        timings_ms=dict(answer.timings_ms),
        note=outcome.expected.note,
    )


def _refused(suite: str, sample: Sample, number: int, expected: ExpectedTurn) -> TurnResult:
    """An unreadable question was refused with an error line: as good as an abstention."""
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
        scores=scores_of_refused(expected),
        milliseconds=0.0,
        note=expected.note,
    )
