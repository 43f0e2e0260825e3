"""Grounding: whether a passage supports a claim."""

from __future__ import annotations

from ragbot.answering.grounding.rules import Finding, gate
from ragbot.answering.grounding.verdict import GroundingVerdict, Label, Verifier, verify
from ragbot.answering.grounding.verifiers import (
    OnnxVerifier,
    OverlapVerifier,
    load_verifier,
)

__all__ = [
    "Finding",
    "GroundingVerdict",
    "Label",
    "OnnxVerifier",
    "OverlapVerifier",
    "Verifier",
    "gate",
    "load_verifier",
    "verify",
]
