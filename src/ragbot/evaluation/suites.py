"""Suites: readable YAML, one sample a conversation, and what must hold of each of its turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ragbot.errors import UsageError


class _Strict(BaseModel):
    """A misspelt key is an error, never a condition that is not checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedPassage(_Strict):
    """A passage that answers: a document, and a snippet of its text."""

    document: str
    snippet: str = Field(min_length=1)


class Premise(_Strict):
    """A false premise, and the words of a document that correct it."""

    wrong: str
    correct_snippet: str
    document: str


class ExpectedTurn(_Strict):
    """One question and what must hold of its answer; `answerable` None: nobody has decided yet."""

    question: str
    answerable: bool | None
    passages: tuple[ExpectedPassage, ...] = ()
    figures: tuple[str, ...] = ()
    forbidden_figures: tuple[str, ...] = ()
    cites_any: tuple[str, ...] = ()
    premise: Premise | None = None
    note: str = ""


class Sample(_Strict):
    """A conversation on one article."""

    id: str
    article: str
    kind: str
    split: str
    turns: tuple[ExpectedTurn, ...] = Field(min_length=1)


class _SuiteFile(_Strict):
    suite: str
    description: str
    samples: tuple[Sample, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Suite:
    """A named set of samples."""

    name: str
    description: str
    samples: tuple[Sample, ...]


def load_suites(folder: Path, names: Sequence[str] = ()) -> list[Suite]:
    """The suites in `folder`, by name; all if `names` is empty.

    Raises UsageError for an unknown name, a file that does not read, or an id given twice.
    """
    paths = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    for name in names:
        if name not in paths:
            raise UsageError(
                f"There is no suite {name!r} in {folder}.",
                remedy=f"Known are: {', '.join(paths) or 'none'}.",
            )
    if not paths:
        raise UsageError(f"{folder} holds no suite.", remedy="Name another with --suites.")
    suites = [load_suite(paths[name]) for name in (names or paths)]
    _check_ids(suites)
    return suites


def load_suite(path: Path) -> Suite:
    """The suite in one file. Raises UsageError if it does not read."""
    try:
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        detail = " ".join(str(error).split())
        raise UsageError(
            f"The suite {path} does not read ({detail}).", remedy="Mend it."
        ) from error
    return parse_suite(data, path)


def parse_suite(data: Any, path: Path) -> Suite:
    """The suite that `data` of `path` says. Raises UsageError that names the first wrong entry."""
    try:
        file = _SuiteFile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"The suite {path} has {where}: {first['msg']}.", remedy="Correct that entry."
        ) from error
    return Suite(file.suite, file.description, file.samples)


def _check_ids(suites: Sequence[Suite]) -> None:
    seen: set[str] = set()
    for sample in (sample for suite in suites for sample in suite.samples):
        if sample.id in seen:
            raise UsageError(
                f"Two samples have the id {sample.id!r}.", remedy="Give each its own id."
            )
        seen.add(sample.id)
