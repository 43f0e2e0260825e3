"""What the chat model of the benchmark writes: something each system can go on with.

It is no language model. It writes a question out as it was told to, sums up a passage by its first
sentence, and answers with sentences copied from what it was given, in the form that was asked for.
So every system walks its whole way, and none is judged by what the model makes of its prompt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

SENTENCES = 3
REWRITING = re.compile(
    r"standalone (question|message)|rewrite the last question|rephrase", re.IGNORECASE
)
_FRAMED = re.compile(
    r"^=== passage (\S+) \(.*?\) ===\n(.*?)\n=== end of passage \1 ===", re.DOTALL | re.MULTILINE
)
_PAPER_KEYS = re.compile(r"pqac-[0-9a-f]+")
_EXAMPLES = "Valid citation examples"  # behind it PaperQA's prompt names keys that are not there
_SENTENCE = re.compile(r"[A-Z][^\n]{30,280}?[.](?=\s|$)")
PLAIN = (
    "The passages report the outcome that was asked about, with its figures. "
    "They also name the population in which it was observed. "
    "Further evidence is not given in the passages."
)

Messages = Sequence[Mapping[str, Any]]


def plain(_: Messages) -> str:
    """Prose of three sentences."""
    return PLAIN


def claims(messages: Messages) -> str:
    """Ragbot's form: claims, each a sentence copied from a passage, with its key and quote."""
    found = []
    for key, text in _FRAMED.findall(_text(messages[-1])):
        sentence = _SENTENCE.search(text)
        if sentence:
            quote = sentence.group(0)
            evidence = [{"key": key, "quote": quote}]
            found.append({"kind": "claim", "text": quote, "evidence": evidence, "options": []})
    return json.dumps({"claims": found[:SENTENCES]}, ensure_ascii=False)


def paper(messages: Messages) -> str:
    """PaperQA's forms: a summary as JSON while it gathers, then prose that cites its keys."""
    asked = _text(messages[-1]).split(_EXAMPLES)[0]
    keys = list(dict.fromkeys(_PAPER_KEYS.findall(asked)))
    if keys:
        sentences = PLAIN.split(". ")
        return " ".join(
            f"{sentence.rstrip('.')} ({key})."
            for sentence, key in zip(sentences, keys[:SENTENCES], strict=False)
        )
    return json.dumps({"summary": PLAIN, "relevance_score": 8})


WRITERS: Mapping[str, Callable[[Messages], str]] = {
    "bench-plain": plain,
    "bench-claims": claims,
    "bench-paper": paper,
}
"""By the name of the model that is asked for."""


def reply(model: str, messages: Messages, standalone: str) -> str:
    """The answer; a request to write a question out is answered with `standalone`."""
    if standalone and REWRITING.search("\n".join(_text(message) for message in messages)):
        return standalone
    return WRITERS[model.rsplit("/", 1)[-1]](messages)


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content)
