"""What a system under test is asked, and how the harness and its process speak.

Only the standard library: this module is imported in every system's own environment.

The harness writes one JSON object a line to the worker's stdin, `{"call": NAME, ...}`, and reads
one a line from its stdout, `{"ok": true, "result": ...}` or `{"ok": false, "error": ...}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Doc:
    """A document: `text` is its plain text; `source` the file it was read from, with all marks."""

    id: str
    title: str
    text: str
    kind: str = "source"
    source: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Task:
    """What all systems are given alike.

    `state` is a folder of the system's own, in which its index is kept from one process to the
    next. `chunk_words` 0 means: a document is one passage and is not cut. `base_url` is the chat
    model's address, `embedding` the folder of the embedding model.
    """

    state: Path
    embedding: Path
    base_url: str = ""
    chat_model: str = ""
    chunk_words: int = 90
    k: int = 10
    article: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Task:
        """From its JSON form."""
        paths = {name: Path(values[name]) for name in ("state", "embedding")}
        return cls(**{**values, **paths})

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready form."""
        plain = asdict(self) | {"state": str(self.state), "embedding": str(self.embedding)}
        return {**plain, "options": dict(self.options)}

    @property
    def chunk_characters(self) -> int:
        """The chunk size for systems that count characters: 6.5 a word with its space."""
        return round(self.chunk_words * 6.5)

    @property
    def chunk_tokens(self) -> int:
        """The chunk size for systems that count tokens: 4/3 a word."""
        return round(self.chunk_words * 4 / 3)


History = Sequence[Mapping[str, str]]
"""Earlier turns, oldest first: `{"role": "user" | "assistant", "content": ...}`."""


class System(Protocol):
    """A system under test. It is made anew in each process; its index lies in `Task.state`."""

    def index(self, docs: Sequence[Doc]) -> int:
        """Bring the index in `state` up to date with just `docs`; gives how many chunks it holds.

        Called again with the same or changed documents, it does what its makers document for
        that, and no more.
        """

    def ask(self, question: str, history: History) -> str:
        """The answer to a question, the conversation before it given."""

    def retrieve(self, query: str, history: History, k: int) -> list[str]:
        """Ids of the `k` best documents, best first, each once; no chat model is asked."""


def distinct(ids: Sequence[str], k: int) -> list[str]:
    """The first `k` different ids, in order."""
    return list(dict.fromkeys(ids))[:k]
