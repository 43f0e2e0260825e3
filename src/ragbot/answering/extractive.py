"""The extractive answerer: sentences word for word from the passages, or silence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragbot.answering.draft import DraftClaim, RetrievedTurn
from ragbot.answering.relevance import (
    DISAGREEMENT,
    AskedFor,
    Candidate,
    Features,
    answers,
    asked_for,
    features,
    focus,
    relevance,
)
from ragbot.index.reader import LibraryIndex
from ragbot.index.vectors import Array
from ragbot.library.chunking import sentence_markers
from ragbot.retrieval.hybrid import HybridSearch
from ragbot.types import Bibliography, Block, Chunk, Document, Passage

LONGEST_ANSWER = 5
NEAR_BEST = 0.6  # of the best sentence's relevance: what else is worth saying
WORTH_SAYING = 0.45
FINDING = 0.05
SAME_CONTENT = 0.88  # cosine above which two sentences say the same
SCOPE_FACTOR = {"cited": 1.0, "article": 0.95, "library": 0.85}
FINDING_IN_FIGURES = re.compile(r"\d\s?%|\d\.\d|\bmonths?\b|[pP]\s?[<=]")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# Sentences that speak of the document and not of the matter.
ABOUT_ITSELF = re.compile(
    r"\b(?:this (?:article|summary|file)|the text below|our own words|"
    r"text (?:that was )?(?:read|seen))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence with its place, its vector and how well it answers."""

    passage: Passage
    start: int
    end: int
    text: str
    vector: Array
    features: Features
    relevance: float


class ExtractiveAnswerer:
    """Chooses the sentences that answer a question, without repeats, in a readable order."""

    name = "extractive"

    def __init__(self, index: LibraryIndex, search: HybridSearch) -> None:
        self._index = index
        self._search = search

    def answer(self, turn: RetrievedTurn) -> Iterator[DraftClaim]:
        """Bottom line first, then detail, then what disagrees; nothing if nothing answers."""
        candidates = self.score(turn.standalone.text, turn.passages, turn.asked.question)
        if not candidates or not answers(candidates[0].features):
            return
        chosen = choose(candidates)
        for at, entry in enumerate(_reading_order(chosen)):
            yield _claim(entry, turn.asked.article, is_first=at == 0)

    def score(self, question: str, passages: Sequence[Passage], typed: str = "") -> list[Scored]:
        """Every sentence of `passages` that could answer, best first.

        `typed` is what was asked in this turn, where `question` carries words over.
        """
        asked = asked_for(question, self._search.lexical.idf, typed)
        whole, asking = self._search.embed([question, focus(question)])
        records = self._index.records([passage.row for passage in passages])
        scored = []
        for passage in passages:
            vectors = self._index.sentences_of(records[passage.row])
            for text, (start, end), own in _sentences(passage.chunk, vectors):
                if not self._can_answer(text, passage.chunk):
                    continue
                found = self._features(asked, passage, text, _cosine(own, whole, asking))
                score = relevance(found) * SCOPE_FACTOR[passage.scope]
                scored.append(Scored(passage, start, end, text, own, found, score))
        return sorted(scored, key=lambda entry: -entry.relevance)

    def _can_answer(self, text: str, chunk: Chunk) -> bool:
        """Whether a sentence states a finding: not a lead-in, nor about the document itself."""
        blocks = self._index.document(chunk.document_id).blocks
        is_lead = chunk.kind == "source" and not chunk.heading_path and has_headings(blocks)
        return not is_lead and not text.endswith(":") and not ABOUT_ITSELF.search(text)

    def _features(self, asked: AskedFor, passage: Passage, text: str, cosine: float) -> Features:
        chunk = passage.chunk
        details = self._index.document(chunk.document_id).bibliography or Bibliography()
        population = (details.population, details.age_group, details.disease)
        candidate = Candidate(
            sentence=text,
            near=" ".join((chunk.title, *chunk.heading_path, chunk.text)),
            population=" ".join(part for part in population if part),
            cosine=cosine,
        )
        return features(asked, candidate)


def _cosine(sentence: Array, whole: Array, asking: Array) -> float:
    """Of a sentence to a question, or to the part of it that asks, whichever is nearer."""
    return max(float(sentence @ whole), float(sentence @ asking))


