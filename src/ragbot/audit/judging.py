"""Judges one statement by the sources it cites.

The statement was written from the source, so that what tells right from wrong is agreement: a
sentence of the source that comes near to it, every figure in such a sentence, the same patients,
the same names, the same direction. The learned verifier is not asked: it takes 41 of 90
paraphrases of true statements for untrue, and likeness tells them from others better than it does
(docs/decisions/0007-audit.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ragbot.answering.evidence import parts_of
from ragbot.answering.grounding.rules import findings
from ragbot.answering.grounding.sentences import Span, overlaps
from ragbot.audit.facets import mismatches
from ragbot.audit.figures import figures_of
from ragbot.audit.names import unnamed
from ragbot.audit.reading import Library, Likeness, SourceText
from ragbot.audit.report import AuditVerdict, Problem
from ragbot.index.vectors import Array

_AMOUNT = re.compile(r"(?:more|less|fewer)\b")  # "fewer cells", where another thing is "more often"
CARRIES = 0.47
"""Least likeness of a sentence to a statement, or to a part of it, that it may be said to carry."""
CLEAR = 0.7
BETTER = 0.19
"""Below CLEAR, a source of the article that comes nearer by this much is the one that was meant."""
IN_PLACE = 0.33
"""Least likeness of the sentence that gives a figure."""
ALIKE = 0.7
"""Share of words that statement and sentence must have of each other, before order is compared."""
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Nearest:
    """What of a source comes nearest: its best sentences by index, and the best's likeness."""

    source: SourceText
    likeness: float
    chosen: tuple[int, ...]
    part: str = ""

    @property
    def texts(self) -> list[str]:
        """The chosen sentences."""
        return [self.source.texts[at] for at in self.chosen]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a statement, what is wrong with it, and what its sources hold for it."""

    verdict: AuditVerdict
    problems: tuple[Problem, ...]
    nearest: Mapping[int, Nearest]


def judge(
    statement: str, cited: Mapping[int, SourceText], library: Library, likeness: Likeness
) -> Judgement:
    """Judge `statement` by the sources `cited`, by reference number; at least one is there."""
    parts = parts_of(statement) if len(cited) > 1 else [statement]
    vectors = library.embed(parts)
    nearest = {
        number: _nearest(parts, vectors, source, likeness) for number, source in cited.items()
    }
    problems = _figure_problems(statement, vectors[0], nearest, likeness)
    problems += _unsupported(statement, vectors[0], cited, nearest, likeness)
    carrying = {n: one for n, one in nearest.items() if one.likeness >= CARRIES}
    problems += _population_problems(statement, carrying or nearest)
    problems += _name_problems(statement, list(cited.values()))
    problems += _turned(statement, carrying)
    return Judgement(_verdict(problems, bool(carrying)), tuple(problems), nearest)


def _verdict(problems: Sequence[Problem], is_near: bool) -> AuditVerdict:
    """Contradicted where a near sentence says otherwise, unsupported where it says nothing."""
    kinds = {problem.kind for problem in problems}
    if not kinds:
        return "supported"
    if "support" in kinds or not is_near:
        return "unsupported"
    return "contradicted" if kinds & {"figure", "population", "direction"} else "unsupported"


def _nearest(
    parts: Sequence[str], vectors: Array, source: SourceText, likeness: Likeness
) -> Nearest:
    """The nearest sentences to the whole statement if they carry it, else to its best part."""
    scores = [likeness.of(p, v, source) for p, v in zip(parts, vectors, strict=True)]
    best = [float(one.max(initial=0.0)) for one in scores]
    at = 0 if best[0] >= CLEAR else int(np.argmax(best))
    order = np.argsort(-scores[at])
    chosen = [int(i) for i in order[:SHOWN] if scores[at][i] >= max(CARRIES, best[at] - 0.25)]
    chosen = chosen or [int(i) for i in order[:1]]
    return Nearest(source, best[at], tuple(chosen), "" if at == 0 else parts[at])


def _figure_problems(
    statement: str, vector: Array, nearest: dict[int, Nearest], likeness: Likeness
) -> list[Problem]:
    """Figures that no cited source gives, or only in a sentence on something else.

    The sentences that give the others join the chosen ones of their source.
    """
    places = [(n, at) for n, one in nearest.items() for at in range(len(one.source.texts))]
    texts = [nearest[n].source.texts[at] for n, at in places]
    scores = {n: likeness.of(statement, vector, one.source) for n, one in nearest.items()}
    problems = []
    for figure in figures_of(statement, texts):
        holders = [places[i] for i in figure.held_by]
        if not holders:
            if any(_in_record(figure.text, one.source) for one in nearest.values()):
                continue
            instead = f"; it has {figure.other}" if figure.other else ""
            problems.append(Problem("figure", f"{figure.text} is not in the source{instead}"))
            continue
        number, at = max(
            holders,
            key=lambda place: (
                place[1] in nearest[place[0]].chosen,
                float(scores[place[0]][place[1]]),
            ),
        )
        one = nearest[number]
        if at in one.chosen:
            continue
        if scores[number][at] < IN_PLACE and figure.unit:
            problems.append(
                Problem("place", f"{figure.text} stands elsewhere in the source", number)
            )
        else:
            nearest[number] = replace(one, chosen=(*one.chosen, at))
    return problems


def _in_record(figure: str, source: SourceText) -> bool:
    """Whether a plain number is the source's year or its number of patients."""
    known = source.document.bibliography
    return known is not None and figure.strip() in {str(known.year), str(known.sample_size)}


