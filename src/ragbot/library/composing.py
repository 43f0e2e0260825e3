"""Writes what a reader has read as a file of the corpus: front matter and Markdown.

The Markdown reads back to the very text of the parts: every sign that Markdown would take for its
own is escaped, and `composed` proves it before anything is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from ragbot.errors import DocumentError
from ragbot.library.markdown import is_interval, parse_markdown
from ragbot.library.readers.model import Part, Place, Reading
from ragbot.types import Block, Marker

SPECIAL = re.compile(r"([\\`*_\[\]|#~])")
LINE_START = re.compile(r"^([-+=>]|\d{1,9}(?=[.)]))")
LONGEST_WORD = 10_000
FEWEST_WORDS = 3
LONGEST_BEFORE = 50
DEEPEST_LIST = 6
CELL_BORDER = " | "


@dataclass(frozen=True, slots=True)
class Composed:
    """A corpus file: its text, and where its passages stand on the pages of the original."""

    markdown: str
    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class _OpenList:
    """The last item of a list: its number, its sign, and the column where its text begins."""

    number: int | None
    sign: str
    content: int


@dataclass
class _Body:
    """The Markdown of parts, block by block."""

    blocks: list[str] = field(default_factory=list)
    lists: list[_OpenList] = field(default_factory=list)

    def add(self, part: Part, before: Part | None) -> None:
        if part.kind != "item":
            self.lists = []
        match part.kind:
            case "heading":
                self.blocks.append(f"{'#' * min(max(part.level, 1), 6)} {_inline(part)}")
            case "item":
                self._item(part)
            case "table":
                self._row(part, before)
            case _:
                self.blocks.append(_inline(part))

    def _item(self, part: Part) -> None:
        level = min(max(part.level, 1), DEEPEST_LIST, len(self.lists) + 1)
        outer = self.lists[level - 2].content if level > 1 else 0
        held = self.lists[level - 1] if len(self.lists) >= level else None
        del self.lists[level:]
        if part.continues and held is not None:
            self.blocks.append(f"{' ' * held.content}{_inline(part)}")
            return
        sign = _sign(part.number, held)
        self.lists[level - 1 :] = [_OpenList(part.number, sign, outer + len(sign) + 1)]
        self.blocks.append(f"{' ' * outer}{sign} {_inline(part)}")

    def _row(self, part: Part, before: Part | None) -> None:
        row = f"| {_row_text(part)} |"
        if before is not None and before.kind == "table" and before.level == part.level:
            self.blocks[-1] += f"\n{row}"
        else:
            self.blocks.append(f"{row}\n|{' --- |' * len(part.cells)}")


def _sign(number: int | None, held: _OpenList | None) -> str:
    """A list sign; another delimiter begins another list where the numbers do not go on."""
    if number is None:
        return "-"
    if held is None or held.number is None:
        return f"{number}."
    used = held.sign[-1]
    goes_on = number == held.number + 1
    return f"{number}{used if goes_on else {'.': ')', ')': '.'}[used]}"


def _escaped(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text).replace("&", "&amp;").replace("<", "&lt;")


def _inline(part: Part) -> str:
    """A part's text with its markers, on one line."""
    return LINE_START.sub(_guarded, _with_markers(part.text, part.markers))


def _with_markers(text: str, markers: Sequence[Marker]) -> str:
    pieces: list[str] = []
    at = 0
    for marker in markers:
        pieces.append(_escaped(text[at : marker.offset]))
        pieces.append(_bracketed(marker, text[: marker.offset]))
        at = marker.offset
    pieces.append(_escaped(text[at:]))
    return "".join(pieces)


def _guarded(found: re.Match[str]) -> str:
    sign = found[0]
    return f"&#{ord(sign[0])};{sign[1:]}"


def _bracketed(marker: Marker, before: str) -> str:
    inside = ", ".join(map(str, marker.numbers))
    if is_interval(before[-LONGEST_BEFORE:], inside):
        inside = "][".join(map(str, marker.numbers))
    return f" [{inside}]" if before else f"[{inside}]"


