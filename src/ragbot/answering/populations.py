"""Whom a text speaks of: children or adults, above or below an age, which disease, people or mice.

A finding in one population is no answer for another. What a text does not say is no conflict.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CHILDREN = re.compile(
    r"\b(?:child(?:ren|hood)?|p(?:a)?ediatrics?|kids?|infants?|neonat\w+|toddlers?|boys?|girls?|"
    r"teen(?:ager)?s?)\b",
    re.IGNORECASE,
)
PAEDIATRIC_REGIMEN = re.compile(
    r"\bp(?:a)?ediatric[- ](?:type|style|based|inspired|like)\b", re.IGNORECASE
)
_ADULTS = re.compile(
    r"\b(?:adults?|elderly|older (?:people|patients?)|grown-?ups?)\b", re.IGNORECASE
)
_YOUNG_ADULTS = re.compile(
    r"\b(?:young(?:er)? adults?|adolescents?(?: and young adults?)?|AYAs?)\b", re.IGNORECASE
)
_PAST_YOUNG_ADULTS = re.compile(r"\bnon-AYAs?(?: adults?)?\b", re.IGNORECASE)
# The National Cancer Institute counts people of 15 to 39 as adolescents and young adults.
_PAST_YOUNG = 40
_GROWN = frozenset({"young", "adult"})
_ADULT = frozenset({"young", "adult", "past young"})
_PEOPLE = re.compile(r"\b(?:patients?|people|persons?|wom[ae]n|m[ae]n|cases)\b", re.IGNORECASE)
_PRECLINICAL = re.compile(
    r"\b(?:mice|mouse|murine|xenografts?|in vitro|ex vivo|cell lines?|preclinical|"
    r"leuk(?:a)?emia cells|B-ALL cells|ALL cells)\b",
    re.IGNORECASE,
)
_AGE_OF_ONE = re.compile(r"\b(\d{1,2})[- ]?(?:years?|yrs?|y)[-/ ]?(?:old|o)\b", re.IGNORECASE)
_OF_AGE = 18
_EXCLUDED = re.compile(
    r"\b(?:not|except|excluding|unlike)(?: in| for)? (?:[BT]-)?(?:ALL|CLL|AML|MDS)\b"
)
_DISEASES = (
    ("ALL", re.compile(r"\b(?:[BT]-?)?ALL\b|\blymphoblastic\b")),
    ("CLL", re.compile(r"\bCLL\b|\bchronic lymphocytic\b", re.IGNORECASE)),
    ("AML", re.compile(r"\bAML\b|\bacute myel\w+", re.IGNORECASE)),
    ("MDS", re.compile(r"\bMDS\b|\bmyelodysplas\w+", re.IGNORECASE)),
)
_AGE = r"(?:the age of\s*|age\s*)?(\d{1,2})\b(?!\s*(?:%|\.\d|[x×]|chromosomes|months|days))"
_AGED = r"\b(?:age[ds]?\s*(?:of\s*)?)?(\d{1,2})"
_BELOW = re.compile(
    rf"(?:\b(?:under|below|younger than|less than)|<)\s*{_AGE}|{_AGED} or (?:under|younger)\b",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    rf"(?:\b(?:over|above|older than|at least)|>=?|≥)\s*{_AGE}"
    rf"|{_AGED}(?: years)? (?:or|and) (?:over|older|above|more)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Facets:
    """What a text says of its population; empty sets and None where it says nothing."""

    ages: frozenset[str]
    diseases: frozenset[str]
    below: int | None
    above: int | None
    people: bool = False
    preclinical: bool = False

    @classmethod
    def of(cls, text: str) -> Facets:
        """The facets of `text`."""
        told = PAEDIATRIC_REGIMEN.sub(" ", text)
        ages = {"past young"} if _PAST_YOUNG_ADULTS.search(told) else set()
        told = _PAST_YOUNG_ADULTS.sub(" ", told)
        ages |= {"young"} if _YOUNG_ADULTS.search(told) else set()
        told = _YOUNG_ADULTS.sub(" ", told)
        ages |= {"child" if int(age) < _OF_AGE else "adult" for age in _AGE_OF_ONE.findall(text)}
        ages |= {
            name
            for name, pattern in (("child", _CHILDREN), ("adult", _ADULTS))
            if pattern.search(told)
        }
        meant = _EXCLUDED.sub(" ", text)
        return cls(
            ages=frozenset(ages),
            diseases=frozenset(name for name, pattern in _DISEASES if pattern.search(meant)),
            below=_age(_BELOW, text),
            above=_age(_ABOVE, text),
            people=bool(ages) or _PEOPLE.search(text) is not None,
            preclinical=_PRECLINICAL.search(text) is not None,
        )


def _age(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return int(found[1] or found[2]) if found else None


def _other_age(asked: Facets, ages: frozenset[str]) -> bool:
    """Whether `ages` of a finding leave out those asked for."""
    if not ages:
        return False
    if asked.above is not None and asked.above >= _PAST_YOUNG:
        return not ages & {"adult", "past young"}
    wanted = set(asked.ages)
    if "young" in wanted:
        wanted |= _GROWN
    if wanted & {"adult", "past young"} and "young" not in asked.ages:
        wanted |= _ADULT - ({"young"} if "child" in ages else set())  # a paediatric trial
    return bool(wanted) and not wanted & ages


def is_preclinical(sentence: Facets, document: Facets) -> bool:
    """Whether a finding is of animals or cells and not of people."""
    if sentence.people:
        return False
    return sentence.preclinical or (document.preclinical and not document.people)


def conflict(asked: Facets, sentence: Facets, document: Facets) -> float:
    """1 where the sentence speaks of another population than asked, else 0.

    The sentence's own words count before its document's.
    """
    if _other_age(asked, sentence.ages or document.ages):
        return 1.0
    diseases = sentence.diseases or document.diseases
    if asked.diseases and diseases and not asked.diseases & diseases:
        return 1.0
    if asked.below is not None and sentence.above is not None and sentence.below is None:
        return float(sentence.above >= asked.below)
    if asked.above is not None and sentence.below is not None and sentence.above is None:
        return float(sentence.below <= asked.above)
    return 0.0
