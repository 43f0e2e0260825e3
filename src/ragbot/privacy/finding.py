"""What is found in a text, and how it is taken out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal[
    "patient_name",
    "person",
    "date_of_birth",
    "age_over_89",
    "record_number",
    "nhs_number",
    "national_id",
    "insurance_id",
    "phone",
    "email",
    "address",
    "payment_card",
    "bank_account",
    "ip_address",
]
WORDS: dict[Kind, str] = {
    "patient_name": "patient's name",
    "person": "person's name",
    "date_of_birth": "date of birth",
    "age_over_89": "age over 89",
    "record_number": "record number",
    "nhs_number": "NHS number",
    "national_id": "identity number",
    "insurance_id": "insurance number",
    "phone": "telephone number",
    "email": "e-mail address",
    "address": "postal address",
    "payment_card": "card number",
    "bank_account": "account number",
    "ip_address": "IP address",
}
"""Each kind as a person reads it."""
PATIENT_KINDS: frozenset[Kind] = frozenset(
    {
        "patient_name",
        "date_of_birth",
        "record_number",
        "nhs_number",
        "national_id",
        "insurance_id",
    }
)
"""What no paper prints of anybody: a paper does print its authors' names and addresses."""
BLACK = "█"


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data at `text[start:end]`; `score` (0 to 1) is how sure the recogniser is."""

    kind: Kind
    start: int
    end: int
    score: float


def settled(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """`found` in order of the text, without overlaps.

    What overlaps and is of one kind is joined; else the surer one stays, then the longer.
    """
    kept: list[Finding] = []
    for one in sorted(_joined(found), key=lambda f: (-f.score, f.start - f.end, f.start)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=lambda f: f.start))


def _joined(found: Iterable[Finding]) -> list[Finding]:
    joined: list[Finding] = []
    for one in sorted(found, key=lambda f: (f.kind, f.start, f.end)):
        last = joined[-1] if joined else None
        if last is not None and last.kind == one.kind and one.start < last.end:
            joined[-1] = replace(last, end=max(last.end, one.end), score=max(last.score, one.score))
        else:
            joined.append(one)
    return joined


def mask(text: str, findings: Sequence[Finding]) -> str:
    """`text` with each finding replaced by its kind in brackets, as in "[date of birth]"."""
    parts, at = [], 0
    for one in settled(findings):
        parts += [text[at : one.start], f"[{WORDS[one.kind]}]"]
        at = one.end
    return "".join((*parts, text[at:]))


def blacken(text: str, findings: Sequence[Finding]) -> str:
    """`text` of the same length with each finding blackened, so that offsets stay what they are."""
    shown = list(text)
    for one in findings:
        for at in range(one.start, one.end):
            shown[at] = shown[at] if shown[at].isspace() else BLACK
    return "".join(shown)


def told(findings: Sequence[Finding]) -> str:
    """The kinds found, for people: "patient's name, record number (2)"; never what was found."""
    kinds = [one.kind for one in findings]
    names = [
        WORDS[kind] + (f" ({kinds.count(kind)})" if kinds.count(kind) > 1 else "")
        for kind in dict.fromkeys(kinds)
    ]
    return ", ".join(names)
