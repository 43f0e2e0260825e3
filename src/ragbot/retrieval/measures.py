"""Outcomes and complications in a question: what is measured, as against what it is measured in."""

from __future__ import annotations

import re

from ragbot.index.analysis import CONCEPT_MARK, analyze
from ragbot.index.vocabulary import CONCEPTS

_OUTCOMES = (
    *("overall-survival", "event-free", "relapse-free", "leukemia-free", "disease-free"),
    *("progression-free", "relapse-incidence", "nonrelapse-mortality", "overall-response"),
    *("complete-remission", "relapse", "quality-of-life"),
    *("adverse-event", "serious-adverse-event", "hazard-ratio"),
)
_COMPLICATIONS = (
    *("veno-occlusive", "cytokine-release", "neurotoxicity", "icans", "gvhd", "acute-gvhd"),
    *("chronic-gvhd", "tumor-lysis", "hemophagocytic", "second-malignancy", "t-mn"),
)
_PEOPLE = ("children", "adolescent-young-adult", "infant", "older", "pregnant")
_WORDS = (
    *("survival", "mortality", "toxicity", "toxicities", "remission", "response", "side effects"),
    *("death", "infection", "complication", "durability", "duration"),
)


def _form(form: str) -> str:
    """A pattern for a written form; an abbreviation counts in its own capitals only."""
    escaped = re.escape(form).replace(r"\ ", r"\s+")
    return rf"(?-i:{escaped})" if form.upper() == form else escaped


_FORMS = sorted(
    {form for name in (*_OUTCOMES, *_COMPLICATIONS) for form in CONCEPTS[name]} | set(_WORDS),
    key=lambda form: (-len(form), form),
)
_QUALIFIER = r"(?:severe|median|long-term|early|late|grade\s+\S+|any-grade|\d+-year)"
MEASURE = re.compile(
    rf"(?:\b{_QUALIFIER}\s+)*(?<![\w-])(?:{'|'.join(map(_form, _FORMS))})s?(?![\w-])"
    r"(?:\s+(?P<unit>rates?|risks?|incidence|frequency|probability))?",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"\b(?:after|at|during|following|for|in|on|with)\s+(?:[\w-]+\s+){0,2}$", re.IGNORECASE
)
_ARTICLE = re.compile(r"^(?:the|a|an|any)\s+", re.IGNORECASE)


_NO_SUBJECT = frozenset(
    f"{CONCEPT_MARK}{name}" for name in (*_OUTCOMES, *_COMPLICATIONS, *_PEOPLE, "prognosis")
)


def names_subject(text: str) -> bool:
    """Whether `text` names a disease, treatment or other concept that things are measured in."""
    concepts = {token for token in analyze(text) if token.startswith(CONCEPT_MARK)}
    return bool(concepts - _NO_SUBJECT)


def find_measure(text: str) -> re.Match[str] | None:
    """The first outcome or complication in `text`, with its qualifiers."""
    return MEASURE.search(text)


def is_measure(text: str) -> bool:
    """Whether `text` names an outcome or complication and nothing else."""
    return MEASURE.fullmatch(_ARTICLE.sub("", text.strip())) is not None


def swap_measure(question: str, measure: str) -> str | None:
    """`question` asking for `measure` in place of its own, or None where it has none.

    What stands after "after" or "in" ("CAR-T after relapse") is a setting and stays.

    Its unit stays where the new one brings none: "relapse rate" becomes "CRS rate".
    """
    found = find_measure(question)
    if found is None or _SETTING.search(question[: found.start()]):
        return None
    new = _ARTICLE.sub("", measure.strip())
    asked = MEASURE.fullmatch(new)
    if found["unit"] and asked is not None and not asked["unit"]:
        new = f"{new} {found['unit']}"
    return question[: found.start()] + new + question[found.end() :]
