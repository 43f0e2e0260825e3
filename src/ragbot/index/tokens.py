"""The analysed tokens of every chunk, kept so that only new text is analysed.

Analysis takes most of the time of indexing words: 4.2 s of 5 s for 18,000 chunks.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ragbot.index.arrays import load_array

TOKENS_FOLDER = "tokens"
_IDS, _STARTS, _WORDS = "ids.npy", "starts.npy", "words.txt"

Ids = np.ndarray[Any, np.dtype[np.int32]]
Starts = np.ndarray[Any, np.dtype[np.int64]]


class ChunkTokens:
    """Tokens by row: n rows, written as ids into a list of words."""

    def __init__(self, words: Sequence[str], ids: Ids, starts: Starts) -> None:
        """Row r has the words that `ids[starts[r]:starts[r + 1]]` point at."""
        self.words = words
        self.ids = ids
        self.starts = starts

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]]) -> ChunkTokens:
        """The tokens of chunks that were just analysed."""
        known: dict[str, int] = {}
        flat = [known.setdefault(token, len(known)) for row in rows for token in row]
        starts = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        return cls(list(known), np.asarray(flat, dtype=np.int32), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> list[str]:
        held = self.ids[self.starts[row] : self.starts[row + 1]]
        return [self.words[at] for at in held]

    def rows(self, start: int, stop: int) -> ChunkTokens:
        """The rows [start, stop), none of them copied."""
        starts = self.starts[start : stop + 1]
        return ChunkTokens(self.words, self.ids[starts[0] : starts[-1]], starts - starts[0])


def joined(parts: Sequence[ChunkTokens]) -> ChunkTokens:
    """The rows of `parts` one after the other; words in sorted order, and none that no row has."""
    known: dict[str, int] = {}
    places: dict[int, Ids] = {}  # parts of one table share its words
    for part in parts:
        if id(part.words) not in places:
            at = [known.setdefault(word, len(known)) for word in part.words]
            places[id(part.words)] = np.asarray(at, dtype=np.int32)
    ids = np.concatenate(
        [np.zeros(0, dtype=np.int32), *(places[id(part.words)][part.ids] for part in parts)]
    )
    used = np.bincount(ids, minlength=len(known)) > 0
    words = sorted((word for word, at in known.items() if used[at]), key=str.encode)
    order = np.zeros(len(known), dtype=np.int32)
    order[[known[word] for word in words]] = np.arange(len(words), dtype=np.int32)
    lengths = [np.diff(part.starts) for part in parts]
    starts = np.concatenate([np.zeros(1, dtype=np.int64), *lengths]).cumsum(dtype=np.int64)
    return ChunkTokens(words, order[ids], starts)


def save_tokens(folder: Path, tokens: ChunkTokens) -> None:
    """Write the tokens of all chunks, row by row, into a generation's folder."""
    place = folder / TOKENS_FOLDER
    place.mkdir()
    np.save(place / _IDS, tokens.ids)
    np.save(place / _STARTS, tokens.starts)
    (place / _WORDS).write_text("\n".join(tokens.words), encoding="utf-8")


def load_tokens(folder: Path, rows: int) -> ChunkTokens | None:
    """The tokens of a generation, or None where they do not read or are not of `rows` chunks."""
    place = folder / TOKENS_FOLDER
    try:
        words = (place / _WORDS).read_text(encoding="utf-8").split("\n")
        ids = load_array(place / _IDS)
        starts = load_array(place / _STARTS)
    except (OSError, ValueError, EOFError):
        return None
    fits = len(starts) == rows + 1 and int(starts[-1]) == len(ids)
    return ChunkTokens(words, ids, starts) if fits else None
