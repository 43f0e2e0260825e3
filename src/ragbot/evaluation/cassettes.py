"""Cassettes: what a chat model answered, kept under a digest of what it was asked.

A prompt carries keys that are drawn anew each turn. In the digest and in the recording they are
replaced by their place in the prompt, so that the same question finds its recording, and the
recording is given out with the keys of the prompt that asks. Headers are never kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ragbot.errors import UsageError

DIGITS = 16
_DRAWN = re.compile(
    r"=== passage (S[0-9a-f]{8}) \(|=== (?:question|conversation|statement) ([0-9a-f]{8}) ==="
)
_VOLATILE = frozenset({"n", "response_format", "stream", "stream_options", "user"})
"""What a server is asked that does not change what is asked of the model."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to a chat model: its digest, and the drawn keys by the names put in their place."""

    digest: str
    keys: Mapping[str, str] = field(default_factory=dict)

    def masked(self, text: str) -> str:
        """`text` with a name in place of each drawn key."""
        for name, key in self.keys.items():
            text = text.replace(key, name)
        return text

    def filled(self, text: str) -> str:
        """`text` with this request's keys in place of the names."""
        for name, key in self.keys.items():
            text = text.replace(name, key)
        return text


def asked(method: str, path: str, body: Mapping[str, Any]) -> Asked:
    """The request as it is known on a cassette; `path` counts from the server's base address."""
    kept = {name: value for name, value in body.items() if name not in _VOLATILE}
    text = json.dumps(kept, sort_keys=True, ensure_ascii=False)
    drawn = dict.fromkeys(a or b for a, b in _DRAWN.findall(text))
    request = Asked("", {f"<<{number}>>": key for number, key in enumerate(drawn, 1)})
    whole = f"{method.upper()} {path.rstrip('/')}\n{request.masked(text)}"
    return Asked(hashlib.sha256(whole.encode()).hexdigest()[:DIGITS], request.keys)


@dataclass(frozen=True, slots=True)
class Recording:
    """One answer: for which turn it was asked, its text with names for keys, why it ended."""

    turn: str
    text: str
    finish: str = "stop"


@dataclass
class Cassette:
    """The recordings of one model. `origin` says who answered, where and when; `temperature` and
    `standalone` are the settings of then that shape a request.
    """

    model: str
    origin: str
    temperature: float | None = None
    standalone: bool = True
    recordings: dict[str, Recording] = field(default_factory=dict)


@cache
def _cassettes() -> TypeAdapter[Cassette]:
    return TypeAdapter(Cassette)


def load(path: Path) -> Cassette:
    """The cassette in `path`. Raises UsageError if it is not there or does not read."""
    try:
        return _cassettes().validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        detail = " ".join(str(error).split())
        raise UsageError(
            f"The cassette {path} does not read ({detail}).",
            remedy="Record one with `ragbot eval run --mode live --record`.",
        ) from error


def save(cassette: Cassette, path: Path) -> None:
    """Write `cassette`, sorted by turn, so that a change reads well as a diff."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = asdict(cassette)
    ordered = sorted(cassette.recordings.items(), key=lambda item: (item[1].turn, item[0]))
    document["recordings"] = {digest: asdict(recording) for digest, recording in ordered}
    text = json.dumps(document, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
