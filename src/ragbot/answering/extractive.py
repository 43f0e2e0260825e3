"""The extractive answerer: sentences word for word from the passages, or silence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragbot.answering.draft import DraftClaim, RetrievedTurn
from ragbot.answering.relevance import (
    ATTRIBUTES,
    DISAGREEMENT,
    AskedFor,
    Candidate,
    Features,
    Surroundings,
    answers,
    asked_for,
    features,
    focus,
    is_small_talk,
    question_units,
    relevance,
)
from ragbot.index.analysis import analyze
from ragbot.index.reader import LibraryIndex
from ragbot.index.vectors import Array
from ragbot.library.chunking import sentence_markers
from ragbot.retrieval.hybrid import HybridSearch
from ragbot.types import Bibliography, Block, Chunk, Document, Passage, StandaloneQuestion

LONGEST_ANSWER = 5
NEAR_BEST = 0.6  # of the best sentence's relevance: what else is worth saying
WORTH_SAYING = 0.45
LEAST_READING = 0.2  # weight of a query that is a reading of the question
READY_CHUNKS = 20_000
FINDING = 0.05
FOREIGN = 0.13  # cosine to the nearest sentence: everyday questions below, terse follow-ups above
SAME_CONTENT = 0.88  # cosine above which two sentences say the same
SCOPE_FACTOR = {"cited": 1.0, "article": 0.95, "library": 0.85}
RESULT = re.compile(
    r"\d\s?%|\d\.\d|\bmonths?\b|[pP]\s?[<=]|"
    r"\b(?:did not|does not|neither|not significant\w*|no significant|no difference|"
    r"risk factor|predict\w*|associated with)\b"
)
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


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence made ready for any question."""

    text: str
    start: int
    end: int
    candidate: Candidate


class ExtractiveAnswerer:
    """Chooses the sentences that answer a question, without repeats, in a readable order."""

    name = "extractive"

    def __init__(self, index: LibraryIndex, search: HybridSearch) -> None:
        self._index = index
        self._search = search
        self._ready: dict[str, list[_Sentence | None]] = {}

    def answer(self, turn: RetrievedTurn) -> Iterator[DraftClaim]:
        """Bottom line first, then detail, then what disagrees; nothing if nothing answers."""
        typed = turn.asked.question
        if is_small_talk(typed):
            return
        candidates = self.score(readings(turn.standalone), turn.passages, typed)
        if not candidates or not answers(candidates[0].features):
            return
        if self._is_foreign(typed, candidates):
            return  # only what was carried over from the conversation or the title is answered
        chosen = choose(candidates)
        for at, entry in enumerate(_reading_order(chosen)):
            yield _claim(entry, turn.asked.article, is_first=at == 0)

    def score(
        self, questions: Sequence[str], passages: Sequence[Passage], typed: str = ""
    ) -> list[Scored]:
        """Every sentence of `passages` that could answer, best first.

        `questions` are the ways the question may be meant: a sentence counts for the one it answers
        best. `typed` is what was asked in this turn, where they carry words over.
        """
        meant = self._meant(questions, typed)
        records = self._index.records([passage.row for passage in passages])
        scored = []
        for passage in passages:
            vectors = self._index.sentences_of(records[passage.row])
            for sentence, vector in zip(self._sentences(passage), vectors, strict=True):
                if sentence is not None:
                    found = max(
                        (
                            features(asked, sentence.candidate, _cosine(vector, whole, asking))
                            for asked, whole, asking in meant
                        ),
                        key=relevance,
                    )
                    score = relevance(found) * SCOPE_FACTOR[passage.scope]
                    span = (sentence.start, sentence.end)
                    scored.append(Scored(passage, *span, sentence.text, vector, found, score))
        return sorted(scored, key=lambda entry: -entry.relevance)

    def _is_foreign(self, typed: str, candidates: Sequence[Scored]) -> bool:
        """Whether what was typed, taken alone, has nothing to do with any of the sentences.

        So has a bare "cost?" where no passage speaks of costs. Otherwise a question of which the
        library knows the better part of the words is never foreign.
        """
        lexical = self._search.lexical
        units = question_units(typed, lexical.idf)
        if units and all(unit in ATTRIBUTES for unit, _ in units):
            texts = {entry.passage.chunk.text for entry in candidates}
            return not any(unit in analyze(text) for text in texts for unit, _ in units)
        unknown = sum(lexical.document_frequency(unit) == 0 for unit, _ in units)
        if not units or 2 * unknown < len(units):
            return False
        alone = self._search.embed([typed])[0]
        return max(float(entry.vector @ alone) for entry in candidates) < FOREIGN

    def _meant(self, questions: Sequence[str], typed: str) -> list[tuple[AskedFor, Array, Array]]:
        """What each reading asks for, with the vectors of the whole and of its asking part."""
        idf = self._search.lexical.idf
        vectors = self._search.embed([*questions, *(focus(text) for text in questions)])
        half = len(questions)
        return [
            (asked_for(text, idf, typed), vectors[at], vectors[half + at])
            for at, text in enumerate(questions)
        ]

    def _sentences(self, passage: Passage) -> list[_Sentence | None]:
        """The sentences of a passage made ready, None for one that states nothing."""
        chunk = passage.chunk
        if chunk.id not in self._ready:
            if len(self._ready) >= READY_CHUNKS:
                self._ready.clear()
            self._ready[chunk.id] = self._made_ready(chunk)
        return self._ready[chunk.id]

    def _made_ready(self, chunk: Chunk) -> list[_Sentence | None]:
        document = self._index.document(chunk.document_id)
        is_lead = chunk.kind == "source" and not chunk.heading_path
        if is_lead and has_headings(document.blocks):
            return [None] * len(chunk.sentences)
        around = _surroundings(chunk, document)
        return [_sentence(chunk, span, around) for span in chunk.sentences]


