"""Whom a statement speaks of, against whom its source speaks of.

A facet is a set of values that exclude each other: children or adults, newly diagnosed or
relapsed, one disease or another. A statement may leave a facet out; what it says must be what the
source says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ragbot.answering.grounding.sentences import Span, overlaps
from ragbot.answering.populations import PAEDIATRIC_REGIMEN, Facets
from ragbot.audit.facet_words import FACETS

_NEGATED = re.compile(r"\b(?:not|unlike) (?:in )?(?:[BT]-)?(?:ALL|AML|CLL)\b")
_JOINED = re.compile(
    r"\b(?:child(?:ren)?|p(?:a)?ediatric(?: patients)?) (?:and|or) adults?\b|"
    r"\badults? (?:and|or) (?:child(?:ren)?|p(?:a)?ediatric)\b",
    re.IGNORECASE,
)
_YOUNG = re.compile(r"\byoung adults?\b", re.IGNORECASE)


CLEAR = frozenset({"age", "disease", "Philadelphia chromosome", "line of therapy", "sex"})
"""Facets that a source's description settles where the sentence itself leaves them out."""
SENTENCE = frozenset({"residual disease", "remission", "origin"}) | CLEAR
"""Facets in which the nearest sentences have the last word."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A facet in which statement and source differ; `said` and `found` are its values."""

    facet: str
    said: str
    found: str
    is_conflict: bool


def facets_of(text: str) -> dict[str, frozenset[str]]:
    """The values that `text` names, by facet; a facet it does not name is left out."""
    plain = _NEGATED.sub(" ", text)
    people = _YOUNG.sub("adolescents", PAEDIATRIC_REGIMEN.sub(" ", plain))
    found: dict[str, frozenset[str]] = {}
    for facet, values in FACETS.items():
        named = {name for name, pattern in values.items() if pattern.search(people)}
        if facet == "disease" and named & {"B-ALL", "T-ALL"}:
            named.discard("ALL")
        if named:
            found[facet] = frozenset(named)
    return found


def mismatches(
    statement: str, sentences: Iterable[str], described: str, whole: str
) -> list[Mismatch]:
    """The facets in which `statement` says what its source does not.

    The nearest sentences count first, then the source's description of its patients, then all of
    its text. What the source leaves open everywhere is no mismatch.
    """
    near = list(sentences)
    said, here = facets_of(statement), facets_of(" ".join(near))
    about, anywhere = facets_of(described), facets_of(whole)
    found = []
    for facet, wanted in said.items():
        one = _mismatch(facet, wanted, here.get(facet), about.get(facet), anywhere.get(facet))
        found += [one] if one is not None else []
    joined = bool(near) and _JOINED.search(near[0]) is not None
    if joined and len(said.get("age", ())) == 1 and len(here.get("age", ())) > 1:
        found.append(
            Mismatch("age", _shown(said["age"]), "children and adults together", is_conflict=False)
        )
    return found + _age_limits(statement, near)


Values = frozenset[str] | None


def _mismatch(
    facet: str, wanted: frozenset[str], here: Values, about: Values, anywhere: Values
) -> Mismatch | None:
    if not _lacking(facet, wanted, here or frozenset()):
        return None
    known = (here or frozenset()) | (about or frozenset()) | (anywhere or frozenset())
    unknown = _lacking(facet, wanted, known)
    if unknown and known and facet in CLEAR:
        return Mismatch(facet, _shown(unknown), _shown(known), is_conflict=True)
    if here:
        return _against_sentences(facet, wanted, here)
    return _against_description(facet, wanted, about, anywhere)


def _against_sentences(facet: str, wanted: frozenset[str], here: frozenset[str]) -> Mismatch | None:
    some = _lacking(facet, wanted, here) != wanted  # "children and adults" against "adults"
    if some or facet not in SENTENCE:
        return None
    return Mismatch(facet, _shown(wanted), _shown(here), is_conflict=True)


def _against_description(
    facet: str, wanted: frozenset[str], about: Values, anywhere: Values
) -> Mismatch | None:
    """The nearest sentences leave the facet open: what the source says of its patients counts."""
    if facet in CLEAR and about:
        conflict = bool(_lacking(facet, wanted, about))
        narrowed = facet == "age" and wanted < about
        if conflict or narrowed:
            return Mismatch(facet, _shown(wanted), _shown(about), conflict)
        return None
    if anywhere and _lacking(facet, wanted, anywhere):
        return Mismatch(facet, _shown(wanted), _shown(anywhere), is_conflict=True)
    return None


def _lacking(facet: str, wanted: frozenset[str], offered: frozenset[str]) -> frozenset[str]:
    """The wanted values that are not offered; ALL is met by its lineages, and meets them."""
    if facet == "disease":
        lineages = {"B-ALL", "T-ALL", "ALL"}
        if "ALL" in offered:
            wanted = wanted - lineages
        elif offered & lineages:
            wanted = wanted - {"ALL"}
    return wanted - offered


def _shown(values: frozenset[str]) -> str:
    return " and ".join(sorted(values))


def _age_limits(statement: str, sentences: list[str]) -> list[Mismatch]:
    """An age limit that the sentence which shares most words has only the other way round."""
    if not sentences:
        return []
    scores = overlaps(statement, [Span(0, len(text), text) for text in sentences])
    nearest = sentences[scores.index(max(scores))]
    said, found = Facets.of(statement), Facets.of(nearest)
    for limit, other, same, turned in (
        (said.below, said.above, found.below, found.above),
        (said.above, said.below, found.above, found.below),
    ):
        if limit is not None and other is None and turned == limit != same:
            is_below = limit == said.below
            ways = (f"under {limit}", f"{limit} or over")
            here, there = ways if is_below else ways[::-1]
            return [Mismatch("age", here, there, is_conflict=True)]
    return []
