"""Lines of all pages as parts: paragraphs across lines and pages, headings, items, tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ragbot.library.readers.cutting import SIGNED
from ragbot.library.readers.model import Part, Place
from ragbot.library.readers.pdf_layout import Line, Word

BULLET = re.compile(r"^[\u2022\u25cf\u25aa\u25e6\u25cb\u25a0\u00b7\uf0b7\u2023]$|^[\u2013-]$")
NUMBER = re.compile(r"^\(?(\d{1,2})[.)]$")
SECTION_NUMBER = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?=[A-Z])")
KNOWN = re.compile(
    r"(?:\d[\d.]*\s+)?(?:abstract|summary|introduction|background|results|discussion|methods|"
    r"(?:patients|materials|subjects) and methods|conclusions?|references|acknowledge?ments?|"
    r"funding|key points|limitations|statistical analysis|study design|bibliography|"
    r"literature cited)\W*",
    re.I,
)
CAPTION = re.compile(r"^(?:table|fig(?:ure|\.)?|box)\s?\d+", re.I)
SENTENCE_END = re.compile(r"[.!?:][\"'\u201d\u2019)\]]*(?:\ufdd3[^\ufdd4]*\ufdd4)?$")
LARGER = 0.7
HEADING_WORDS = 18
SPACING = 1.45
HEADING_STEP = 1.7
SAME_EDGE = 6
INDENT = 0.6
SHORT = 0.86
HYPHENS = "-\u2010\u00ad"
KEPT_BEHIND = {
    "free", "related", "negative", "positive", "based", "specific", "associated", "risk", "dose",
    "line", "term", "year", "month", "week", "day", "old", "up", "off", "cell", "type", "like",
    "resistant", "refractory", "directed", "targeted", "arm", "label", "blind", "center", "centre",
    "group", "level", "mutated", "altered", "deficient", "dependent", "induced", "treated",
    "analysis", "hoc", "to", "host", "versus", "mediated", "matched", "adjusted", "adapted",
}  # fmt: skip
KEPT_BEFORE = {
    "non", "anti", "post", "pre", "long", "low", "high", "well", "short", "first", "second",
    "third", "single", "multi", "double", "one", "two", "three", "graft", "event", "relapse",
    "progression", "disease", "follow", "self", "cross", "full", "half", "all", "end", "age",
    "dose", "time", "real", "open", "mid", "early", "late", "ex",
}  # fmt: skip


@dataclass
class _Draft:
    """A paragraph in the making."""

    lines: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Styles:
    """What the document's running text looks like."""

    body: float
    leading: float
    larger: tuple[float, ...]
    bold: bool


def styles_of(lines: Sequence[Line]) -> Styles:
    """The size of most signs, the usual distance of lines, and the sizes above."""
    sizes: Counter[float] = Counter()
    bold = signs = 0
    steps: Counter[float] = Counter()
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        for word in line.words:
            sizes[round(word.size, 1)] += len(word.text)
            signs += len(word.text)
            bold += len(word.text) if word.bold else 0
        if after is not None and after.page == line.page and after.column == line.column:
            step = after.box[1] - line.box[1]
            if step > 0:
                steps[round(step, 0)] += 1
    body = sizes.most_common(1)[0][0] if sizes else 10.0
    larger = tuple(sorted({s for s in sizes if s > body + LARGER}, reverse=True))
    leading = steps.most_common(1)[0][0] if steps else body * 1.2
    return Styles(body, max(leading, body), larger, bold > signs / 2)


def parts_of(lines: Sequence[Line], styles: Styles) -> list[Part]:
    """The lines of a document, in reading order, as parts."""
    words = vocabulary(lines)
    parts: list[Part] = []
    tables = 0
    for draft in _drafts(lines, styles):
        if draft.lines[0].rows:
            tables += 1
            parts += _table(draft.lines[0], tables)
        elif (part := _part(draft, styles, words)) is not None:
            parts.append(part)
    return _levelled(parts)


def _levelled(parts: Sequence[Part]) -> list[Part]:
    """Items with their level in the list, told from how far in they stand."""
    made: list[Part] = []
    edges: list[int] = []
    for part in parts:
        if part.kind != "item":
            edges = []
            made.append(part)
            continue
        while edges and edges[-1] > part.level + SAME_EDGE:
            edges.pop()
        if not edges or edges[-1] < part.level - SAME_EDGE:
            edges.append(part.level)
        made.append(replace(part, level=len(edges)))
    return made


def vocabulary(lines: Iterable[Line]) -> set[str]:
    """All words that stand unbroken in a line."""
    return {
        w.text.lower().strip(".,;:()[]")
        for line in lines
        for w in line.words
        if w.text[-1] not in HYPHENS
    }


def _drafts(lines: Sequence[Line], styles: Styles) -> Iterator[_Draft]:
    held = _Draft()
    for line in lines:
        if held.lines and not _goes_on(held, line, styles):
            yield held
            held = _Draft()
        held.lines.append(line)
    if held.lines:
        yield held


def _goes_on(held: _Draft, line: Line, styles: Styles) -> bool:
    """Whether `line` belongs to the paragraph that `held` has begun."""
    last = held.lines[-1]
    if line.rows or last.rows or abs(line.size - last.size) > LARGER:
        return False
    in_sentence = line.text[:1].islower() and not SENTENCE_END.search(last.text)
    if line.bold != last.bold and not in_sentence:
        return False
    if _begins_item(line) or CAPTION.match(line.text) or _is_known(line.text, held.text):
        return False
    is_heading = last.size > styles.body + LARGER or (last.bold and not styles.bold)
    if line.page != last.page or not _is_below(line, last):
        flows = not SENTENCE_END.search(last.text) or line.text[:1].islower()
        return flows and not is_heading
    step = line.box[1] - last.box[1]
    if is_heading:
        return step < HEADING_STEP * last.size
    is_near = step <= SPACING * max(styles.leading, last.size)
    return is_near and not _is_new_paragraph(held, last, line, styles)


