"""Plain text: a pasted article page, a text with Markdown signs, or the text of a paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ragbot.errors import DocumentError
from ragbot.library.readers.anatomy import looks_like_article, read_article
from ragbot.library.readers.cleaning import Cleaner, without_signs
from ragbot.library.readers.cutting import without_citations
from ragbot.library.readers.detect import decoded
from ragbot.library.readers.html_parts import table_parts
from ragbot.library.readers.identifiers import doi_in, licence_in, pmcid_in, pmid_in
from ragbot.library.readers.model import File, Part, Reading
from ragbot.types import Bibliography

BULLET = re.compile(
    r"(\s*)([\u2022\u25e6\u25aa\u2023\u00b7\u25cf\u25cb\u25a0\u2013*+-]|o(?=\s))\s+(?=\S)"
)
NUMBER = re.compile(r"(\s*)(\d{1,2})[.)]\s+(?=\S)")
HASHES = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*")
STARS = re.compile(r"\*\*(.+?)\*\*:?")
DEPTHS = 10  # an item is deeper if it stands further in, or else if its sign is one for inner items
DEPTH = {"\u2022": 1, "\u25cf": 1, "\u25e6": 2, "\u25cb": 2, "o": 2, "\u25aa": 3, "\u25a0": 3}
LONE_DIGITS = re.compile(r"\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*[.,]?\s*")
LONE_SIGN = re.compile(r"\s*[.,;:]\s*")
HEADING_WORDS = 14
LONGEST_TITLE = 300
TITLED = 0.5
SMALL = {
    "a",
    "an",
    "and",
    "as",
    "at",
    "by",
    "for",
    "from",
    "in",
    "of",
    "on",
    "or",
    "the",
    "to",
    "vs",
    "with",
    "after",
    "versus",
}
WRAPPED_AT = (50, 130)
SHORTEST_BROKEN = 50


def read(file: File) -> list[Reading]:
    """The one document that a text is."""
    text, encoding = decoded(file.data)
    cleaner = Cleaner()
    notes = [f"not UTF-8: read as {encoding}"] if encoding else []
    lines = cleaner.visible(re.sub("\r\n?|[\u000b\u000c\u0085\u2028\u2029]", "\n", text)).split(
        "\n"
    )
    parts = parts_of(lines, cleaner)
    if file.wanted == "article" or (file.wanted is None and looks_like_article(parts)):
        return [read_article(parts, "text", None, (*notes, *cleaner.notes()))]
    return [_source(parts, (*notes, *cleaner.notes()))]


def _source(parts: Sequence[Part], notes: Sequence[str]) -> Reading:
    """A text that is no article page: its first line, if it is short, is its title."""
    if not parts:
        raise DocumentError("It holds no text.", remedy="Add a file that holds text.")
    title, rest = parts[0].text, parts[1:]
    if len(title) > LONGEST_TITLE or not rest:
        title, rest = "", parts
    head = " ".join(part.text for part in parts[:12])
    about = Bibliography(
        doi=doi_in(head),
        pmid=pmid_in(head),
        pmcid=pmcid_in(head),
        licence=licence_in(head),
        content="text",
    )
    return Reading(
        "text",
        without_signs(title),
        "source",
        tuple(without_citations(rest)),
        about,
        notes=tuple(notes),
    )


def parts_of(lines: Sequence[str], cleaner: Cleaner) -> list[Part]:
    """Lines of text as parts."""
    parts: list[Part] = []
    rows: list[list[str]] = []
    tables = 0
    joined = list(_joined(lines))
    for at, line in enumerate(joined):
        if line.count("\t") and line.strip() and not BULLET.match(line) and not NUMBER.match(line):
            rows.append([cleaner.clean(cell) for cell in line.strip("\n").split("\t")])
            continue
        if rows:
            tables += 1
            parts += _rows(rows, tables)
            rows = []
        if line.strip():
            before = joined[at - 1] if at else ""
            after = joined[at + 1] if at + 1 < len(joined) else ""
            parts.append(_part(line, before, after, cleaner))
    parts += _rows(rows, tables + 1)
    return _levelled(part for part in parts if part.text)


def _levelled(parts: Iterable[Part]) -> list[Part]:
    """Items with their level in the list, told from how far in, and with which sign, they stand."""
    made: list[Part] = []
    open_at: list[int] = []
    for part in parts:
        if part.kind != "item":
            open_at = []
            made.append(part)
            continue
        while open_at and open_at[-1] > part.level:
            open_at.pop()
        if not open_at or open_at[-1] < part.level:
            open_at.append(part.level)
        made.append(replace(part, level=len(open_at)))
    return made


def _rows(rows: list[list[str]], which: int) -> Iterator[Part]:
    if len(rows) == 1:
        yield Part("paragraph", " ".join(filter(None, rows[0])))
    else:
        yield from table_parts(rows, which)


def _joined(lines: Sequence[str]) -> Iterator[str]:
    """Lines with digits and stops that stand alone, and wrapped lines, put together."""
    is_wrapped = _is_wrapped(lines)
    held: str | None = None
    for line in lines:
        if held and held.strip() and (LONE_SIGN.fullmatch(line) or _is_digits(line, held)):
            space = "" if LONE_SIGN.fullmatch(line) else " "
            held = held.rstrip() + space + line.strip()
        elif held and (is_wrapped or _is_broken(held, line)) and _goes_on(held, line):
            held = f"{held.rstrip()} {line.strip()}"
        else:
            if held is not None:
                yield held
            held = line
    if held is not None:
        yield held


def _is_digits(line: str, held: str) -> bool:
    return (
        bool(LONE_DIGITS.fullmatch(line))
        and len(held.split()) > 2
        and not held.rstrip().endswith(":")
    )


def _goes_on(held: str, line: str) -> bool:
    if not line.strip() or not held.strip() or HASHES.fullmatch(held.strip()):
        return False
    return not (BULLET.match(line) or NUMBER.match(line) or HASHES.match(line.strip()))


def _is_broken(held: str, line: str) -> bool:
    """Whether a line ends in mid-sentence, and the next goes on in small letters."""
    return len(held) > SHORTEST_BROKEN and held.rstrip()[-1:] not in ".!?:;" and line[:1].islower()


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether paragraphs were broken into lines of about the same width."""
    inner = [
        len(line.rstrip())
        for line, after in pairwise(lines)
        if line.strip() and after.strip() and not BULLET.match(after) and not NUMBER.match(after)
    ]
    if len(inner) < 4:
        return False
    widest = max(inner)
    near = sum(length >= widest - 25 for length in inner)
    return WRAPPED_AT[0] <= widest <= WRAPPED_AT[1] and near >= 0.6 * len(inner)


