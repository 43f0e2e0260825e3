"""What code knows better than a model: figures, negation, drugs, direction, and who had what.

Pure functions. A finding names the rule, what it found and what the claim becomes. Findings only
ever take support away. `gate` is the strict form for a claim beside its verbatim quotes;
`findings` is the careful form for a claim beside a whole passage, where only near-identical
sentences are compared, so that a paraphrase is not called a contradiction.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal

from ragbot.answering.grounding.lexicon import ARMS, LIGHT, NEGATIONS, OPPOSITES, is_drug
from ragbot.answering.grounding.sentences import Span, content_words, overlaps, split_sentences
from ragbot.answering.numbers import MissingQuantity, Quantity, missing_quantities, quantities

Rule = Literal["number", "negation", "drug", "direction", "arms"]
Outcome = Literal["contradicted", "unsupported"]
CLOSE = 0.6
SAME = 0.75
MIN_SHARED = 4
WHOLE = 0.95
NITRIC_OXIDE = "NO"  # in capitals it negates nothing
_WORDS = re.compile(r"[^\W\d_]+(?:['’]t\b)?|[.;:,()]")
_COMPARATOR = re.compile(
    r"\b(?:than|versus|vs|compared (?:with|to)|relative to|over|against)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired: `detail` is what it found, for people."""

    rule: Rule
    outcome: Outcome
    detail: str


def gate(claim: str, quotes: Sequence[str]) -> list[Finding]:
    """Everything in `claim` that its verbatim `quotes` do not carry; empty if nothing is wrong."""
    text = " ".join(quotes)
    sentences = [span for quote in quotes for span in split_sentences(quote)]
    nearest = _nearest(claim, sentences) if sentences else Span(0, 0, "")
    found = _missing_findings(missing_quantities(claim, quotes), nearest.text)
    found += repeated_findings(claim, quotes)
    found += drug_findings(claim, text)
    found += negation_findings(claim, text, nearest.text)
    found += counted_negations(claim, text, nearest.text)
    found += direction_findings(claim, nearest.text)
    found += arm_findings(claim, nearest.text) or exchange_findings(claim, nearest.text)
    return found


def findings(claim: str, sentences: Sequence[Span], scores: Sequence[float]) -> list[Finding]:
    """What the rules find in a passage, given how much of the claim each sentence carries."""
    if not sentences:
        return []
    best = max(range(len(sentences)), key=lambda i: scores[i])
    found: list[Finding] = []
    if scores[best] >= CLOSE:
        text = " ".join(sentence.text for sentence in sentences)
        missing = [m for m in missing_quantities(claim, [text]) if _is_telling(m)]
        found += _missing_findings(missing, sentences[best].text)
        found += direction_findings(claim, sentences[best].text)
        found += arm_findings(claim, sentences[best].text)
    if scores[best] >= SAME:
        found += exchange_findings(claim, sentences[best].text)
        found += negation_findings(claim, sentences[best].text, sentences[best].text)
    return found


def _is_telling(entry: MissingQuantity) -> bool:
    """Whether a figure that a whole passage lacks speaks against a claim made in other words.

    A year or a count may be worked out or said otherwise, and "10%" stands for "10% or more".
    """
    quantity = entry.quantity
    if entry.reason == "comparator" and not quantity.comparator:
        return False
    return quantity.kind == "p" or quantity.unit not in ("", "u", "second")


def _missing_findings(missing: Sequence[MissingQuantity], sentence: str) -> list[Finding]:
    """A figure that is not there contradicts where its sentence has another of its kind."""
    units = {(quantity.kind, quantity.unit) for quantity in quantities(sentence)}
    found = []
    for entry in missing:
        wanted, nearest = entry.quantity, entry.nearest
        other = nearest is not None or (wanted.kind, wanted.unit) in units
        detail = f"{wanted.text} ({entry.reason}"
        detail += f"; the source has {nearest.text})" if nearest else ")"
        found.append(Finding("number", "contradicted" if other else "unsupported", detail))
    return found


