"""From a kept conversation to a sample of a suite; what QA must decide is marked in it.

A sample from the field loads and runs as it is: what nobody has decided yet is unscored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from ragbot.errors import PersonalDataError, StorageError, UsageError
from ragbot.evaluation.suites import Suite, load_suite, parse_suite
from ragbot.privacy import Finding, mask, told
from ragbot.types import Answer, Feedback, Turn

Handling = Literal["refuse", "mask"]
Scan = Callable[[str], tuple[Finding, ...]]

PREFIX = "field"
MOST_SHOWN = 5
SNIPPET = 90
_ITEM = re.compile(r"^( *)- id:", re.MULTILINE)
_NUMBER = re.compile(r"-(\d{3})[a-z]?$")


@dataclass(frozen=True, slots=True)
class FieldTurn:
    """A question as it was asked, the documents and passages that its answer cited, and a note."""

    question: str
    abstained: bool
    cited: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class FieldSample:
    """A conversation up to the turn that it is about, the last one."""

    article: str
    turns: tuple[FieldTurn, ...]


def from_turns(
    article: str, turns: Sequence[Turn], feedback: Feedback | None = None
) -> FieldSample:
    """The sample of `turns`; the last one's note tells when it was asked, and of `feedback`."""
    *before, last = turns
    made = [_turn(turn.answer, "Context") for turn in before]
    asked = f"From the field, {last.asked[:10]}."
    return FieldSample(article, (*made, _turn(last.answer, f"{asked} {_said(feedback)}".strip())))


def _turn(answer: Answer, note: str) -> FieldTurn:
    cited = tuple((citation.document_id, citation.quote) for citation in answer.citations)
    return FieldTurn(answer.question, answer.abstained, cited, note)


def _said(feedback: Feedback | None) -> str:
    if feedback is None:
        return ""
    reasons = f" ({', '.join(feedback.reasons)})" if feedback.reasons else ""
    comment = f": {' '.join(feedback.comment.split())}" if feedback.comment else ""
    return f"A reader's thumb was {feedback.rating}{reasons}{comment}"


def guarded(sample: FieldSample, scan: Scan, handling: Handling) -> tuple[FieldSample, str]:
    """`sample` without personal data, and what was masked in it ("" if nothing was).

    Raises PersonalDataError where it is refused; the message tells kinds, never what was found.
    """
    found = [scan(text) for turn in sample.turns for text in (turn.question, turn.note)]
    every = tuple(one for findings in found for one in findings)
    if not every:
        return sample, ""
    if handling == "refuse":
        raise PersonalDataError(
            f"The conversation holds personal data ({told(every)}); no sample was written.",
            remedy="Let it be masked with --personal mask, and read the sample before you keep it.",
        )
    turns = tuple(
        replace(
            turn,
            question=mask(turn.question, scan(turn.question)),
            note=mask(turn.note, scan(turn.note)),
        )
        for turn in sample.turns
    )
    return replace(sample, turns=turns), told(every)


def to_yaml(sample: FieldSample, name: str, indent: int = 2) -> str:
    """`sample` as an item of a suite's list, with a comment at each field that QA must fill."""
    lines = [
        f"- id: {name}",
        f"  article: {_quoted(sample.article)}",
        "  kind: field  # QA: single, pronoun, ellipsis, topic_switch, unanswerable, ...",
        "  split: held  # QA: dev if it may be tuned on",
        "  turns:",
        *(f"    {line}" for turn in sample.turns for line in _turn_lines(turn)),
    ]
    return "".join(f"{' ' * indent}{line}\n" for line in lines)


def _turn_lines(turn: FieldTurn) -> list[str]:
    did = "it abstained" if turn.abstained else "it answered"
    documents = ", ".join(dict.fromkeys(name for name, _ in turn.cited)) or "nothing"
    return [
        f"- question: {_quoted(turn.question)}",
        f"  answerable: null  # QA: true or false? ({did})",
        "  passages: []  # QA: the passages that answer, word for word; it cited:",
        *(f"  #   {_proposal(*cited)}" for cited in turn.cited[:MOST_SHOWN]),
        "  figures: []  # QA: the figures that must be there",
        "  forbidden_figures: []  # QA: the figures that must not",
        f"  cites_any: []  # QA: the sources that may be cited; it cited {documents}",
        "  premise: null  # QA: a false premise, and the words that correct it",
        f"  note: {_quoted(turn.note)}",
    ]


def _proposal(document: str, quote: str) -> str:
    """A passage as an entry of the list, cut at a word."""
    words = " ".join(quote.split())
    cut = words if len(words) <= SNIPPET else words[:SNIPPET].rpartition(" ")[0]
    return f"- {{document: {document}, snippet: {_quoted(cut)}}}"


def _quoted(text: str) -> str:
    """`text` as one double-quoted line of YAML."""
    line: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**9)
    return line.strip()


def next_name(prefix: str, taken: Sequence[str]) -> str:
    """The first id of the form PREFIX-001 after those that are taken."""
    numbers = [
        int(found[1])
        for name in taken
        if name.startswith(prefix) and (found := _NUMBER.search(name))
    ]
    return f"{prefix}-{max(numbers, default=0) + 1:03d}"


def add_to_suite(sample: FieldSample, path: Path) -> str:
    """Write `sample` at the end of the suite in `path`, or into a new one; gives its id.

    What stands in the file stays as it is, comments too. Raises UsageError if the file is no suite
    that can be added to, StorageError if it cannot be written.
    """
    suite = load_suite(path) if path.exists() else None
    text = path.read_text(encoding="utf-8") if suite else _head(path.stem)
    name = next_name(path.stem, [one.id for one in suite.samples] if suite else [])
    found = _ITEM.search(text)
    item = to_yaml(sample, name, len(found[1]) if found else 2)
    whole = f"{text.rstrip()}\n{item}"
    _check(whole, suite, name, path)
    _replace(path, whole)
    return name


def _head(name: str) -> str:
    return f'suite: {name}\ndescription: "Conversations from the field"\nsamples:\n'


def _check(whole: str, before: Suite | None, name: str, path: Path) -> None:
    """Raises UsageError if `whole` does not read as `before` with one sample more."""
    try:
        samples = parse_suite(yaml.safe_load(whole), path).samples
    except (UsageError, yaml.YAMLError):
        samples = ()
    if samples[:-1] != (before.samples if before else ()) or not samples[-1:]:
        raise UsageError(
            f"{path} does not end with its list of samples, so that {name} cannot be added.",
            remedy="Put `samples:` last, or name another file with --suite.",
        )


def _replace(path: Path, text: str) -> None:
    aside = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        raise StorageError(
            f"The suite {path} cannot be written ({error}).", remedy="Name another with --suite."
        ) from error


def as_document(sample: FieldSample, name: str) -> dict[str, Any]:
    """The sample as it would be loaded, JSON-ready."""
    loaded: list[dict[str, Any]] = yaml.safe_load(to_yaml(sample, name))
    return loaded[0]
