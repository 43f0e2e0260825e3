"""Audits an article: every citing statement, every reference."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

from ragbot.audit.judging import Judgement, judge
from ragbot.audit.reading import Library, Likeness, SourceText
from ragbot.audit.references import audit_reference
from ragbot.audit.report import (
    AuditedReference,
    AuditedStatement,
    AuditReport,
    Problem,
    SourceCheck,
)
from ragbot.audit.statements import CitingStatement, citing_statements
from ragbot.types import Document

FINE = "the sources say it"


def audit_article(article: Document, library: Library) -> AuditReport:
    """The audit of `article` by the sources in `library`."""
    listed = article.article.references if article.article else ()
    named = [reference.source_id for reference in listed if reference.source_id]
    sources = {name: found for name in named if (found := library.source(name)) is not None}
    statements = citing_statements(article)
    cited = Counter(number for one in statements for number in dict.fromkeys(one.numbers))
    year = time.gmtime().tm_year
    references = {
        reference.number: audit_reference(reference, sources, cited[reference.number], year)
        for reference in listed
    }
    likeness = Likeness(sources)
    return AuditReport(
        slug=article.id,
        title=article.title,
        sha256=article.sha256,
        status=article.article.status if article.article else "",
        statements=tuple(
            _audited(one, references, sources, library, likeness) for one in statements
        ),
        references=tuple(references.values()),
    )


def _audited(
    said: CitingStatement,
    references: Mapping[int, AuditedReference],
    sources: Mapping[str, SourceText],
    library: Library,
    likeness: Likeness,
) -> AuditedStatement:
    held = {
        number: sources[one.source_id]
        for number in said.numbers
        if (one := references.get(number)) is not None
        and one.source_id is not None
        and one.source_id in sources
    }
    absent = [number for number in said.numbers if number not in held]
    judged = judge(said.text, held, library, likeness) if held else Judgement("missing", (), {})
    verdict, problems = judged.verdict, list(judged.problems)
    if absent and verdict != "supported":
        verdict = "missing"  # what is not in the others may be in the one that is not here
    problems += [_absence(number, references.get(number)) for number in absent]
    problems += [
        problem
        for number in said.numbers
        if number in references
        for problem in references[number].problems
        if problem.kind in {"retracted", "identifier"}
    ]
    likes = [one.likeness for one in judged.nearest.values()]
    return AuditedStatement(
        start=said.start,
        end=said.end,
        text=said.text,
        offset=said.offset,
        markers=said.numbers,
        section=said.section,
        verdict=verdict,
        score=round(min(likes, default=0.0), 4),
        reason="; ".join(problem.detail for problem in problems) or FINE,
        problems=tuple(problems),
        sources=tuple(_check(number, references.get(number), judged) for number in said.numbers),
    )


def _absence(number: int, reference: AuditedReference | None) -> Problem:
    if reference is None:
        return Problem("source", f"[{number}] is not in the reference list", number)
    if reference.status == "declared_missing":
        return Problem("source", f"[{number}] is not in the library, as the article says", number)
    return Problem("source", f"[{number}] names {reference.source_id}, which is not there", number)


def _check(number: int, reference: AuditedReference | None, judged: Judgement) -> SourceCheck:
    source_id = reference.source_id if reference is not None else None
    near = judged.nearest.get(number)
    if reference is None or near is None:
        return SourceCheck(number, source_id, reference.status if reference else "not_in_library")
    spans = tuple(sorted(near.source.spans[at] for at in near.chosen))
    return SourceCheck(
        number, source_id, "held", round(near.likeness, 4), spans=spans, part=near.part
    )
