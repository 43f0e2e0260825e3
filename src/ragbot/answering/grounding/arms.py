"""Who had what: arms and figures of a claim that go together otherwise than in its source.

Pure functions: two texts in, what was turned round in words out, "" where nothing was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from ragbot.answering.grounding.lexicon import ARMS, is_drug
from ragbot.answering.grounding.sentences import content_words
from ragbot.answering.numbers import quantities

MIN_SHARED = 4
POPULATIONS = frozenset({
    "men", "women", "boys", "girls", "males", "females", "adults", "children", "infants", "mice",
    "rats", "humans", "cases", "smokers", "nonsmokers", "adolescents",
})  # fmt: skip
GENE_STATES = {
    "mutated": "mutated", "mutation": "mutated", "mutant": "mutated", "alteration": "mutated",
    "wild-type": "wild", "wildtype": "wild", "unmutated": "wild",
}  # fmt: skip
NEAR = 40
"""How far behind "without" that stands which is not had, in characters."""
_UP_TO_FIGURE = re.compile(r"\bwith(?:out)? |\d|\bversus\b|[;(,]")
_STATED = re.compile(r"\b[\w:]+-(?:negative|positive|rearranged|altered|deficient)\b")
TRIAL = re.compile(r"(?:pmc|nct|pmid|e|s|c)\d{3,}")
TIME_POINT = re.compile(r"[\dA-Za-z]-[a-z]")
LEVEL = re.compile(r"\s?(?:CI|CrI|confidence|credible)\b")
_COMPARATOR = re.compile(
    r"\b(?:than|versus|vs|compared (?:with|to)|relative to|over|against)\b", re.IGNORECASE
)


def arms_turned(claim: str, sentence: str) -> str:
    """Arms and figures that go together otherwise than in the sentence; "" if none do.

    Of two arms of one kind (drugs, populations, with and without) and two figures of one unit that
    both texts name, the order of the arms and that of the figures must change together; where no
    figures are given, the sides of a comparison must not change.
    """
    arms = _common_order(_arm_order(claim), _arm_order(sentence))
    figures = _common_order(_figure_order(claim), _figure_order(sentence))
    for one, other in combinations(arms, 2):
        if one[0] != other[0]:
            continue
        turned = _turned(arms[one], arms[other])
        for low, high in combinations(figures, 2):
            if low[0] == high[0] and turned != _turned(figures[low], figures[high]):
                return f"{one[1]}/{other[1]} against {low[1]}/{high[1]}"
        if turned and not figures and _compares(claim) and _compares(sentence):
            return f"{one[1]} and {other[1]} have changed sides"
    return ""


def misattributed(claim: str, sentence: str) -> str:
    """A figure that the claim gives to another arm than the sentence does; "" if there is none.

    Where the sentence's arms of one kind and its figures of one unit stand by turns, the first
    figure is the first arm's, and so on. A claim that names one of the arms alone must give it a
    figure of its own.
    """
    if _compares(claim):
        return ""
    held = _arm_order(sentence)
    named = _alone(claim, sentence, held)
    figures = _figure_order(sentence)
    said = _figure_order(claim)
    for kind in {kind for kind, _ in held}:
        arms = sorted((at, name) for (own, name), at in held.items() if own == kind)
        ours = {name for own, name in named if own == kind}
        for unit in {unit for unit, _ in figures} if len(arms) > 1 and len(ours) == 1 else ():
            given = sorted((at, figure) for (own, figure), at in figures.items() if own == unit)
            if not _by_turns([at for at, _ in arms], [at for at, _ in given]):
                continue
            for (_, arm), (_, figure) in zip(arms, given, strict=True):
                if (unit, figure) in said and arm not in ours:
                    return f"{figure} is of {arm}, not of {next(iter(ours))}"
    return ""


def _by_turns(arms: Sequence[int], figures: Sequence[int]) -> bool:
    """Whether as many figures as arms stand by turns: figure, arm, figure, arm, or the reverse."""
    if len(arms) != len(figures):
        return False
    placed = sorted([*((at, "a") for at in arms), *((at, "f") for at in figures)])
    signs = "".join(sign for _, sign in placed)
    return signs in {"af" * len(arms), "fa" * len(arms)}


def _alone(claim: str, sentence: str, held: dict[Named, int]) -> set[Named]:
    """The sentence's arms that the claim names; of with and without, by what they bear on."""
    named = {arm for arm in _arm_order(claim) if arm in held}
    if ("with", "with") not in held:
        return named
    named = {arm for arm in named if arm[0] != "with"}
    place = held["with", "with"]
    after = re.sub(r"^\w+ ", "", sentence[place:])
    borne = content_words(_UP_TO_FIGURE.split(after, maxsplit=1)[0])
    behind = re.split(r"\bwithout\b", claim, maxsplit=1)
    if borne and len(behind) > 1 and borne & content_words(behind[1][:NEAR]):
        named.add(("with", "without"))
    elif borne and len(behind) == 1 and borne <= content_words(claim):
        named.add(("with", "with"))
    return named


