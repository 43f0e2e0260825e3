"""What a cited source holds for a statement of an article: the passages that best carry it.

Every sentence of the source is measured against the statement by meaning and by words; the best
one is taken, with others that hold figures it lacks. A statement that cites several sources is also
measured part by part. The verdict is careful: only a statement that stands there word for word is
supported, and one whose figures are not all there is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ragbot.answering.grounding.sentences import Span, content_words, overlaps
from ragbot.answering.numbers import missing_quantities
from ragbot.answering.verify import LIKELY, ClaimCheck
from ragbot.errors import UnknownDocumentError
from ragbot.index.reader import LibraryIndex, Sentences
from ragbot.library.chunking import leads_block, sentence_spans
from ragbot.types import Document, Evidence, Marker, Verdict

CARRIES = 0.5
"""Least likeness (mean of cosine and word overlap) of a sentence that is shown as a passage.

On the shipped library it lets through every statement's own source, and 8 in 100 of others'.
"""
HOLDS_MORE = 0.35
WHOLE = 0.1
"""What a whole statement has ahead of its parts."""
PASSAGES = 3
LEAST_WORDS = 4
KEPT = 1024
PART_BORDER = re.compile(
    r"[;:,]\s+(?:(?:and|but|while|whereas)\s+)?|\s(?:while|whereas|but)\s+|\sand (?:by )?(?=\d)"
)
NOT_CHECKED = "It comes nearest, but was not verified to support this: read the passage."


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of an article, and the numbers cited with it."""

    start: int
    end: int
    text: str
    numbers: tuple[int, ...]


def statement_at(article: Document, offset: int, number: int) -> Statement | None:
    """What the article says with reference `number` at `offset`: a marker's, or a sentence's.

    Where a sentence has several markers, a marker stands for the words since the one before it,
    if those say enough. None where the article does not cite that number there.
    """
    for block in article.blocks:
        if not block.start <= offset <= block.end:
            continue
        markers = [m for m in article.markers if block.start <= m.offset <= block.end]
        for span in sentence_spans(article.text[block.start : block.end], block.start):
            own = [m for m in markers if _belongs(article, m.offset, span)]
            meant = [m for m in own if number in m.numbers]
            exact = [m for m in meant if m.offset == offset]
            if exact or (meant and span[0] <= offset < span[1]):
                return _said_with(article, span, own, (exact or meant)[0])
    return None


def _belongs(article: Document, offset: int, span: tuple[int, int]) -> bool:
    leads = offset == span[0] and leads_block(article.text, offset)
    return span[0] < offset <= span[1] or leads


def _said_with(
    article: Document, span: tuple[int, int], own: Sequence[Marker], marker: Marker
) -> Statement:
    before = [m.offset for m in own if m.offset < marker.offset]
    last = marker is own[-1]
    start, end = max(before, default=span[0]), span[1] if last else marker.offset
    clause = article.text[start:end].lstrip(" ,;")
    if len(content_words(clause)) < LEAST_WORDS:
        clause = article.text[span[0] : span[1]]
        start, end = span
    else:
        start = end - len(clause)
    return Statement(start, end, clause.strip(), marker.numbers)


class EvidenceFinder:
    """Finds what sources hold for statements; what was found is kept. Safe from many threads."""

    def __init__(self, index: LibraryIndex, verifier: ClaimCheck) -> None:
        self._index = index
        self._verifier = verifier
        self._sentences = lru_cache(maxsize=256)(index.sentences)
        self._found = lru_cache(maxsize=KEPT)(self._find)

    def warm(self) -> None:
        """Load the models, so that the first statement does not wait for them."""
        self._index.embed(["warm"])
        self._verifier.judge("A warm claim.", "A warm passage.")

    def evidence(self, article: Document, offset: int, number: int) -> Evidence | None:
        """What reference `number` holds for what `article` says at `offset`.

        None where the article does not cite that number there, or the library lacks the source.
        """
        said = statement_at(article, offset, number)
        listed = article.article.references if article.article else ()
        source = next((r.source_id for r in listed if r.number == number), None)
        if said is None or source is None:
            return None
        try:
            self._index.document(source)
        except UnknownDocumentError:
            return None
        return self._found(said, number, source)

    def _find(self, said: Statement, number: int, source: str) -> Evidence:
        known = self._sentences(source)
        others = tuple(n for n in said.numbers if n != number)
        part, chosen = self._choose(parts_of(said.text) if others else [said.text], known)
        texts = [known.texts[at] for at in chosen]
        lacking = figures_lacking(part, texts)
        verdict, score, note = self._judge(part, texts, lacking)
        is_part = bool(chosen) and part != said.text
        return Evidence(
            statement=said.text,
            number=number,
            others=others,
            source_id=source,
            spans=tuple(known.spans[at] for at in sorted(chosen)),
            verdict="unverified" if is_part and verdict == "supported" else verdict,
            score=score,
            lacking=lacking,
            note=note,
            part=part if is_part else "",
        )

    def _judge(
        self, statement: str, texts: Sequence[str], lacking: Sequence[str]
    ) -> tuple[Verdict, float, str]:
        """The verdict, its probability and its note.

        The verifier's "contradicted" and "unsupported" are not taken over for passages this near:
        of the shipped articles' statements that it says so of, their sources carry nearly all.
        """
        if not texts or lacking:
            return "unsupported", 0.0, ""
        verdict, score = self._verifier.judge(statement, " ".join(texts))
        if verdict == "supported":
            return verdict, score, ""
        return "unverified", score, LIKELY if verdict == "unverified" and score > 0 else NOT_CHECKED

    def _choose(self, parts: Sequence[str], known: Sentences) -> tuple[str, list[int]]:
        """The part that a sentence carries best, that sentence, and those with figures it lacks."""
        if not known.texts:
            return parts[0], []
        cosines = self._index.embed(list(parts)) @ known.vectors.T
        spans = [Span(0, len(text), text) for text in known.texts]
        likeness = (cosines + np.array([overlaps(part, spans) for part in parts])) / 2
        best = likeness.max(axis=1)
        best[0] += WHOLE if best[0] >= CARRIES else 0.0
        at = int(np.argmax(best))
        part, ranked = parts[at], likeness[at]
        order = [int(i) for i in np.argsort(-ranked)]
        chosen = order[:1] if ranked[order[0]] >= CARRIES else []
        for i in order[1:] if chosen else ():
            lacking = figures_lacking(part, [known.texts[j] for j in chosen])
            if not lacking or len(chosen) == PASSAGES or ranked[i] < HOLDS_MORE:
                break
            with_it = [known.texts[j] for j in (*chosen, i)]
            if len(figures_lacking(part, with_it)) < len(lacking):
                chosen.append(i)
        return part, chosen


def parts_of(statement: str) -> list[str]:
    """The statement itself, then its parts between commas and conjunctions that say enough."""
    parts = [part.strip() for part in PART_BORDER.split(statement)]
    return [statement, *(part for part in parts if len(content_words(part)) >= LEAST_WORDS)]


def figures_lacking(statement: str, texts: Sequence[str]) -> tuple[str, ...]:
    """The figures of the statement that none of `texts` holds, as written; names are none."""
    missing = missing_quantities(statement, texts)
    return tuple(entry.quantity.text for entry in missing if entry.quantity.kind != "name")
