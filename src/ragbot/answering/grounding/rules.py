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
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from ragbot.answering.grounding.arms import arms_turned, misattributed, places_changed
from ragbot.answering.grounding.lexicon import LIGHT, NEGATIONS, OPPOSITES, is_drug
from ragbot.answering.grounding.sentences import Span, content_words, overlaps, split_sentences
from ragbot.answering.numbers import MissingQuantity, Quantity, missing_quantities, quantities
from ragbot.index.analysis import CONCEPT_MARK, analyze

Rule = Literal["number", "negation", "drug", "direction", "arms"]
Outcome = Literal["contradicted", "unsupported"]
CLOSE = 0.6
SAME = 0.75
WHOLE = 0.95
NITRIC_OXIDE = "NO"  # in capitals it negates nothing
STOPS = frozenset(".;:,()")
POINTING = frozenset({"it", "them", "this", "these", "that", "those", "versus", "vs", "and", "or"})
BEARING = frozenset({"with", "had", "have", "has", "having"})
# what follows them is with whom, where or when, and not what is negated
BEHIND = frozenset({
    "with", "in", "among", "between", "after", "during", "before", "under", "per", "via", "by",
    "for", "of", "at", "on", "from", "to",
})  # fmt: skip
_WORDS = re.compile(r"[^\W\d_]+(?:['’]t\b)?|[.;:,()]")
_TWICE = re.compile(
    r"\b([a-z-]{4,})(?: \w+)?(?:,|,? (?:and/or|and|or|plus|versus|vs\.?|than|with|to)) \1\b"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired: `detail` is what it found, for people."""

    rule: Rule
    outcome: Outcome
    detail: str

    def __str__(self) -> str:
        """As a verdict's `rules` name it."""
        return f"{self.rule}: {self.detail}"


def gate(claim: str, quotes: Sequence[str]) -> list[Finding]:
    """Everything in `claim` that its verbatim `quotes` do not carry; empty if nothing is wrong."""
    text = " ".join(quotes)
    sentences = [span for quote in quotes for span in split_sentences(quote)]
    nearest = _nearest(claim, sentences) if sentences else Span(0, 0, "")
    found = _missing_findings(missing_quantities(claim, quotes), nearest.text)
    found += repeated_findings(claim, quotes)
    found += drug_findings(claim, text) or exchanged_drugs(claim, nearest.text)
    found += negation_findings(claim, text, nearest.text)
    found += counted_negations(claim, text, nearest.text)
    found += direction_findings(claim, nearest.text)
    found += _arm_findings(claim, nearest.text)
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
        found += _as_arms(arms_turned(claim, sentences[best].text))
    if scores[best] >= SAME:
        found += _as_arms(places_changed(claim, sentences[best].text))
        found += negation_findings(claim, sentences[best].text, sentences[best].text)
    return found


def _arm_findings(claim: str, sentence: str) -> list[Finding]:
    turned = arms_turned(claim, sentence) or places_changed(claim, sentence)
    return _as_arms(turned or misattributed(claim, sentence))


def _as_arms(detail: str) -> list[Finding]:
    return [Finding("arms", "contradicted", detail)] if detail else []


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
    """Drugs that `claim` names and `text` does not, or sets beside themselves."""
    offered = {word.rstrip("s") for word in _words(text)}
    named = sorted({word for word in _words(claim) if is_drug(word)})
    absent = [word for word in named if word.rstrip("s") not in offered]
    twice = [found[1] for found in _TWICE.finditer(claim.lower()) if is_drug(found[1])]
    return [
        *(Finding("drug", "unsupported", f"{word} is not in the source") for word in absent),
        *(Finding("drug", "unsupported", f"{word} stands beside itself") for word in twice),
    ]


def exchanged_drugs(claim: str, sentence: str) -> list[Finding]:
    """One drug put in another's place, where nothing else differs from the sentence."""
    here, there = _words(claim), _words(sentence)
    changes = [
        (here[a:b], there[c:d])
        for kind, a, b, c, d in SequenceMatcher(None, here, there, autojunk=False).get_opcodes()
        if kind != "equal"
    ]
    if len(changes) != 1:
        return []
    ours, others = ({word for word in words if is_drug(word)} for words in changes[0])
    if not ours or not others:
        return []
    detail = f"{_shown(frozenset(ours))} in the place of {_shown(frozenset(others))}"
    return [Finding("drug", "contradicted", detail)]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def negation_findings(claim: str, text: str, nearest: str) -> list[Finding]:
    """What is negated on one side only: in the claim, or in the text's nearest sentence."""
    said, offered = content_words(claim), content_words(text)
    in_claim, in_text = _negated(claim), _negated(text)
    found = []
    for one in in_claim:
        if one.heads & offered and not any(one.is_within(other) for other in in_text):
            found.append(f"the claim negates {_shown(one.heads & offered)}, the source does not")
    for one in _negated(nearest):
        if one.heads & said and not any(one.is_within(other) for other in in_claim):
            found.append(f"the source negates {_shown(one.heads & said)}, the claim does not")
    return [Finding("negation", "contradicted", detail) for detail in found]


def _shown(words: frozenset[str]) -> str:
    return "/".join(sorted(words))


@dataclass(frozen=True, slots=True)
class _Negation:
    """A negation: the two words it bears on first, and all within its reach.

    `concepts` are the vocabulary's ("allo-SCT" and "allogeneic transplant" are one), of the heads
    and within reach.
    """

    heads: frozenset[str]
    reach: frozenset[str]
    concepts: tuple[frozenset[str], frozenset[str]]

    def is_within(self, other: _Negation) -> bool:
        """Whether what this negates is negated by `other` as well."""
        return bool(self.heads & other.reach or self.concepts[0] & other.concepts[1])


def _negated(text: str) -> list[_Negation]:
    words = _tokens(text)
    found = []
    for at, word in enumerate(words):
        if not _is_negation(word) or (word == "nor" and "neither" in words[:at]):
            continue
        if word == "without" and _stands_alone(words[at + 1 :]):
            compared = _elided(words[:at])
            meant = (frozenset[str](), _concepts(compared))
            found.append(_Negation(frozenset(), frozenset(_reach(compared)), meant))
        elif reach := _reach(words[at + 1 : at + 12]):
            behind = words[at + 1 : at + 8]
            concepts = (_concepts(behind[:4]), _concepts(behind))
            found.append(_Negation(_heads(behind), frozenset(reach), concepts))
    return found


def _heads(after: Sequence[str]) -> frozenset[str]:
    """The first two words that a negation bears on: none behind "with" or "among"."""
    heads: list[str] = []
    for token in after:
        if token in BEHIND or (token in STOPS and heads):
            break
        if token not in LIGHT:
            heads += sorted(content_words(token))
    if not heads:  # "not significant"
        heads = sorted(content_words(" ".join(t for t in after[:2] if t not in BEHIND)))
    return frozenset(heads[:2])


def _stands_alone(after: Sequence[str]) -> bool:
    """Whether "without" ends a comparison ("versus 4% without"), and denies nothing by itself."""
    return not after or after[0] in STOPS or after[0] in POINTING


def _elided(before: Sequence[str]) -> Sequence[str]:
    """What a "without" at the end of a comparison leaves unsaid: the words behind the "with"."""
    begins = [at for at, token in enumerate(before) if token in BEARING]
    return before[begins[-1] + 1 :] if begins else ()


@lru_cache(maxsize=4096)
def _concepts_of(text: str) -> frozenset[str]:
    return frozenset(token for token in analyze(text) if token.startswith(CONCEPT_MARK))


def _concepts(tokens: Sequence[str]) -> frozenset[str]:
    return _concepts_of(" ".join(tokens))


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
        if token in STOPS and reach:
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
