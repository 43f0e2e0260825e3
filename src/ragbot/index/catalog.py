"""The catalogue of a generation: documents and chunks in SQLite, read-only once written.

Chunk `row` n is row n of the vectors; the sentences of all chunks, in order, are the rows of the
sentence vectors.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ragbot.errors import IndexDamagedError
from ragbot.types import Chunk, Document

CATALOG = "catalog.sqlite"
VARIABLES_AT_ONCE = 500
SCHEMA = """
CREATE TABLE documents (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, sha256 TEXT NOT NULL,
  data TEXT NOT NULL);
CREATE TABLE chunks (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL, document_id TEXT NOT NULL, vector_key TEXT NOT NULL,
  first_sentence INTEGER NOT NULL, sentences INTEGER NOT NULL, data TEXT NOT NULL);
"""
UNJOURNALED = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY;"
INDEXES = """
CREATE INDEX chunks_by_id ON chunks (id);
CREATE INDEX chunks_of_document ON chunks (document_id);
CREATE INDEX sentences_of_chunks ON chunks (sentences);
CREATE INDEX document_titles ON documents (id, kind, title);
"""
"""The last two are all that opening a generation reads: a million chunks' texts are left alone."""


@cache
def _documents() -> TypeAdapter[Document]:
    return TypeAdapter(Document)


@cache
def _chunks() -> TypeAdapter[Chunk]:
    return TypeAdapter(Chunk)


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """A chunk with the key of its vector and the place of its sentences."""

    chunk: Chunk
    vector_key: str
    first_sentence: int

    def sentence_texts(self) -> list[str]:
        """The chunk's sentences, in order."""
        at = self.chunk.start
        return [self.chunk.text[start - at : end - at] for start, end in self.chunk.sentences]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document's chunks and sentences lie: rows [start, stop) of each."""

    rows: tuple[int, int]
    sentences: tuple[int, int]


class CatalogWriter:
    """Writes the catalogue of a new generation into a folder; close it to have it whole."""

    def __init__(self, folder: Path) -> None:
        """Begin it. Nothing reads it before its folder is renamed, so no journal is kept."""
        self._connection = sqlite3.connect(f"{(folder / CATALOG).resolve().as_uri()}", uri=True)
        self._connection.executescript(f"{UNJOURNALED}{SCHEMA}")

    def close(self) -> None:
        """End it, and close the file."""
        try:
            self._connection.executescript(INDEXES)
            self._connection.commit()
        finally:
            self._connection.close()

    def carry_over(
        self, previous: Path, documents: Iterable[str], runs: Iterable[tuple[int, int, int, int]]
    ) -> None:
        """Copy `documents` of the catalogue in `previous`, and runs of their chunks.

        A run is (first row, row behind the last, what rows move by, what sentences move by).
        """
        held = f"{(previous / CATALOG).resolve().as_uri()}?mode=ro&immutable=1"
        self._connection.execute("ATTACH ? AS held", (held,))
        self._connection.execute("CREATE TEMP TABLE kept (id TEXT PRIMARY KEY)")
        self._connection.executemany("INSERT INTO kept VALUES (?)", ((name,) for name in documents))
        self._connection.execute(
            "INSERT INTO documents SELECT * FROM held.documents WHERE id IN (SELECT id FROM kept)"
        )
        for start, stop, by, sentences_by in runs:
            self._connection.execute(
                "INSERT INTO chunks SELECT row + ?, id, document_id, vector_key, "
                "first_sentence + ?, sentences, data FROM held.chunks WHERE row >= ? AND row < ?",
                (by, sentences_by, start, stop),
            )
        self._connection.commit()
        self._connection.execute("DETACH held")

    def add(self, documents: Iterable[Document], chunks: Iterable[tuple[int, ChunkRecord]]) -> None:
        """Add documents, and chunks with their rows."""
        self._connection.executemany(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?)",
            (
                (d.id, d.kind, d.title, d.sha256, _documents().dump_json(d).decode())
                for d in documents
            ),
        )
        self._connection.executemany(
            "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    row,
                    record.chunk.id,
                    record.chunk.document_id,
                    record.vector_key,
                    record.first_sentence,
                    len(record.chunk.sentences),
                    _chunks().dump_json(record.chunk).decode(),
                )
                for row, record in chunks
            ),
        )
        self._connection.commit()


