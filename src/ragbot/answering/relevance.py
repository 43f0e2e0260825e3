"""How well a sentence answers a question: features, and the two decisions made from them.

Which sentence answers best, and whether any answers at all, are separate decisions: a sentence may
be the nearest there is and still not answer. Both are linear in a few features; the weights are
fitted by `training/relevance/fit.py`, which prints their figures on questions kept out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ragbot.answering.commonness import specialness
from ragbot.answering.populations import Facets, conflict, is_preclinical
from ragbot.index.analysis import CONCEPT_MARK, analyze
from ragbot.index.vocabulary import CONCEPTS
from ragbot.library.chunking import sentence_spans

FIGURE = re.compile(r"\d")
WORD = re.compile(r"[^\W_][\w+./'%-]*")
# A capitalised word that follows another word: a name, such as that of a hospital.
NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b")
FIGURE_WEIGHT = 0.8
LEAST_WEIGHT = 0.15
NEARBY = 0.2
BACKGROUND_WEIGHT = 0.3
CARRIED_WEIGHT = 0.5
# Fitted weights: see the module's docstring.
SENTENCE_WEIGHT = 0.54
COVERED_WEIGHT = 0.44
FIGURE_ASKED_WEIGHT = 0.02
DISAGREEMENT_WEIGHT = 0.15  # set by hand: too few such questions to fit
ENOUGH = 0.51

WANTS_FIGURE = re.compile(
    r"\b(?:how (?:many|much|often|long|common|high|likely|frequent\w*)|"
    r"what (?:proportion|percent\w*|share|fraction|rate|number|dose)|rates?|percent\w*|proportion|"
    r"incidence|frequency|prevalence|hazard ratio|HR|odds|median|risk|figures?|numbers?|survival|"
    r"probability|chance)\b",
    re.IGNORECASE,
)
DISAGREEMENT = re.compile(
    r"\b(?:disagree\w*|conflict\w*|contradict\w*|inconsistent|differs? from|in contrast|"
    r"whereas|mixed evidence|says? what)\b",
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
        percentage percent rate proportion often common any anything else up more please thanks hi
        hello quick paper papers publication publications author authors conflicting contradict
        contradicting disagree contradictory conflict conflicts opinion whether compare compared
        quote quoted claim claims absolute tonight today ive im id weve
        """
    )
)


_GREETING = (
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening|night)|(?:many )?thanks|thank you|thx|"
    r"cheers|ok|okay|great|perfect|bye|goodbye|see you)"
)
SMALL_TALK = re.compile(
    rf"\W*{_GREETING}"
    rf"(?:\W+(?:{_GREETING}|there|all|again|ragbot|(?:very|so) much|a lot|later))*\W*",
    re.I,
)

# Everyday words that, in a clinical question, name the very thing asked for.
ATTRIBUTES = frozenset(
    analyze(
        """
        cost costs price prices expensive insurance dose doses dosing dosage schedule duration
        interval pregnancy pregnant breastfeeding diet exercise alcohol driving travel
        vaccine vaccination monitor monitoring storage temperature infusion
        discover discovery invent history
        """
    )
)


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What a question asks for: its units of meaning with their weights, and its population."""

    units: tuple[tuple[str, float], ...]
    wants_figure: bool
    wants_conflict: bool
    facets: Facets


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of one sentence for one question.

    `sentence` is its cosine to the question; `covered` the weighted share of the question's units
    that it holds, those held only nearby (passage, title, headings) at `NEARBY` of their weight;
    `figure` is 1 where a figure is asked for and given, `disagreement` 1 where one is asked for and
    told of, `conflict` 1 for another population.
    """

    sentence: float
    covered: float
    figure: float
    disagreement: float
    conflict: float


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[str, ...]:
    """The tokens of a word or a question, which are asked for many times."""
    return tuple(analyze(text))


@lru_cache(maxsize=4096)
def _form_stems(concept: str) -> frozenset[str]:
    forms = CONCEPTS.get(concept.removeprefix(CONCEPT_MARK), ())
    return frozenset(token for form in forms for token in analyze(form))


def focus(question: str) -> str:
    """The part of a question that asks: its sentences with a question mark, or else its last."""
    spans = sentence_spans(question)
    sentences = [question[start:end] for start, end in spans]
    asking = [sentence for sentence in sentences if sentence.endswith("?")]
    return " ".join(asking or sentences[-1:])


def _specialness(question: str) -> dict[str, float]:
    """Token -> how special the question's word is that gives it."""
    found: dict[str, float] = {}
    names = {match.group() for match in NAME.finditer(question)}
    for word in WORD.findall(question):
        weight = FIGURE_WEIGHT if word[0].isdigit() else specialness(word)
        weight = 1.0 if word in names else weight
        for token in _tokens(word):
            is_named = token.startswith(CONCEPT_MARK) or token in ATTRIBUTES
            named = 1.0 if is_named else weight
            found[token] = max(named, found.get(token, 0.0))
    return found


