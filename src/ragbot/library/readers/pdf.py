"""PDF: text in reading order with its place on the page, tables, and the file's own facts."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from ragbot.errors import DocumentError
from ragbot.library.readers.anatomy import REFERENCES, identified, looks_like_article, read_article
from ragbot.library.readers.cleaning import Cleaner, without_signs
from ragbot.library.readers.cutting import without_citations
from ragbot.library.readers.identifiers import (
    doi_in,
    is_retracted,
    licence_in,
    pmcid_in,
    pmid_in,
    sample_size_in,
)
from ragbot.library.readers.model import Entry, File, Part, Reading
from ragbot.library.readers.pdf_layout import Line, Word, lines_of, ordered
from ragbot.library.readers.pdf_tables import tables_of
from ragbot.library.readers.pdf_text import parts_of, styles_of
from ragbot.library.readers.pdf_words import bullets_of, words_of
from ragbot.library.readers.word import names_in
from ragbot.types import Bibliography

MARGIN = 0.09
REPEATED = 0.4
FAR_APART = 40.0  # points
ROOM = 0.9  # of a line's height
VOLUME_AND_PAGE = re.compile(r"\b(?:19|20)\d\d;\s*\d{1,4}(?:\([^)]{1,9}\))?:\s*[a-z]?\d+", re.I)
SCANNED_SIGNS = 25
SCANNED_AREA = 0.4
MOST_PAGES = 1_500
PAGE_NUMBER = re.compile(r"\W*(?:page\s*)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.I)
YEAR = r"(?P<year>(?:19|20)\d\d)"
ISSUE = r"\s*(?:\((?P<issue>[^)]{1,15})\))?\s*[:,]\s*"
PAGES = r"(?P<pages>[a-z]?\d+(?:\s*[\u2013-]\s*[a-z]?\d+)?)"
NAME = r"(?P<journal>[A-Z][\w&.,:()' -]{1,90}?)"
JOURNAL = tuple(
    re.compile(pattern)
    for pattern in (
        # "Blood. 2016;128(7):911-920"
        rf"{NAME}[.,]?\s+{YEAR}(?:\s[A-Z][a-z]{{2}})?\s*[;,:]\s*(?P<volume>\d{{1,4}}){ISSUE}{PAGES}",
        # "Leukemia (2020) 34:1-10"
        rf"{NAME}\s*\({YEAR}\)[,.]?\s*(?P<volume>\d{{1,4}}){ISSUE}{PAGES}",
        # "Haematologica Volume 104(4):1-10, 2019"
        rf"{NAME}[,.]?\s+(?:vol(?:ume)?\.?\s*)?(?P<volume>\d{{1,4}})\s*"
        rf"\((?P<issue>\d{{1,3}})\)\s*[:,]\s*{PAGES}[,.;]?\s*\(?{YEAR}\)?",
    )
)
PUBLISHED = re.compile(r"(?:published|\u00a9|copyright|\(c\))[^.\n]{0,40}?((?:19|20)\d\d)", re.I)
NO_TITLE = re.compile(
    r"\W*(?:anonymous|untitled|unknown|microsoft word.*|.*\.(?:docx?|pdf|indd|tex|dvi))\W*", re.I
)
IMPRINT = re.compile(
    r"doi\.org/|^doi:|\u00a9|\bcopyright\b|downloaded from|\bISSN\b|https?://", re.I
)
ABSTRACT = re.compile(r"\W*(?:abstract|summary|key points)\W*", re.I)


@dataclass
class _Pages:
    """What is gathered from the pages."""

    lines: list[Line] = field(default_factory=list)
    margins: list[list[str]] = field(default_factory=list)
    words: list[list[Word]] = field(default_factory=list)
    tables: list[list[Line]] = field(default_factory=list)
    sizes: list[tuple[float, float]] = field(default_factory=list)
    scanned: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    turned: list[int] = field(default_factory=list)


def read(file: File) -> list[Reading]:
    """The one document that a PDF is. Raises DocumentError if it is locked, or only images."""
    import pdfplumber

    cleaner = Cleaner()
    with pdfplumber.open(io.BytesIO(file.data)) as opened:
        if len(opened.pages) > MOST_PAGES:
            raise DocumentError(
                f"It has {len(opened.pages)} pages, more than {MOST_PAGES}.", remedy="Split it."
            )
        info = {str(k): cleaner.clean(str(v)) for k, v in (opened.metadata or {}).items() if v}
        pages = _gathered(opened.pages, cleaner)
    notes = _notes(pages, file.data)
    if not any(pages.words) and not any(pages.tables):
        raise DocumentError(_no_text(pages), remedy="Run it through text recognition (OCR) first.")
    lines = _in_order(pages)
    styles = styles_of(lines)
    parts = parts_of(lines, styles)
    if file.wanted == "article" or (file.wanted is None and looks_like_article(parts)):
        reading = read_article(_titled(parts, lines), "pdf", None, (*notes, *cleaner.notes()))
        return [_with_pages(reading, pages)]
    return [_paper(parts, lines, pages, info, (*notes, *cleaner.notes()))]


def _with_pages(reading: Reading, pages: _Pages) -> Reading:
    return replace(reading, pages=tuple(pages.sizes))


def _gathered(opened: Sequence[Any], cleaner: Cleaner) -> _Pages:
    pages = _Pages()
    for number, page in enumerate(opened, 1):
        width, height = float(page.width), float(page.height)
        pages.sizes.append((round(width, 1), round(height, 1)))
        try:
            words = words_of(page, cleaner)
            tables, rest = tables_of(page, [*words, *bullets_of(page, words)])
            if sum(len(w.text) for w in words) < SCANNED_SIGNS and _pictured(page):
                pages.scanned.append(number)
            elif not words and page.chars:
                pages.turned.append(number)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, ZeroDivisionError):
            pages.broken.append(number)
            words, tables, rest = [], [], []
        pages.words.append(rest)
        pages.tables.append(tables)
        page.close()
    _drop_margins(pages)
    return pages


def _pictured(page: Any) -> bool:
    area = page.width * page.height or 1
    covered = sum((i["x1"] - i["x0"]) * (i["bottom"] - i["top"]) for i in page.images)
    return bool(covered > SCANNED_AREA * area)


def _drop_margins(pages: _Pages) -> None:
    """Take out the lines at the edge of pages that repeat, and page numbers."""
    edges = []
    for words, (_, height) in zip(pages.words, pages.sizes, strict=True):
        near = [w for w in words if w.bottom < MARGIN * height or w.top > (1 - MARGIN) * height]
        edges.append(lines_of(near))
    seen = Counter(key for lines in edges for key in {_key(line.text) for line in lines})
    several = len(pages.words) > 1
    for at, lines in enumerate(edges):
        pages.margins.append([line.text for line in lines])
        gone: set[int] = set()
        for line in lines:
            often = seen[_key(line.text)] >= max(2, REPEATED * len(pages.words))
            is_number = PAGE_NUMBER.fullmatch(line.text) is not None
            alone = several and _is_running_head(line, pages.words[at])
            if is_number or (several and often) or alone or _is_imprint(line.text):
                gone |= {id(word) for word in line.words}
        pages.words[at] = [w for w in pages.words[at] if id(w) not in gone]


def _is_running_head(line: Line, words: Sequence[Word]) -> bool:
    """Whether a line is two texts far apart, one of them a page's number, with room around it.

    It need not repeat: two facing pages may have heads of their own, in a short paper once each.
    """
    pieces = [[line.words[0]]]
    for before, word in pairwise(line.words):
        if word.x0 - before.x1 > FAR_APART:
            pieces.append([])
        pieces[-1].append(word)
    texts = [" ".join(word.text for word in piece) for piece in pieces]
    numbered = [t for t in texts if PAGE_NUMBER.fullmatch(t) or VOLUME_AND_PAGE.search(t)]
    if len(texts) != 2 or len(numbered) != 1:
        return False
    _, top, _, bottom = line.box
    room = ROOM * (bottom - top)
    own = {id(word) for word in line.words}
    return not any(
        word.bottom > top - room and word.top < bottom + room
        for word in words
        if id(word) not in own
    )


def _is_imprint(text: str) -> bool:
    """Whether a line at the edge of a page says where the page is from."""
    return IMPRINT.search(text) is not None or any(p.search(text) for p in JOURNAL)


def _key(text: str) -> str:
    return re.sub(r"\d+", "#", text.lower())


def _in_order(pages: _Pages) -> list[Line]:
    lines: list[Line] = []
    for number, (words, tables) in enumerate(zip(pages.words, pages.tables, strict=True), 1):
        lines += ordered(words, tables, number)
    return lines


def _notes(pages: _Pages, data: bytes) -> list[str]:
    notes = []
    if pages.scanned:
        notes.append(f"{_listed(pages.scanned)} scanned: what stands there is not read")
    if pages.turned:
        notes.append(f"{_listed(pages.turned)} turned sideways: what stands there is not read")
    if pages.broken:
        notes.append(f"{_listed(pages.broken)} damaged: what stands there is not read")
    if b"%%EOF" not in data[-2048:]:
        notes.append("has no end mark: it may be cut off")
    return notes


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:12])) + (" ..." if len(numbers) > 12 else "")
    return f"page {shown} is" if len(numbers) == 1 else f"pages {shown} are"


def _no_text(pages: _Pages) -> str:
    if pages.broken and not pages.scanned:
        return "Its pages are damaged: no text can be read from them."
    if pages.turned:
        return "Its text is turned sideways on the page, and is not read."
    if pages.scanned:
        return f"It is scanned: its {len(pages.sizes)} pages are images without text."
    return f"Its {len(pages.sizes)} pages hold no text."


def _titled(parts: Sequence[Part], lines: Sequence[Line]) -> list[Part]:
    """The parts with the largest heading of the first page as level 1."""
    title = _title_part(parts, lines)
    return [replace(p, kind="heading", level=1) if p is title else p for p in parts]


def _title_part(parts: Sequence[Part], lines: Sequence[Line]) -> Part | None:
    """The part in the largest letters on the first page that is more than a name."""
    first = [line for line in lines if line.page == min(line.page for line in lines) and line.words]
    sizes = sorted({round(line.size, 1) for line in first}, reverse=True)
    near = [p for p in parts[:25] if p.kind in {"heading", "paragraph"}]
    for size in sizes:
        starts = {round(line.box[1], 1) for line in first if abs(line.size - size) <= 0.15}
        for part in near:
            if part.places and part.places[0].top in starts and 3 <= len(part.text.split()) <= 60:
                return part
    return None


def _paper(
    parts: Sequence[Part],
    lines: Sequence[Line],
    pages: _Pages,
    info: dict[str, str],
    notes: Sequence[str],
) -> Reading:
    named = info.get("Title", "")
    named = "" if NO_TITLE.fullmatch(named) else named
    found = _title_part(parts, lines)
    title = without_signs(found.text) if found is not None else ""
    if not title or (
        len(named.split()) > 3 and _alike(named) in _alike(" ".join(p.text for p in parts[:6]))
    ):
        title = named or title
    at = parts.index(found) if found is not None else -1
    rest = (
        [p for p in (*parts[:at], *parts[at + 1 :]) if _alike(p.text) != _alike(title)]
        if at >= 0
        else list(parts)
    )
    authors, rest = _authors(rest, at if at >= 0 else 0, info.get("Author", ""))
    body, entries = _without_references(rest)
    page_one = [*(pages.margins[0] if pages.margins else []), *_above_references(lines)]
    about, extra = _about(page_one, info, body, title, authors)
    caveats = tuple(note for note in notes if note.startswith("page"))
    about = _with_caveats(about, caveats)
    return Reading(
        format="pdf",
        title=title,
        kind="source",
        parts=tuple(without_citations(body)),
        about=about,
        extra=extra,
        entries=tuple(entries),
        pages=tuple(pages.sizes),
        notes=tuple(notes),
    )


def _above_references(lines: Sequence[Line]) -> list[str]:
    """The lines of the first page, down to a reference list: its DOIs are others'."""
    texts = [line.text for line in lines if line.page == 1]
    end = next((i for i, text in enumerate(texts) if REFERENCES.fullmatch(text)), len(texts))
    return texts[:end]


