"""The verify step: each claim is judged by the passages it cites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ragbot.answering.draft import DraftClaim
from ragbot.types import Citation, Claim, Verdict


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


def check(claim: DraftClaim, citations: Sequence[Citation], verifier: ClaimCheck) -> Claim:
    """`claim` with its citations and its verdict."""
    verdict, score = verifier.judge(claim.text, " ".join(c.quote for c in citations))
    return Claim(
        text=claim.text,
        citations=tuple(dict.fromkeys(citation.marker for citation in citations)),
        verdict=verdict,
        score=score,
        evidence=tuple(citation.key for citation in citations),
        role=claim.role,
        note=claim.note,
    )