def is_small_talk(question: str) -> bool:
    """Whether `question` is a greeting, thanks or a word of assent, and asks nothing."""
    return SMALL_TALK.fullmatch(question) is not None


def question_units(
    question: str, idf: Callable[[str], float], typed: str = ""
) -> tuple[tuple[str, float], ...]:
    """Units of meaning of `question` with their weights, framing words left out.

    `typed` is what was asked in this turn, where `question` carries words over from earlier ones.

    A unit weighs more the rarer it is in the library (`idf`) and in English, and less where a long
    question only tells the case. A long form counts once: where "overall survival" gives a concept,
    its words are no units.
    """
    tokens = list(dict.fromkeys(_tokens(question)))
    spoken = {
        part
        for token in tokens
        if token.startswith(CONCEPT_MARK)
        for part in _form_stems(token)
        if part != token
    }
    special = _specialness(question)
    asking, now = set(_tokens(focus(question))), set(_tokens(typed or question))

    def weight(token: str) -> float:
        share = 1.0 if token in asking else BACKGROUND_WEIGHT
        share *= 1.0 if token in now else CARRIED_WEIGHT
        return share * (LEAST_WEIGHT + special.get(token, 1.0)) * idf(token)

    return tuple(
        (token, weight(token))
        for token in tokens
        if token not in FRAMING and (token.startswith(CONCEPT_MARK) or token not in spoken)
    )


def asked_for(question: str, idf: Callable[[str], float], typed: str = "") -> AskedFor:
    """What `question` asks for, its units weighted by `idf`; `typed` as for `question_units`."""
    return AskedFor(
        units=question_units(question, idf, typed),
        wants_figure=WANTS_FIGURE.search(question) is not None,
        wants_conflict=DISAGREEMENT.search(question) is not None,
        facets=Facets.of(question),
    )


def coverage(units: Sequence[tuple[str, float]], tokens: Collection[str]) -> float:
    """Weighted share (0 to 1) of `units` among `tokens`; 0 where nothing is asked for."""
    total = sum(weight for _, weight in units)
    return sum(weight for unit, weight in units if unit in tokens) / total if total > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the sentences of a passage share: the tokens around them, and whom they studied."""

    tokens: frozenset[str]
    population: Facets

    @classmethod
    def of(cls, text: str, population: str) -> Surroundings:
        """Of the passage with its title and headings, and of its publication's population."""
        tokens = frozenset(analyze(text)) | frozenset(analyze(population))
        return cls(tokens, Facets.of(population))


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a sentence whatever is asked: its tokens, those nearby, its population.

    `near` are the tokens of the sentence, its passage, title and headings, and population.
    """

    tokens: frozenset[str]
    near: frozenset[str]
    facets: Facets
    population: Facets
    has_figure: bool
    tells_of_disagreement: bool

    @classmethod
    def of(cls, sentence: str, around: Surroundings) -> Candidate:
        """The candidate of a sentence in its surroundings."""
        own = frozenset(analyze(sentence))
        return cls(
            tokens=own,
            near=own | around.tokens,
            facets=Facets.of(sentence),
            population=around.population,
            has_figure=FIGURE.search(sentence) is not None,
            tells_of_disagreement=DISAGREEMENT.search(sentence) is not None,
        )


def features(asked: AskedFor, candidate: Candidate, cosine: float) -> Features:
    """Features of `candidate`, whose cosine to the question is `cosine`."""
    own, near = coverage(asked.units, candidate.tokens), coverage(asked.units, candidate.near)
    return Features(
        sentence=cosine,
        covered=(1 - NEARBY) * own + NEARBY * near,
        figure=float(asked.wants_figure and candidate.has_figure),
        disagreement=float(asked.wants_conflict and candidate.tells_of_disagreement),
        conflict=_conflict(asked, candidate),
    )


def _conflict(asked: AskedFor, candidate: Candidate) -> float:
    """1 for another population than asked, or a figure of mice where patients are asked about."""
    wants_patients = asked.wants_figure and asked.facets.people
    if wants_patients and is_preclinical(candidate.facets, candidate.population):
        return 1.0
    return conflict(asked.facets, candidate.facets, candidate.population)


def relevance(found: Features) -> float:
    """How well a sentence answers: 0 for another population, about 1 for a full answer."""
    if found.conflict:
        return 0.0
    return (
        SENTENCE_WEIGHT * found.sentence
        + COVERED_WEIGHT * found.covered
        + FIGURE_ASKED_WEIGHT * found.figure
        + DISAGREEMENT_WEIGHT * found.disagreement
    )


def answers(best: Features) -> bool:
    """Whether the best sentence there is answers the question at all."""
    return relevance(best) >= ENOUGH