def places_changed(claim: str, sentence: str) -> str:
    """Two words or figures that have changed places, while all else stands as in the sentence."""
    here, there = _places(claim), _places(sentence)
    shared = sorted((key for key in here if key in there), key=lambda key: here[key])
    if len(shared) < MIN_SHARED:
        return ""
    wanted = sorted(shared, key=lambda key: there[key])
    moved = [at for at, (a, b) in enumerate(zip(shared, wanted, strict=True)) if a != b]
    if len(moved) != 2:
        return ""
    first, last = (shared[at] for at in moved)
    between = claim[here[first] : here[last]]
    neighbours = moved[1] == moved[0] + 1
    figures = first[0].isdigit() and last[0].isdigit()
    if neighbours and not figures and not _compares(between):
        return ""  # "adults and children" may well be "children and adults"
    return f"{first} and {last} have changed places"


def _places(text: str) -> dict[str, int]:
    """Stems and figures that occur once, and where."""
    places: dict[str, list[int]] = {}
    for found in re.finditer(r"[^\W\d_]+|\d+(?:[.,·]\d+)*", text):
        for stem in content_words(found.group()):
            if found.group()[0].isdigit() or len(stem) > 2:
                places.setdefault(stem, []).append(found.start())
    return {stem: at[0] for stem, at in places.items() if len(at) == 1}


def _turned(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return (one[0] < other[0]) != (one[1] < other[1])


def _compares(text: str) -> bool:
    return _COMPARATOR.search(text) is not None


Named = tuple[str, str]
"""A kind (of arm) or unit (of a figure), and the name: only the like are compared."""


def _common_order(
    first: dict[Named, int], second: dict[Named, int]
) -> dict[Named, tuple[int, int]]:
    return {name: (first[name], second[name]) for name in first if name in second}


def _arm_order(text: str) -> dict[Named, int]:
    """Arms that occur once, by kind and name, and where."""
    places: dict[Named, list[int]] = {}
    for found in re.finditer(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.lower()):
        word, before = found.group(), text.lower()[: found.start()].split()
        if is_drug(word) and before and is_drug(before[-1]):
            continue  # "obecabtagene autoleucel" is one drug
        if word in POPULATIONS:
            places.setdefault(("people", word.rstrip("s")), []).append(found.start())
        elif word in ARMS or is_drug(word):
            places.setdefault(("treatment", word.rstrip("s")), []).append(found.start())
        elif word in GENE_STATES:
            places.setdefault(("state", GENE_STATES[word]), []).append(found.start())
    for found in _STATED.finditer(text.lower()):
        places.setdefault(("marked", found.group()), []).append(found.start())
    for quantity in quantities(text):
        if quantity.kind == "name" and not TRIAL.fullmatch(quantity.key):
            places.setdefault(("name", quantity.key), []).append(quantity.start)
    once = {name: at[0] for name, at in places.items() if len(at) == 1}
    return once | _with_and_without(text)


def _with_and_without(text: str) -> dict[Named, int]:
    """Where the two sides of "59% with transplant versus 53% without" stand; {} if unclear."""
    without = [found.start() for found in re.finditer(r"\bwithout\b", text, re.IGNORECASE)]
    if len(without) != 1:
        return {}
    at = without[0]
    withs = [f.start() for f in re.finditer(r"\b(?:with|had|having)\b", text, re.IGNORECASE)]
    near = sorted(withs, key=lambda place: (place > at, abs(place - at)))
    for place in near:
        low, high = sorted((place, at))
        if re.search(r"\d", text[low:high]):
            return {("with", "with"): place, ("with", "without"): at}
    return {}


def _figure_order(text: str) -> dict[Named, int]:
    """Figures that occur once, by unit and value, and where; no 95% CI, no "3-year"."""
    places: dict[Named, list[int]] = {}
    for quantity in quantities(text):
        beside = LEVEL.match(text[quantity.end :]) or TIME_POINT.search(quantity.text)
        if quantity.kind == "number" and quantity.value is not None and beside is None:
            key = (quantity.unit, f"{quantity.value} {quantity.unit}".strip())
            places.setdefault(key, []).append(quantity.start)
    return {figure: at[0] for figure, at in places.items() if len(at) == 1}
