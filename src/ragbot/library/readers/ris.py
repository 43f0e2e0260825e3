"""RIS, as reference managers and journals export it."""

from __future__ import annotations

import re
from typing import Any

from ragbot.library.readers.detect import decoded
from ragbot.library.readers.identifiers import (
    doi_in,
    licence_in,
    person_in,
    pmcid_in,
    pmid_in,
    year_in,
)
from ragbot.library.readers.model import File, Reading
from ragbot.library.readers.records import Record, readings_of, split_abstract

BEGINS = re.compile(r"(?m)^[ \t]*(?=TY  ?- ?)")
TAG = re.compile(r"(?m)^[ \t]*([A-Z][A-Z0-9]) {0,2}- ?")


def read(file: File) -> list[Reading]:
    """One source a record; a record that does not parse keeps no other out."""
    text, _ = decoded(file.data)
    text = re.sub(r"\r\n?", "\n", text).replace("\0", "")
    pieces = [piece for piece in BEGINS.split(text) if piece.lstrip().startswith("TY")]
    return readings_of(pieces, _record, "ris", "RIS")


def _record(piece: Any) -> Record:
    import rispy

    written = TAG.sub(r"\1  - ", piece)
    if not re.search(r"(?m)^ER  -", written):
        raise ValueError("it has no ER line: the file may be cut off")
    entries = rispy.loads(written, skip_unknown_tags=True)
    if not entries:
        raise ValueError("it is empty")
    entry = {name: value for name, value in entries[0].items() if value}
    addresses = " ".join(
        entry.get("urls", [])
        if isinstance(entry.get("urls"), list)
        else [str(entry.get("urls", ""))]
    )
    said = " ".join((addresses, str(entry.get("notes", "")), str(entry.get("note", ""))))
    first, last = entry.get("start_page"), entry.get("end_page")
    title = entry.get("title") or entry.get("primary_title") or entry.get("translated_title") or ""
    return Record(
        title=title,
        authors=[person_in(n) for n in entry.get("authors") or entry.get("first_authors") or []],
        journal=next(
            (
                entry[k]
                for k in (
                    "journal_name",
                    "secondary_title",
                    "alternate_title1",
                    "alternate_title3",
                    "alternate_title2",
                )
                if k in entry
            ),
            None,
        ),
        year=year_in(entry.get("year") or entry.get("publication_year") or entry.get("date")),
        volume=entry.get("volume"),
        issue=entry.get("number"),
        pages=f"{first}-{last}" if first and last and "-" not in first else first,
        doi=doi_in(entry.get("doi")) or doi_in(addresses),
        pmid=_pmid(entry) or pmid_in(said),
        pmcid=pmcid_in(str(entry.get("custom2", ""))) or pmcid_in(addresses),
        url=next((u for u in addresses.split() if u.startswith("http")), None),
        licence=licence_in(said),
        types=[str(entry.get("type_of_work", ""))],
        abstract=split_abstract(entry.get("abstract") or entry.get("notes_abstract") or ""),
        retracted="retracted" in str(entry.get("type_of_work", "")).lower(),
    )


def _pmid(entry: dict[str, Any]) -> str | None:
    """The accession number where the database is PubMed or MEDLINE, or the number says so."""
    number = str(entry.get("accession_number", ""))
    base = " ".join(str(entry.get(k, "")) for k in ("name_of_database", "database_provider"))
    if number.isdigit() and re.search(r"pubmed|medline|nlm", base, re.I):
        return number
    return pmid_in(number)
