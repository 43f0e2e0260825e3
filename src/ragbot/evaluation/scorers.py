"""Scorers: pure functions from an expected turn and its answer to values.

None means that the turn does not ask for it; such a metric is left out of the turn's scores.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ragbot.answering.numbers import missing_quantities
from ragbot.evaluation.suites import ExpectedTurn
from ragbot.types import Answer, Passage, Verdict

Judge = Callable[[str, str], Verdict]
Opinion = Callable[[str, str], Verdict | None]
"""A judge that may not be readable: None."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A turn as it went: the answer, the passages retrieved, and the documents' texts."""

    expected: ExpectedTurn
    answer: Answer
    passages: tuple[Passage, ...]
    texts: Mapping[str, str]
    disclaimer: str


def holds_figure(text: str, figure: str) -> bool:
    """Whether `figure` stands in `text` as a number of its own: "4" is not in "4.5" or "14"."""
    pattern = rf"(?<![\d.,])(?<!\d[.,]){re.escape(figure)}(?![\d])(?![.,]\d)"
    return re.search(pattern, text) is not None


def _quotes(answer: Answer) -> str:
    return "\n".join(citation.quote for citation in answer.citations)


def answered(outcome: Outcome) -> float | None:
    """1 if an answerable question was answered."""
    is_asked = outcome.expected.answerable is True
    return float(not outcome.answer.abstained) if is_asked else None


def abstained(outcome: Outcome) -> float | None:
    """1 if an unanswerable question was not answered."""
    is_asked = outcome.expected.answerable is False
    return float(outcome.answer.abstained) if is_asked else None


def passage_recall(outcome: Outcome) -> float | None:
    """1 if any passage that answers is among the retrieved."""
    if not outcome.expected.passages:
        return None
    return float(
        any(
            wanted.snippet in passage.chunk.text and wanted.document == passage.chunk.document_id
            for wanted in outcome.expected.passages
            for passage in outcome.passages
        )
    )


def passage_cited(outcome: Outcome) -> float | None:
    """1 if the answer quotes a passage that answers."""
    if not outcome.expected.passages:
        return None
    quotes = _quotes(outcome.answer)
    return float(any(wanted.snippet in quotes for wanted in outcome.expected.passages))


def must_have_figures(outcome: Outcome) -> float | None:
    """Share of the figures that must be there which the quotes hold."""
    figures = outcome.expected.figures
    if not figures:
        return None
    quotes = _quotes(outcome.answer)
    return sum(holds_figure(quotes, figure) for figure in figures) / len(figures)


def no_forbidden_figures(outcome: Outcome) -> float | None:
    """1 if no forbidden figure is in the answer."""
    if not outcome.expected.forbidden_figures:
        return None
    text = outcome.answer.text
    return float(not any(holds_figure(text, f) for f in outcome.expected.forbidden_figures))


def right_source(outcome: Outcome) -> float | None:
    """1 if a source that may be cited is cited."""
    if not outcome.expected.cites_any:
        return None
    cited = {citation.document_id for citation in outcome.answer.citations}
    return float(bool(cited.intersection(outcome.expected.cites_any)))


def premise_correction(outcome: Outcome) -> float | None:
    """1 if the words that correct a false premise are quoted."""
    premise = outcome.expected.premise
    return None if premise is None else float(premise.correct_snippet in _quotes(outcome.answer))


def citation_validity(outcome: Outcome) -> float | None:
    """Share of the citations that open exactly their passage, of claims' markers all given."""
    citations = outcome.answer.citations
    known = {citation.key for citation in citations}
    checks = [
        bool(c.quote) and outcome.texts.get(c.document_id, "")[c.start : c.end] == c.quote
        for c in citations
    ]
    checks += [key in known for claim in outcome.answer.claims for key in claim.evidence]
    return sum(checks) / len(checks) if checks else None


def _evidence(answer: Answer) -> list[tuple[str, list[str]]]:
    quotes = {citation.key: citation.quote for citation in answer.citations}
    return [
        (claim.text, [quotes[key] for key in claim.evidence if key in quotes])
        for claim in answer.claims
    ]


def citation_recall(outcome: Outcome, judge: Judge) -> float | None:
    """Share of the claims that all their citations together support (ALCE, Gao et al. 2023)."""
    pairs = _evidence(outcome.answer)
    if not pairs:
        return None
    supported = [bool(q) and judge(claim, " ".join(q)) == "supported" for claim, q in pairs]
    return sum(supported) / len(supported)


