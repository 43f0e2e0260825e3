"""Writes one whole generation of the index, reusing the vectors of the one before."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from ragbot.errors import IndexDamagedError, IndexUnavailableError
from ragbot.index import generations
from ragbot.index.catalog import Catalog, ChunkRecord, write_catalog
from ragbot.index.export import ExportedModel
from ragbot.index.generations import Stamp
from ragbot.index.lexical import LexicalIndex, analysis_fingerprint, analyze
from ragbot.index.tokens import ChunkTokens, load_tokens, save_tokens
from ragbot.index.vectors import CHROMA, Array, ChromaStore, load_arrays, save_arrays
from ragbot.index.words import library_words, save_words
from ragbot.library.chunking import CHUNKING_VERSION, chunk_document, embedded_text
from ragbot.settings import Settings
from ragbot.types import Chunk, Document

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


def make_records(documents: Iterable[Document], words: int) -> list[ChunkRecord]:
    """The chunks of `documents`, in order, with their vector keys and sentence rows."""
    records: list[ChunkRecord] = []
    sentence = 0
    for document in documents:
        for chunk in chunk_document(document, words=words):
            records.append(ChunkRecord(chunk, vector_key(chunk), sentence))
            sentence += len(chunk.sentences)
    return records


def vector_key(chunk: Chunk) -> str:
    """What a chunk's vectors are known by: its text as embedded, and where its sentences lie."""
    spans = ",".join(f"{start - chunk.start}-{end - chunk.start}" for start, end in chunk.sentences)
    return hashlib.sha256(f"{spans}\n{embedded_text(chunk)}".encode()).hexdigest()[:32]


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

    def write(self, documents: list[Document]) -> tuple[int, Stamp]:
        """Write all files; gives the number of chunks embedded, and the stamp, written last."""
        records = make_records(documents, self.settings.chunk_words)
        known = self.previous.catalog.vector_rows() if self.previous else {}
        chunks, sentences, embedded = self._vectors(records, known)
        write_catalog(self.folder, documents, records)
        save_arrays(self.folder, chunks, sentences)
        self.tell("indexing words", 0, 0)
        tokens = self._tokens(records, known)
        save_tokens(self.folder, tokens)
        LexicalIndex.of_tokens(tokens).save(self.folder / LEXICAL)
        save_words(self.folder, library_words(record.chunk.text for record in records))
        self.tell("writing the Chroma collection", 0, 0)
        self._write_chroma(records, chunks)
        stamp = Stamp(
            format=FORMAT,
            embedding_model=self.settings.embedding_model,
            fingerprint=self.model.fingerprint,
            chunking=chunking_stamp(self.settings),
            analysis=analysis_fingerprint(),
            documents=len(documents),
            chunks=len(records),
            sentences=len(sentences),
            built=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        )
        generations.write_stamp(self.folder, stamp)
        generations.write_manifest(self.folder)
        return embedded, stamp

    def _tokens(
        self, records: list[ChunkRecord], known: Mapping[str, tuple[int, int]]
    ) -> list[list[str]]:
        """The tokens of all chunks; those of unchanged chunks are copied over."""
        held = self.previous.tokens if self.previous else None
        return [
            analyze(embedded_text(record.chunk))
            if held is None or record.vector_key not in known
            else held[known[record.vector_key][0]]
            for record in records
        ]

    def _vectors(
        self, records: list[ChunkRecord], known: Mapping[str, tuple[int, int]]
    ) -> tuple[Array, Array, int]:
        """Chunk and sentence vectors; those of unchanged chunks are copied over."""
        count = sum(len(record.chunk.sentences) for record in records)
        chunks = np.zeros((len(records), self.model.dimension), dtype=np.float32)
        sentences = np.zeros((count, self.model.dimension), dtype=np.float32)
        fresh: list[int] = []
        for row, record in enumerate(records):
            if self.previous is None or record.vector_key not in known:
                fresh.append(row)
                continue
            old, first = known[record.vector_key]
            size, at = len(record.chunk.sentences), record.first_sentence
            chunks[row] = self.previous.chunks[old]
            sentences[at : at + size] = self.previous.sentences[first : first + size]
        if fresh:
            self._embed([records[row] for row in fresh], fresh, chunks, sentences)
        return chunks, sentences, len(fresh)

    def _embed(
        self, records: list[ChunkRecord], rows: list[int], chunks: Array, sentences: Array
    ) -> None:
        embedder = self.model.open(self.settings.threads)
        texts = [embedded_text(record.chunk) for record in records]
        chunks[rows] = embedder.embed_array(texts, progress=self._count("embedding chunks", texts))
        lines = [line for record in records for line in record.sentence_texts()]
        places = [
            record.first_sentence + i
            for record in records
            for i in range(len(record.chunk.sentences))
        ]
        told = self._count("embedding sentences", lines)
        sentences[places] = embedder.embed_array(lines, progress=told)

    def _count(self, what: str, texts: list[str]) -> Callable[[int], None]:
        done = 0

        def count(size: int) -> None:
            nonlocal done
            done += size
            self.tell(what, done, len(texts))

        return count

    def _write_chroma(self, records: list[ChunkRecord], chunks: Array) -> None:
        """Write the collection: from a copy of the previous one, or anew.

        Anew where that is damaged, and where a document went: Chroma only marks vectors as deleted.
        """
        if self.previous is not None and self.previous.chroma != "damaged" and not self.forgets:
            try:
                shutil.copytree(self.previous.folder / CHROMA, self.folder / CHROMA)
                self._fill_chroma(records, chunks, self.previous)
            except (IndexDamagedError, OSError):
                shutil.rmtree(self.folder / CHROMA, ignore_errors=True)
            else:
                return
        self._fill_chroma(records, chunks, None)

    def _fill_chroma(
        self, records: list[ChunkRecord], chunks: Array, previous: Generation | None
    ) -> None:
        """Make the collection hold just `records`; it holds what `previous` does now.

        Vectors that lie in files which are as they were written are not read back once more.
        """
        held = previous.catalog.vector_keys() if previous else {}
        ids = [record.chunk.id for record in records]
        fresh = [
            row
            for row, record in enumerate(records)
            if held.get(record.chunk.id) != record.vector_key
        ]
        is_trusted = previous is not None and previous.chroma == "untouched"
        checked = fresh if is_trusted else list(range(len(ids)))
        store = ChromaStore(self.folder / CHROMA, begin=True)
        try:
            store.delete(sorted(set(held).difference(ids)))
            owners = [records[row].chunk.document_id for row in fresh]
            store.upsert([ids[row] for row in fresh], chunks[fresh], owners)
            store.check([ids[row] for row in checked], chunks[checked], total=len(ids))
        finally:
            store.close()
