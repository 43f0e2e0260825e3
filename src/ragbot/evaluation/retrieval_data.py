"""Reads a retrieval collection in BEIR form.

A folder holds `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`, and where
given `history`, `rewrite` and `kind`) and `qrels/test.tsv` (query-id, corpus-id, score).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragbot.errors import DocumentError
from ragbot.types import Message

Qrels = Mapping[str, Mapping[str, int]]

_FORM = (
    "A collection is a folder with corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and "
    "qrels/test.tsv (query-id, corpus-id, score)."
)


@dataclass(frozen=True, slots=True)
class Query:
    """A question, with the conversation before it and a person's rewrite where there are any."""

    id: str
    text: str
    history: tuple[Message, ...] = ()
    rewrite: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """Passages, judged queries and their relevant passages (`qrels[query][passage]` = gain).

    `left_out` counts the queries without a relevant passage, which no retrieval can answer.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    queries: tuple[Query, ...]
    qrels: Qrels
    left_out: int


def read_collection(folder: Path) -> Collection:
    """The collection in `folder`.

    Raises DocumentError that names the file and line that cannot be read, or if no query has a
    relevant passage.
    """
    ids: list[str] = []
    texts: list[str] = []
    for row in _rows(folder / "corpus.jsonl", ("_id", "text")):
        ids.append(str(row["_id"]))
        texts.append(f"{row.get('title') or ''}\n{row['text']}".strip())
    asked = [_query(row) for row in _rows(folder / "queries.jsonl", ("_id", "text"))]
    qrels = _qrels(folder / "qrels" / "test.tsv", set(ids))
    judged = tuple(query for query in asked if query.id in qrels and query.kind != "abstain")
    if not judged:
        raise DocumentError(f"No query in {folder} has a relevant passage.", remedy=_FORM)
    return Collection(tuple(ids), tuple(texts), judged, qrels, len(asked) - len(judged))


def _query(row: Mapping[str, Any]) -> Query:
    history = tuple(
        Message("user" if turn["role"] == "user" else "assistant", str(turn["content"]))
        for turn in row.get("history") or ()
    )
    kind = str(row.get("kind") or "")
    return Query(str(row["_id"]), str(row["text"]), history, str(row.get("rewrite") or ""), kind)


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DocumentError(f"{path}, line {number}: {error}.", remedy=_FORM) from error
        missing = [name for name in needed if not isinstance(row, dict) or name not in row]
        if missing:
            raise DocumentError(f"{path}, line {number} lacks {missing[0]!r}.", remedy=_FORM)
        yield row


def _qrels(path: Path, known: set[str]) -> dict[str, dict[str, int]]:
    """Gains above 0 of passages that the corpus holds."""
    qrels: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_lines(path), start=1):
        fields = line.rstrip("\n").split("\t")
        if number == 1 and not fields[-1].strip().lstrip("-").isdigit():
            continue  # the header
        if not line.strip():
            continue
        try:
            query, passage, gain = fields[0], fields[-2], int(fields[-1])
        except (ValueError, IndexError) as error:
            raise DocumentError(
                f"{path}, line {number} is {line.strip()!r}.", remedy=_FORM
            ) from error
        if gain > 0 and passage in known:
            qrels.setdefault(query, {})[passage] = gain
    return qrels


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from file
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"{path} cannot be read ({error}).", remedy=_FORM) from error
