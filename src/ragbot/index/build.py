"""Writes one whole generation of the index, reusing the vectors of the one before."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from ragbot.errors import IndexDamagedError, IndexUnavailableError
from ragbot.index import generations
from ragbot.index.catalog import Catalog, CatalogWriter, ChunkRecord
from ragbot.index.export import ExportedModel
from ragbot.index.generations import Stamp
from ragbot.index.lexical import LexicalIndex, analysis_fingerprint, analyze
from ragbot.index.parts import Fresh, Kept, Layout, arrange, texts_of
from ragbot.index.tokens import ChunkTokens, joined, load_tokens, save_tokens
from ragbot.index.vectors import (
    CHROMA,
    Array,
    ChromaStore,
    load_arrays,
    save_chunks,
    save_sentences,
)
from ragbot.index.words import count_words, load_counts, save_words
from ragbot.library.chunking import CHUNKING_VERSION
from ragbot.settings import Settings
from ragbot.types import Document

FORMAT = 2
"""Raise it when the files of a generation change: indexes are rebuilt."""
LEXICAL = "lexical"

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


def chunking_stamp(settings: Settings) -> str:
    """What names the chunking: its version, its settings, and what becomes of patient data."""
    left_in = {"refuse": "", "mask": "-masked", "allow": "-unmasked"}
    handled = left_in[settings.document_personal_data]
    return f"v{CHUNKING_VERSION}-{settings.chunk_words}w{handled}"


def embedding_name(settings: Settings) -> str:
    """The embedding model as it is told to people."""
    return f"{settings.embedding_model}{' in 8 bits' if settings.embedding_int8 else ''}"


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation that a new one starts from."""

    folder: Path
    catalog: Catalog
    chunks: Array
    sentences: Array
    analysis: str
    tokens: ChunkTokens | None
    chroma: Literal["untouched", "works", "damaged"]

    @property
    def is_stale(self) -> bool:
        """Whether its words were analysed by another version, or its collection is damaged."""
        return self.analysis != analysis_fingerprint() or self.chroma == "damaged"


def open_previous(settings: Settings, fingerprint: str) -> Generation | None:
    """The current generation if it is whole and was built alike, else None: all is built anew."""
    try:
        folder = generations.current_generation(settings.index)
        stamp = generations.read_stamp(folder)
        wanted = (FORMAT, fingerprint, chunking_stamp(settings))
        if (stamp.format, stamp.fingerprint, stamp.chunking) != wanted:
            return None
        generations.check_manifest(folder)
        chunks, sentences = load_arrays(folder)
        catalog = Catalog(folder)
        counts = catalog.counts()
    except IndexUnavailableError:
        return None
    if counts != (stamp.documents, len(chunks), len(sentences)):
        catalog.close()
        return None
    is_alike = stamp.analysis == analysis_fingerprint()
    tokens = load_tokens(folder, len(chunks)) if is_alike else None
    state = _state_of_chroma(folder, catalog, chunks)
    return Generation(folder, catalog, chunks, sentences, stamp.analysis, tokens, state)


def _state_of_chroma(
    folder: Path, catalog: Catalog, chunks: Array
) -> Literal["untouched", "works", "damaged"]:
    if generations.is_chroma_untouched(folder):
        return "untouched"
    try:
        store = ChromaStore(folder / CHROMA)
        try:
            store.check(catalog.chunk_ids(), chunks)
        finally:
            store.close()
    except IndexDamagedError:
        return "damaged"
    return "works"


def held_documents(settings: Settings, names: Iterable[str]) -> list[Document]:
    """Those of `names` that the current generation holds, also where all else is built anew."""
    try:
        catalog = Catalog(generations.current_generation(settings.index))
        try:
            return [held for name in names if (held := catalog.document(name)) is not None]
        finally:
            catalog.close()
    except IndexUnavailableError:
        return []


