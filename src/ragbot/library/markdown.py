"""Reads a Markdown body into plain text, blocks and citation markers.

Emphasis by single `*` or `_` is not interpreted: "5*10^9/L" and "t(9;22)_p190" are clinical text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ragbot.types import Block, BlockKind, Marker

MARKER = re.compile(r"[ \u00a0\u2009]*\[(\d{1,3}(?:\s*[,;\u2013-]\s*\d{1,3})*)\]")
STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
RANGE = re.compile(r"(\d+)\s*[\u2013-]\s*(\d+)")
LONGEST_RANGE = 50

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("emphasis")


@dataclass
class _Writer:
    """Collects the plain text with its blocks and markers."""

    text: str = ""
    blocks: list[Block] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)

    def write(self, line: str, kind: BlockKind, level: int = 0, number: int | None = None) -> None:
        plain, markers = take_markers(line)
        if not plain and not markers:
            return
        if self.text:
            self.text += "\n"
        start = len(self.text)
        self.text += plain
        self.markers += [Marker(start + m.offset, m.numbers) for m in markers]
        if kind == "heading":
            self.headings = [(lv, name) for lv, name in self.headings if lv < level]
        path = tuple(name for _, name in self.headings)
        self.blocks.append(Block(kind, start, len(self.text), level, number, path))
        if kind == "heading":
            self.headings.append((level, plain))


def parse_numbers(inside: str) -> tuple[int, ...]:
    """Reference numbers of a marker's inside: "2, 3" -> (2, 3), "4-6" -> (4, 5, 6)."""
    numbers: list[int] = []
    for part in re.split(r"[,;]", inside):
        span = RANGE.fullmatch(part.strip())
        if span and 0 <= int(span[2]) - int(span[1]) <= LONGEST_RANGE:
            numbers += range(int(span[1]), int(span[2]) + 1)
        else:
            numbers += [int(digits) for digits in re.findall(r"\d+", part)]
    return tuple(dict.fromkeys(numbers))


def take_markers(line: str) -> tuple[str, tuple[Marker, ...]]:
    """`line` without its markers and the space before them, and the markers with their offsets."""
    plain, markers, at = "", [], 0
    for found in MARKER.finditer(line):
        plain += line[at : found.start()]
        markers.append(Marker(len(plain), parse_numbers(found[1])))
        at = found.end()
    plain += line[at:]
    lead = len(plain) - len(plain.lstrip())
    stripped = plain.strip()
    return stripped, tuple(
        Marker(min(max(m.offset - lead, 0), len(stripped)), m.numbers) for m in markers
    )


def _inline_text(token: Token) -> str:
    parts: list[str] = []
    for child in token.children or ():
        if child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif child.type == "image":
            parts.append(child.content)
        else:
            parts.append(child.content)
    return STRONG.sub(r"\1", "".join(parts))


def _table_rows(tokens: Sequence[Token]) -> Iterator[str]:
    cells: list[str] = []
    for token in tokens:
        if token.type == "inline":
            cells.append(_inline_text(token))
        elif token.type == "tr_close":
            yield " | ".join(cells)
            cells = []


def parse_markdown(body: str) -> tuple[str, tuple[Block, ...], tuple[Marker, ...]]:
    """Plain text of `body`, its blocks and its markers, all offsets into the plain text."""
    writer = _Writer()
    tokens = _PARSER.parse(body)
    lists: list[int | None] = []  # for each open list: the next number, or None for bullets
    level, at = 0, 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "heading_open":
            level = int(token.tag[1])
            writer.write(_inline_text(tokens[at + 1]), "heading", level)
            at += 2
        elif token.type == "table_open":
            end = next(i for i in range(at, len(tokens)) if tokens[i].type == "table_close")
            for row in _table_rows(tokens[at:end]):
                writer.write(row, "table")
            at = end
        else:
            _read_block(token, lists, writer)
        at += 1
    return writer.text, tuple(writer.blocks), tuple(writer.markers)


def _read_block(token: Token, lists: list[int | None], writer: _Writer) -> None:
    match token.type:
        case "bullet_list_open":
            lists.append(None)
        case "ordered_list_open":
            lists.append(int(token.attrs.get("start", 1)) - 1)
        case "bullet_list_close" | "ordered_list_close":
            lists.pop()
        case "list_item_open":
            if (count := lists[-1]) is not None:
                lists[-1] = count + 1
        case "inline" if lists:
            writer.write(_inline_text(token), "item", len(lists), lists[-1])
        case "inline":
            writer.write(_inline_text(token), "paragraph")
        case "fence" | "code_block":
            for line in token.content.splitlines():
                writer.write(line, "code")
        case _:
            pass
