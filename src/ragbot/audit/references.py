"""What is wrong with a reference by itself: identifiers, retraction, age, and never being cited."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ragbot.audit.reading import SourceText
from ragbot.audit.report import AuditedReference, Problem, ReferenceStatus
from ragbot.types import Bibliography, Reference

DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]{1,200}")
PMID = re.compile(r"[1-9]\d{0,7}")
NEWEST_PMID = 60_000_000
OLDEST_YEAR = 1800
OUTDATED_AFTER = 15
"""Years after which a source is called outdated."""
_DOI_CLAIM = re.compile(r"\bdoi(?:\.org/|:? ?)\s*(\S+)", re.IGNORECASE)
_PMID_CLAIM = re.compile(r"\bPMID:? ?(\S+)", re.IGNORECASE)
_YEAR = re.compile(r"(?<![\d/.-])(1[5-9]\d\d|2\d\d\d)(?![\d/-]|\.\d)")
_SUPERSEDED = re.compile(r"\b(?:superseded|outdated|replaced by|withdrawn)\b", re.IGNORECASE)


def is_doi(text: str) -> bool:
    """Whether `text` has the form of a DOI."""
    return DOI.fullmatch(text.strip().rstrip(".,;)")) is not None


def is_pmid(text: str) -> bool:
    """Whether `text` can be a PubMed id."""
    plain = text.strip().rstrip(".,;)")
    return PMID.fullmatch(plain) is not None and int(plain) < NEWEST_PMID


def audit_reference(
    reference: Reference, sources: Mapping[str, SourceText], cited: int, year: int
) -> AuditedReference:
    """The reference with its problems; `cited` counts its statements, `year` is the present one."""
    source = sources.get(reference.source_id) if reference.source_id else None
    status: ReferenceStatus = "held" if source is not None else "not_in_library"
    if reference.source_id is None:
        status = "declared_missing"
    problems: list[Problem] = []
    title = reference.citation
    if source is not None:
        title = source.document.title
        if source.document.bibliography is not None:
            problems += _record_problems(source.document.bibliography, year)
    else:
        problems += _citation_problems(reference.citation, year)
    if status == "not_in_library":
        problems.append(
            Problem("source", f"{reference.source_id} is not in the library: is it made up?")
        )
    if not cited:
        problems.append(Problem("unused", "no statement cites it"))
    shown = tuple(Problem(p.kind, p.detail, reference.number) for p in problems)
    return AuditedReference(reference.number, reference.source_id, status, title, cited, shown)


def _record_problems(known: Bibliography, year: int) -> list[Problem]:
    problems = []
    if known.retracted:
        problems.append(Problem("retracted", "the source is retracted"))
    if known.doi and not is_doi(known.doi):
        problems.append(Problem("identifier", f"{known.doi} is no DOI"))
    if known.pmid and not is_pmid(known.pmid):
        problems.append(Problem("identifier", f"{known.pmid} is no PMID"))
    if known.year is not None:
        problems += _year_problems(known.year, year)
        if known.year <= year - OUTDATED_AFTER:
            problems.append(Problem("outdated", f"the source is of {known.year}"))
    if any(_SUPERSEDED.search(caveat) for caveat in known.caveats):
        problems.append(Problem("outdated", "its caveats say that it was superseded"))
    return problems


def _year_problems(found: int, year: int) -> list[Problem]:
    if OLDEST_YEAR <= found <= year + 1:
        return []
    return [Problem("identifier", f"{found} cannot be its year")]


def _citation_problems(citation: str, year: int) -> list[Problem]:
    """Identifiers and years in a written-out reference that cannot be right."""
    problems = [
        Problem("identifier", f"{found.rstrip('.,;)')} is no DOI")
        for found in _DOI_CLAIM.findall(citation)
        if not is_doi(found)
    ]
    problems += [
        Problem("identifier", f"{found.rstrip('.,;)')} is no PMID")
        for found in _PMID_CLAIM.findall(citation)
        if not is_pmid(found)
    ]
    plain = re.sub(r"\b(?:doi|pmid)\S*\s*\S+", " ", citation, flags=re.IGNORECASE)
    years = [int(found) for found in _YEAR.findall(plain)]
    if years and all(_year_problems(found, year) for found in years):
        problems += _year_problems(years[0], year)
    return problems
