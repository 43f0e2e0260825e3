"""HTML as parts: headings, paragraphs, nested lists and tables, without what is not shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree, html

from ragbot.errors import DocumentError
from ragbot.library.readers.cleaning import Cleaner, raised
from ragbot.library.readers.model import CLOSE, OPEN, Part

DROPPED = {
    "script", "style", "noscript", "template", "svg", "nav", "footer", "form", "select", "textarea",
    "input", "head", "iframe", "object", "embed", "dialog", "math", "canvas", "video", "audio",
    "option", "datalist", "map",
}  # fmt: skip
DROPPED_ROLES = {
    "navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alertdialog",
    "menu", "toolbar", "tooltip",
}  # fmt: skip
BLOCKS = {
    "p", "div", "section", "article", "main", "header", "aside", "blockquote", "figure",
    "figcaption", "dl", "dt", "dd", "pre", "address", "fieldset", "details", "summary", "body",
    "hgroup", "center", "caption", "label", "tr", "td", "th", "hr", "legend",
}  # fmt: skip
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])",
    re.I,
)
HIDDEN_CLASS = re.compile(r"(?:^|\s)(?:sr-only|visually-hidden|screen-reader-text|hidden)(?:\s|$)")
BOLD_CLASS = re.compile(r"(?:^|\s)(?:font-(?:semi|extra)?bold|bold|fw-bold)(?:\s|$)")
BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.I)
CITING = re.compile(r"cit|ref|footnote|source|bib|noteref|xref", re.I)
DIGITS = re.compile(r"\s*\[?\s*\d{1,3}(?:\s*[,;\u2013-]\s*\d{1,3})*\s*\]?\s*,?\s*")
BOLD_LEVEL = 6
LONGEST_BOLD = 120
LONGEST_CELL = 600
LINKED = re.compile(r"doi\.org/|pubmed|/pmc/", re.I)


def parsed(text: str) -> Any:
    """The tree of `text`. Raises DocumentError if there is none."""
    try:
        tree = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text) or "<p/>")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise DocumentError(
            f"It is no readable HTML ({error}).", remedy="Save it again."
        ) from error
    if tree is None:
        raise DocumentError("It is no readable HTML.", remedy="Save it again.")
    return tree


@dataclass
class _List:
    ordered: bool
    number: int
    items: int = 0


@dataclass
class HtmlParts:
    """Walks a tree and collects its parts; nothing is done recursively, however deep it is."""

    cleaner: Cleaner
    parts: list[Part] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)
    bold: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    bold_depth: int = 0
    lists: list[_List] = field(default_factory=list)
    heading: int = 0
    fresh_item: bool = False
    in_item: int = 0
    tables: int = 0

    def walk(self, root: Any) -> list[Part]:
        """The parts below `root`."""
        events = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, element in events:
            if event == "start":
                if self._start(element):
                    events.skip_subtree()
                else:
                    self._text(element.text)
            else:
                if event == "end":
                    self._end(element)
                if element is not root:
                    self._text(element.tail)
        self._flush()
        return self.parts

    def _start(self, element: Any) -> bool:
        """Open an element; True if what is in it is done with."""
        tag = _tag(element)
        if _is_dropped(element, tag):
            return True
        if tag == "sup":
            self._text(raised("".join(self.buffer[-8:])[-40:], _words(element)))
            return True
        if tag in {"a", "button", "span", "cite", "em", "i", "b", "strong"} and _is_citation(
            element, tag
        ):
            self._text(f"{OPEN}{_words(element).strip(' []').rstrip(' ,')}{CLOSE}")
            return True
        if tag == "button":
            return True
        if tag == "table" and not _is_layout(element):
            self._flush()
            self._table(element)
            return True
        self._open(element, tag)
        return False

    def _open(self, element: Any, tag: str) -> None:
        role = element.get("role", "")
        if tag == "br":
            self.buffer.append("\n")
        elif level := _heading_level(element, tag, role):
            self._flush()
            self.heading = level
        elif tag in {"ul", "ol"} or role == "list":
            self._flush()
            start = element.get("start", "")
            self.lists.append(_List(tag == "ol", int(start) - 1 if start.isdigit() else 0))
        elif tag == "li" or role == "listitem":
            self._flush()
            self._item(element)
        elif tag in BLOCKS:
            self._flush()
        if _is_bold(element, tag):
            self.bold_depth += 1
        if tag == "a" and LINKED.search(element.get("href", "")):
            self.links.append(element.get("href"))

    def _item(self, element: Any) -> None:
        if not self.lists:
            self.lists.append(_List(ordered=False, number=0))
        value = element.get("value", "")
        held = self.lists[-1]
        held.number = int(value) if value.isdigit() and len(value) < 6 else held.number + 1
        self.fresh_item = True
        self.in_item += 1

    def _end(self, element: Any) -> None:
        tag = _tag(element)
        role = element.get("role", "")
        if _heading_level(element, tag, role):
            self._flush()
            self.heading = 0
        elif tag in {"ul", "ol"} or role == "list":
            self._flush()
            if self.lists:
                self.lists.pop()
        elif tag == "li" or role == "listitem":
            self._flush()
            self.fresh_item = False
            self.in_item = max(self.in_item - 1, 0)
        elif tag in BLOCKS or tag in {"table", "tbody", "thead", "tfoot"}:
            self._flush()
        if _is_bold(element, tag) and not _is_dropped(element, tag):
            self.bold_depth = max(self.bold_depth - 1, 0)

    def _text(self, text: str | None) -> None:
        if text:
            self.buffer.append(text)
            if self.bold_depth:
                self.bold.append(text)

    def _flush(self) -> None:
        text, bold = "".join(self.buffer), "".join(self.bold)
        self.buffer, self.bold = [], []
        pieces = (
            re.split(r"[ \t\r]*\n[ \t\r]*\n\s*", text)
            if "\n" in text and not self.heading
            else [text]
        )
        for piece in pieces:
            line = self.cleaner.clean(piece)
            if line:
                self._write(line, is_bold=bool(bold) and self.cleaner.clean(bold) == line)
        if self.links and self.parts:
            self.parts[-1] = replace(self.parts[-1], links=(*self.parts[-1].links, *self.links))
        self.links = []

    def _write(self, line: str, *, is_bold: bool) -> None:
        if self.heading:
            self.parts.append(Part("heading", line, self.heading))
        elif self.lists and self.in_item:
            held = self.lists[-1]
            number = held.number if held.ordered else None
            level = len(self.lists)
            self.parts.append(Part("item", line, level, number, continues=not self.fresh_item))
            self.fresh_item = False
        elif is_bold and is_bold_heading(line):
            self.parts.append(Part("heading", line, BOLD_LEVEL))
        elif DIGITS.fullmatch(line) and self.parts and self.parts[-1].kind in {"paragraph", "item"}:
            last = self.parts[-1]  # digits in a block of their own
            self.parts[-1] = replace(last, text=f"{last.text} {line}")
        else:
            self.parts.append(Part("paragraph", line))

    def _table(self, element: Any) -> None:
        caption = element.find("caption")
        if caption is not None and (line := self.cleaner.clean(_words(caption))):
            self.parts.append(Part("paragraph", line))
        self.tables += 1
        self.parts += table_parts(table_rows(element, self._cell), self.tables)

    def _cell(self, cell: Any) -> str:
        inner = HtmlParts(self.cleaner)
        return " ".join(part.text for part in inner.walk(cell))


def is_bold_heading(line: str) -> bool:
    """Whether a paragraph that is bold from end to end is a heading."""
    return (
        len(line) <= LONGEST_BOLD
        and line[-1] not in ".!;,"
        and OPEN not in line
        and (re.search(r"\s\d{1,3}$", line) is None)
    )


def table_parts(rows: list[list[str]], which: int) -> Iterator[Part]:
    """The rows of a table as parts, all of the same width."""
    width = max((len(row) for row in rows), default=0)
    for row in rows:
        cells = tuple(row) + ("",) * (width - len(row))
        if any(cells):
            yield Part("table", " | ".join(cells).strip(), which, cells=cells)


def table_rows(element: Any, words: Any) -> list[list[str]]:
    """The cells of a table, spanned ones repeated where they reach."""
    rows: list[list[str]] = []
    spans: dict[int, tuple[int, str]] = {}
    for tr in element.iter("tr", "{*}tr"):
        row: list[str] = []
        cells = iter([c for c in tr if _tag(c) in {"td", "th"}])
        while True:
            at = len(row)
            if at in spans:
                left, text = spans.pop(at)
                row.append(text)
                if left > 1:
                    spans[at] = (left - 1, text)
                continue
            cell = next(cells, None)
            if cell is None:
                break
            text = words(cell)
            down, across = _span(cell, "rowspan"), _span(cell, "colspan")
            for column in range(at, at + across):
                row.append(text if column == at else "")
                if down > 1:
                    spans[column] = (down - 1, text if column == at else "")
        rows.append(row)
    return rows


def _span(cell: Any, name: str) -> int:
    written = cell.get(name, "1")
    return min(max(int(written), 1), 50) if written.isdigit() and len(written) < 4 else 1


def _tag(element: Any) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _words(element: Any) -> str:
    return "".join(element.itertext()) if element.tag is not etree.Comment else ""


def _is_dropped(element: Any, tag: str) -> bool:
    if tag in DROPPED and not (tag == "form" and element.find(".//h1") is not None):
        return True
    if element.get("role") in DROPPED_ROLES or element.get("hidden") is not None:
        return True
    style, classes = element.get("style"), element.get("class")
    return bool(style and HIDDEN_STYLE.search(style)) or bool(
        classes and HIDDEN_CLASS.search(classes)
    )


def _is_citation(element: Any, tag: str) -> bool:
    words = _words(element)
    if len(words) > 40 or not DIGITS.fullmatch(words):
        return False
    if tag == "button" or element.get("role") in {"doc-noteref", "button"}:
        return True
    href = element.get("href", "")
    named = " ".join(
        element.get(n, "") for n in ("class", "id", "rel", "aria-label", "title", "data-type")
    )
    return href.startswith("#") or (tag == "a" and "#" in href) or bool(CITING.search(named))


def _is_bold(element: Any, tag: str) -> bool:
    if tag in {"b", "strong"}:
        return True
    style, classes = element.get("style"), element.get("class")
    return bool(style and BOLD_STYLE.search(style)) or bool(classes and BOLD_CLASS.search(classes))


def _heading_level(element: Any, tag: str, role: str) -> int:
    if tag in HEADINGS:
        return int(tag[1])
    if role == "heading":
        level = element.get("aria-level", "2")
        return min(int(level), 6) if level.isdigit() and level != "0" else 2
    return 0


def _is_layout(table: Any) -> bool:
    """Whether a table only places things: it holds headings, lists, tables, or long texts."""
    if table.get("role") in {"presentation", "none"}:
        return True
    if next(table.iterdescendants("table", "h1", "h2", "ul", "ol", "form"), None) is not None:
        return True
    cells = list(table.iter("td", "th"))
    return len(cells) <= 1 or any(len(_words(cell)) > LONGEST_CELL * 3 for cell in cells)