@dataclass(frozen=True, slots=True)
class Build:
    """One build of a generation in `folder`."""

    folder: Path
    settings: Settings
    model: ExportedModel
    previous: Generation | None
    tell: Progress
    forgets: bool = False
    """Whether what the previous generation held must not be found in any file: a document went."""

    def write(self, documents: list[Document], kept: Collection[str] = ()) -> tuple[int, Stamp]:
        """Write all files; gives the number of chunks embedded, and the stamp, written last.

        `documents` are read and cut; those that `kept` names are carried over as the previous
        generation holds them, which must have been analysed alike.
        """
        places = self.previous.catalog.places() if self.previous and kept else {}
        layout = arrange(documents, kept, places, self.settings.chunk_words)
        known = self._known(layout.fresh)
        embedded = self._write_vectors(layout, known)
        self._write_catalog(layout, documents, kept)
        self.tell("indexing words", 0, 0)
        tokens = joined(self._tokens(layout, known))
        save_tokens(self.folder, tokens)
        LexicalIndex.of_tokens(tokens).save(self.folder / LEXICAL)
        save_words(self.folder, self._words(layout, kept))
        self.tell("writing the Chroma collection", 0, 0)
        self._write_chroma(layout, kept)
        stamp = Stamp(
            format=FORMAT,
            embedding_model=embedding_name(self.settings),
            fingerprint=self.model.fingerprint,
            chunking=chunking_stamp(self.settings),
            analysis=analysis_fingerprint(),
            documents=len(documents) + len(kept),
            chunks=layout.chunks,
            sentences=layout.sentences,
            built=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        )
        generations.write_stamp(self.folder, stamp)
        generations.write_manifest(self.folder)
        return embedded, stamp

    def _known(self, records: Sequence[ChunkRecord]) -> Mapping[str, tuple[int, int]]:
        """Where the previous generation holds the vectors of new chunks, by their keys."""
        if self.previous is None:
            return {}
        return self.previous.catalog.vector_rows([record.vector_key for record in records])

    def _write_catalog(
        self, layout: Layout, documents: list[Document], kept: Collection[str]
    ) -> None:
        runs = [
            (*part.rows, part.row - part.rows[0], part.sentence - part.sentences[0])
            for part in layout.parts
            if isinstance(part, Kept)
        ]
        fresh = (
            (part.row + at, record)
            for part in layout.parts
            if isinstance(part, Fresh)
            for at, record in enumerate(part.records)
        )
        writer = CatalogWriter(self.folder)
        try:
            if self.previous is not None and kept:
                writer.carry_over(self.previous.folder, kept, runs)
            writer.add(documents, fresh)
        finally:
            writer.close()

    def _tokens(self, layout: Layout, known: Mapping[str, tuple[int, int]]) -> list[ChunkTokens]:
        """The tokens of all parts; those of unchanged chunks are copied over."""
        held = self.previous.tokens if self.previous else None
        tokens = []
        for part in layout.parts:
            if isinstance(part, Fresh):
                rows = [
                    analyze(text)
                    if held is None or record.vector_key not in known
                    else held[known[record.vector_key][0]]
                    for record, text in zip(part.records, texts_of(part.records), strict=True)
                ]
                tokens.append(ChunkTokens.of(rows))
            elif held is not None:
                tokens.append(held.rows(*part.rows))
        return tokens

    def _words(self, layout: Layout, kept: Collection[str]) -> Counter[str]:
        """The library's words: those of the previous generation, less what went, with what came."""
        fresh = count_words(record.chunk.text for record in layout.fresh)
        if self.previous is None or not kept:
            return fresh
        catalog = self.previous.catalog
        held = load_counts(self.previous.folder)
        if held is None:
            return count_words(catalog.texts_of(sorted(kept))) + fresh
        gone = sorted(catalog.digests().keys() - set(kept))
        return held + fresh - count_words(catalog.texts_of(gone))

    def _write_vectors(self, layout: Layout, known: Mapping[str, tuple[int, int]]) -> int:
        """Write chunk and sentence vectors; those of unchanged chunks are copied over.

        Gives the number of chunks embedded.
        """
        records = layout.fresh
        chunks, sentences, embedded = self._vectors(records, known)
        at = line = 0
        chunk_pieces: list[Array] = []
        sentence_pieces: list[Array] = []
        for part in layout.parts:
            if isinstance(part, Fresh):
                size = len(part.records)
                lines = sum(len(record.chunk.sentences) for record in part.records)
                chunk_pieces.append(chunks[at : at + size])
                sentence_pieces.append(sentences[line : line + lines])
                at, line = at + size, line + lines
            elif self.previous is not None:
                chunk_pieces.append(self.previous.chunks[slice(*part.rows)])
                sentence_pieces.append(self.previous.sentences[slice(*part.sentences)])
        width = self.model.dimension
        save_chunks(self.folder, chunk_pieces, (layout.chunks, width))
        save_sentences(self.folder, sentence_pieces, (layout.sentences, width))
        return embedded

    def _vectors(
        self, records: list[ChunkRecord], known: Mapping[str, tuple[int, int]]
    ) -> tuple[Array, Array, int]:
        """Vectors of new chunks and of their sentences; those of known text are copied over."""
        firsts = np.cumsum([0, *(len(record.chunk.sentences) for record in records)])
        chunks = np.zeros((len(records), self.model.dimension), dtype=np.float32)
        sentences = np.zeros((int(firsts[-1]), self.model.dimension), dtype=np.float32)
        fresh: list[int] = []
        for row, record in enumerate(records):
            if self.previous is None or record.vector_key not in known:
                fresh.append(row)
                continue
            old, first = known[record.vector_key]
            size = len(record.chunk.sentences)
            chunks[row] = self.previous.chunks[old]
            sentences[firsts[row] : firsts[row + 1]] = self.previous.sentences[first : first + size]
        if fresh:
            places = np.concatenate([np.arange(firsts[row], firsts[row + 1]) for row in fresh])
            lines = [line for row in fresh for line in records[row].sentence_texts()]
            embedder = self.model.open(self.settings.threads)
            texts = texts_of([records[row] for row in fresh])
            told = self._count("embedding chunks", texts)
            chunks[fresh] = embedder.embed_array(texts, progress=told)
            told = self._count("embedding sentences", lines)
            sentences[places] = embedder.embed_array(lines, progress=told)
        return chunks, sentences, len(fresh)

    def _count(self, what: str, texts: list[str]) -> Callable[[int], None]:
        done = 0

        def count(size: int) -> None:
            nonlocal done
            done += size
            self.tell(what, done, len(texts))

        return count

    def _write_chroma(self, layout: Layout, kept: Collection[str]) -> None:
        """Write the collection: from a copy of the previous one, or anew.

        Anew where that is damaged, and where a document went: Chroma only marks vectors as deleted.
        """
        if self.previous is not None and self.previous.chroma != "damaged" and not self.forgets:
            try:
                shutil.copytree(self.previous.folder / CHROMA, self.folder / CHROMA)
                self._renew_chroma(layout, kept, self.previous)
            except (IndexDamagedError, OSError):
                shutil.rmtree(self.folder / CHROMA, ignore_errors=True)
            else:
                return
        self._fill_chroma()

    def _renew_chroma(self, layout: Layout, kept: Collection[str], previous: Generation) -> None:
        """Exchange what is not kept in a copy of the previous collection, which was checked."""
        gone = sorted(previous.catalog.digests().keys() - set(kept))
        held = previous.catalog.vector_keys(gone)
        rows, fresh = [], []
        for part in layout.parts:
            for at, record in enumerate(part.records if isinstance(part, Fresh) else ()):
                if held.pop(record.chunk.id, None) != record.vector_key:
                    rows.append(part.row + at)
                    fresh.append(record.chunk)
        vectors = np.asarray(load_arrays(self.folder)[0][rows])
        store = ChromaStore(self.folder / CHROMA, begin=True)
        try:
            store.delete(sorted(held))
            ids = [chunk.id for chunk in fresh]
            store.upsert(ids, vectors, [chunk.document_id for chunk in fresh])
            store.check(ids, vectors, total=layout.chunks)
        finally:
            store.close()

    def _fill_chroma(self) -> None:
        """Write the collection from the arrays, and read it back."""
        catalog, (vectors, _) = Catalog(self.folder), load_arrays(self.folder)
        store = ChromaStore(self.folder / CHROMA, begin=True)
        try:
            ids = catalog.chunk_ids()
            store.upsert(ids, vectors, catalog.owners())
            store.check(ids, vectors)
        finally:
            store.close()
            catalog.close()
