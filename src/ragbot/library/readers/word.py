"""Word: headings, paragraphs, lists and tables in order, and the document's properties."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from ragbot.errors import DocumentError
from ragbot.library.readers.anatomy import looks_like_article, read_article
from ragbot.library.readers.cleaning import Cleaner, raised, without_signs
from ragbot.library.readers.cutting import without_citations
from ragbot.library.readers.html_parts import is_bold_heading, table_parts
from ragbot.library.readers.identifiers import (
    PARTICLES,
    doi_in,
    licence_in,
    person_in,
    pmcid_in,
    pmid_in,
)
from ragbot.library.readers.model import CLOSE, OPEN, File, Part, Reading
from ragbot.types import Bibliography

UNPACKED_LIMIT = 200_000_000
RATIO_LIMIT = 200
SMALL = 1_000_000
MOST_MEMBERS = 2_000
LONGEST_TITLE = 300
# What python-docx lets through from a damaged file, beside its own errors.
DAMAGE = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, NotImplementedError,
    OSError, SyntaxError, TypeError, ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
HEADING_STYLE = re.compile(r"(?:heading|überschrift|titre|título)\s*(\d)", re.I)
AUTHORS_LINE = re.compile(r"(?:[A-Z][\w.'\u2019-]*\s){1,4}[A-Z][\w'\u2019-]+(?:,\s|\sand\s|;\s|$)")


def read(file: File) -> list[Reading]:
    """The one document that a Word file is."""
    import docx
    from docx.opc.exceptions import OpcError

    _check_archive(file.data)
    try:
        document = docx.Document(io.BytesIO(file.data))
        properties = document.core_properties
        cleaner = Cleaner()
        title, parts = _parts(document, cleaner)
        given = cleaner.clean(properties.title or "")
    except (*DAMAGE, OpcError) as error:
        said = " ".join(str(error).split())[:120] or type(error).__name__
        raise DocumentError(
            f"It is a damaged Word file ({said}).", remedy="Open it in Word and save it again."
        ) from error
    notes = cleaner.notes()
    if file.wanted == "article" or (file.wanted is None and looks_like_article(parts)):
        head = [Part("heading", title, 1)] if title else []
        return [read_article([*head, *parts], "docx", title or given or None, notes)]
    return [_source(title or given, parts, notes)]


def _check_archive(data: bytes) -> None:
    """Refuse what unpacks to far more than it is, or names what lies outside."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise DocumentError(
            f"It is a damaged Word file ({error}).", remedy="Get it again."
        ) from error
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > UNPACKED_LIMIT:
        raise DocumentError(
            f"It unpacks to {unpacked // 1_000_000} MB in {len(members)} files.",
            remedy="Take pictures and attachments out.",
        )
    for member in members:
        if member.file_size > SMALL and member.file_size > RATIO_LIMIT * max(
            member.compress_size, 1
        ):
            raise DocumentError(
                f"{ascii(member.filename)[:80]} in it unpacks to "
                f"{member.file_size // 1_000_000} MB from {member.compress_size} bytes.",
                remedy="It is no honest Word file: leave it out.",
            )
        if member.filename.startswith(("/", "\\")) or ".." in re.split(r"[\\/]", member.filename):
            raise DocumentError(
                f"It holds {ascii(member.filename)[:80]}, a name that leads out of the file.",
                remedy="It is no honest Word file: leave it out.",
            )


def _parts(document: Any, cleaner: Cleaner) -> tuple[str, list[Part]]:
    title, tables = "", 0
    parts: list[Part] = []
    counters: dict[tuple[str, int], int] = {}
    for block in document.iter_inner_content():
        if type(block).__name__ == "Table":
            tables += 1
            parts += table_parts(_rows(block, cleaner), tables)
            continue
        style = (block.style.name if block.style is not None else "") or ""
        line = cleaner.clean(_words(block))
        if not line:
            continue
        if style.lower() == "title" and not title:
            title = without_signs(line)
        else:
            parts.append(_part(block, style, line, counters))
    return title, parts


def _part(paragraph: Any, style: str, line: str, counters: dict[tuple[str, int], int]) -> Part:
    if found := HEADING_STYLE.match(style):
        return Part("heading", line, min(max(int(found[1]), 1), 6))
    if listed := _listed(paragraph, style):
        level, ordered, which = listed
        for key in [k for k in counters if k[1] > level]:
            del counters[key]
        if not ordered:
            return Part("item", line, level)
        counters[which, level] = counters.get((which, level), 0) + 1
        return Part("item", line, level, counters[which, level])
    counters.clear()
    runs = [run for run in paragraph.runs if run.text.strip()]
    if runs and all(run.bold for run in runs) and is_bold_heading(line):
        return Part("heading", line, 6)
    return Part("paragraph", line)


