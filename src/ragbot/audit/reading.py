"""The sources of an article as the audit reads them: sentences, vectors and weighted words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from ragbot.errors import UnknownDocumentError
from ragbot.index.analysis import analyze
from ragbot.index.reader import LibraryIndex
from ragbot.index.vectors import Array
from ragbot.types import Document

Span = tuple[int, int]
WINDOW_PRICE = 0.05
"""What a likeness loses that a sentence has only with its neighbours."""


@dataclass(frozen=True)
class SourceText:
    """A source's sentences: `spans` and `vectors`, shape (n, d), go with `texts`."""

    document: Document
    spans: tuple[Span, ...]
    texts: tuple[str, ...]
    vectors: Array

    @cached_property
    def words(self) -> tuple[frozenset[str], ...]:
        """The index words of each sentence."""
        return tuple(frozenset(analyze(text)) for text in self.texts)

    @cached_property
    def window_words(self) -> tuple[frozenset[str], ...]:
        """The index words of each sentence, its neighbours and the title."""
        title = frozenset(analyze(self.document.title))
        return tuple(
            title.union(*self.words[max(0, at - 1) : at + 2]) for at in range(len(self.texts))
        )

    @cached_property
    def windows(self) -> Array:
        """Vectors of each sentence with its neighbours, shape (n, d), of length 1."""
        padded = np.pad(self.vectors, ((1, 1), (0, 0)))
        joined = padded[:-2] + 2 * padded[1:-1] + padded[2:]
        lengths = np.linalg.norm(joined, axis=1, keepdims=True)
        return np.asarray(joined / np.maximum(lengths, 1e-9), dtype=np.float32)

    @cached_property
    def about(self) -> str:
        """What the source says of its patients: its title, design and population."""
        known = self.document.bibliography
        ages = {"paediatric": "children", "adult": "adults", "mixed": "children and adults"}
        parts = [self.document.title]
        if known is not None:
            parts += [known.design or "", known.population or "", known.disease or ""]
            if not known.population:
                parts.append(ages.get(known.age_group or "", ""))
        return ". ".join(part for part in parts if part)

    @cached_property
    def whole(self) -> str:
        """All that is known of the source, for a name that may stand anywhere."""
        known = self.document.bibliography
        more = [] if known is None else [*known.authors, known.journal, known.year, *known.caveats]
        return "\n".join([self.about, self.document.text, *(str(part) for part in more if part)])


class Library(Protocol):
    """Where the audit finds sources, and how it embeds statements."""

    def source(self, source_id: str) -> SourceText | None:
        """The source, or None if the library lacks it."""

    def embed(self, texts: list[str]) -> Array:
        """Vectors of `texts`, shape (n, d), of length 1."""


class IndexLibrary:
    """The sources of an opened index."""

    def __init__(self, index: LibraryIndex) -> None:
        self._index = index
        self._known: dict[str, SourceText | None] = {}

    def source(self, source_id: str) -> SourceText | None:
        """The source, or None if the index holds no source of that id."""
        if source_id not in self._known:
            self._known[source_id] = self._read(source_id)
        return self._known[source_id]

    def embed(self, texts: list[str]) -> Array:
        """Vectors of `texts`."""
        return self._index.embed(texts)

    def _read(self, source_id: str) -> SourceText | None:
        try:
            document = self._index.document(source_id)
        except UnknownDocumentError:
            return None
        held = self._index.sentences(source_id)
        return SourceText(document, held.spans, held.texts, held.vectors)


class Likeness:
    """How near sentences come to a statement: the mean of cosine and weighted words shared.

    A word weighs more the fewer sentences of the article's sources have it.
    """

    def __init__(self, sources: Mapping[str, SourceText]) -> None:
        self._sources = sources
        counted = Counter(word for one in sources.values() for bag in one.words for word in bag)
        total = sum(len(one.texts) for one in sources.values())
        self._weights = {word: math.log(1 + total / (1 + count)) for word, count in counted.items()}
        self._unknown = math.log(1 + total)

    def of(self, text: str, vector: Array, source: SourceText) -> Array:
        """The likeness (0 to 1) of each sentence of `source`, shape (n,).

        A sentence is also read with its neighbours, for what it leaves to them ("it was 7.7
        months"): that counts a little less than what stands in the sentence itself.
        """
        if not source.texts:
            return np.zeros(0, dtype=np.float32)
        wanted = sorted(set(analyze(text)))
        weights = [self._weights.get(word, self._unknown) for word in wanted]
        total = sum(weights) or 1.0

        def share(bag: frozenset[str]) -> float:
            return sum(w for word, w in zip(wanted, weights, strict=True) if word in bag) / total

        alone = source.vectors @ vector + np.array([share(bag) for bag in source.words])
        around = source.windows @ vector + np.array([share(bag) for bag in source.window_words])
        best = np.maximum(alone, around - 2 * WINDOW_PRICE) / 2
        return np.asarray(np.clip(best, 0, 1), dtype=np.float32)

    def best_other(self, text: str, vector: Array, left_out: Sequence[str]) -> tuple[float, str]:
        """The likeness of the nearest sentence in any other source, and that source's id."""
        found = [
            (float(self.of(text, vector, one).max(initial=0.0)), name)
            for name, one in sorted(self._sources.items())
            if name not in left_out
        ]
        return max(found, default=(0.0, ""))
