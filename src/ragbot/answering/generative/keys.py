"""Passages under opaque keys: what the model may cite, for one turn only.

A key is a content hash salted with the turn's own random bytes. A text cannot name the key of a
passage, nor close the frame it is shown in, because nobody who wrote the text knew the salt.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragbot.types import Passage

KEY_DIGITS = 8
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Keyed:
    """Passages by their keys, best first; `frame` marks where the question stands."""

    frame: str
    passages: tuple[tuple[str, Passage], ...]

    def __iter__(self) -> Iterator[tuple[str, Passage]]:
        return iter(self.passages)

    def get(self, key: str) -> Passage | None:
        """The passage under `key`, or None if no such key was given."""
        return dict(self.passages).get(key)

    def names(self) -> tuple[str, ...]:
        """All keys."""
        return tuple(key for key, _ in self.passages)


def keyed(passages: Sequence[Passage], salt: bytes | None = None) -> Keyed:
    """`passages` under fresh keys; `salt` is random unless given. No two share a key."""
    salt = salt if salt is not None else secrets.token_bytes(SALT_BYTES)
    given: dict[str, Passage] = {}
    for passage in passages:
        given[_key(salt, passage, given)] = passage
    return Keyed(_digest(salt, "question"), tuple(given.items()))


def _key(salt: bytes, passage: Passage, taken: dict[str, Passage]) -> str:
    chunk = passage.chunk
    identity = "\x00".join((chunk.document_id, str(chunk.start), chunk.text))
    key = f"S{_digest(salt, identity)}"
    while key in taken:
        identity += "\x00"
        key = f"S{_digest(salt, identity)}"
    return key


def _digest(salt: bytes, text: str) -> str:
    return hashlib.blake2s(text.encode(), key=salt[:32]).hexdigest()[:KEY_DIGITS]
