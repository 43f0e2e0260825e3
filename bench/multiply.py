"""Makes a built index several times as large, by copies of its chunks with other ids and vectors.

Reading and cutting a million chunks' worth of files takes hours and says nothing about searching
them. So the largest libraries begin as one of 100,000 chunks, written by the index's own code, and
are multiplied here: each copy has ids of its own, and vectors with noise. Words, and so the rows
that a question's words touch, grow with the copies. Such an index is for searching only: `ragbot
index` would take the copies out, since no file of the corpus stands for them.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from ragbot.index import generations
from ragbot.index.build import LEXICAL
from ragbot.index.catalog import CATALOG, INDEXES, SCHEMA, UNJOURNALED, Catalog
from ragbot.index.lexical import LexicalIndex
from ragbot.index.tokens import joined, load_tokens
from ragbot.index.vectors import (
    CHROMA,
    Array,
    ChromaStore,
    load_arrays,
    save_chunks,
    save_sentences,
)
from ragbot.index.words import WORDS_FILE

NOISE = 0.35
PIECE = 20_000


def multiply(index: Path, copies: int) -> generations.Stamp:
    """Write a generation that holds the current one `copies` times, and switch to it."""
    base = generations.current_generation(index)
    stamp = generations.read_stamp(base)
    with generations.writer(index), generations.building(index) as folder:
        _multiply_catalog(base, folder, copies, stamp)
        chunks, sentences = load_arrays(base)
        shape = (copies * len(chunks), chunks.shape[1])
        save_chunks(folder, _noisy(chunks, copies), shape)
        save_sentences(
            folder, (sentences for _ in range(copies)), (copies * len(sentences), shape[1])
        )
        tokens = load_tokens(base, len(chunks))
        if tokens is None:
            raise ValueError(f"the tokens of {base} do not read")
        LexicalIndex.of_tokens(joined([tokens] * copies)).save(folder / LEXICAL)
        shutil.copyfile(base / WORDS_FILE, folder / WORDS_FILE)
        _fill(folder)
        grown = replace(
            stamp,
            documents=copies * stamp.documents,
            chunks=copies * stamp.chunks,
            sentences=copies * stamp.sentences,
        )
        generations.write_stamp(folder, grown)
        (folder / generations.MANIFEST).write_text(json.dumps({}), encoding="utf-8")
        generations.switch_to(index, folder, keep=1)
    return grown


def _multiply_catalog(base: Path, folder: Path, copies: int, stamp: generations.Stamp) -> None:
    """The first copy keeps its ids; the others have a letter and their number behind them."""
    connection = sqlite3.connect((folder / CATALOG).resolve().as_uri(), uri=True)
    connection.executescript(f"{UNJOURNALED}{SCHEMA}")
    connection.execute("ATTACH ? AS held", (f"{(base / CATALOG).resolve().as_uri()}?mode=ro",))
    for copy in range(copies):
        mark = f"-x{copy}" if copy else ""
        connection.execute(
            "INSERT INTO documents SELECT id || ?1, kind, title, sha256, "
            "json_set(data, '$.id', id || ?1) FROM held.documents",
            (mark,),
        )
        connection.execute(
            "INSERT INTO chunks SELECT row + ?2, id || ?1, document_id || ?1, vector_key || ?1, "
            "first_sentence + ?3, sentences, json_set(data, '$.id', id || ?1, '$.document_id', "
            "document_id || ?1) FROM held.chunks",
            (mark, copy * stamp.chunks, copy * stamp.sentences),
        )
        connection.commit()
    connection.executescript(INDEXES)
    connection.close()


def _noisy(vectors: Array, copies: int, seed: int = 5) -> Iterator[Array]:
    """The vectors, then copies with noise of length `NOISE`, normalised."""
    chance = np.random.default_rng(seed)
    for copy in range(copies):
        for at in range(0, len(vectors), PIECE):
            part = np.array(vectors[at : at + PIECE])
            if copy:
                noise = chance.standard_normal(part.shape, dtype=np.float32)
                part += noise * np.float32(NOISE / np.sqrt(part.shape[1]))
                part /= np.linalg.norm(part, axis=1, keepdims=True)
            yield part


def _fill(folder: Path) -> None:
    catalog, (vectors, _) = Catalog(folder), load_arrays(folder)
    store = ChromaStore(folder / CHROMA, begin=True)
    try:
        store.upsert(catalog.chunk_ids(), vectors, catalog.owners())
    finally:
        store.close()
        catalog.close()