def _is_known(*texts: str) -> bool:
    """Whether one of the texts is a heading that papers have."""
    return any(KNOWN.fullmatch(text) for text in texts)


def _is_below(line: Line, last: Line) -> bool:
    """Whether `line` goes on below `last`: in its column, or as the short end of a wide line."""
    if line.column == last.column:
        return True
    near = 0 < line.box[1] - last.box[1] < 2 * last.size
    return near and line.box[0] < last.box[2] and last.box[0] < line.box[2]


def _is_new_paragraph(held: _Draft, last: Line, line: Line, styles: Styles) -> bool:
    if not SENTENCE_END.search(last.text):
        return False
    width = last.right - last.box[0]
    is_short = last.box[2] < last.box[0] + SHORT * width
    is_item = _begins_item(held.lines[0])
    is_indented = line.box[0] > last.box[0] + INDENT * styles.body and not is_item
    return (
        is_short
        or (is_indented and len(held.lines) > 1)
        or (is_item and line.box[0] < last.box[0] - 3)
    )


def _begins_item(line: Line) -> bool:
    if len(line.words) < 2:
        return False
    first = line.words[0].text
    return (
        bool(BULLET.match(first) or NUMBER.match(first)) or first[0] in "\u2022\u25cf\u25aa\u25e6"
    )


def _part(draft: _Draft, styles: Styles, words: set[str]) -> Part | None:
    first = draft.lines[0]
    text, places = flowed(draft.lines, words)
    if not text:
        return None
    if level := _heading_level(draft, text, styles):
        return Part("heading", text, level, places=places)
    if _begins_item(first):
        return _item(first, text, places)
    return Part("paragraph", text, places=places)


def _heading_level(draft: _Draft, text: str, styles: Styles) -> int:
    first = draft.lines[0]
    count = len(text.split())
    if count > HEADING_WORDS or len(draft.lines) > 4 or not re.search(r"[^\W\d_]{2}", text):
        return 0
    if CAPTION.match(text) or (text[-1] in ".,;" and not KNOWN.fullmatch(text)):
        return 0
    numbered = SECTION_NUMBER.match(text)
    size = round(first.size, 1)
    is_larger = size > styles.body + LARGER
    is_bold = first.bold and not styles.bold
    if not (is_larger or is_bold or KNOWN.fullmatch(text)):
        return 0
    if numbered:
        return min(2 + numbered[1].count("."), 6)
    if is_larger:
        return (
            min(2 + [s for s in styles.larger if s >= size][::-1].index(size), 3)
            if size in styles.larger
            else 2
        )
    return 2 if KNOWN.fullmatch(text) and not styles.larger else 3


def _item(first: Line, text: str, places: tuple[Place, ...]) -> Part:
    sign = first.words[0].text
    number = NUMBER.match(sign)
    lead = len(sign) if number or BULLET.match(sign) else 1
    lead += len(text[lead:]) - len(text[lead:].lstrip())
    moved = tuple(
        Place(max(p.start - lead, 0), p.end - lead, p.page, p.x0, p.top, p.x1, p.bottom)
        for p in places
        if p.end > lead
    )
    level = round(first.box[0])
    return Part("item", text[lead:], level, int(number[1]) if number else None, places=moved)


def flowed(lines: Sequence[Line], words: set[str]) -> tuple[str, tuple[Place, ...]]:
    """Lines as one text, words broken at line ends joined, and where each word stands."""
    text = ""
    places: list[Place] = []
    for line in lines:
        for at, word in enumerate(line.words):
            if text and at == 0 and text[-1] in HYPHENS:
                if not _keeps_hyphen(text, word.text, words):
                    text = text[:-1]
                    places[-1] = _shorter(places[-1])
            elif text:
                text += " "
            places.append(_place(len(text), word, line.page))
            text += word.text
    return text, tuple(places)


def _place(start: int, word: Word, page: int) -> Place:
    box = (round(n, 1) for n in (word.x0, word.top, word.x1, word.bottom))
    return Place(start, start + len(word.text), page, *box)


def _shorter(place: Place) -> Place:
    return Place(
        place.start, place.end - 1, place.page, place.x0, place.top, place.x1, place.bottom
    )


def _keeps_hyphen(text: str, after: str, words: set[str]) -> bool:
    """Whether the hyphen at the end of `text` is part of the word, and not of the line break."""
    before = text[:-1].rsplit(" ", 1)[-1].lstrip("([")
    behind = SIGNED.sub("", after).strip(".,;:()[]").lower()
    whole = before.lower() + behind
    if text[-1] == "\u00ad" or not before:
        return False
    if f"{before.lower()}-{behind}" in words:
        return True
    if whole in words:
        return False
    if not behind[:1].isalpha() or after[:1].isupper() or any(c.isdigit() for c in before):
        return True
    if before[-1:].isupper() or "-" in before:
        return True
    return behind in KEPT_BEHIND or before.lower() in KEPT_BEFORE


def _table(line: Line, which: int) -> Iterator[Part]:
    width = max(len(cells) for cells, _ in line.rows)
    for cells, (x0, top, x1, bottom) in line.rows:
        full = cells + ("",) * (width - len(cells))
        text = " | ".join(full).strip()
        if text.strip(" |"):
            box = Place(0, len(text), line.page, *(round(n, 1) for n in (x0, top, x1, bottom)))
            yield Part("table", text, which, cells=full, places=(box,))
