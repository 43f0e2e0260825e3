"""A document's blocks as HTML: headings, paragraphs, nested lists, tables, with its markers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from ragbot.types import Block, Document, Marker
from ragbot.ui.markup import Insertion, element, run_of_text, scrolled

CELL_BORDER = " | "
LAST_EMPTY = " |"

Chips = Callable[[Marker], str]
Span = tuple[int, int]


def no_chips(_marker: Marker) -> str:
    """Leaves the markers out."""
    return ""


def section_id(document: Document, block: Block) -> str:
    """The anchor of a heading."""
    return f"s-{document.id}-{block.start}"


def headings(document: Document) -> list[Block]:
    """The headings of a document, in order."""
    return [block for block in document.blocks if block.kind == "heading"]


def body(
    document: Document,
    chips: Chips = no_chips,
    passages: Sequence[Span] = (),
    top_level: int = 2,
    notes: Sequence[Insertion] = (),
) -> str:
    """The document's text as HTML: `chips` draws a marker, `passages` are marked, `notes` put in.

    A note follows the chips that stand at its place.
    """
    return _Body(document, chips, passages, top_level, notes).html()


@dataclass
class _Body:
    document: Document
    chips: Chips
    passages: Sequence[Span]
    top_level: int
    notes: Sequence[Insertion]
    insertions: list[Insertion] = field(init=False)

    def __post_init__(self) -> None:
        self.insertions = [
            *(Insertion(marker.offset, self.chips(marker)) for marker in self.document.markers),
            *self.notes,
        ]

    def html(self) -> str:
        parts: list[str] = []
        for kind, group in groupby(self.document.blocks, key=lambda block: block.kind):
            blocks = list(group)
            if kind == "item":
                parts += list(self._lists(blocks))
            elif kind == "table":
                parts.append(self._table(blocks))
            elif kind == "code":
                lines = "\n".join(self._inline(block.start, block.end) for block in blocks)
                parts.append(element("pre", lines, tabindex="0"))
            else:
                parts += [self._line(block) for block in blocks]
        return "".join(parts)

    def _inline(self, start: int, end: int) -> str:
        return run_of_text(self.document.text, start, end, self.insertions, self.passages)

    def _line(self, block: Block) -> str:
        inner = self._inline(block.start, block.end)
        if block.kind != "heading":
            return element("p", inner, dir="auto")
        level = min(6, max(self.top_level, block.level + self.top_level - 2))
        return element(
            f"h{level}", inner, id=section_id(self.document, block), tabindex="-1", dir="auto"
        )

    def _lists(self, items: Sequence[Block]) -> Iterator[str]:
        open_tags: list[str] = []
        last: dict[int, int | None] = {}
        for item in items:
            level = max(1, item.level)
            while len(open_tags) > level:
                yield f"</li></{open_tags.pop()}>"
                last.pop(len(open_tags) + 1, None)
            inner = self._inline(item.start, item.end)
            if len(open_tags) == level:
                if item.number is not None and last.get(level) == item.number:
                    yield element("p", inner, dir="auto")
                    continue
                yield "</li>"
                if (open_tags[-1] == "ol") != (item.number is not None):
                    yield f"</{open_tags.pop()}>"
            while len(open_tags) < level:
                open_tags.append("ul" if item.number is None else "ol")
                yield f"<{open_tags[-1]}>"
                if len(open_tags) < level:
                    yield "<li>"
            number = f' value="{item.number}"' if item.number is not None else ""
            yield f'<li{number} dir="auto">{inner}'
            last[level] = item.number
        while open_tags:
            yield f"</li></{open_tags.pop()}>"

    def _table(self, rows: Sequence[Block]) -> str:
        lines = []
        for index, row in enumerate(rows):
            tag = "td" if index else "th"
            cells = [
                element(tag, self._inline(a, b), dir="auto", scope=None if index else "col")
                for a, b in self._cells(row)
            ]
            lines.append(element("tr", "".join(cells)))
        table = element("table", "".join(lines))
        return scrolled(table)

    def _cells(self, row: Block) -> Iterator[tuple[int, int]]:
        at = row.start
        while True:
            border = self.document.text.find(CELL_BORDER, at, row.end)
            if border < 0:
                last = row.end - len(LAST_EMPTY)
                is_empty = last >= at and self.document.text.endswith(LAST_EMPTY, at, row.end)
                yield from ((at, last), (row.end, row.end)) if is_empty else ((at, row.end),)
                return
            yield at, border
            at = border + len(CELL_BORDER)
