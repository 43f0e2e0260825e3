"""From the model's text to claims, while it streams. Text in, values out.

One JSON object with a list of claims is asked for. A tolerant reader takes every whole object that
has the form of a claim, at any depth: code fences, text around the JSON, one object a line, arrays,
and half objects at the end are no obstacle. Whether the JSON was closed is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["claim", "correction", "conflict", "gap", "ask", "cannot_answer"]
KINDS: tuple[Kind, ...] = ("claim", "correction", "conflict", "gap", "ask", "cannot_answer")
STATED: frozenset[Kind] = frozenset({"claim", "correction", "conflict"})
LONGEST_OBJECT = 16_000
THINKING = re.compile(r"\s*<think(?:ing)?>", re.IGNORECASE)
THOUGHT = re.compile(r"</think(?:ing)?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RawEvidence:
    """A quote and the keys that it may come from, as the model wrote them."""

    keys: tuple[str, ...]
    quote: str


@dataclass(frozen=True, slots=True)
class RawClaim:
    """What the model wrote, before anything of it is believed."""

    kind: Kind
    text: str
    evidence: tuple[RawEvidence, ...] = ()
    options: tuple[str, ...] = ()
    plain: str = ""


class ClaimReader:
    """Reads claims out of streamed text: `feed` pieces of any size, each claim comes once whole."""

    def __init__(self) -> None:
        self._thinking: bool | None = None  # unknown until something but white space came
        self._lead = ""
        self._buffer = ""  # from the outermost brace that is open
        self._starts: list[int] = []  # where the open braces stand in the buffer
        self._in_string = False
        self._escaped = False
        self.seen = 0

    @property
    def is_open(self) -> bool:
        """Whether the text stopped within an object or a thought."""
        return bool(self._starts) or self._thinking is True

    def feed(self, text: str) -> Iterator[RawClaim]:
        """The claims that `text` completes."""
        for char in self._spoken(text):
            yield from self._take(char)

    def _spoken(self, text: str) -> str:
        """`text` without the thoughts that some models think aloud before they answer."""
        if self._thinking is False:
            return text
        self._lead += text
        if self._thinking is None:
            if THINKING.match(self._lead):
                self._thinking = True
            elif _may_begin_a_thought(self._lead):
                return ""
            else:
                self._thinking = False
                return self._lead
        end = THOUGHT.search(self._lead)
        if end is None:
            self._lead = self._lead[-len("</thinking>") :] if len(self._lead) > 64 else self._lead
            return ""
        self._thinking = False
        return self._lead[end.end() :]

    def _take(self, char: str) -> Iterator[RawClaim]:
        if not self._starts and char != "{":
            return
        if char == "{" and not self._in_string:
            self._starts.append(len(self._buffer))
        self._buffer += char
        if self._in_string:
            self._within_string(char)
        elif char == '"':
            self._in_string = True
        elif char == "}":
            yield from self._closed()
        if len(self._buffer) - self._starts[-1] > LONGEST_OBJECT if self._starts else False:
            self._forget()

    def _within_string(self, char: str) -> None:
        if char == "\n":  # no JSON string holds one: what began here is broken
            self._forget()
        elif self._escaped:
            self._escaped = False
        elif char == "\\":
            self._escaped = True
        elif char == '"':
            self._in_string = False

    def _closed(self) -> Iterator[RawClaim]:
        start = self._starts.pop()
        claim = claim_of(self._buffer[start:])
        if not self._starts:
            self._buffer = ""
        elif claim is not None:  # what was read is not kept: a wrapper grows with every claim
            self._buffer = self._buffer[:start] + "null"
        if claim is not None:
            self.seen += 1
            yield claim

    def _forget(self) -> None:
        self._buffer, self._starts, self._in_string, self._escaped = "", [], False, False


def _may_begin_a_thought(lead: str) -> bool:
    stripped = lead.lstrip().lower()
    return "<thinking>".startswith(stripped) or "<think>".startswith(stripped)


def read_claims(text: str) -> list[RawClaim]:
    """All claims of a whole text."""
    return list(ClaimReader().feed(text))


def claim_of(text: str) -> RawClaim | None:
    """The claim that a JSON object states, or None if it has not the form of one."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    kind = _kind(found)
    said = found.get("text", found.get("claim", ""))
    if kind is None or not isinstance(said, str):
        return None
    plain = found.get("plain")
    return RawClaim(
        kind,
        said,
        _evidence(found),
        _texts(found.get("options")),
        plain if isinstance(plain, str) else "",
    )


def _kind(found: dict[str, Any]) -> Kind | None:
    named = found.get("kind", found.get("type"))
    for kind in KINDS:
        if named == kind:
            return kind
    if found.get("cannot_answer") is True:
        return "cannot_answer"
    return "claim" if isinstance(found.get("text", found.get("claim")), str) else None


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return ()
    return tuple(item for item in value if isinstance(item, str))


def _evidence(found: dict[str, Any]) -> tuple[RawEvidence, ...]:
    """Pairs of key and quote; models without a schema also write two lists."""
    pairs = found.get("evidence")
    if isinstance(pairs, list) and pairs:
        return tuple(
            RawEvidence(
                _texts(pair.get("key", pair.get("keys"))),
                quote if isinstance(quote := pair.get("quote", ""), str) else "",
            )
            for pair in pairs
            if isinstance(pair, dict)
        )
    keys = _texts(found.get("keys", found.get("key")))
    quotes = _texts(found.get("quotes", found.get("quote")))
    if len(keys) == len(quotes):
        return tuple(RawEvidence((key,), quote) for key, quote in zip(keys, quotes, strict=True))
    return tuple(RawEvidence(keys, quote) for quote in quotes)
