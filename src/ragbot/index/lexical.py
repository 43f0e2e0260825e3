"""BM25 over the chunks: every token's score is computed when the index is built.

So a question only adds up a few rows of a sparse matrix, as bm25s does (a test holds the scores
against it, bit for bit). It is done here because bm25s reads passages as lists, half the time of
indexing words in a library of 100,000 chunks of which one changed, and its import brings scipy and
half a second to a cold question. The arrays are memory-mapped, and tokens are looked up in a sorted
file rather than in a dictionary that would have to be read whole.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ragbot.errors import IndexDamagedError
from ragbot.index.analysis import analysis_fingerprint, analyze
from ragbot.index.arrays import load_array
from ragbot.index.tokens import ChunkTokens, joined

__all__ = ["LexicalIndex", "analysis_fingerprint", "analyze"]

Floats = np.ndarray[Any, np.dtype[np.float32]]
Rows = np.ndarray[Any, np.dtype[np.int64]]

K1 = 0.9
B = 0.4
_REMEMBERED = 20_000
_META = "lexical.json"
_ARRAYS = ("scores", "passages", "starts", "words", "word_starts")


class LexicalIndex:
    """BM25 scores of n passages for any question (Robertson and Zaragoza 2009, Lucene's idf)."""

    def __init__(self, arrays: Mapping[str, np.ndarray[Any, Any]], passages: int) -> None:
        """Use `build` or `load`.

        `scores` and `passages` hold the entries of the sparse matrix token by token, `starts` where
        each token's begin; `words` the UTF-8 of all tokens in sorted order, `word_starts` where
        each begins.
        """
        self._scores = arrays["scores"]
        self._passages = arrays["passages"]
        self._starts = arrays["starts"]
        self._words = arrays["words"]
        self._word_starts = arrays["word_starts"]
        self._n = passages
        self._known: dict[str, int | None] = {}  # a question's words are asked for many times

    def __len__(self) -> int:
        return self._n

    @classmethod
    def build(cls, texts: Sequence[str], *, k1: float = K1, b: float = B) -> LexicalIndex:
        """Index of `texts`, whose rows are their positions."""
        tokens = joined([ChunkTokens.of([analyze(text) for text in texts])])
        return cls.of_tokens(tokens, k1=k1, b=b)

    @classmethod
    def of_tokens(cls, tokens: ChunkTokens, *, k1: float = K1, b: float = B) -> LexicalIndex:
        """Index of passages given as their tokens, whose words are sorted and all used."""
        matrix = _bm25_matrix(tokens, k1, b)
        encoded = [token.encode() for token in tokens.words]
        ends = np.cumsum([0, *(len(token) for token in encoded)], dtype=np.int64)
        matrix["words"] = np.frombuffer(b"".join(encoded), dtype=np.uint8)
        matrix["word_starts"] = ends
        return cls(matrix, len(tokens))

    def save(self, folder: Path) -> None:
        """Write the index into `folder`, which is made if it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, f"_{name}"))
        meta = {"passages": self._n, "analysis": analysis_fingerprint()}
        (folder / _META).write_text(json.dumps(meta), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """The index in `folder`, memory-mapped.

        Raises IndexDamagedError if it does not read back, or was made with another analysis.
        """
        try:
            meta = json.loads((folder / _META).read_text(encoding="utf-8"))
            arrays = {name: _open(folder / f"{name}.npy") for name in _ARRAYS}
            problem = _problem(meta, arrays)
        except (OSError, ValueError, KeyError) as error:
            problem = str(error)
        if problem:
            raise IndexDamagedError(
                f"The lexical index in {folder} cannot be used ({problem}).",
                remedy="Run `ragbot index`: it is built anew from the corpus.",
            )
        return cls(arrays, int(meta["passages"]))

    def scores(self, query: str) -> Floats:
        """BM25 score of every passage for `query`, shape (n,); all zero where no word is known."""
        return self.score_tokens(dict.fromkeys(analyze(query), 1.0))

    def score_tokens(self, weights: Mapping[str, float]) -> Floats:
        """Weighted sum of the BM25 scores of single tokens, shape (n,)."""
        total = np.zeros(self._n, dtype=np.float32)
        for token, weight in weights.items():
            at = self._find(token)
            if at is not None:
                start, end = self._starts[at], self._starts[at + 1]
                # a token has one entry a passage, so plain indexing adds each exactly once
                total[self._passages[start:end]] += np.float32(weight) * self._scores[start:end]
        return total

    def top(self, query: str, k: int, rows: Rows | None = None) -> list[tuple[int, float]]:
        """The `k` best (row, score) with a score above 0, best first, among `rows` if given."""
        scores = self.scores(query)
        candidates = np.arange(self._n) if rows is None else np.asarray(rows, dtype=np.int64)
        values = scores[candidates]
        if 0 < k < len(candidates):
            kept = np.argpartition(-values, k - 1)[:k]
            candidates, values = candidates[kept], values[kept]
        order = np.lexsort((candidates, -values))[: max(k, 0)]
        return [(int(candidates[i]), float(values[i])) for i in order if values[i] > 0]

    def document_frequency(self, token: str) -> int:
        """Passages that hold `token` (as `analyze` gives it)."""
        at = self._find(token)
        return 0 if at is None else int(self._starts[at + 1] - self._starts[at])

    def idf(self, token: str) -> float:
        """ln(1 + (n - df + 0.5) / (df + 0.5)), Lucene's; largest for a token that is not there."""
        return _idf(self._n, self.document_frequency(token))

    def _find(self, token: str) -> int | None:
        try:
            return self._known[token]
        except KeyError:
            at = self._look_up(token)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[token] = at
        return at

    def _look_up(self, token: str) -> int | None:
        wanted = token.encode()
        low, high = 0, len(self._word_starts) - 1
        while low < high:
            middle = (low + high) // 2
            if self._word(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        if low < len(self._word_starts) - 1 and self._word(low) == wanted:
            return low
        return None

    def _word(self, at: int) -> bytes:
        return self._words[self._word_starts[at] : self._word_starts[at + 1]].tobytes()


def _idf(n: int, df: int) -> float:
    return math.log(1 + (n - df + 0.5) / (df + 0.5))


def _bm25_matrix(tokens: ChunkTokens, k1: float, b: float) -> dict[str, np.ndarray[Any, Any]]:
    """The BM25 scores as a sparse matrix, column by column: one column a token, its rows ascending.

    Lucene's: idf x tf / (k1 x (1 - b + b x length / mean length) + tf).
    """
    n, size = len(tokens), len(tokens.words)
    lengths = np.diff(tokens.starts)
    cells = tokens.ids.astype(np.int64) * max(n, 1) + np.repeat(np.arange(n), lengths)
    cells.sort()
    first = np.flatnonzero(np.diff(cells, prepend=-1))
    frequency = np.diff(first, append=len(cells)).astype(np.float32)
    token, passage = np.divmod(cells[first], max(n, 1))
    held = np.bincount(token, minlength=size)
    idf = np.array([_idf(n, df) for df in held.tolist()], np.float32)
    mean = float(lengths.mean()) if size else 1.0
    norm = k1 * ((1 - b) + b * lengths / mean)
    return {
        "scores": (idf[token] * (frequency / (norm[passage] + frequency))).astype(np.float32),
        "passages": passage.astype(np.int32),
        "starts": np.concatenate([[0], np.cumsum(held)]).astype(np.int64),
    }


def _open(path: Path) -> np.ndarray[Any, Any]:
    array = load_array(path)
    if array.nbytes < 65_536:  # mapping costs more than it saves, and an empty file has no map
        return array
    return load_array(path, mapped=True)


def _problem(meta: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]]) -> str:
    """What is wrong with the files read, or an empty string."""
    if meta["analysis"] != analysis_fingerprint():
        return "its words were analysed by another version"
    entries = len(arrays["scores"])
    if not entries == len(arrays["passages"]) == int(arrays["starts"][-1]):
        return "its arrays differ in length"
    if len(arrays["starts"]) != len(arrays["word_starts"]):
        return "its vocabulary is cut short"
    return ""
