"""From a follow-up to a question that stands alone, without a chat model.

Per turn it is decided what is carried over: nothing, the subject of an earlier turn or of the
article, or the whole previous question with its subject exchanged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ragbot.retrieval.phrases import is_population, subject
from ragbot.types import Message, StandaloneQuestion

_SPACE = re.compile(r"\s+")
_LEAD = re.compile(
    r"^(?:(?:and|but|so|ok|okay|also|then|well|now|yes|no|thanks|thank you)\b[\s,.!]*)+", re.I
)
_ABOUT = re.compile(
    r"^(?:what|how)\s+about\s+(?P<rest>.+)$|^same\s+(?:question\s+)?for\s+(?P<same>.+)$", re.I
)
_PREPOSITION = re.compile(
    r"^(?P<word>in|for|with|among|after|before|without|during|under|over|on|at)\s+(?P<rest>.+)$",
    re.I,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have|had|may|might|must|be|"
    r"what|which|who|whom|whose|how|why|when|where|tell|explain|describe|give|list|show)\b",
    re.I,
)
_BACK = re.compile(
    r"(?:(?:going|coming|getting)\s+)?back\s+to\s+the\s+(?P<which>\w+)(?:\s+\w+)?\s*[:,-]\s*", re.I
)
_ORDINAL = re.compile(
    r"\bthe\s+(?P<which>first|former|original|second|latter|last|other|previous|earlier)\s+"
    r"(?:one|condition|disease|disorder|drug|treatment|agent|option|question|topic)\b"
    r"|\bthe\s+(?P<alone>former|latter|other)\b(?!\s+\w)",
    re.I,
)
_PRONOUN = re.compile(
    r"\b(?P<possessive>its|their)\b"
    r"|\b(?:this|that|these|those|the|such)\s+(?:disease|condition|disorder|syndrome|drug|"
    r"medication|mutation|treatment|therapy|problem|illness)\b"
    r"|\b(?:it|they|them)\b"
    r"|\b(?:this|that|these|those)\b(?=\s*(?:[?.,!]|$|is\b|are\b|was\b|were\b|mean|happen|affect))",
    re.I,
)
_PLEONASTIC = re.compile(
    r"\b(?:is|was|be|does|would)\s+it\s+(?:\w+\s+){0,2}?(?:possible|true|safe|worth|necessary|"
    r"recommended|important|common|ok|okay|take|matter)\s+(?:to|that|for|if)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Context:
    """The article that is being read: empty where there is none."""

    title: str = ""
    headings: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a candidate query finds: the best cosine, the best BM25 score, and the best rows."""

    query: str
    dense: float
    lexical: float
    rows: tuple[int, ...]


class Probe(Protocol):
    """Tells what candidate queries retrieve."""

    def __call__(self, queries: Sequence[str]) -> Sequence[Evidence]:
        """Evidence for each of `queries`, in their order."""


def condense(
    question: str,
    history: Sequence[Message],
    context: Context,
    probe: Probe | None = None,  # noqa: ARG001
) -> StandaloneQuestion:
    """The `question` made to stand alone, with what was carried over and the queries to fuse."""
    asked = _SPACE.sub(" ", question).strip()
    resolved = _resolve_history(history, context)
    text, carried, method = _resolve(asked, resolved, context)
    queries = ((text, 1.0),) if text == asked else ((text, 0.7), (asked, 0.3))
    return StandaloneQuestion(text=text, queries=queries, carried=carried, method=method)


def _resolve_history(history: Sequence[Message], context: Context) -> list[str]:
    """The user's turns so far, each made to stand alone."""
    resolved: list[str] = []
    for message in history:
        if message.role == "user":
            text, _, _ = _resolve(_SPACE.sub(" ", message.content).strip(), resolved, context)
            resolved.append(text)
    return resolved


Resolution = tuple[str, tuple[str, ...], str]


def _resolve(  # noqa: PLR0911
    asked: str, resolved: Sequence[str], context: Context
) -> Resolution:
    body = _LEAD.sub("", asked) or asked
    subjects = _subjects(resolved, context)
    if not subjects:
        return asked, (), "none"
    focus = subjects[-1]
    back = _BACK.search(body)
    if back:
        focus = _pick(back.group("which"), subjects)
        body = body[back.end() :]
    about = _about(body)
    if about is not None and resolved:
        return _exchange(about, resolved[-1], subjects)
    if _PRONOUN.search(body) and not _PLEONASTIC.search(body):
        return _upper(_replace_pronoun(body, focus)), (focus,), "pronoun"
    if subject(body) is None:
        return _upper(_append(body, focus)), (focus,), "ellipsis"
    if back:
        return _upper(_append(body, focus)), (focus,), "back reference"
    if body != asked and context.title:
        title = subject(context.title)
        if title is not None and title.text.lower() not in body.lower():
            return _upper(_append(body, title.text, "in")), (title.text,), "article"
    return asked, (), "none"


def _subjects(resolved: Sequence[str], context: Context) -> list[str]:
    """Subjects in the order they came up, the article's first; the latest is in focus."""
    found: list[str] = []
    for text in (context.title, *resolved):
        topic = subject(text)
        if topic is not None:
            found = [earlier for earlier in found if earlier.lower() != topic.text.lower()]
            found.append(topic.text)
    return found


def _pick(which: str, subjects: Sequence[str]) -> str:
    if which.lower() in ("first", "former", "original"):
        return subjects[0]
    if which.lower() in ("other", "previous", "earlier") and len(subjects) > 1:
        return subjects[-2]
    if which.lower() == "second" and len(subjects) > 1:
        return subjects[1]
    return subjects[-1]


def _about(body: str) -> str | None:
    """What "what about X?", "and in X?" or a bare "X?" asks about; None for a whole question."""
    match = _ABOUT.match(body)
    if match:
        return (match.group("rest") or match.group("same")).rstrip(" ?.!")
    if len(body.split()) <= 8 and not _VERB.search(body):
        return body.rstrip(" ?.!")
    return None


def _exchange(about: str, previous: str, subjects: Sequence[str]) -> Resolution:
    """The previous question asked about something else."""
    stem = previous.rstrip(" ?.!")
    ordinal = _ORDINAL.search(about)
    if ordinal:
        about = _pick(ordinal.group("which") or ordinal.group("alone"), subjects)
    preposition = _PREPOSITION.match(about)
    bare = preposition.group("rest") if preposition else about
    topic = subject(stem)
    if topic is None:
        return f"{stem}: {about}?", (stem,), "what about"
    if is_population(bare) or (preposition and preposition.group("word").lower() != "for"):
        tail = about if preposition else f"in {about}"
        return f"{stem} {tail}?", (stem,), "what about"
    text = stem[: topic.start] + bare + stem[topic.end :]
    return f"{text}?", (stem[: topic.start].strip(),), "what about"


def _replace_pronoun(body: str, focus: str) -> str:
    def put(match: re.Match[str]) -> str:
        return f"{focus}'s" if match.group("possessive") else focus

    return _PRONOUN.sub(put, body, count=1)


def _append(body: str, focus: str, preposition: str = "of") -> str:
    stem = body.rstrip(" ?.!")
    return f"{stem} {preposition} {focus}?"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