def _unsupported(
    statement: str,
    vector: Array,
    cited: Mapping[int, SourceText],
    nearest: Mapping[int, Nearest],
    likeness: Likeness,
) -> list[Problem]:
    ids = [source.document.id for source in cited.values()]
    problems = []
    for number, one in nearest.items():
        if one.likeness < CARRIES:
            problems.append(Problem("support", f"[{number}] does not carry it", number))
        elif one.likeness < CLEAR:
            text = one.part or statement
            other, name = likeness.best_other(text, vector, ids) if not one.part else (0.0, "")
            if other >= one.likeness + BETTER:
                problems.append(
                    Problem("support", f"{name} carries it better than [{number}]", number)
                )
    return problems


def _population_problems(statement: str, nearest: Mapping[int, Nearest]) -> list[Problem]:
    """Other patients than those of every cited source."""
    by_source = [
        {
            (m.facet, m.said): m
            for m in mismatches(statement, one.texts, one.source.about, one.source.whole)
        }
        for one in nearest.values()
    ]
    shared = set.intersection(*(set(found) for found in by_source)) if by_source else set()
    found = [by_source[0][key] for key in sorted(shared)]
    return [
        Problem("population", f"{m.facet}: the statement says {m.said}, the source {m.found}")
        for m in found
    ]


def _name_problems(statement: str, sources: Sequence[SourceText]) -> list[Problem]:
    absent = unnamed(statement, "\n".join(source.whole for source in sources))
    return [Problem("name", f"{name} is not in the source") for name in absent]


def _turned(statement: str, nearest: Mapping[int, Nearest]) -> list[Problem]:
    """What is turned round against the nearest sentence, of the source that comes nearest."""
    if not nearest:
        return []
    one = max(nearest.values(), key=lambda near: near.likeness)
    said, text = one.part or statement, one.texts[0]
    here, there = (Span(0, len(said), said), Span(0, len(text), text))
    scores = overlaps(said, [there])
    alike = min(scores[0], *overlaps(text, [here])) >= ALIKE
    found = findings(said, [there], scores)
    return [
        Problem("direction", one.detail)
        for one in found
        if one.rule != "number"
        and (alike or (one.rule == "direction" and not _AMOUNT.match(one.detail)))
    ]
