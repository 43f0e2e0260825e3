"""The checks of one claim: what the model wrote in, a claim on exact sentences or reasons out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ragbot.answering.caution import orders_in
from ragbot.answering.draft import DraftClaim, Span
from ragbot.answering.generative.claims import RawClaim, RawEvidence
from ragbot.answering.generative.drugs import drugs_missing
from ragbot.answering.generative.keys import Keyed
from ragbot.answering.generative.locate import locate
from ragbot.answering.generative.plain import plain_words
from ragbot.answering.generative.wording import plain_claim
from ragbot.answering.grounding.rules import gate
from ragbot.answering.grounding.sentences import split_sentences
from ragbot.answering.numbers import MissingQuantity, missing_quantities
from ragbot.answering.verify import ClaimCheck, evidence_text
from ragbot.library.chunking import sentence_markers
from ragbot.types import Document, Passage, Verdict

LONGEST_CLAIM = 600
MOST_EVIDENCE = 6
_SAID_OF: dict[Verdict, str] = {
    "contradicted": "its quotes contradict it",
    "unsupported": "its quotes do not carry all of it",
    "unverified": "its quotes do not carry it plainly enough: stay closer to their words",
}
_HOW = {
    "value": "",
    "unit": " in this unit",
    "sign": " with this sign",
    "conversion": ": it was converted, and must stand as they write it",
}
_RULED = {
    "number": "a figure of it is not in its quotes",
    "drug": "a drug stands where its quotes have another",
    "negation": "it does not negate what its quotes negate, or the other way round",
    "direction": "it turns the direction of its quotes",
    "arms": "its figures or arms go together otherwise than in its quotes",
}
UNSURE = _SAID_OF["unverified"]
MOST_OWN_WORDS = 3
_BRACKETS = frozenset("[]")
EARLIER_NOTE = "From evidence that the answer before cited."
BEYOND_NOTE = "From a source that this article does not cite."


@dataclass(frozen=True, slots=True)
class Checked:
    """One sentence of the model after its checks; it passed if there are no `problems`.

    `claim` is None where it rests on nothing that could be cited.
    """

    text: str
    claim: DraftClaim | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimChecks:
    """The checks of one turn: its passages, article and verifier.

    The `disclaimer` is never to be said by a claim. What the verifier takes for supported without
    being sure passes, and is shown as unverified; where it `must_be_sure`, its evidence is stated
    instead, in the document's own words. `earlier` are the rows of passages that come from the
    answer before.
    """

    passages: Keyed
    article: Document
    verifier: ClaimCheck
    disclaimer: str = ""
    must_be_sure: bool = False
    earlier: frozenset[int] = frozenset()

    def check(self, raw: RawClaim) -> Iterator[Checked]:
        """Each sentence of `raw` checked by itself, on the evidence that all of it names."""
        text = plain_claim(raw.text[:LONGEST_CLAIM], self.passages.names())
        evidence, problems = self.evidence(raw.evidence)
        if len(raw.text) > LONGEST_CLAIM:
            problems = (*problems, "it is too long")
        for sentence in split_sentences(text):
            if any(char.isalnum() for char in sentence.text):
                made = self._sentence(sentence.text, raw, evidence, problems)
                if made.problems == (UNSURE,):
                    yield from self._in_own_words(raw, evidence) or [made]
                else:
                    yield made

    def evidence(self, written: Sequence[RawEvidence]) -> tuple[tuple[Span, ...], tuple[str, ...]]:
        """The spans that the evidence as written opens, and what is wrong with it."""
        spans: dict[Span, None] = {}
        problems: list[str] = []
        for entry in written[:MOST_EVIDENCE]:
            if not entry.keys or any(self._passage(key) is None for key in entry.keys):
                problems.append("it names a key that was not given")
                continue
            found = self._found(entry)
            if not found:
                problems.append(f"the quote “{entry.quote[:80]}” is not in its passage")
            spans |= dict.fromkeys(found)
        if not written:
            problems.append("it cites no passage")
        if len(written) > MOST_EVIDENCE:
            problems.append("it cites too much")
        return tuple(spans), tuple(problems)

    def _passage(self, key: str) -> Passage | None:
        """The passage under a key as written; models put brackets around it."""
        return self.passages.get(key.strip(" []()"))

    def _found(self, entry: RawEvidence) -> list[Span]:
        """Spans of the first passage, of those that `entry` names, that holds its quote."""
        for key in entry.keys:
            passage = self._passage(key)
            places = locate(entry.quote, passage.chunk) if passage is not None else None
            if passage is not None and places:
                return [(passage, start, end) for start, end in places]
        return []

    def _sentence(
        self, text: str, raw: RawClaim, spans: tuple[Span, ...], problems: tuple[str, ...]
    ) -> Checked:
        if self._says_disclaimer(text):  # not even shown as unsupported: it stands once
            return Checked(text, None, (*problems, "it repeats the disclaimer"))
        if not spans:
            return Checked(text, None, problems)
        quotes = tuple(quote_of(span) for span in spans)
        found = [*problems, *wrong_in(text, quotes)]
        if not found:  # the dearest check comes last
            found += self._unsupported(text, quotes)
        (passage, start, end), *more = spans
        claim = DraftClaim(text, passage, start, end, more=tuple(more))
        claim = replace(claim, role=_role(raw, spans), note=self._note(spans))
        if not found and raw.plain:
            said = plain_words(raw.plain, text, evidence_text(quotes), self.verifier)
            claim = replace(claim, plain="" if self._says_disclaimer(said) else said)
        return Checked(text, claim, tuple(found))

    def _unsupported(self, text: str, quotes: tuple[str, ...]) -> list[str]:
        verdict, _ = self.verifier.judge(text, evidence_text(quotes))
        if verdict == "supported" or (verdict == "unverified" and not self.must_be_sure):
            return []
        return [_SAID_OF[verdict]]

    def _in_own_words(self, raw: RawClaim, spans: Sequence[Span]) -> list[Checked]:
        """Each sentence of the evidence as a claim word for word; [] where one cannot be."""
        sentences = [
            (passage, start, end)
            for passage, low, high in spans
            for start, end in passage.chunk.sentences
            if low <= start and end <= high
        ]
        made = [self._sentence(quote_of(s), raw, (s,), ()) for s in dict.fromkeys(sentences)]
        sayable = all(not m.problems and not (_BRACKETS & set(m.text)) for m in made)
        return made if sayable and len(made) <= MOST_OWN_WORDS else []

    def _note(self, spans: Sequence[Span]) -> str:
        earlier = any(passage.row in self.earlier for passage, _, _ in spans)
        note = layer_note(spans, self.article)
        return f"{note} {EARLIER_NOTE}".strip() if earlier else note

    def _says_disclaimer(self, text: str) -> bool:
        said = text.casefold()
        parts = split_sentences(self.disclaimer)
        return any(part.text.casefold().rstrip(".") in said for part in parts)


def quote_of(span: Span) -> str:
    """The text of a span."""
    passage, start, end = span
    return passage.chunk.text[start - passage.chunk.start : end - passage.chunk.start]


def wrong_in(text: str, quotes: tuple[str, ...]) -> list[str]:
    """What of `text` no quote carries, each as a reason in words.

    Figures, drugs, negations, directions, who had what, and advice.
    """
    figures = [_figure(missing) for missing in missing_quantities(text, quotes)]
    drugs = [f"“{name}” is not in its quotes" for name in drugs_missing(text, quotes)]
    said = {"number": figures, "drug": drugs}
    ruled = [f for f in gate(text, quotes) if not said.get(f.rule)]
    orders = [f"“{words}” advises, and its quotes do not" for words in orders_in(text, quotes)]
    return [*figures, *drugs, *(f"{_RULED[f.rule]} ({f.detail})" for f in ruled), *orders]


def _figure(missing: MissingQuantity) -> str:
    near = f" (they have “{missing.nearest.text}”)" if missing.nearest is not None else ""
    how = _HOW.get(missing.reason, " with this comparison")
    return f"“{missing.quantity.text}” is not in its quotes{how}{near}"


def _role(raw: RawClaim, spans: tuple[Span, ...]) -> str:
    if any(passage.scope == "library" for passage, _, _ in spans):
        return "beyond"
    return "detail" if raw.kind == "claim" else raw.kind


def layer_note(spans: Sequence[Span], article: Document) -> str:
    """What a reader must know of a claim's layer: the article's word alone, or a source beyond.

    Where the article's sentence cites sources, these are named, with those that are missing.
    """
    if any(passage.scope == "library" for passage, _, _ in spans):
        return BEYOND_NOTE
    if any(passage.chunk.kind == "source" for passage, _, _ in spans) or article.article is None:
        return ""
    numbers = list(dict.fromkeys(n for span in spans for n in _numbers(*span)))
    held = {reference.number: reference.source_id for reference in article.article.references}
    missing = [number for number in numbers if held.get(number) is None]
    citing = f", citing {_listed(numbers)}" if numbers else ""
    are = "is" if len(missing) == 1 else "are"
    lacking = f"; {_listed(missing)} {are} not in the library" if missing else ""
    return f"The article states this{citing}{lacking}."


def _numbers(passage: Passage, start: int, end: int) -> list[int]:
    """Reference numbers that the article's sentences within the span cite."""
    inside = [(a, b) for a, b in passage.chunk.sentences if start <= a and b <= end]
    markers = [m for span in inside for m in sentence_markers(passage.chunk, span)]
    return [number for marker in markers for number in marker.numbers]


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(f"[{number}]" for number in numbers)
