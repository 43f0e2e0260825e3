"""A bibliographic record as a reading: its abstract, or where there is none, the record itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ragbot.errors import DocumentError
from ragbot.library.readers.cleaning import Cleaner, plain_markup, without_signs
from ragbot.library.readers.identifiers import is_retracted, sample_size_in
from ragbot.library.readers.model import Part, Reading
from ragbot.types import Bibliography

LABELLED = re.compile(r"(?:(?<=^)|(?<=[.?!] ))((?:[A-Z][A-Z/&,()-]*\s?){1,6}):\s+(?=\S)")
POPULATION = {"participants", "patients", "population", "subjects", "study population"}
DESIGN = {"design", "study design", "trial design"}
LONGEST_FACT = 300
NO_ABSTRACT = "Only the record was in the file: neither abstract nor text."


@dataclass
class Record:
    """What a record says; texts as written in the file."""

    title: str = ""
    authors: list[str] = field(default_factory=list)
    journal: str | None = None
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    url: str | None = None
    licence: str | None = None
    types: list[str] = field(default_factory=list)
    design: str | None = None
    abstract: list[tuple[str, str]] = field(default_factory=list)  # (label or "", text)
    retracted: bool = False


def reading_of(record: Record, format_: str) -> Reading:
    """The reading of one record; its `failure` is set where it has no title."""
    cleaner = Cleaner()
    title = without_signs(cleaner.clean(plain_markup(record.title or ""))).rstrip(" .")
    title = re.sub(r"^\[(.*)\]$", r"\1", title)
    if not title:
        known = record.doi or record.pmid or ", ".join(record.authors[:1]) or "without any name"
        return Reading(format_, "", "source", failure=f"A record ({known[:80]}) has no title.")
    sections = [
        (cleaner.clean(label).rstrip(":"), without_signs(cleaner.clean(plain_markup(text))))
        for label, text in record.abstract
        if text and text.strip()
    ]
    authors = tuple(name for name in map(cleaner.clean, record.authors) if name)
    parts = tuple(_abstract(sections)) or (_itself(record, title, authors, cleaner),)
    about = Bibliography(
        authors=authors,
        journal=cleaner.clean(plain_markup(record.journal or "")) or None,
        year=record.year,
        doi=record.doi,
        pmid=record.pmid,
        pmcid=record.pmcid,
        url=record.url,
        licence=record.licence,
        design=record.design or _labelled(sections, DESIGN),
        population=_labelled(sections, POPULATION),
        sample_size=sample_size_in(" ".join(text for _, text in sections)),
        retracted=record.retracted or is_retracted(title, record.types),
        content="abstract" if sections else "record",
        caveats=() if sections else (NO_ABSTRACT,),
    )
    extra = tuple(
        (name, cleaner.clean(value))
        for name, value in (
            ("volume", record.volume),
            ("issue", record.issue),
            ("pages", record.pages),
        )
        if value
    )
    return Reading(format_, title, "source", parts, about, extra, notes=cleaner.notes())


def _abstract(sections: Sequence[tuple[str, str]]) -> list[Part]:
    if not sections:
        return []
    parts = [Part("heading", "Abstract", 2)]
    for label, text in sections:
        if label:
            parts.append(Part("heading", label.capitalize() if label.isupper() else label, 3))
        parts.append(Part("paragraph", text))
    return parts


def _itself(record: Record, title: str, authors: Sequence[str], cleaner: Cleaner) -> Part:
    """The record in one line, as a reference list would have it: nothing is added."""
    where = cleaner.clean(record.journal or "")
    when = str(record.year or "")
    volume = cleaner.clean(f"{record.volume or ''}{f'({record.issue})' if record.issue else ''}")
    place = ";".join(filter(None, (when, ":".join(filter(None, (volume, record.pages or ""))))))
    pieces = (", ".join(authors), title, where, place, f"doi:{record.doi}" if record.doi else "")
    return Part("paragraph", cleaner.clean(". ".join(filter(None, pieces))))


def _labelled(sections: Sequence[tuple[str, str]], labels: set[str]) -> str | None:
    found = next((text for label, text in sections if label.lower() in labels), None)
    return found if found and len(found) <= LONGEST_FACT else None


def split_abstract(text: str) -> list[tuple[str, str]]:
    """An abstract in one text, cut at labels in capitals: "BACKGROUND: ... METHODS: ..."."""
    found = list(LABELLED.finditer(text))
    if len(found) < 2:
        return [("", text)] if text.strip() else []
    pieces = [("", text[: found[0].start()])]
    for at, label in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(text)
        pieces.append((label[1].strip(), text[label.end() : end]))
    return [(label, piece.strip()) for label, piece in pieces if piece.strip()]


def readings_of(
    entries: Sequence[object], make: Callable[[object], Record], format_: str, what: str
) -> list[Reading]:
    """Each entry as a reading, or as the failure of that entry alone.

    Raises DocumentError if there is none.
    """
    readings: list[Reading] = []
    for at, entry in enumerate(entries, 1):
        try:
            readings.append(reading_of(make(entry), format_))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            readings.append(
                Reading(format_, "", "source", failure=f"Record {at} cannot be read ({error}).")
            )
    if not readings:
        raise DocumentError(f"It holds no {what} record.", remedy="Export it again.")
    return readings