def _part(line: str, before: str, after: str, cleaner: Cleaner) -> Part:
    if found := HASHES.fullmatch(line.strip()):
        return Part("heading", cleaner.clean(STARS.sub(r"\1", found[2])), len(found[1]))
    if found := STARS.fullmatch(line.strip()):
        return Part("heading", cleaner.clean(found[1]), 6)
    for pattern in (BULLET, NUMBER):
        if found := pattern.match(line):
            text = cleaner.clean(STARS.sub(r"\1", line[found.end() :]))
            number = int(found[2]) if pattern is NUMBER else None
            indent = len(found[1].expandtabs(4))
            return Part("item", text, DEPTHS * indent + DEPTH.get(found[2], 1), number)
    text = cleaner.clean(STARS.sub(r"\1", line))
    if is_heading(text, before, after):
        return Part("heading", text, 2)
    return Part("paragraph", text)


def is_heading(text: str, before: str, after: str) -> bool:
    """Whether a line of plain text is a heading: short, unended, written like one."""
    words = text.split()
    if not 1 <= len(words) <= HEADING_WORDS or text[-1] in ".!?;,:" or not text[0].isupper():
        return False
    if re.search(r"(?<![-\w])\d{1,3}(?:,\s?\d{1,3})*$", text) or (
        before.strip() and not after.strip()
    ):
        return False
    telling = [w for w in words if w.lower() not in SMALL and w[0].isalpha()]
    titled = sum(w[0].isupper() for w in telling)
    is_title_case = (
        len(telling) > 0
        and titled / len(telling) > TITLED
        and (len(telling) > 1 or len(words) == 1)
    )
    return is_title_case or (not before.strip() and not after.strip() and len(words) <= 8)
