"""Front matter: the YAML block between `---` lines at the head of a corpus file."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any

import yaml

from ragbot.errors import DocumentError
from ragbot.types import REVIEW_STEPS, ArticleDetails, Bibliography, Reference

FENCE = "---"
FRONT_MATTER_LIMIT = 100_000
LONGEST_SHOWN = 80


class _Loader(yaml.SafeLoader):
    """YAML as written: only empty values, true and false, and plain whole numbers are not text.

    YAML 1.1 would read `pmid: 0123` as 83, `journal: No` as false and `title: 12:30` as 750.
    """

    yaml_implicit_resolvers = {}  # noqa: RUF012  # PyYAML's own way

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse anchors and aliases: an alias can blow up a small file, and none is needed."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(
                problem="an anchor or alias (& or *) is not taken in", problem_mark=event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a name that is given twice: the last would silently win."""
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for at, name in enumerate(names):
            if name in names[:at]:
                raise yaml.MarkedYAMLError(
                    problem=f"{name!r} is given twice", problem_mark=node.value[at][0].start_mark
                )
        return super().construct_mapping(node, deep=deep)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"-?(?:0|[1-9][0-9]{0,17})", list("-0123456789")),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first
    )


def split_front_matter(text: str, where: str) -> tuple[dict[str, Any], str]:
    """The front matter of `text` as a mapping, and the body after it.

    Raises DocumentError, naming `where`, if the block is missing, unclosed or not YAML.
    """
    lines = text.removeprefix("\ufeff").split("\n")
    if not lines or lines[0].strip() != FENCE:
        raise DocumentError(
            f"{where} has no front matter.", remedy="Begin the file with a YAML block in --- lines."
        )
    closing = next((i for i, line in enumerate(lines[1:], 1) if line.strip() == FENCE), None)
    if closing is None:
        raise DocumentError(
            f"{where} has front matter that is not closed.", remedy="Add the second --- line."
        )
    return _parse("\n".join(lines[1:closing]), where), "\n".join(lines[closing + 1 :])


def _parse(block: str, where: str) -> dict[str, Any]:
    if len(block) > FRONT_MATTER_LIMIT:
        raise DocumentError(
            f"{where} has front matter of {len(block)} characters, more than {FRONT_MATTER_LIMIT}.",
            remedy="Shorten it.",
        )
    try:
        fields = yaml.load(block, Loader=_Loader)  # noqa: S506  # a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise DocumentError(
            f"{where} has front matter that is not valid YAML ({_detail(error)}).",
            remedy="Correct that line; quote values that hold a colon.",
        ) from error
    if not isinstance(fields, dict):
        raise DocumentError(
            f"{where} has front matter that is not a mapping.", remedy="Write `name: value` lines."
        )
    return fields


def _detail(error: Exception) -> str:
    """What is wrong, and in which line of the file."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None)
    if isinstance(error, RecursionError):
        problem = "it is nested too deeply"
    if mark is None:
        return " ".join(str(problem or error).split())
    return f"line {mark.line + 2}, column {mark.column + 1}: {problem}"


class Fields:
    """Typed access to front matter; each error names the file, the field and its value."""

    def __init__(self, fields: Mapping[str, Any], where: str) -> None:
        self._fields = fields
        self._where = where

    def _bad(self, name: str, wanted: str) -> DocumentError:
        value = repr(self._fields.get(name))
        shown = value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}..."
        return DocumentError(
            f"{self._where} has {name}: {shown}, which is not {wanted}.",
            remedy=f"Correct {name} in its front matter.",
        )

    def text(self, name: str) -> str | None:
        """A text, or None if the field is empty; numbers and dates are taken as written."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, (str, int)):
            raise self._bad(name, "a text")
        return _as_text(value) or None

    def required(self, name: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if value is None:
            raise self._bad(name, "a text")
        return value

    def integer(self, name: str) -> int | None:
        """A whole number, or None if the field is empty."""
        value = self._fields.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._bad(name, "a whole number")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._fields.get(name, default)
        if not isinstance(value, bool):
            raise self._bad(name, "true or false")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, or () if the field is empty."""
        value = self._fields.get(name)
        if value is None:
            return ()
        entries = value if isinstance(value, list) else [value]
        if any(not isinstance(entry, (str, int)) for entry in entries):
            raise self._bad(name, "a list of texts")
        return tuple(text for text in map(_as_text, entries) if text)

    def references(self) -> tuple[Reference, ...]:
        """The reference list: number -> source id, or a mapping with `missing` and `citation`."""
        value = self._fields.get("references")
        if value is None:
            return ()
        if not isinstance(value, dict):
            raise self._bad("references", "a mapping of numbers to source ids")
        return tuple(self._reference(number, entry) for number, entry in value.items())

    def _reference(self, number: Any, entry: Any) -> Reference:
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise self._bad("references", f"a mapping of numbers (it has {number!r})")
        if isinstance(entry, str) and entry.strip():
            return Reference(number, entry.strip())
        given = entry if isinstance(entry, dict) else {}
        source, citation = given.get("source"), given.get("citation")
        if isinstance(source, str) and source.strip():
            return Reference(number, source.strip(), _as_text(citation or ""))
        if isinstance(citation, str) and citation.strip():
            return Reference(number, None, _as_text(citation))
        raise DocumentError(
            f"{self._where} has {entry!r} under {number} in its references, which is no source.",
            remedy=f"Write `{number}: source-id`, or `{number}: {{missing: true, citation: ...}}`.",
        )


def _as_text(value: str | int) -> str:
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return " ".join(written.split())


def article_details(fields: Fields) -> ArticleDetails:
    """What an article's front matter says. Raises DocumentError for a bad field."""
    status = next((step for step in REVIEW_STEPS if step == fields.required("status")), None)
    if status is None:
        raise fields._bad("status", " or ".join(REVIEW_STEPS))
    return ArticleDetails(
        status=status,
        updated=fields.required("updated"),
        audience=fields.text("audience") or "clinician",
        editorial_policy=fields.text("editorial_policy") or "",
        references=fields.references(),
        topics=fields.texts("topics"),
    )


def bibliography(fields: Fields) -> Bibliography:
    """What a source's front matter says. Raises DocumentError for a bad field."""
    return Bibliography(
        authors=fields.texts("authors"),
        journal=fields.text("journal"),
        year=fields.integer("year"),
        doi=fields.text("doi"),
        pmid=fields.text("pmid"),
        pmcid=fields.text("pmcid"),
        url=fields.text("url"),
        licence=fields.text("licence"),
        design=fields.text("design"),
        population=fields.text("population"),
        age_group=fields.text("age_group"),
        disease=fields.text("disease"),
        sample_size=fields.integer("sample_size"),
        content=fields.text("content"),
        identity=fields.text("identity"),
        title_complete=fields.flag("title_complete", default=True),
        retracted=fields.flag("retracted", default=False),
        caveats=fields.texts("caveats"),
    )
