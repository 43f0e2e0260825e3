"""What a verifier answers, and what a verifier is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

Label = Literal["supported", "contradicted", "unsupported"]
LABELS: tuple[Label, ...] = ("supported", "contradicted", "unsupported")


@dataclass(frozen=True, slots=True)
class GroundingVerdict:
    """Whether a passage supports a claim.

    `score` is the probability (0 to 1) that the passage supports the claim, `contradiction` that it
    contradicts it. `evidence[start:end]` is the sentence that decided; both are 0 where there is no
    evidence. `shown` says whether the claim may be shown as verified: that threshold is higher
    than the label's. `rules` are the findings of code, as "rule: detail"; `method` names what
    judged. `judged` is false where it gave no verdict and may give one when asked again.
    """

    label: Label
    score: float
    contradiction: float
    start: int
    end: int
    shown: bool
    rules: tuple[str, ...]
    method: str
    judged: bool = True


@runtime_checkable
class Verifier(Protocol):
    """Judges claims against passages; `name` is stamped on answers.

    Verdicts come in the order of the pairs `(claim, evidence)`.
    """

    name: str

    def verify_batch(self, pairs: Sequence[tuple[str, str]]) -> list[GroundingVerdict]:
        """One verdict for each pair `(claim, evidence)`."""
        ...


def verify(verifier: Verifier, claim: str, evidence: str) -> GroundingVerdict:
    """The verdict on one claim."""
    return verifier.verify_batch([(claim, evidence)])[0]


def no_evidence(method: str) -> GroundingVerdict:
    """The verdict where there is no claim or no evidence to read."""
    return GroundingVerdict("unsupported", 0.0, 0.0, 0, 0, False, (), method)