def citation_precision(outcome: Outcome, judge: Judge) -> float | None:
    """Share of the citations that are not irrelevant (ALCE, Gao et al. 2023).

    A citation counts if its claim is supported by all, and it supports it alone or the others do
    not without it.
    """
    counted: list[bool] = []
    for claim, quotes in _evidence(outcome.answer):
        whole = bool(quotes) and judge(claim, " ".join(quotes)) == "supported"
        for at, quote in enumerate(quotes):
            others = quotes[:at] + quotes[at + 1 :]
            needed = judge(claim, quote) == "supported" or (
                bool(others) and judge(claim, " ".join(others)) != "supported"
            )
            counted.append(whole and needed)
    return sum(counted) / len(counted) if counted else None


def judge_support(outcome: Outcome, opinion: Opinion) -> float | None:
    """Share of the claims that a chat model finds supported by all their citations together.

    Verdicts that cannot be read are left out; None if all are.
    """
    said = [
        opinion(claim, " ".join(q)) if q else "unsupported"
        for claim, q in _evidence(outcome.answer)
    ]
    read = [verdict for verdict in said if verdict is not None]
    return sum(verdict == "supported" for verdict in read) / len(read) if read else None


def groundedness(outcome: Outcome) -> float | None:
    """Share of the claims whose verdict is supported."""
    claims = outcome.answer.claims
    if not claims:
        return None
    return sum(claim.verdict == "supported" for claim in claims) / len(claims)


def number_exactness(outcome: Outcome) -> float | None:
    """Share of the claims all of whose figures stand in the passages they cite."""
    pairs = _evidence(outcome.answer)
    if not pairs:
        return None
    return sum(not missing_quantities(claim, quotes) for claim, quotes in pairs) / len(pairs)


def disclaimer_once(outcome: Outcome) -> float:
    """1 if the disclaimer stands word for word exactly once."""
    shown = outcome.answer.text + outcome.answer.disclaimer
    return float(shown.count(outcome.disclaimer) == 1)


def no_sources_in_refusal(outcome: Outcome) -> float | None:
    """1 if an abstention shows no claim and no citation, and names what was searched."""
    answer = outcome.answer
    if not answer.abstained:
        return None
    return float(not answer.claims and not answer.citations and bool(answer.reason))


SCORERS: dict[str, Callable[[Outcome], float | None]] = {
    "answered": answered,
    "abstained": abstained,
    "passage_recall": passage_recall,
    "passage_cited": passage_cited,
    "must_have_figures": must_have_figures,
    "no_forbidden_figures": no_forbidden_figures,
    "right_source": right_source,
    "premise_correction": premise_correction,
    "citation_validity": citation_validity,
    "groundedness": groundedness,
    "number_exactness": number_exactness,
    "disclaimer": disclaimer_once,
    "no_sources_in_refusal": no_sources_in_refusal,
}
JUDGED: dict[str, Callable[[Outcome, Judge], float | None]] = {
    "citation_recall": citation_recall,
    "citation_precision": citation_precision,
}


def score_turn(outcome: Outcome, judge: Judge) -> dict[str, float | None]:
    """Every metric that the turn asks for; None where it could not be judged."""
    found = {name: scorer(outcome) for name, scorer in SCORERS.items()}
    found |= {name: scorer(outcome, judge) for name, scorer in JUDGED.items()}
    scores = {name: value for name, value in found.items() if value is not None}
    is_open = outcome.expected.answerable is None
    return {**scores, "answered": None} if is_open else {**scores}


def scores_of_refused(expected: ExpectedTurn) -> dict[str, float | None]:
    """The scores of a question that was refused as unreadable: as good as an abstention."""
    asked = {"passage_recall": expected.passages, "must_have_figures": expected.figures}
    unscored: dict[str, float | None] = {name: None for name, named in asked.items() if named}
    if expected.answerable is False:
        return {**unscored, "abstained": 1.0}
    return {**unscored, "answered": 0.0 if expected.answerable else None}


Facts = tuple[bool, frozenset[str]]
"""Whether a turn was answered, and which of its figures the answer quotes."""


def facts(outcome: Outcome) -> Facts:
    """What must be the same whichever way a question is framed."""
    quotes = _quotes(outcome.answer)
    held = frozenset(f for f in outcome.expected.figures if holds_figure(quotes, f))
    return not outcome.answer.abstained, held


def marker_stability(answers: Sequence[Answer], numbers: Mapping[str, str]) -> float | None:
    """1 if every document keeps its marker over the turns, and the article's own its `numbers`."""
    given: dict[str, set[str]] = {}
    for answer in answers:
        for citation in answer.citations:
            given.setdefault(citation.document_id, set()).add(citation.marker)
    if not given:
        return None
    return float(
        all(
            len(markers) == 1 and markers == {numbers.get(name, next(iter(markers)))}
            for name, markers in given.items()
        )
    )
