"""The verify step: each claim is judged by the passages it cites."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from ragbot.answering.draft import DraftClaim
from ragbot.types import Citation, Claim, Verdict

if TYPE_CHECKING:
    from ragbot.answering.grounding.verdict import Verifier

KEPT_VERDICTS = 512
LIKELY = "Likely supported, but not verified: read the passage."


class ClaimCheck(Protocol):
    """Judges whether evidence supports a claim."""

    @property
    def name(self) -> str:
        """What is stamped on the answer as its verifier."""

    def judge(self, claim: str, evidence: str) -> tuple[Verdict, float]:
        """The verdict, and the probability that the evidence supports the claim."""


class VerbatimCheck:
    """Supports a claim that stands word for word in its evidence; others stay unverified.

    It needs no model, and says nothing of a claim in other words.
    """

    name = "verbatim"

    def judge(self, claim: str, evidence: str) -> tuple[Verdict, float]:
        """Supported with probability 1 if the claim is a part of the evidence."""
        return ("supported", 1.0) if claim.strip() and claim in evidence else ("unverified", 0.0)


class _NotJudgedError(Exception):
    """There is no verdict: raised, so that nothing is kept."""


class GroundedCheck:
    """Judges claims in the model's own words by a grounding verifier.

    A claim that is its evidence, word for word, needs no judging: evidence is always whole
    sentences, so nothing is torn out of one. What a verifier finds supported without being sure
    enough to show it as verified stays "unverified". Verdicts are kept, so that a claim that was
    judged while it was written costs nothing at the end; where a verifier gave none, it is asked
    again.
    """

    def __init__(self, verifier: Verifier) -> None:
        self.name = verifier.name
        self._verifier = verifier
        self._kept = lru_cache(maxsize=KEPT_VERDICTS)(self._judge)

    def judge(self, claim: str, evidence: str) -> tuple[Verdict, float]:
        """The verdict, and the probability that the evidence supports the claim."""
        try:
            return self._kept(claim, evidence)
        except _NotJudgedError:
            return "unsupported", 0.0

    def _judge(self, claim: str, evidence: str) -> tuple[Verdict, float]:
        if claim.strip() and claim.strip() == evidence.strip():
            return "supported", 1.0
        found = self._verifier.verify_batch([(claim, evidence)])[0]
        if not found.judged:
            raise _NotJudgedError
        if found.label == "supported":
            return ("supported" if found.shown else "unverified"), found.score
        return found.label, found.score


def evidence_text(quotes: Sequence[str]) -> str:
    """The quotes of a claim as the one text that a verifier reads."""
    return " ".join(quotes)


def check(claim: DraftClaim, citations: Sequence[Citation], verifier: ClaimCheck) -> Claim:
    """`claim` with its citations and its verdict."""
    verdict, score = verifier.judge(claim.text, evidence_text([c.quote for c in citations]))
    if claim.failed and verdict != "contradicted":
        verdict, score = "unsupported", 0.0
    note = claim.note
    if verdict == "unverified" and score > 0:
        note = f"{note} {LIKELY}".strip()
    return Claim(
        text=claim.text,
        citations=tuple(dict.fromkeys(citation.marker for citation in citations)),
        verdict=verdict,
        score=score,
        evidence=tuple(citation.key for citation in citations),
        role=claim.role,
        note=note,
        plain=claim.plain,
    )