def _listed(paragraph: Any, style: str) -> tuple[int, bool, str] | None:
    """Level, whether numbered, and which list a paragraph belongs to; None if it is no item."""
    properties = paragraph._p.pPr
    numbering = properties.numPr if properties is not None else None
    named = re.match(r"list (bullet|number|paragraph)(?:\s(\d))?$", style, re.I)
    if numbering is None and (named is None or named[1].lower() == "paragraph"):
        return None
    level = int(named[2]) if named and named[2] else 1
    if numbering is not None:
        if numbering.ilvl is not None:
            level = max(level, numbering.ilvl.val + 1)
        which = str(numbering.numId.val) if numbering.numId is not None else ""
        if which == "0":
            return None
        return (
            level,
            _is_numbered(paragraph, which, level)
            if named is None
            else named[1].lower() == "number",
            which,
        )
    return level, bool(named and named[1].lower() == "number"), style


def _is_numbered(paragraph: Any, which: str, level: int) -> bool:
    try:
        root = paragraph.part.numbering_part.element
        number = next(n for n in root.num_lst if str(n.numId) == which)
        wanted = str(number.abstractNumId.val)
    except (AttributeError, StopIteration, KeyError, NotImplementedError):
        return False
    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    for abstract in root.iter(f"{space}abstractNum"):
        if abstract.get(f"{space}abstractNumId") == wanted:
            for entry in abstract.iter(f"{space}lvl"):
                if entry.get(f"{space}ilvl") == str(level - 1):
                    form = entry.find(f"{space}numFmt")
                    return form is not None and form.get(f"{space}val") != "bullet"
    return False


def _words(paragraph: Any) -> str:
    """The text of a paragraph, with raised runs told apart."""
    pieces: list[str] = []
    for run in _runs(paragraph):
        if run.font.superscript and run.text.strip():
            pieces.append(raised("".join(pieces[-8:])[-40:], run.text))
        elif not run.font.hidden:
            pieces.append(run.text)
    return re.sub(f"{CLOSE}{OPEN}", "", "".join(pieces))


def _runs(paragraph: Any) -> Iterator[Any]:
    for inner in paragraph.iter_inner_content():
        if type(inner).__name__ == "Hyperlink":
            yield from inner.runs
        else:
            yield inner


def _rows(table: Any, cleaner: Cleaner) -> list[list[str]]:
    rows = []
    for row in table.rows:
        cells: list[str] = []
        held = None
        for cell in row.cells:
            same = held is not None and cell._tc is held
            cells.append(
                "" if same else cleaner.clean(" ".join(_words(p) for p in cell.paragraphs))
            )
            held = cell._tc
        rows.append(cells)
    return rows


def _source(title: str, parts: list[Part], notes: tuple[str, ...]) -> Reading:
    """A manuscript. Its properties name who saved the file, not its authors: they are not used."""
    first = without_signs(parts[0].text) if parts else ""
    if first and (not title or first.lower() == title.lower()) and len(first) < LONGEST_TITLE:
        title, parts = first, parts[1:]
    authors, parts = _authors(parts)
    head = " ".join(part.text for part in parts[:12])
    about = Bibliography(
        authors=authors,
        doi=doi_in(head),
        pmid=pmid_in(head),
        pmcid=pmcid_in(head),
        licence=licence_in(" ".join(part.text for part in (*parts[:12], *parts[-8:]))),
        content="full text" if sum(len(p.text) for p in parts) > 6000 else "text",
    )
    return Reading("docx", title, "source", tuple(without_citations(parts)), about, notes=notes)


def _authors(parts: list[Part]) -> tuple[tuple[str, ...], list[Part]]:
    """Names in a line of their own below the title."""
    if parts and parts[0].kind == "paragraph" and len(parts[0].text) < 2 * LONGEST_TITLE:
        names = names_in(without_signs(parts[0].text))
        if names:
            return names, parts[1:]
    return (), parts


def names_in(line: str) -> tuple[str, ...]:
    """The names in a line that holds nothing but names; () for any other line."""
    pieces = [
        p.strip(" .*\u2020\u2021")
        for p in re.split(r",\s+and\s+|[,;]\s+|\s+and\s+|\s*&\s*|\u00b7", line)
    ]
    pieces = [
        re.sub(r"(?:\^[a-z](?:\s?,\s?[a-z])*|[\d*\u2020\u2021\u00a7,])+$", "", p).strip()
        for p in pieces
    ]
    pieces = [
        p
        for p in pieces
        if p and not re.fullmatch(r"(?:MD|PhD|MSc|MPH|BSc|Dr|Prof|FRCP|MBBS|DO)\.?", p)
    ]
    if not pieces or not all(_is_name(piece) for piece in pieces):
        return ()
    return tuple(person_in(piece) for piece in pieces)


def _is_name(piece: str) -> bool:
    words = piece.split()
    if not 2 <= len(words) <= 5 or len(piece) > 60 or re.search(r"[\d:?!()/]", piece):
        return False
    telling = [w for w in words if w.lower() not in {*PARTICLES, "y"}]
    return len(telling) >= 2 and all(
        re.fullmatch(r"[^\W\d_a-z][\w.'\u2019\u2010-]*", w) for w in telling
    )
