"""Tables of a PDF page: drawn with lines around their cells, or with rules above and below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ragbot.library.readers.pdf_layout import Line, Word, lines_of

Box = tuple[float, float, float, float]
THIN = 2.5
SHORTEST_RULE = 60.0
SAME = 4.0
CELL_GAP = 5.0
FEWEST_RULES = 3
SMALLEST = 2
FILLED = 0.4


def tables_of(page: Any, words: Sequence[Word]) -> tuple[list[Line], list[Word]]:
    """The tables of `page` as lines with rows, and the words outside of them."""
    found: list[Line] = []
    rest = list(words)
    for box, grid in [*_drawn(page), *_ruled(page)]:
        inside = [w for w in rest if _within(w, box)]
        rows = _by_grid(inside, grid) if grid else _by_gaps(inside)
        if _is_table(rows):
            found.append(Line([], rows=tuple(rows), box=box))
            rest = [w for w in rest if not _within(w, box)]
    return found, rest


def _drawn(page: Any) -> list[tuple[Box, list[list[Box | None]]]]:
    tables = page.find_tables() if page.lines or page.rects or page.curves else []
    return [(t.bbox, [list(row.cells) for row in t.rows]) for t in tables]


def _ruled(page: Any) -> list[tuple[Box, list[list[Box | None]]]]:
    """Areas between at least three rules of the same width, one above the other."""
    rules = sorted(
        (o["top"], o["x0"], o["x1"])
        for o in (*page.lines, *page.rects)
        if o["bottom"] - o["top"] < THIN and o["x1"] - o["x0"] > SHORTEST_RULE
    )
    groups: list[list[tuple[float, float, float]]] = []
    for rule in rules:
        for group in groups:
            if abs(group[0][1] - rule[1]) < SAME and abs(group[0][2] - rule[2]) < SAME:
                if rule[0] - group[-1][0] > 1:
                    group.append(rule)
                break
        else:
            groups.append([rule])
    areas: list[tuple[Box, list[list[Box | None]]]] = []
    for group in groups:
        step = FEWEST_RULES if len(group) % FEWEST_RULES == 0 else len(group)
        for at in range(0, len(group), step):
            piece = group[at : at + step]
            if len(piece) >= FEWEST_RULES:
                areas.append(((piece[0][1] - 1, piece[0][0], piece[0][2] + 1, piece[-1][0]), []))
    return areas


def _within(word: Word, box: Box) -> bool:
    middle = (word.x0 + word.x1) / 2
    return box[0] <= middle <= box[2] and box[1] <= word.middle <= box[3]


def _by_grid(
    words: Sequence[Word], grid: Sequence[Sequence[Box | None]]
) -> list[tuple[tuple[str, ...], Box]]:
    rows = []
    for cells in grid:
        texts = tuple(_text([w for w in words if _within(w, c)]) if c else "" for c in cells)
        boxes = [c for c in cells if c]
        if any(texts) and boxes:
            rows.append((texts, _around(boxes)))
    return rows


def _text(words: Sequence[Word]) -> str:
    return " ".join(line.text for line in lines_of(words))


def _around(boxes: Sequence[Box]) -> Box:
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def _by_gaps(words: Sequence[Word]) -> list[tuple[tuple[str, ...], Box]]:
    """Rows by height, cells by the gaps that no row below the first crosses."""
    lines = lines_of(words)
    if len(lines) < SMALLEST:
        return []
    edges = sorted((w.x0, w.x1) for line in lines[1:] for w in line.words)
    starts: list[float] = []
    reach = -1.0
    for x0, x1 in edges:
        if x0 > reach + CELL_GAP:
            starts.append(x0 if not starts else (x0 + reach) / 2)
        reach = max(reach, x1)
    rows = []
    for line in lines:
        cells: list[list[str]] = [[] for _ in starts]
        for word in line.words:
            at = sum(start <= (word.x0 + word.x1) / 2 for start in starts[1:])
            cells[at].append(word.text)
        rows.append((tuple(" ".join(cell) for cell in cells), line.box))
    return rows


def _is_table(rows: Sequence[tuple[tuple[str, ...], Box]]) -> bool:
    if len(rows) < SMALLEST or max(len(cells) for cells, _ in rows) < SMALLEST:
        return False
    cells = [cell for texts, _ in rows for cell in texts]
    return sum(bool(cell) for cell in cells) >= FILLED * len(cells)
