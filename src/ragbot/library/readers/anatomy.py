"""The anatomy of a saved article page: what is title, header, body, reference list, and the rest.

The page's own board line, review steps, question on who is reading, disclaimer and follow-up box
are left out, since ragbot draws its own; its statements, headings and references are kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from ragbot.errors import DocumentError
from ragbot.library.readers.bare_digits import resolve
from ragbot.library.readers.identifiers import doi_in, pmid_in
from ragbot.library.readers.model import Entry, PageDetails, Part, Reading

BOARD = re.compile(
    r"medical advisory board|educational (?:purposes?|use) only|exercise caution|"
    r"human review (?:is )?pending|reviewed by our",
    re.I,
)
STEP = re.compile(
    r"(?:\d[.)]?\s*)?(submitted|under review|approved)\W*(?:\((?:current|now)\))?", re.I
)
STEPS = re.compile(
    r"(?:review status|status)?\W*submitted\W+(?:\d\W*)?under review\W+(?:\d\W*)?approved\W*", re.I
)
STATUS_SAID = re.compile(r"(?:review )?status:\s*(submitted|under review|approved)\W*", re.I)
UPDATED = re.compile(r"(?:last )?updated(?: on)?\W*(?P<date>.*)", re.I)
UPDATED_WITHIN = re.compile(r"last updated(?: on)?\W*(.{1,40})", re.IGNORECASE)
POLICY = re.compile(r"\W*(?:view |read )?(?:our |the )?editorial policy\W*", re.I)
PERSONAL = re.compile(
    r"personali[sz]e\b|which best describes you|tailor your experience|"
    r"your choice (?:helps|adapts)",
    re.I,
)
_CHOICE = (
    r"(?:(?:i am |i'm )?(?:an? |the )?(?:(?:health ?care|health|medical) professional|clinician|"
    r"physician|doctor|nurse|pharmacist|(?:medical )?student|trainee|resident|patient|"
    r"care ?giver|carer|family(?: member)?|families|parent|relative|(?:general )?public|"
    r"researcher|someone else|other)s?)"
)
CHOICE = re.compile(rf"{_CHOICE}(?:\s*(?:[,/|\u00b7\u2022]|\bor\b|\band\b)?\s*{_CHOICE})*", re.I)
DISCLAIMER = re.compile(r"\W*(?:professional )?(?:medical )?disclaimer\b", re.I)
FOLLOW_UP = re.compile(r"\W*(?:do you )?have a follow[- ]?up question|\W*ask a follow[- ]?up", re.I)
REFERENCES = re.compile(
    r"\W*(?:references?|sources|citations|bibliography|reference list|literature)\W*", re.I
)
NUMBERED = re.compile(r"\s*[\[(]?(\d{1,3})[\])]?[.):]?\s+(?=\S)")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
BACK = re.compile(r"\s*[\u21a9\u21b5\u2191\u2934\ufe0e]+\s*")  # back to where it is cited
HEADER_GAP = 4
FEWEST_SIGNS = 3
DATE_LENGTH = 40
SHORT_WORDS = 8


def signs_of_article(parts: Sequence[Part]) -> int:
    """How many of the page's marks `parts` show."""
    texts = [part.text for part in parts]
    patterns = (BOARD, UPDATED, POLICY, PERSONAL, DISCLAIMER, FOLLOW_UP)
    signs = sum(any(p.match(t) or (p is BOARD and p.search(t)) for t in texts) for p in patterns)
    steps = sum(bool(STEP.fullmatch(t)) for t in texts) >= 3 or any(map(STEPS.fullmatch, texts))
    return signs + steps


def looks_like_article(parts: Sequence[Part]) -> bool:
    """Whether the parts are a page of the kind that is read here."""
    return signs_of_article(parts) >= FEWEST_SIGNS


@dataclass(frozen=True, slots=True)
class _Page:
    title: str
    header: list[Part]
    body: list[Part]
    references: list[Part]
    dropped: int


