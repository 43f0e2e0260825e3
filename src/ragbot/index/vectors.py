"""Vectors of a generation: a Chroma collection, and the same rows as plain arrays.

Chroma answers library-wide nearest-neighbour queries over large collections. In scope, and up to
`exact_search_limit` chunks, the memory-mapped array is scored exactly: faster, and with full
recall. Text and metadata live in the catalogue, so Chroma can be rebuilt from the arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ragbot.errors import IndexDamagedError
from ragbot.index.arrays import load_array
from ragbot.index.generations import CHROMA

__all__ = ["CHROMA", "Array", "ChromaStore", "load_arrays", "save_chunks", "save_sentences"]

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

DATABASE = "chroma.sqlite3"
COLLECTION = "chunks"
CHUNK_VECTORS = "chunks.npy"
SENTENCE_VECTORS = "sentences.npy"
BATCH = 2000
ROWS_AT_ONCE = 8192
SAME_VECTOR = 1e-5  # Chroma's cosine space gives vectors back normalised anew

Array = np.ndarray[Any, np.dtype[np.float32]]


def save_chunks(folder: Path, pieces: Iterable[Array], shape: tuple[int, int]) -> None:
    """Write the chunk vectors (float32), given piece by piece, one row each."""
    _save_rows(folder / CHUNK_VECTORS, pieces, shape, np.float32)


def save_sentences(folder: Path, pieces: Iterable[Array], shape: tuple[int, int]) -> None:
    """Write the sentence vectors (float16), given piece by piece, one row each."""
    _save_rows(folder / SENTENCE_VECTORS, pieces, shape, np.float16)


def _save_rows(
    path: Path, pieces: Iterable[Array], shape: tuple[int, int], dtype: type[np.floating[Any]]
) -> None:
    """Write a whole array of which no more than a few thousand rows are held in memory."""
    about = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, about)
        for piece in pieces:
            for at in range(0, len(piece), ROWS_AT_ONCE):
                file.write(np.ascontiguousarray(piece[at : at + ROWS_AT_ONCE], dtype=dtype).data)


def load_arrays(folder: Path) -> tuple[Array, Array]:
    """Chunk and sentence vectors, memory-mapped. Raises IndexDamagedError if they do not read."""
    try:
        return (_load_rows(folder / CHUNK_VECTORS), _load_rows(folder / SENTENCE_VECTORS))
    except (OSError, ValueError, EOFError) as error:
        raise IndexDamagedError(
            f"The vectors in {folder} do not read back ({error}).",
            remedy="Run `ragbot index`: it is built anew from the corpus.",
        ) from error


def _load_rows(path: Path) -> Array:
    rows: Array = load_array(path, mapped=True)
    if rows.ndim != 2:
        raise ValueError(f"{path.name} has the shape {rows.shape}")
    return rows


class ChromaStore:
    """The Chroma collection of one generation; ids are chunk ids, vectors are cosine."""

    def __init__(self, folder: Path, *, begin: bool = False) -> None:
        """Open the collection in `folder`; `begin` makes it, which is the writer's part.

        Raises IndexDamagedError for whatever Chroma raises.
        """
        self._folder = folder
        try:
            self._client, self._collection = _open(folder, begin=begin)
        except Exception as error:  # Chroma's errors share no base class
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> IndexDamagedError:
        return IndexDamagedError(
            f"The Chroma collection in {self._folder} does not work ({error}).",
            remedy="Run `ragbot index`: it is built anew from the corpus.",
        )

    def upsert(self, ids: Sequence[str], vectors: Array, document_ids: Sequence[str]) -> None:
        """Add or replace vectors, (n, d), with the document each belongs to."""
        try:
            for at in range(0, len(ids), BATCH):
                part = slice(at, at + BATCH)
                self._collection.upsert(
                    ids=list(ids[part]),
                    embeddings=np.ascontiguousarray(vectors[part], dtype=np.float32),
                    metadatas=[{"document_id": name} for name in document_ids[part]],
                )
        except Exception as error:
            raise self._damaged(error) from error

    def delete(self, ids: Sequence[str]) -> None:
        """Remove vectors."""
        try:
            for at in range(0, len(ids), BATCH):
                self._collection.delete(ids=list(ids[at : at + BATCH]))
        except Exception as error:
            raise self._damaged(error) from error

    def query(self, vector: Array, k: int) -> list[tuple[str, float]]:
        """Ids and cosine similarities of the `k` nearest chunks, best first (approximate)."""
        try:
            found = self._collection.query(
                query_embeddings=np.asarray([vector]), n_results=k, include=["distances"]
            )
        except Exception as error:
            raise self._damaged(error) from error
        distances = (found["distances"] or [[]])[0]
        return [(name, 1.0 - d) for name, d in zip(found["ids"][0], distances, strict=True)]

    def check(self, ids: Sequence[str], vectors: Array, total: int | None = None) -> None:
        """Raise IndexDamagedError unless it holds these ids with these vectors.

        They must be all it holds, unless a `total` number of vectors is given.
        """
        wanted = len(ids) if total is None else total
        try:
            count = self._collection.count()
            same = sum(
                self._holds(ids[at : at + BATCH], vectors[at : at + BATCH])
                for at in range(0, len(ids), BATCH)
            )
        except Exception as error:
            raise self._damaged(error) from error
        if count != wanted or same != len(ids):
            raise self._damaged(
                ValueError(
                    f"it holds {count} vectors instead of {wanted}, {same} of {len(ids)} as written"
                )
            )

    def _holds(self, ids: Sequence[str], vectors: Array) -> int:
        """How many of `ids` it holds with their vectors."""
        held = self._collection.get(ids=list(ids), include=["embeddings"])
        rows = {name: row for row, name in enumerate(held["ids"])}
        known = [at for at, name in enumerate(ids) if name in rows]
        found = np.asarray(held["embeddings"], dtype=np.float32)[[rows[ids[at]] for at in known]]
        same = np.isclose(found, np.asarray(vectors)[known], atol=SAME_VECTOR)
        return int(np.count_nonzero(same.all(axis=1)))

    def close(self) -> None:
        """Flush and close."""
        self._client.close()  # type: ignore[attr-defined]


def _open(folder: Path, *, begin: bool) -> tuple[ClientAPI, Collection]:
    if not begin and not (folder / DATABASE).is_file():
        raise FileNotFoundError(f"there is no {DATABASE}")
    import chromadb  # 1.2 s: only where it is used
    from chromadb.config import Settings as ChromaSettings

    client = chromadb.PersistentClient(
        str(folder), settings=ChromaSettings(anonymized_telemetry=False)
    )
    collection = client.get_or_create_collection(
        COLLECTION, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
    )
    return client, collection
