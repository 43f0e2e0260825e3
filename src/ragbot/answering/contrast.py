"""Two layers of evidence beside each other: an article's statement, and what its source says.

A source differs where its nearest sentence has another figure of the kind, or turns a negation, a
direction or who had what. What a source does not speak of is no difference. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ragbot.answering.grounding.rules import gate
from ragbot.answering.grounding.sentences import Span, overlaps
from ragbot.types import Bibliography, Population

NEAR = 0.5
"""Least share of a statement's words in a source's sentence that says the same, or otherwise.

On the shipped library one of 227 statements differs from its source by this (a paraphrase), and of
838 with one thing made false 683 do.
"""
FEWEST_WORDS = 5
ONE_MORE = "the claim negates 1 time"  # a statement of two parts may take the other from elsewhere
_PEOPLE = (
    (
        "children",
        r"\bchild(?:ren|hood)?\b|\bpa?ediatric\b(?![- ](?:type|style|based|inspired|like))",
    ),
    ("adolescents and young adults", r"\bAYA\b|\badolescents?\b|\byoung(?:er)? adults?\b"),
    ("adults", r"(?<!young )(?<!younger )\badults?\b|\belderly\b|\bolder (?:people|patients?)\b"),
    ("mice or cells", r"\b(?:mice|murine|xenografts?|in vitro|ex vivo|cell lines?)\b"),
)
_LINES = (
    ("frontline", r"\b(?:frontline|first[- ]line|newly diagnosed|upfront|untreated|induction)\b"),
    ("in remission with residual disease", r"\bMRD[- ]positive\b|\bpositive (?:MRD|measurable)\b"),
    ("relapsed or refractory", r"\b(?:relapsed|refractory|R/R|salvage|first relapse)\b"),
    ("after transplant", r"\b(?:after|post)[- ](?:\w+[- ]){0,2}(?:HSCT|SCT|transplant\w*)\b"),
)
_DISEASES = (
    ("Ph-negative B-ALL", r"\bPh(?:iladelphia)?-negative\b[^.]{0,40}?\bB-ALL\b"),
    ("Ph-positive ALL", r"\bPh(?:iladelphia)?-positive\b"),
    ("hypodiploid ALL", r"\bhypodiploid\b"),
    ("B-ALL", r"\bB-ALL\b|\bB-cell (?:precursor )?(?:ALL\b|acute lymphoblastic)"),
    ("T-ALL", r"\bT-ALL\b"),
    ("ALL", r"\bALL\b|\bacute lymphoblastic\b"),
    ("CLL", r"\bCLL\b|\bchronic lymphocytic\b"),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """Sentence `at` of a source that says otherwise, and in what."""

    at: int
    kind: str
    detail: str


def difference(statement: str, sentences: Sequence[str]) -> Difference | None:
    """Where a source, given by its `sentences`, says otherwise than `statement`; None if nowhere.

    A figure that stands anywhere in the source is no difference.
    """
    if len(statement.split()) < FEWEST_WORDS or not sentences:
        return None
    spans = [Span(0, len(text), text) for text in sentences]
    scores = overlaps(statement, spans)
    best = max(range(len(spans)), key=lambda at: scores[at])
    if scores[best] < NEAR:
        return None
    found = [f for f in gate(statement, sentences) if f.outcome == "contradicted"]
    told = [f for f in found if not f.detail.startswith(ONE_MORE)]
    return Difference(best, told[0].rule, told[0].detail) if told else None


def population_of(text: str, details: Bibliography | None = None) -> Population:
    """Whom `text` speaks of; where it does not say, what its publication is about."""
    about = details or Bibliography()
    whole = " ".join(filter(None, (about.population, about.age_group, about.disease)))
    return Population(
        people=", ".join(_named(_PEOPLE, text) or _named(_PEOPLE, whole)),
        line=", ".join(_named(_LINES, text) or _named(_LINES, whole)),
        disease=next(iter(_named(_DISEASES, text) or _named(_DISEASES, whole)), ""),
    )


def _named(patterns: Sequence[tuple[str, str]], text: str) -> list[str]:
    return [name for name, pattern in patterns if re.search(pattern, text)]
