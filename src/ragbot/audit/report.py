"""What an audit finds, as values: statements with their verdicts, references, the sum of both."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Literal

AuditVerdict = Literal["supported", "contradicted", "unsupported", "missing"]
VERDICTS: tuple[AuditVerdict, ...] = ("supported", "contradicted", "unsupported", "missing")
ProblemKind = Literal[
    "figure",  # a figure that the cited sources do not give
    "place",  # a figure that the source gives of something else
    "population",  # other patients than the source's
    "direction",  # turned round: more for less, a negation, exchanged arms
    "name",  # a drug, gene or trial that the source does not name
    "support",  # the source carries nothing of the statement
    "source",  # the source is not in the library
    "identifier",  # a DOI, PMID or year that cannot be one
    "retracted",
    "outdated",
    "unused",  # a reference that no statement cites
]
ReferenceStatus = Literal["held", "declared_missing", "not_in_library"]
BROKEN: frozenset[AuditVerdict] = frozenset({"contradicted", "unsupported"})
FAULTS: frozenset[ProblemKind] = frozenset({"source", "identifier", "retracted"})
"""Problems of a reference that no share of supported statements makes good."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `detail` says what, for people; `number` is the reference's."""

    kind: ProblemKind
    detail: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """One cited source of a statement.

    `spans` are (start, end) in the source's text: the sentences that come nearest. `likeness`
    (0 to 1) says how near the best one is to the statement or to a part of it; `part` is that part
    where it is not all of the statement.
    """

    number: int
    source_id: str | None
    status: ReferenceStatus
    likeness: float = 0.0
    spans: tuple[tuple[int, int], ...] = ()
    part: str = ""


@dataclass(frozen=True, slots=True)
class AuditedStatement:
    """A statement: `text == article.text[start:end]`; its marker stood at `offset`.

    `score` (0 to 1) is the least likeness of its sources; `reason` is one line for people.
    """

    start: int
    end: int
    text: str
    offset: int
    markers: tuple[int, ...]
    section: str
    verdict: AuditVerdict
    score: float
    reason: str
    problems: tuple[Problem, ...] = ()
    sources: tuple[SourceCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditedReference:
    """A reference of the article with what is wrong with it; `cited` counts its statements."""

    number: int
    source_id: str | None
    status: ReferenceStatus
    title: str
    cited: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The audit of one article; `sha256` is the digest of the file that was audited."""

    slug: str
    title: str
    sha256: str
    status: str
    statements: tuple[AuditedStatement, ...]
    references: tuple[AuditedReference, ...]

    def count(self, verdict: AuditVerdict) -> int:
        """How many statements have that verdict."""
        return Counter(statement.verdict for statement in self.statements)[verdict]

    @property
    def counts(self) -> dict[str, int]:
        """Statements by verdict."""
        return {verdict: self.count(verdict) for verdict in VERDICTS}

    @property
    def share_supported(self) -> float:
        """Share (0 to 1) of the statements that could be checked and are supported; 1 for none."""
        checked = len(self.statements) - self.count("missing")
        return self.count("supported") / checked if checked else 1.0

    def passes(self, threshold: float) -> bool:
        """Whether the share supported reaches `threshold` and no source is made up or retracted."""
        faults = {p.kind for r in self.references for p in r.problems}
        return self.share_supported >= threshold and not faults & FAULTS

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready form with the counts."""
        found = asdict(self)
        return found | {"counts": self.counts, "share_supported": round(self.share_supported, 4)}
