"""Personal data in questions and documents: found, masked or refused before anything is kept."""

from __future__ import annotations

from ragbot.privacy.finding import PATIENT_KINDS, Finding, Kind, blacken, mask, told
from ragbot.privacy.scanner import scan

__all__ = ["PATIENT_KINDS", "Finding", "Kind", "blacken", "mask", "scan", "told"]
