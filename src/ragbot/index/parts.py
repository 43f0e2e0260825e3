"""How a new generation is put together: runs of what the one before held, and what is new.

Rows follow the documents' names. What lies between two changed documents is carried over in one
piece, without being read, cut or analysed again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ragbot.index.catalog import ChunkRecord, Place
from ragbot.library.chunking import chunk_document, embedded_text
from ragbot.types import Chunk, Document


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows and sentences of the generation before, [start, stop), and where they begin now."""

    rows: tuple[int, int]
    sentences: tuple[int, int]
    row: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Fresh:
    """The chunks of new documents, the first of them at `row`."""

    records: list[ChunkRecord]
    row: int


Part = Kept | Fresh


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a generation in the order of their rows, with how much they hold."""

    parts: tuple[Part, ...]
    chunks: int
    sentences: int

    @property
    def fresh(self) -> list[ChunkRecord]:
        """The new chunks, in the order of their rows."""
        return [r for part in self.parts if isinstance(part, Fresh) for r in part.records]


def arrange(
    documents: Iterable[Document],
    kept: Collection[str],
    places: Mapping[str, Place],
    words: int,
) -> Layout:
    """The layout of new `documents` and of `kept` ones, whose `places` in the last one are told."""
    new = {document.id: document for document in documents}
    parts: list[Part] = []
    row = sentence = 0
    for name in sorted({*new, *kept}):
        if name in new:
            records = make_records(new[name], words, sentence)
            parts = _with_fresh(parts, Fresh(records, row))
            row += len(records)
            sentence += sum(len(record.chunk.sentences) for record in records)
        elif name in places:  # else it has no chunk
            held = places[name]
            parts = _with_kept(parts, Kept(held.rows, held.sentences, row, sentence))
            row += held.rows[1] - held.rows[0]
            sentence += held.sentences[1] - held.sentences[0]
    return Layout(tuple(parts), row, sentence)


def _with_kept(parts: list[Part], one: Kept) -> list[Part]:
    last = parts[-1] if parts else None
    if isinstance(last, Kept) and last.rows[1] == one.rows[0]:
        rows, sentences = (last.rows[0], one.rows[1]), (last.sentences[0], one.sentences[1])
        parts[-1] = Kept(rows, sentences, last.row, last.sentence)
    else:
        parts.append(one)
    return parts


def _with_fresh(parts: list[Part], one: Fresh) -> list[Part]:
    last = parts[-1] if parts else None
    if isinstance(last, Fresh):
        last.records.extend(one.records)
    else:
        parts.append(one)
    return parts


def make_records(document: Document, words: int, sentence: int) -> list[ChunkRecord]:
    """The chunks of `document`, with their vector keys; `sentence` is the row of the first one's
    first sentence.
    """
    records: list[ChunkRecord] = []
    for chunk in chunk_document(document, words=words):
        records.append(ChunkRecord(chunk, vector_key(chunk), sentence))
        sentence += len(chunk.sentences)
    return records


def vector_key(chunk: Chunk) -> str:
    """What a chunk's vectors are known by: its text as embedded, and where its sentences lie."""
    spans = ",".join(f"{start - chunk.start}-{end - chunk.start}" for start, end in chunk.sentences)
    return hashlib.sha256(f"{spans}\n{embedded_text(chunk)}".encode()).hexdigest()[:32]


def texts_of(records: Sequence[ChunkRecord]) -> list[str]:
    """What is embedded and analysed of each chunk."""
    return [embedded_text(record.chunk) for record in records]