class Catalog:
    """Read access to a generation's catalogue, from any thread."""

    def __init__(self, folder: Path) -> None:
        """Open it. Raises IndexDamagedError if it is not there or does not read."""
        self._folder = folder
        self._lock = threading.Lock()
        path = folder / CATALOG
        try:
            self._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> IndexDamagedError:
        return IndexDamagedError(
            f"The catalogue in {self._folder} does not read back ({error}).",
            remedy="Run `ragbot index`: it is built anew from the corpus.",
        )

    def _query(self, sql: str, values: Sequence[object] = ()) -> list[tuple[str, ...]]:
        try:
            with self._lock:
                return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _in(self, sql: str, values: Sequence[object]) -> list[tuple[str, ...]]:
        """`sql` with `{}` filled by the values' places, a few hundred values at a time."""
        found: list[tuple[str, ...]] = []
        for at in range(0, len(values), VARIABLES_AT_ONCE):
            part = values[at : at + VARIABLES_AT_ONCE]
            found += self._query(sql.format(",".join("?" * len(part))), part)
        return found

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def digests(self) -> dict[str, tuple[str, str]]:
        """Kind of each document and the SHA-256 of its file, by document id."""
        rows = self._query("SELECT id, kind, sha256 FROM documents")
        return {row[0]: (row[1], row[2]) for row in rows}

    def titles(self) -> dict[str, tuple[str, str]]:
        """(kind, title) of each document, by document id."""
        rows = self._query("SELECT id, kind, title FROM documents ORDER BY id")
        return {row[0]: (row[1], row[2]) for row in rows}

    def document(self, document_id: str) -> Document | None:
        """The document, or None."""
        rows = self._query("SELECT data FROM documents WHERE id = ?", (document_id,))
        try:
            return _documents().validate_json(rows[0][0]) if rows else None
        except ValidationError as error:
            raise self._damaged(error) from error

    def counts(self) -> tuple[int, int, int]:
        """How many documents, chunks and sentences there are."""
        documents = self._query("SELECT COUNT(*) FROM documents")[0][0]
        chunks, sentences = self._query("SELECT COUNT(*), COALESCE(SUM(sentences), 0) FROM chunks")[
            0
        ]
        return int(documents), int(chunks), int(sentences)

    def rows_of(self, document_ids: Sequence[str]) -> list[int]:
        """Rows of the chunks of these documents, ascending."""
        sql = "SELECT row FROM chunks WHERE document_id IN ({})"
        return sorted(int(row[0]) for row in self._in(sql, document_ids))

    def rows_by_id(self, chunk_ids: Sequence[str]) -> list[int]:
        """Rows of these chunks, ascending; unknown ids are left out."""
        sql = "SELECT row FROM chunks WHERE id IN ({})"
        return sorted(int(row[0]) for row in self._in(sql, chunk_ids))

    def records(self, rows: Sequence[int]) -> dict[int, ChunkRecord]:
        """Chunks with their records, by row."""
        sql = "SELECT row, vector_key, first_sentence, data FROM chunks WHERE row IN ({})"
        try:
            return {
                int(row): ChunkRecord(_chunks().validate_json(data), key, int(first))
                for row, key, first, data in self._in(sql, rows)
            }
        except ValidationError as error:
            raise self._damaged(error) from error

    def chunk_ids(self) -> list[str]:
        """Ids of all chunks, in the order of their rows."""
        return [row[0] for row in self._query("SELECT id FROM chunks ORDER BY row")]

    def owners(self) -> list[str]:
        """The document of each chunk, in the order of their rows."""
        return [row[0] for row in self._query("SELECT document_id FROM chunks ORDER BY row")]

    def places(self) -> dict[str, Place]:
        """Where each document's chunks lie; those of a document lie together."""
        sql = (
            "SELECT document_id, MIN(row), COUNT(*), MIN(first_sentence), SUM(sentences) "
            "FROM chunks GROUP BY document_id"
        )
        found = {}
        for name, *numbers in self._query(sql):
            row, rows, sentence, sentences = map(int, numbers)
            found[name] = Place((row, row + rows), (sentence, sentence + sentences))
        return found

    def vector_keys(self, document_ids: Sequence[str]) -> dict[str, str]:
        """The key of each vector of these documents' chunks, by chunk id."""
        sql = "SELECT id, vector_key FROM chunks WHERE document_id IN ({})"
        return {row[0]: row[1] for row in self._in(sql, document_ids)}

    def vector_rows(self, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
        """For each known one of `keys`: the row of a chunk that has it, and its first sentence."""
        sql = "SELECT vector_key, row, first_sentence FROM chunks"
        if len(keys) <= VARIABLES_AT_ONCE:
            rows = self._in(f"{sql} WHERE vector_key IN ({{}})", keys)
        else:
            wanted = frozenset(keys)
            rows = [row for row in self._query(sql) if row[0] in wanted]
        return {key: (int(row), int(first)) for key, row, first in rows}

    def texts_of(self, document_ids: Sequence[str]) -> list[str]:
        """The texts of these documents' chunks."""
        return [r.chunk.text for r in self.records(self.rows_of(document_ids)).values()]