def _with_caveats(about: Bibliography, caveats: tuple[str, ...]) -> Bibliography:
    return replace(about, caveats=caveats)


def _alike(text: str) -> str:
    return re.sub(r"[\W_]+", "", without_signs(text)).lower()


def _authors(parts: list[Part], at: int, said: str) -> tuple[tuple[str, ...], list[Part]]:
    """Names in the first parts below the title, before the abstract; else of the properties."""
    for i, part in enumerate(parts[at : at + 4], at):
        if ABSTRACT.fullmatch(part.text):
            break
        names = names_in(without_signs(part.text).rstrip(" .,"))
        if names:
            return names, [*parts[:i], *parts[i + 1 :]]
    return (names_in(said.replace(";", ",")) if said else ()), parts


def _without_references(parts: Sequence[Part]) -> tuple[list[Part], list[Entry]]:
    body: list[Part] = []
    entries: list[Entry] = []
    inside = False
    for part in parts:
        if REFERENCES.fullmatch(part.text) and (part.kind == "heading" or len(part.text) < 15):
            inside = True
        elif inside and part.kind == "heading":
            inside = False
            body.append(part)
        elif inside and part.kind in {"paragraph", "item"}:
            text = re.sub(r"^\[?\d{1,3}[\].]\s*", "", part.text)
            entries.append(identified(part.number or len(entries) + 1, text))
        else:
            body.append(part)
    return body, entries