def repeated_findings(claim: str, quotes: Sequence[str]) -> list[Finding]:
    """Figures that the claim gives more often than all its quotes together do."""
    offered = Counter(_identity(q) for quote in quotes for q in quantities(quote))
    wanted = Counter(_identity(q) for q in quantities(claim) if q.kind != "name")
    return [
        Finding("number", "unsupported", f"{' '.join(filter(None, key))} is given too often")
        for key, count in wanted.items()
        if 0 < offered[key] < count
    ]


def _identity(quantity: Quantity) -> tuple[str, str, str, str]:
    value = "" if quantity.value is None else f"{quantity.value:f}"
    high = "" if quantity.high is None else f"to {quantity.high:f}"
    return quantity.comparator, value + quantity.key, high, quantity.unit


def _nearest(claim: str, sentences: Sequence[Span]) -> Span:
    scores = overlaps(claim, sentences)
    return sentences[max(range(len(sentences)), key=lambda i: scores[i])]


def drug_findings(claim: str, text: str) -> list[Finding]:
    """Drugs that `claim` names and `text` does not."""
    offered = {word.rstrip("s") for word in _words(text)}
    named = sorted({word for word in _words(claim) if is_drug(word)})
    absent = [word for word in named if word.rstrip("s") not in offered]
    return [Finding("drug", "unsupported", f"{word} is not in the source") for word in absent]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def negation_findings(claim: str, text: str, nearest: str) -> list[Finding]:
    """What is negated on one side only: in the claim, or in the text's nearest sentence."""
    said, offered = content_words(claim), content_words(text)
    in_claim, in_text, in_nearest = _negated(claim), _negated(text), _negated(nearest)
    reach_claim = frozenset().union(*(reach for _, reach in in_claim))
    reach_text = frozenset().union(*(reach for _, reach in in_text))
    found = []
    for heads, _ in in_claim:
        if heads & offered and not heads & reach_text:
            found.append(f"the claim negates {_shown(heads & offered)}, the source does not")
    for heads, _ in in_nearest:
        if heads & said and not heads & reach_claim:
            found.append(f"the source negates {_shown(heads & said)}, the claim does not")
    return [Finding("negation", "contradicted", detail) for detail in found]


def _shown(words: frozenset[str]) -> str:
    return "/".join(sorted(words))


def _negated(text: str) -> list[tuple[frozenset[str], frozenset[str]]]:
    """For each negation: the two words it bears on first, and all within its reach."""
    tokens = _tokens(text)
    found = []
    for at, token in enumerate(tokens):
        if _is_negation(token):
            reach = _reach(tokens[at + 1 : at + 12])
            if reach:
                found.append((frozenset(reach[:2]), frozenset(reach)))
    return found


def _tokens(text: str) -> list[str]:
    found = (word for word in _WORDS.findall(text) if word != NITRIC_OXIDE)
    return [word.lower().replace("’", "'") for word in found]


def _is_negation(word: str) -> bool:
    return word in NEGATIONS or word.endswith("n't")


def counted_negations(claim: str, text: str, nearest: str) -> list[Finding]:
    """A claim that negates more often than its quotes, or has all of a sentence but its "not"."""
    count, whole = _negation_count(claim), content_words(nearest)
    more = count - _negation_count(text)
    if more > 0:
        return [Finding("negation", "contradicted", f"the claim negates {more} time(s) more")]
    less = _negation_count(nearest) - count
    kept = len(whole & content_words(claim)) / max(1, len(whole))
    if less > 0 and kept > WHOLE:
        return [Finding("negation", "contradicted", f"the claim negates {less} time(s) less")]
    return []


def _negation_count(text: str) -> int:
    return sum(map(_is_negation, _tokens(text)))


def _reach(tokens: Sequence[str]) -> list[str]:
    reach: list[str] = []
    for token in tokens:
        if token in {".", ";", ":", ","} and reach:
            break
        if token not in LIGHT and len(reach) < 5:
            reach += sorted(content_words(token))
    if not reach:  # "were not significant": nothing weightier follows
        reach = sorted(content_words(" ".join(tokens[:2])))
    return reach


@lru_cache(maxsize=1)
def _opposites() -> tuple[tuple[str, str], ...]:
    def stem(word: str) -> str:
        return next(iter(content_words(word)), word)

    pairs = {(stem(a), stem(b)) for a, b in OPPOSITES}
    return tuple(sorted(pairs | {(b, a) for a, b in pairs}))


