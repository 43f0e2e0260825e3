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

MARKER = re.compile(r"[^\S\n]*\[(\d{1,3}(?:\s*[,;\u2013-]\s*\d{1,3})*)\]")
STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
RANGE = re.compile(r"(\d+)\s*[\u2013-]\s*(\d+)")
# What stands before an interval in square brackets: "95% CI [2, 9]", "45 years [18-75]".
INTERVAL = re.compile(r"\b(?:CI|CrI|IQR|range|interval|quartiles?)[\s,:=]*$", re.IGNORECASE)
FIGURE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*(?:%|years?|months?|weeks?|days?)?\s*$")
PAIR = re.compile(r"(\d+)\s*[,;\u2013-]\s*(\d+)")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
LONGEST_RANGE = 50
# A sign written as `\\*`, `\\[` or an entity is text: until markers and bold are read, a
# noncharacter stands for it.
SPOKEN_FOR = str.maketrans("*[]", "\ufdd0\ufdd1\ufdd2")
SPOKEN = str.maketrans("\ufdd0\ufdd1\ufdd2", "*[]")

_PARSER = (
    MarkdownIt("commonmark", {"html": False}).enable("table").disable(["emphasis", "text_join"])
)


@dataclass
class _Writer:
    """Collects the plain text with its blocks and markers."""

    lines: list[str] = field(default_factory=list)
    length: int = 0
    blocks: list[Block] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)

    def write(self, line: str, kind: BlockKind, level: int = 0, number: int | None = None) -> None:
        plain, markers = take_markers(line)
        plain = plain.translate(SPOKEN)
        if not plain:  # markers by themselves belong to what stands before them
            self.markers += [Marker(self.length, m.numbers) for m in markers]
            return
        start = self.length + 1 if self.lines else 0
        self.lines.append(plain)
        self.length = start + len(plain)
        self.markers += [Marker(start + m.offset, m.numbers) for m in markers]
        if kind == "heading":
            self.headings = [(lv, name) for lv, name in self.headings if lv < level]
        path = tuple(name for _, name in self.headings)
        self.blocks.append(Block(kind, start, self.length, level, number, path))
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


def is_interval(before: str, inside: str) -> bool:
    """Whether "[`inside`]" behind `before` is an interval of a figure, and no citation."""
    pair = PAIR.fullmatch(inside.strip())
    if pair is None:
        return False
    figure = FIGURE.search(before)
    low, high = int(pair[1]), int(pair[2])
    return bool(INTERVAL.search(before)) or (
        figure is not None and low < high and low <= float(figure[1]) <= high
    )


def take_markers(line: str) -> tuple[str, tuple[Marker, ...]]:
    """`line` without its markers and the space before them, and the markers with their offsets."""
    parts: list[str] = []
    markers, at, length = [], 0, 0
    for found in MARKER.finditer(line):
        if is_interval(line[max(0, found.start() - LONGEST_RANGE) : found.start()], found[1]):
            continue
        parts.append(line[at : found.start()])
        length += found.start() - at
        markers.append(Marker(length, parse_numbers(found[1])))
        at = found.end()
        if parts[-1] and line[at : at + 1].isalnum():  # "relapse.[1]Two": keep the words apart
            parts.append(" ")
            length += 1
    plain = "".join((*parts, line[at:]))
    lead = len(plain) - len(plain.lstrip())
    stripped = plain.strip()
    return stripped, tuple(
        Marker(min(max(m.offset - lead, 0), len(stripped)), m.numbers) for m in markers
    )


def _inline_text(token: Token) -> str:
    parts: list[str] = []
    begun: list[int] = []
    for child in token.children or ():
        if child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif child.type == "link_open":
            begun.append(len(parts))
        elif child.type == "link_close":
            _linked_marker(parts, begun.pop())
        elif child.type == "text_special":
            parts.append(child.content.translate(SPOKEN_FOR))
        else:
            parts.append(child.content)
    return STRONG.sub(r"\1", "".join(parts))


def _linked_marker(parts: list[str], begin: int) -> None:
    """A link that is named by numbers alone, as in `[1](https://...)`, is a citation marker."""
    marker = f"[{''.join(parts[begin:])}]"
    if MARKER.fullmatch(marker):
        parts[begin:] = [marker]


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
    tokens = _PARSER.parse(COMMENT.sub("", body))
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
    return "\n".join(writer.lines), tuple(writer.blocks), tuple(writer.markers)


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