def read_article(
    parts: Sequence[Part], format_: str, title: str | None, notes: Sequence[str]
) -> Reading:
    """The article in `parts`; `title` is what the file names it, if it does.

    Raises DocumentError if no body is found.
    """
    page = _divided(parts, title)
    entries = _entries(page.references)
    resolved = resolve(page.body, max((e.number for e in entries), default=0))
    if not any(part.kind != "heading" and part.text for part in resolved.parts):
        raise DocumentError(
            "It has the marks of an article page, but no text.", remedy="Save the whole page."
        )
    said = [*notes, *_reports(page, entries, resolved.cited, resolved.left)]
    return Reading(
        format=format_,
        title=page.title,
        kind="article",
        parts=tuple(part for part in resolved.parts if part.text),
        page=_details(page.header),
        entries=tuple(entries) or tuple(Entry(n, "") for n in resolved.cited),
        notes=tuple(said),
    )


def _divided(parts: Sequence[Part], title: str | None) -> _Page:
    at = _title_at(parts, title)
    name = parts[at].text if at is not None else title or ""
    rest = [p for p in parts[(at + 1) if at is not None else 0 :] if not _same(p.text, name)]
    begin = _header_end(rest)
    end = next((i for i, p in enumerate(rest) if i >= begin and _ends_body(p)), len(rest))
    references, dropped = _after(rest[end:])
    header, body = rest[:begin], rest[begin:end]
    kept = [p for p in header if not _is_header(p) and _is_sentence(p)]
    if not name:
        raise DocumentError("It has no title.", remedy="Write the question in the first line.")
    return _Page(name.strip(), header, _levelled([*kept, *body]), references, dropped)


def _title_at(parts: Sequence[Part], title: str | None) -> int | None:
    """The part that is the title: what the file names so, a first heading, a question, or line."""
    until = next((i for i, p in enumerate(parts) if _is_header(p)), len(parts))
    above = range(until)
    if title:
        named = [i for i in range(min(until + 1, len(parts))) if _same(parts[i].text, title)]
        if named:
            return named[0]
    tops = [i for i, p in enumerate(parts) if p.kind == "heading" and p.level == 1]
    asks = [i for i in above if parts[i].text.endswith("?")]
    orders = (
        [i for i in tops if parts[i].text.endswith("?")],
        [i for i in tops if i < until],
        asks,
        tops,
        list(above) if title is None else [],
    )
    return next((found[0] for found in orders if found), None)


def _same(one: str, other: str) -> bool:
    return " ".join(one.lower().split()) == " ".join(other.lower().split())


def _is_header(part: Part) -> bool:
    text = part.text
    return bool(
        (BOARD.search(text) and len(text.split()) < 60)
        or STEP.fullmatch(text)
        or STEPS.fullmatch(text)
        or STATUS_SAID.fullmatch(text)
        or (UPDATED.match(text) and len(text) < 2 * DATE_LENGTH)
        or POLICY.fullmatch(text)
        or (PERSONAL.search(text) and len(text.split()) < 60)
    )


def _header_end(parts: Sequence[Part]) -> int:
    """How many of the first parts belong to the header: up to its last mark, and choices after."""
    end = gap = 0
    for i, part in enumerate(parts):
        if _is_header(part) or (end and CHOICE.fullmatch(part.text)) or _is_date(part.text):
            end, gap = i + 1, 0
        elif _is_sentence(part) and _cited(part):
            break
        else:
            gap += 1
            if gap > HEADER_GAP:
                break
    return end


def _is_sentence(part: Part) -> bool:
    return len(part.text.split()) > SHORT_WORDS


def _cited(part: Part) -> bool:
    return bool(resolve([part], 999).cited)


def _ends_body(part: Part) -> bool:
    if FOLLOW_UP.match(part.text) or DISCLAIMER.match(part.text):
        return True
    return bool(REFERENCES.fullmatch(part.text)) and part.kind in {"heading", "paragraph"}


def _after(parts: Sequence[Part]) -> tuple[list[Part], int]:
    """The reference list among what follows the body, and how many statements were left out."""
    references: list[Part] = []
    inside, dropped = False, 0
    for part in parts:
        if REFERENCES.fullmatch(part.text):
            inside = True
        elif part.kind == "heading" or _ends_body(part):
            inside = False
        elif inside:
            references.append(part)
        elif _cited(part) and _is_sentence(part):
            dropped += 1
    return references, dropped


