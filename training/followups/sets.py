"""Conversations and passage pools that the follow-up weights are fitted on."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragbot.evaluation.retrieval_data import Collection, Query, read_collection
from ragbot.types import Message

UNANSWERED = ("CANNOTANSWER", "I don't know")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A follow-up with a person's rewrite; `conversation`, its first turn, is what folds are by."""

    conversation: str
    text: str
    rewrite: str
    history: tuple[Message, ...]
    title: str = ""


def fold(conversation: str, folds: int = 2) -> int:
    """The fold of a conversation, the same on every machine."""
    return zlib.crc32(conversation.encode()) % folds


def rewrites(path: Path) -> Iterator[Rewritten]:
    """The rewrites of one file (CANARD or CAsT in the common form)."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        said = [_message(message) for message in row["history"]]
        title = row["title"]
        yield Rewritten(
            said[0].content if said else row["last_turn"].strip(),
            row["last_turn"].strip(),
            row["rewrite"].strip(),
            tuple(said),
            ", ".join(title) if isinstance(title, list) else "",
        )


def answer_pool(path: Path, most: int) -> Collection:
    """A retrieval task out of CANARD: the passages are its answers under their article's title,
    and a question's passage is the answer that was given to it.
    """
    answers: dict[str, tuple[str, str]] = {}
    rows: list[dict[str, Any]] = [json.loads(line) for line in path.open(encoding="utf-8")]
    for row in rows:
        title, turn = " - ".join(row["title"]), 0
        for message in row["history"]:
            turn += message["role"] == "user"
            if message["role"] != "user":
                key = f"{row['id'].rsplit('_', 1)[0]}_{turn}"
                answers[key] = (title, message["text"])
    asked = [row for row in rows if row["history"] and _usable(answers.get(row["id"]))]
    asked.sort(key=lambda row: zlib.crc32(row["id"].encode()))
    queries = [
        Query(
            row["id"],
            row["last_turn"].strip(),
            tuple(_message(message) for message in row["history"]),
            row["rewrite"].strip(),
            "",
        )
        for row in asked[:most]
    ]
    texts = {key: "\n".join(answer) for key, answer in answers.items()}
    return Collection(
        tuple(texts), tuple(texts.values()), tuple(queries), {q.id: {q.id: 1} for q in queries}, 0
    )


def pool(folder: Path) -> Collection:
    """A collection in BEIR form, only its follow-ups."""
    found = read_collection(folder)
    later = tuple(query for query in found.queries if query.history)
    return Collection(found.ids, found.texts, later, found.qrels, found.left_out)


def _usable(answer: tuple[str, str] | None) -> bool:
    if answer is None or any(mark in answer[1] for mark in UNANSWERED):
        return False
    return len(answer[1].split()) > 5


def _message(row: dict[str, str]) -> Message:
    return Message("user" if row["role"] == "user" else "assistant", row["text"].strip())
