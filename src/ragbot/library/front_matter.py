"""Front matter: the YAML block between `---` lines at the head of a corpus file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from ragbot.errors import DocumentError
from ragbot.types import REVIEW_STEPS, ArticleDetails, Bibliography, Reference

FENCE = "---"
FRONT_MATTER_LIMIT = 100_000


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
    # An alias can blow up a small file; front matter needs none.
    if len(block) > FRONT_MATTER_LIMIT or ("&" in block.replace(" & ", " ") and "*" in block):
        block_problem = "is too long or uses YAML anchors"
        raise DocumentError(f"{where} has front matter that {block_problem}.", remedy="Shorten it.")
    try:
        fields = yaml.safe_load(block)
    except yaml.YAMLError as error:
        detail = " ".join(str(error).split())
        raise DocumentError(
            f"{where} has front matter that is not valid YAML ({detail}).",
            remedy="Correct that line; quote values that hold a colon.",
        ) from error
    if not isinstance(fields, dict):
        raise DocumentError(
            f"{where} has front matter that is not a mapping.", remedy="Write `name: value` lines."
        )
    return fields


class Fields:
    """Typed access to front matter; each error names the file, the field and its value."""

    def __init__(self, fields: Mapping[str, Any], where: str) -> None:
        self._fields = fields
        self._where = where

    def _bad(self, name: str, wanted: str) -> DocumentError:
        return DocumentError(
            f"{self._where} has {name}: {self._fields.get(name)!r}, which is not {wanted}.",
            remedy=f"Correct {name} in its front matter.",
        )

    def text(self, name: str) -> str | None:
        """A text, or None if the field is empty; numbers and dates are taken as written."""
        value = self._fields.get(name)
        if value is None:
            return None
        if isinstance(value, (dict, list)):
            raise self._bad(name, "a text")
        return " ".join(str(value).split()) or None

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
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, Sequence) or any(isinstance(v, (dict, list)) for v in value):
            raise self._bad(name, "a list of texts")
        return tuple(str(entry) for entry in value)

    def references(self) -> tuple[Reference, ...]:
        """The reference list: number -> source id, or a mapping with `missing` and `citation`."""
        value = self._fields.get("references") or {}
        if not isinstance(value, dict):
            raise self._bad("references", "a mapping of numbers to source ids")
        return tuple(self._reference(number, entry) for number, entry in value.items())

    def _reference(self, number: Any, entry: Any) -> Reference:
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise self._bad("references", f"a mapping of numbers (it has {number!r})")
        if isinstance(entry, str) and entry.strip():
            return Reference(number, entry.strip())
        if isinstance(entry, dict) and isinstance(entry.get("citation"), str):
            return Reference(number, None, " ".join(entry["citation"].split()))
        raise self._bad("references", f"a source id under {number}")


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
