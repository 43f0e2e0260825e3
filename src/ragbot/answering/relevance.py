"""How well a sentence answers a question: features, and the two decisions made from them.

Which sentence answers best, and whether any answers at all, are separate decisions: a sentence may
be the nearest there is and still not answer. Both are linear in a few features.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ragbot.answering.populations import Facets, conflict
from ragbot.index.analysis import CONCEPT_MARK, analyze
from ragbot.index.vocabulary import CONCEPTS

FIGURE = re.compile(r"\d")
WANTS_FIGURE = re.compile(
    r"\b(?:how (?:many|much|often|long|common|high|likely|frequent\w*)|"
    r"what (?:proportion|percent\w*|share|fraction|rate|number|dose)|rates?|percent\w*|proportion|"
    r"incidence|frequency|prevalence|hazard ratio|HR|odds|median|risk|figures?|numbers?|survival|"
    r"probability|chance)\b",
    re.IGNORECASE,
)
# Words of questions that no passage needs to hold.
FRAMING = frozenset(
    analyze(
        """
        kind kinds type types sort look looking happen happens happening matter matters still get
        gets give gives given getting tell know known show shows say says said think expect expected
        see seen make makes do does work works use used using good bad better best worse much many
        really actually exactly generally usually typically likely evidence data study studies
        published report reported literature question answer patient patients case cases person
        people woman man girl boy lady guy year old she he her his should would could role thing
        things way point need needs want help find found mean means long high low big number figure
        percentage percent rate proportion often common any anything else up more
        """
    )
)


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What a question asks for: its units of meaning with their weights, and its population."""

    units: tuple[tuple[str, float], ...]
    wants_figure: bool
    facets: Facets

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return sum(weight for _, weight in self.units)


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of one sentence for one question.

    `sentence` and `passage` are cosines to the question; `covered` and `covered_near` the weighted
    share of the question's units that the sentence, or its passage with title and headings, holds;
    `missing` the greatest weight not held nearby, as a share of the greatest there is.
    """

    sentence: float
    passage: float
    covered: float
    covered_near: float
    missing: float
    figure: float
    conflict: float

    def values(self) -> tuple[float, ...]:
        """The features as numbers, in the order of the fields."""
        return (
            self.sentence,
            self.passage,
            self.covered,
            self.covered_near,
            self.missing,
            self.figure,
            self.conflict,
        )


@lru_cache(maxsize=4096)
def _form_stems(concept: str) -> frozenset[str]:
    forms = CONCEPTS.get(concept.removeprefix(CONCEPT_MARK), ())
    return frozenset(token for form in forms for token in analyze(form))


def question_units(question: str, idf: Callable[[str], float]) -> tuple[tuple[str, float], ...]:
    """Units of meaning of `question` with their idf, framing words left out.

    A long form counts once: where "overall survival" gives a concept, its words are no units.
    """
    tokens = list(dict.fromkeys(analyze(question)))
    spoken = {
        part
        for token in tokens
        if token.startswith(CONCEPT_MARK)
        for part in _form_stems(token)
        if part != token
    }
    kept = [
        token
        for token in tokens
        if token not in FRAMING and (token.startswith(CONCEPT_MARK) or token not in spoken)
    ]
    return tuple((token, idf(token)) for token in kept)


def asked_for(question: str, idf: Callable[[str], float]) -> AskedFor:
    """What `question` asks for, its units weighted by `idf`."""
    return AskedFor(
        units=question_units(question, idf),
        wants_figure=WANTS_FIGURE.search(question) is not None,
        facets=Facets.of(question),
    )


def coverage(units: Sequence[tuple[str, float]], tokens: Iterable[str]) -> float:
    """Weighted share (0 to 1) of `units` among `tokens`; 1 where nothing is asked for."""
    held = set(tokens)
    total = sum(weight for _, weight in units)
    if total <= 0:
        return 1.0
    return sum(weight for unit, weight in units if unit in held) / total


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, its passage with title and headings (`near`), and its document's population.

    `cosines` are those of the sentence and of the passage to the question.
    """

    sentence: str
    near: str
    population: str
    cosines: tuple[float, float]


def features(asked: AskedFor, candidate: Candidate, greatest_idf: float) -> Features:
    """Features of `candidate`; `greatest_idf` is that of a token which the library lacks."""
    own = analyze(candidate.sentence)
    around = {*own, *analyze(candidate.near), *analyze(candidate.population)}
    lacking = [weight for unit, weight in asked.units if unit not in around]
    spoken_of = (Facets.of(candidate.sentence), Facets.of(candidate.population))
    return Features(
        sentence=candidate.cosines[0],
        passage=candidate.cosines[1],
        covered=coverage(asked.units, own),
        covered_near=coverage(asked.units, around),
        missing=max(lacking, default=0.0) / max(greatest_idf, 1e-9),
        figure=float(asked.wants_figure and FIGURE.search(candidate.sentence) is not None),
        conflict=conflict(asked.facets, *spoken_of),
    )


def relevance(found: Features) -> float:
    """How well a sentence answers, higher is better; 0 for another population."""
    if found.conflict:
        return 0.0
    return 0.5 * found.sentence + 0.2 * found.passage + 0.3 * found.covered + 0.05 * found.figure


def answers(found: Sequence[Features]) -> bool:
    """Whether the best of these sentences answer the question at all."""
    return bool(found) and relevance(found[0]) > 0.35 and found[0].covered_near > 0.6