def _sentences(chunk: Chunk, vectors: Array) -> Iterator[tuple[str, tuple[int, int], Array]]:
    for (start, end), vector in zip(chunk.sentences, vectors, strict=True):
        yield chunk.text[start - chunk.start : end - chunk.start], (start, end), vector


def has_headings(blocks: Sequence[Block]) -> bool:
    """Whether a document has sections, so that what stands before them is its lead."""
    return any(block.kind == "heading" for block in blocks)


def choose(candidates: Sequence[Scored]) -> list[Scored]:
    """The best candidates that each add something, at most `LONGEST_ANSWER`."""
    chosen: list[Scored] = []
    if not candidates:
        return chosen
    least = max(candidates[0].relevance * NEAR_BEST, WORTH_SAYING)
    worth = [entry for entry in candidates[1:] if entry.relevance >= least]
    for entry in (candidates[0], *sorted(worth, key=_informative, reverse=True)):
        if len(chosen) == LONGEST_ANSWER:
            break
        twin = next((i for i, held in enumerate(chosen) if _same(entry, held)), None)
        if twin is None:
            chosen.append(entry)
        elif _is_closer_to_evidence(entry, chosen[twin]):
            chosen[twin] = entry
    return chosen


def _informative(entry: Scored) -> float:
    """Relevance, with a little more for a finding in figures."""
    return entry.relevance + (FINDING if FINDING_IN_FIGURES.search(entry.text) else 0.0)


def _numbers(text: str) -> set[str]:
    return set(NUMBER.findall(text))


def _same(a: Scored, b: Scored) -> bool:
    """Whether two sentences say the same, or one's figures all stand in the other."""
    cosine = float(a.vector @ b.vector)
    mine, others = _numbers(a.text), _numbers(b.text)
    if mine and others and cosine > SAME_CONTENT - 0.15 and (mine <= others or others <= mine):
        return True
    return cosine > SAME_CONTENT and mine == others


def _is_closer_to_evidence(entry: Scored, held: Scored) -> bool:
    """A source's own sentence stands for the article's that repeats it, if it holds its figures."""
    return (
        entry.passage.chunk.kind == "source"
        and held.passage.chunk.kind == "article"
        and _numbers(held.text) <= _numbers(entry.text)
    )


def _role(entry: Scored, is_first: bool) -> str:
    if entry.passage.scope == "library":
        return "beyond"
    if DISAGREEMENT.search(entry.text):
        return "conflict"
    return "bottom_line" if is_first else "detail"


def _reading_order(chosen: Sequence[Scored]) -> list[Scored]:
    """The best sentence leads, with those of its layer; then detail, conflict, what lies beyond."""
    if not chosen:
        return []
    places = {"bottom_line": 0, "detail": 0, "conflict": 1, "beyond": 2}
    ranks = [places[_role(entry, is_first=False)] for entry in chosen]
    order = sorted(range(1, len(chosen)), key=lambda at: (ranks[at] != ranks[0], ranks[at]))
    return [chosen[0], *(chosen[at] for at in order)]


def _claim(entry: Scored, article: Document, is_first: bool) -> DraftClaim:
    return DraftClaim(
        text=entry.text,
        passage=entry.passage,
        start=entry.start,
        end=entry.end,
        role=_role(entry, is_first),
        note=_note(entry, article),
    )


def _note(entry: Scored, article: Document) -> str:
    """What the reader must know of a claim's layer: the article's word, or a source beyond it."""
    if entry.passage.scope == "library":
        return "From a source that this article does not cite."
    if entry.passage.chunk.kind == "source" or article.article is None:
        return ""
    markers = sentence_markers(entry.passage.chunk, (entry.start, entry.end))
    numbers = list(dict.fromkeys(number for marker in markers for number in marker.numbers))
    held = {r.number: r.source_id for r in article.article.references}
    missing = [n for n in numbers if held.get(n) is None]
    note = "The article states this"
    if numbers:
        note += f", citing {', '.join(f'[{n}]' for n in numbers)}"
    if missing:
        lacking = ", ".join(f"[{n}]" for n in missing)
        note += f"; {lacking} {'is' if len(missing) == 1 else 'are'} not in the library"
    return f"{note}."