def _levelled(parts: Sequence[Part]) -> list[Part]:
    """Headings begin at level 2 and leave out no level on the way down."""
    made: list[Part] = []
    held: list[int] = []
    for part in parts:
        if part.kind != "heading":
            made.append(part)
            continue
        held = [level for level in held if level < part.level]
        held.append(part.level)
        made.append(replace(part, level=min(len(held) + 1, 6)))
    return made


def _entries(parts: Sequence[Part]) -> list[Entry]:
    entries: list[Entry] = []
    is_numbered = False
    for part in parts:
        written = NUMBERED.match(part.text) if part.number is None else None
        number = part.number or (int(written[1]) if written else len(entries) + 1)
        text = BACK.sub("", part.text[written.end() :] if written else part.text)
        has_number = bool(written or part.number)
        if is_numbered and not has_number and not part.continues:
            if not re.search(r"\d", text):
                break  # what follows the list
            entries[-1] = replace(entries[-1], text=f"{entries[-1].text} {text}")
            continue
        is_numbered = is_numbered or (has_number and not entries)
        if part.continues and entries:
            entries[-1] = replace(entries[-1], text=f"{entries[-1].text} {text}")
        elif all(entry.number != number for entry in entries):
            entries.append(identified(number, text, part.links))
    return entries


def identified(number: int, text: str, links: Sequence[str] = ()) -> Entry:
    """An entry of a reference list with the DOI and PMID that it says or links to."""
    where = " ".join((text, *links))
    doi, pmid = doi_in(where), pmid_in(where)
    said = text
    if doi and doi not in text:
        said += f" doi:{doi}"
    if pmid and pmid not in text:
        said += f" PMID: {pmid}"
    return Entry(number, said, doi, pmid)


def _reports(
    page: _Page, entries: Sequence[Entry], cited: Sequence[int], left: Sequence[str]
) -> list[str]:
    said = []
    if not entries and cited:
        said.append(f"has no reference list: [{cited[0]}] to [{cited[-1]}] are shown as missing")
    if not cited:
        said.append("no citation was found in it")
    unused = [e.number for e in entries if e.number not in cited]
    if unused:
        said.append(f"references that nothing cites: {', '.join(map(str, unused[:10]))}")
    said += [f"left as text, may be a citation: \u201c\u2026{shown}\u201d" for shown in left[:10]]
    if len(left) > 10:
        said.append(f"and {len(left) - 10} more left as text")
    if page.dropped:
        said.append(f"{page.dropped} cited paragraphs below the disclaimer were left out")
    return said


def _details(header: Sequence[Part]) -> PageDetails:
    updated = ""
    for i, part in enumerate(header):
        found = UPDATED.match(part.text)
        if found and not updated:
            written = re.split(r"\s[\u00b7|\u2022]\s", found["date"])[0].strip(" .:\u00b7|")
            written = re.sub(r"\s*(?:view |read )?editorial policy.*", "", written, flags=re.I)
            if not written and i + 1 < len(header):
                written = header[i + 1].text
            updated = iso_date(written) or (written if len(written) <= DATE_LENGTH else "")
    if not updated:  # the header's lines run together
        within = (UPDATED_WITHIN.search(part.text) for part in header)
        updated = next((day for found in within if found and (day := iso_date(found[1]))), "")
    said = next((f[1] for p in header if (f := STATUS_SAID.search(p.text))), None)
    return PageDetails(updated, said.lower().replace(" ", "_") if said else None)


def _is_date(text: str) -> bool:
    return len(text) <= DATE_LENGTH and iso_date(text) is not None


def iso_date(written: str) -> str | None:
    """A day as "2026-11-03"; None where the day is not told, or told in an order that is not."""
    if found := re.search(r"\b(\d{4})-(\d\d)-(\d\d)\b", written):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    name = next((m for m in re.findall(r"[A-Za-z]{3,}", written) if m[:3].lower() in MONTHS), None)
    year = re.search(r"\b(?:19|20)\d\d\b", written)
    days = re.findall(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?(?!\d)", written)
    if name and year and len(days) >= 1:
        return _day(int(year[0]), MONTHS.index(name[:3].lower()) + 1, int(days[0]))
    if found := re.search(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b", written):
        first, second = int(found[1]), int(found[2])
        if first > 12 or (second <= 12 and "." in found[0]):
            return _day(int(found[3]), second, first)
        if second > 12:
            return _day(int(found[3]), first, second)
    return None


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