def _about(
    page_one: Sequence[str],
    info: dict[str, str],
    body: Sequence[Part],
    title: str,
    authors: tuple[str, ...],
) -> tuple[Bibliography, tuple[tuple[str, str], ...]]:
    head = "\n".join(page_one)
    text = " ".join(part.text for part in body)
    found = next(
        (
            f
            for line in (*page_one, info.get("Subject", ""))
            for p in JOURNAL
            if (f := p.search(line))
        ),
        None,
    )
    published = PUBLISHED.search(head)
    extra = tuple(
        (name, found[name].strip())
        for name in ("volume", "issue", "pages")
        if found and found[name]
    )
    year = int(found["year"]) if found else int(published[1]) if published else None
    about = Bibliography(
        authors=authors,
        journal=found["journal"].strip(" .,:") if found else None,
        year=year,
        doi=doi_in(info.get("doi") or info.get("DOI") or info.get("WPS-ARTICLEDOI")) or doi_in(head)
        or doi_in(info.get("Subject")),
        pmid=pmid_in(head),
        pmcid=pmcid_in(head),
        licence=licence_in(head) or licence_in(text),
        sample_size=sample_size_in(text[:8000]),
        retracted=is_retracted(title) or any(is_retracted(line) for line in page_one),
        content="full text" if len(text) > 6000 else "text",
    )  # fmt: skip
    return about, extra