def direction_findings(claim: str, sentence: str) -> list[Finding]:
    """Words of the claim whose opposite stands in the sentence, where the word itself does not."""
    said, offered = _all_stems(claim), _all_stems(sentence)
    found = []
    for word, opposite in _opposites():
        if word in said and word not in offered and opposite in offered and opposite not in said:
            found.append(Finding("direction", "contradicted", f"{word} against {opposite}"))
    return found


def _all_stems(text: str) -> frozenset[str]:
    # "more" and "before" are stop words elsewhere, and here they are what matters
    kept = {word for word in _words(text) if word in {"more", "less", "fewer", "before", "after"}}
    return content_words(text) | frozenset(kept)


def arm_findings(claim: str, sentence: str) -> list[Finding]:
    """Arms and figures that go together otherwise than in the sentence.

    Of two arms and two figures that both texts name, the order of the arms and that of the figures
    must change together; where no figures are given, the sides of a comparison must not change.
    """
    arms = _common_order(_arm_order(claim), _arm_order(sentence))
    figures = _common_order(_figure_order(claim), _figure_order(sentence))
    for one, other in combinations(arms, 2):
        turned = _turned(arms[one], arms[other])
        for low, high in combinations(figures, 2):
            if turned != _turned(figures[low], figures[high]):
                return [Finding("arms", "contradicted", f"{one}/{other} against {low}/{high}")]
        if turned and not figures and _compares(claim) and _compares(sentence):
            return [Finding("arms", "contradicted", f"{one} and {other} have changed sides")]
    return []


def exchange_findings(claim: str, sentence: str) -> list[Finding]:
    """Two words or figures that have changed places, while all else stands as in the sentence."""
    here, there = _places(claim), _places(sentence)
    shared = sorted((key for key in here if key in there), key=lambda key: here[key])
    if len(shared) < MIN_SHARED:
        return []
    wanted = sorted(shared, key=lambda key: there[key])
    moved = [at for at, (a, b) in enumerate(zip(shared, wanted, strict=True)) if a != b]
    if len(moved) != 2:
        return []
    first, last = (shared[at] for at in moved)
    between = claim[here[first] : here[last]]
    neighbours = moved[1] == moved[0] + 1
    figures = first[0].isdigit() and last[0].isdigit()
    if neighbours and not figures and not _compares(between):
        return []  # "adults and children" may well be "children and adults"
    return [Finding("arms", "contradicted", f"{first} and {last} have changed places")]


def _places(text: str) -> dict[str, int]:
    """Stems and figures that occur once, and where."""
    places: dict[str, list[int]] = {}
    for found in re.finditer(r"[^\W\d_]+|\d+(?:[.,·]\d+)*", text):
        for stem in content_words(found.group()) or {found.group()} - {""}:
            if found.group()[0].isdigit() or len(stem) > 2:
                places.setdefault(stem, []).append(found.start())
    return {stem: at[0] for stem, at in places.items() if len(at) == 1}


def _turned(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return (one[0] < other[0]) != (one[1] < other[1])


def _compares(text: str) -> bool:
    return _COMPARATOR.search(text) is not None


def _common_order(first: dict[str, int], second: dict[str, int]) -> dict[str, tuple[int, int]]:
    return {name: (first[name], second[name]) for name in first if name in second}


def _arm_order(text: str) -> dict[str, int]:
    """Names of arms that occur once, and where."""
    places: dict[str, list[int]] = {}
    for found in re.finditer(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.lower()):
        if found.group() in ARMS or is_drug(found.group()):
            places.setdefault(found.group().rstrip("s"), []).append(found.start())
    for quantity in quantities(text):
        if quantity.kind == "name":
            places.setdefault(quantity.key, []).append(quantity.start)
    return {name: at[0] for name, at in places.items() if len(at) == 1}


def _figure_order(text: str) -> dict[str, int]:
    """Figures that occur once, and where."""
    places: dict[str, list[int]] = {}
    for quantity in quantities(text):
        if quantity.kind == "number" and quantity.value is not None:
            key = f"{quantity.value} {quantity.unit}".strip()
            places.setdefault(key, []).append(quantity.start)
    return {figure: at[0] for figure, at in places.items() if len(at) == 1}