def body_of(parts: Sequence[Part]) -> str:
    """The Markdown of `parts`."""
    body = _Body()
    before: Part | None = None
    for part in parts:
        held = len(body.blocks)
        body.add(part, before)
        if held and len(body.blocks) > held:
            is_next = before is not None and _follows(part, before)
            body.blocks[-1] = ("\n" if is_next else "\n\n") + body.blocks[-1]
        before = part
    return "".join(body.blocks)


def _follows(part: Part, before: Part) -> bool:
    """Whether an item may stand right below another: a list that begins at 2 needs a gap."""
    if part.kind != "item" or before.kind != "item" or part.continues:
        return False
    goes_on = before.level == part.level and before.number == (part.number or 0) - 1
    return part.number in {None, 1} or goes_on


def composed(
    reading: Reading, original: Mapping[str, Any], articles: Mapping[str, Any]
) -> Composed:
    """The corpus file of `reading`.

    `original` and `articles` are fields for the front matter. Raises DocumentError if the reading
    holds no text, or a run of signs that is none.
    """
    parts = [_filled(part) for part in reading.parts if part.text.strip()]
    longest = max((len(word) for part in parts for word in part.text.split()), default=0)
    if longest > LONGEST_WORD:
        raise DocumentError(
            f"It holds a run of {longest} characters without a space, which is no text.",
            remedy="Take that run out.",
        )
    if sum(len(part.text.split()) for part in parts if part.kind != "heading") < FEWEST_WORDS:
        raise DocumentError("It holds no text below its title.", remedy="Add the whole file.")
    body = body_of(parts)
    text, blocks, markers = parse_markdown(body)
    _check(parts, text, blocks, markers)
    fields = {"title": reading.title, **_about(reading), **articles, **original}
    front = yaml.safe_dump(_quoted(fields), sort_keys=False, allow_unicode=True, width=10_000)
    return Composed(f"---\n{front}---\n\n{body}\n", text, tuple(_placed(parts, blocks)))


def _filled(part: Part) -> Part:
    """A table row's text is that of its cells."""
    if part.kind != "table":
        return part
    return replace(part, text=CELL_BORDER.join(part.cells).strip())


def _row_text(part: Part) -> str:
    """A table row's cells with their markers."""
    whole = CELL_BORDER.join(part.cells)
    lead = len(whole) - len(whole.lstrip())
    cells, at = [], -lead
    for cell in part.cells:
        inside = [
            replace(m, offset=m.offset - at)
            for m in part.markers
            if at <= m.offset <= at + len(cell)
        ]
        cells.append(_with_markers(cell, inside))
        at += len(cell) + len(CELL_BORDER)
    return CELL_BORDER.join(cells)


def _check(
    parts: Sequence[Part], text: str, blocks: Sequence[Block], markers: Sequence[Marker]
) -> None:
    """What was written must read back as what was read, to the last character."""
    same = [text[block.start : block.end] for block in blocks] == [part.text for part in parts]
    expected: list[tuple[int, int]] = []
    if same:
        for part, block in zip(parts, blocks, strict=True):
            for marker in part.markers:
                expected += [(block.start + marker.offset, n) for n in marker.numbers]
        same = expected == [(m.offset, n) for m in markers for n in m.numbers]
    if not same:
        raise DocumentError(
            "Its text does not survive being written as Markdown.",
            remedy="Save it in another format, or as Markdown by hand.",
        )


def _placed(parts: Sequence[Part], blocks: Sequence[Block]) -> Iterable[Place]:
    for part, block in zip(parts, blocks, strict=True):
        for p in part.places:
            yield Place(
                block.start + p.start, block.start + p.end, p.page, p.x0, p.top, p.x1, p.bottom
            )


def _about(reading: Reading) -> dict[str, Any]:
    if reading.kind == "article":
        return {}
    about = reading.about
    fields: dict[str, Any] = {
        "authors": list(about.authors),
        "journal": about.journal,
        "year": about.year,
        **dict(reading.extra),
    }
    for name in ("doi", "pmid", "pmcid", "url", "licence", "design", "population", "age_group",
                 "disease", "sample_size", "content", "identity"):  # fmt: skip
        fields[name] = getattr(about, name)
    fields["retracted"] = about.retracted
    if about.caveats:
        fields["caveats"] = list(about.caveats)
    return fields


def _quoted(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields with texts in one line; YAML quotes what would not read back as text."""
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value
