"""A page's words as lines in reading order: columns, spanning lines, tables in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

GUTTER_WIDTH = 6.0
GUTTER_COVER = 0.6
NARROWEST_COLUMN = 0.15
FEWEST_LINES = 3
WORDS_A_LINE = 3
ALIGNED = 3.0
MOST = 0.6
MOST_COLUMNS = 3
SPANNING_GAP = 0.8
OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it stands on a page, in points from the page's upper left."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    bold: bool

    @property
    def middle(self) -> float:
        """Half way down."""
        return (self.top + self.bottom) / 2


@dataclass
class Line:
    """Words beside each other, or the rows of a table that stand in their place."""

    words: list[Word]
    page: int = 0
    column: int = 0
    rows: tuple[tuple[tuple[str, ...], tuple[float, float, float, float]], ...] = ()
    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    right: float = 0.0
    size: float = 0.0  # of most of its signs

    def settle(self) -> Line:
        """Sort the words and measure the line."""
        if self.words:
            self.words.sort(key=lambda w: w.x0)
            self.box = bounds(self.words)
            sizes: Counter[float] = Counter()
            for word in self.words:
                sizes[round(word.size, 1)] += len(word.text)
            self.size = sizes.most_common(1)[0][0]
        return self

    @property
    def bold(self) -> bool:
        """Whether nearly all of it is bold."""
        signs = sum(len(w.text) for w in self.words)
        return sum(len(w.text) for w in self.words if w.bold) > 0.85 * signs

    @property
    def text(self) -> str:
        """Its words with spaces between."""
        return " ".join(word.text for word in self.words)


def bounds(words: Sequence[Word]) -> tuple[float, float, float, float]:
    """The box around `words`: x0, top, x1, bottom."""
    return (
        min(w.x0 for w in words),
        min(w.top for w in words),
        max(w.x1 for w in words),
        max(w.bottom for w in words),
    )


def gutters_of(words: Sequence[Word]) -> list[float]:
    """The middles of the gaps between columns, from the left; [] for a single column."""
    if len(words) < 40:
        return []
    left, right = int(min(w.x0 for w in words)), int(max(w.x1 for w in words)) + 1
    cover = [0.0] * (right - left + 1)
    for word in words:
        for x in range(max(int(word.x0) - left, 0), min(int(word.x1) - left + 1, len(cover))):
            cover[x] += word.bottom - word.top
    before = list(accumulate(cover, max))
    behind = list(accumulate(reversed(cover), max))[::-1]
    low = [c < GUTTER_COVER * min(a, b) for c, a, b in zip(cover, before, behind, strict=True)]
    found: list[float] = []
    for is_low, run in groupby(range(len(low)), key=low.__getitem__):
        places = list(run)
        middle = left + (places[0] + places[-1]) / 2
        if is_low and len(places) >= GUTTER_WIDTH and _divides(words, middle, left, right):
            found.append(middle)
    return found if len(found) < MOST_COLUMNS else []


def _divides(words: Sequence[Word], x: float, left: float, right: float) -> bool:
    """Whether columns of several lines stand on both sides of `x`."""
    width = right - left
    if not left + NARROWEST_COLUMN * width <= x <= right - NARROWEST_COLUMN * width:
        return False
    sides = [
        (lines_of(side), len(side))
        for side in ([w for w in words if w.x1 <= x], [w for w in words if w.x0 >= x])
    ]
    (few, few_words), (many, many_words) = sorted(sides, key=lambda side: len(side[0]))
    if len(few) < FEWEST_LINES or len(many) < 2 * FEWEST_LINES:
        return False
    if many_words < WORDS_A_LINE * len(many):
        return False
    edge = min(line.box[0] for line in few)
    aligned = sum(line.box[0] - edge < ALIGNED for line in few)
    return few_words >= WORDS_A_LINE * len(few) or aligned >= MOST * len(few)


def lines_of(words: Iterable[Word]) -> list[Line]:
    """Words of one column as lines, from the top; raised digits go with their line."""
    lines: list[Line] = []
    tops: list[tuple[float, float]] = []
    for word in sorted(words, key=lambda w: (-w.size, w.top)):
        height = max(word.bottom - word.top, 0.1)
        best, most = -1, OVERLAP * height
        for at, (top, bottom) in enumerate(tops):
            shared = min(bottom, word.bottom) - max(top, word.top)
            if shared >= most:
                best, most = at, shared
        if best < 0:
            lines.append(Line([word]))
            tops.append((word.top, word.bottom))
        else:
            lines[best].words.append(word)
    return sorted((line.settle() for line in lines), key=lambda line: line.box[1])


def ordered(words: Sequence[Word], tables: Sequence[Line], page: int) -> list[Line]:
    """All lines and tables of a page in reading order."""
    gutters = gutters_of(words)
    columns: list[list[Word]] = [[] for _ in range(len(gutters) + 1)]
    crossing: list[Word] = []
    for word in words:
        first, last = _column(word.x0, gutters), _column(word.x1, gutters)
        (columns[first] if first == last else crossing).append(word)
    lines = [line for column in columns for line in lines_of(column)]
    lines = _joined([*lines, *lines_of(crossing)], gutters)
    placed = [*lines, *tables]
    for line in placed:
        line.page = page
        first, last = _column(line.box[0] + 1, gutters), _column(line.box[2] - 1, gutters)
        line.column = first if first == last else -1
    result = _by_bands(placed)
    for number in {line.column for line in result}:
        edge = max(line.box[2] for line in result if line.column == number)
        for line in result:
            if line.column == number:
                line.right = edge
    return result


def _column(x: float, gutters: Sequence[float]) -> int:
    return sum(gutter < x for gutter in gutters)


def _joined(lines: list[Line], gutters: Sequence[float]) -> list[Line]:
    """Pieces of one line that runs across a gutter, put together."""
    if not gutters:
        return lines
    lines = sorted(lines, key=lambda line: line.box[0])
    merged: list[Line] = []
    for line in lines:
        for held in merged:
            shared = min(held.box[3], line.box[3]) - max(held.box[1], line.box[1])
            height = min(held.box[3] - held.box[1], line.box[3] - line.box[1])
            gap = line.box[0] - held.box[2]
            close = SPANNING_GAP * max(held.size, line.size)
            if shared > OVERLAP * height and -close * 4 < gap < close:
                held.words += line.words
                held.settle()
                break
        else:
            merged.append(line)
    return merged


def _by_bands(lines: Sequence[Line]) -> list[Line]:
    """Column after column between the lines that span them."""
    result: list[Line] = []
    band: list[Line] = []

    def close() -> None:
        result.extend(sorted(band, key=lambda line: (line.column, line.box[1])))
        band.clear()

    spanning = sorted((line for line in lines if line.column < 0), key=lambda line: line.box[1])
    rest = sorted((line for line in lines if line.column >= 0), key=lambda line: line.box[1])
    at = 0
    for wide in spanning:
        middle = (wide.box[1] + wide.box[3]) / 2
        while at < len(rest) and (rest[at].box[1] + rest[at].box[3]) / 2 < middle:
            band.append(rest[at])
            at += 1
        close()
        result.append(wide)
    band.extend(rest[at:])
    close()
    return result
