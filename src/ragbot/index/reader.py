"""An opened generation of the index: what the question path reads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from ragbot.errors import (
    IndexDamagedError,
    IndexMismatchError,
    IndexUnavailableError,
    ModelUnavailableError,
    UnknownArticleError,
    UnknownDocumentError,
)
from ragbot.index import generations
from ragbot.index.build import FORMAT, LEXICAL, chunking_stamp, embedding_name
from ragbot.index.catalog import Catalog, ChunkRecord
from ragbot.index.embedding import OnnxEmbeddings
from ragbot.index.export import find_export, model_fingerprint
from ragbot.index.lexical import LexicalIndex, analysis_fingerprint
from ragbot.index.vectors import CHROMA, Array, ChromaStore, load_arrays
from ragbot.index.words import load_words
from ragbot.settings import Settings
from ragbot.types import Document

REMEDY = "Run `ragbot index`: it is built anew from the corpus."


@dataclass(frozen=True, slots=True)
class Sentences:
    """A document's sentences: `vectors` has shape (n, d), of length 1, a row each."""

    spans: tuple[tuple[int, int], ...]
    texts: tuple[str, ...]
    vectors: Array


class LibraryIndex:
    """Documents, chunks and vectors of one generation; safe to read from several threads."""

    def __init__(self, settings: Settings) -> None:
        """Open the current generation.

        Raises IndexMissingError, IndexDamagedError, or IndexMismatchError if it was built with
        another embedding model or chunking than the settings name.
        """
        self.settings = settings
        self.folder = generations.current_generation(settings.index)
        while True:
            try:
                self._open()
                break
            except IndexDamagedError:  # or has a writer switched twice meanwhile and swept it?
                latest = generations.current_generation(settings.index)
                if latest == self.folder:
                    raise
                self.folder = latest
        self.document = lru_cache(maxsize=256)(self._document)
        self._chroma_lock = threading.Lock()

    def _open(self) -> None:
        self.stamp = generations.read_stamp(self.folder)
        _check_alike(self.stamp, self.settings)
        self.catalog = Catalog(self.folder)
        self.vectors, self.sentence_vectors = load_arrays(self.folder)
        self.lexical = _load_lexical(self.folder)
        counts = self.catalog.counts()
        stamped = (self.stamp.documents, self.stamp.chunks, self.stamp.sentences)
        rows = (len(self.vectors), len(self.sentence_vectors), len(self.lexical))
        if counts != stamped or rows != (stamped[1], stamped[2], stamped[1]):
            raise generations.damaged(
                self.folder, f"it holds {counts} documents, chunks and sentences of {stamped}"
            )
        self.titles = self.catalog.titles()
        self.words = load_words(self.folder)

    @cached_property
    def embedder(self) -> OnnxEmbeddings:
        """The embedding model, exported when the index was built."""
        cache = self.settings.index / generations.MODELS
        named, int8 = self.settings.embedding_model, self.settings.embedding_int8
        model = find_export(named, cache, int8=int8)
        if model is None:
            raise ModelUnavailableError(
                f"The exported embedding model is missing from {cache}.", remedy=REMEDY
            )
        return model.open(self.settings.threads)

    def embed(self, texts: list[str]) -> Array:
        """Vectors of `texts`, shape (n, d); the model is loaded when first used."""
        return self.embedder.embed_array(texts)

    @cached_property
    def chroma(self) -> ChromaStore:
        """The Chroma collection; opened when first used."""
        with self._chroma_lock:
            return ChromaStore(self.folder / CHROMA)

    @property
    def is_current(self) -> bool:
        """Whether no newer generation has been switched to since this one was opened."""
        try:
            return generations.current_generation(self.settings.index) == self.folder
        except IndexUnavailableError:
            return True  # what is open still answers; there is nothing newer to open

    def _document(self, document_id: str) -> Document:
        """The document. Raises UnknownDocumentError, naming the nearest ids."""
        known = document_id in self.titles  # an id from a terminal may be no text at all
        document = self.catalog.document(document_id) if known else None
        if document is None:
            raise UnknownDocumentError(
                f"There is no document {document_id!r} in the index.",
                remedy=_nearest(document_id, list(self.titles)),
            )
        return document

    def article(self, slug: str) -> Document:
        """The article. Raises UnknownArticleError, naming the articles there are."""
        if self.titles.get(slug, ("", ""))[0] != "article":
            raise UnknownArticleError(
                f"There is no article {slug!r} in the index.",
                remedy=_nearest(slug, self.articles()),
            )
        return self.document(slug)

    def articles(self) -> list[str]:
        """Slugs of all articles, sorted."""
        return [name for name, (kind, _) in self.titles.items() if kind == "article"]

    def records(self, rows: Sequence[int]) -> dict[int, ChunkRecord]:
        """Chunks by row."""
        return self.catalog.records(rows)

    def rows_of(self, document_ids: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Rows of the chunks of these documents, ascending."""
        return np.array(self.catalog.rows_of(document_ids), dtype=np.int64)

    def sentences_of(self, record: ChunkRecord) -> Array:
        """Vectors of a chunk's sentences, float32, shape (sentences, d)."""
        at = record.first_sentence
        rows = self.sentence_vectors[at : at + len(record.chunk.sentences)]
        return np.asarray(rows, dtype=np.float32)

    def sentences(self, document_id: str) -> Sentences:
        """All sentences of a document, in its order; none if the index does not hold it."""
        records = self.records(self.rows_of([document_id]).tolist())
        held = [records[row] for row in sorted(records)]
        vectors = [self.sentences_of(record) for record in held]
        return Sentences(
            spans=tuple(span for record in held for span in record.chunk.sentences),
            texts=tuple(text for record in held for text in record.sentence_texts()),
            vectors=np.concatenate(vectors) if vectors else np.zeros((0, 1), dtype=np.float32),
        )


def _load_lexical(folder: Path) -> LexicalIndex:
    try:
        return LexicalIndex.load(folder / LEXICAL)
    except IndexDamagedError as error:
        raise generations.damaged(folder, error.problem) from error
    except (EOFError, TypeError, IndexError, AttributeError) as error:
        raise generations.damaged(folder, f"its lexical index: {error}") from error


def _check_alike(stamp: generations.Stamp, settings: Settings) -> None:
    built = (stamp.format, stamp.fingerprint, stamp.chunking)
    model = model_fingerprint(settings.embedding_model, int8=settings.embedding_int8)
    wanted = (FORMAT, model, chunking_stamp(settings))
    if built != wanted:
        raise IndexMismatchError(
            f"The index in {settings.index} was built with {stamp.embedding_model} and chunking "
            f"{stamp.chunking}, the settings say {embedding_name(settings)} and "
            f"{chunking_stamp(settings)}.",
            remedy="Run `ragbot index` to build it anew, or set RAGBOT_EMBEDDING_MODEL and "
            "RAGBOT_EMBEDDING_INT8 back.",
        )
    if stamp.analysis != analysis_fingerprint():
        raise IndexMismatchError(
            f"The words in the index in {settings.index} were analysed by another version.",
            remedy="Run `ragbot index`: only its lexical part is built anew.",
        )


def _nearest(name: str, known: Sequence[str]) -> str:
    from rapidfuzz import process

    near = [match[0] for match in process.extract(name, known, limit=5)]
    return f"Known are: {', '.join(near)}." if near else "Run `ragbot index` first."