def _surroundings(chunk: Chunk, document: Document) -> Surroundings:
    details = document.bibliography or Bibliography()
    population = (details.population, details.age_group, details.disease)
    return Surroundings.of(
        " ".join((chunk.title, *chunk.heading_path, chunk.text)),
        " ".join(part for part in population if part),
    )


def _sentence(chunk: Chunk, span: tuple[int, int], around: Surroundings) -> _Sentence | None:
    """A sentence made ready; None for a lead-in, and for one about the document itself."""
    text = chunk.text[span[0] - chunk.start : span[1] - chunk.start]
    if text.endswith(":") or ABOUT_ITSELF.search(text):
        return None
    return _Sentence(text, *span, Candidate.of(text, around))


def readings(standalone: StandaloneQuestion) -> list[str]:
    """The ways a follow-up may be meant: as written out, and as carried queries that weigh."""
    carried = [
        text
        for text, weight in standalone.queries
        if weight >= LEAST_READING and text != standalone.text
    ]
    return [standalone.text, *carried] if standalone.carried else [standalone.text]


def _cosine(sentence: Array, whole: Array, asking: Array) -> float:
    """Of a sentence to a question, or to the part of it that asks, whichever is nearer."""
    return max(float(sentence @ whole), float(sentence @ asking))


def has_headings(blocks: Sequence[Block]) -> bool:
    """Whether a document has sections, so that what stands before them is its lead."""
    return any(block.kind == "heading" for block in blocks)


def choose(candidates: Sequence[Scored]) -> list[Scored]:
    """The best candidates that each add something, at most `LONGEST_ANSWER`."""
    chosen: list[Scored] = []
    if not candidates:
        return chosen
    best = candidates[0].relevance
    least = max(best * NEAR_BEST, WORTH_SAYING)
    near = [entry for entry in candidates if entry.relevance >= best - FINDING]
    lead = max(near, key=_informative)
    worth = [e for e in candidates if e.relevance >= least and e is not lead]
    for entry in (lead, *sorted(worth, key=_informative, reverse=True)):
        if len(chosen) == LONGEST_ANSWER:
            break
        twin = next((i for i, held in enumerate(chosen) if _same(entry, held)), None)
        if twin is None:
            chosen.append(entry)
        elif _is_closer_to_evidence(entry, chosen[twin]):
            chosen[twin] = entry
    return chosen


def _informative(entry: Scored) -> float:
    """Relevance, with a little more for a result than for what a study is made of."""
    return entry.relevance + (FINDING if RESULT.search(entry.text) else 0.0)


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
