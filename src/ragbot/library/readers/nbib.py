"""MEDLINE, as PubMed's "Citation manager" exports it (.nbib)."""

from __future__ import annotations

import io
import re
from typing import Any

from ragbot.library.readers.detect import decoded
from ragbot.library.readers.identifiers import design_of, doi_in, pmcid_in, year_in
from ragbot.library.readers.model import File, Reading
from ragbot.library.readers.records import Record, readings_of, split_abstract


def read(file: File) -> list[Reading]:
    """One source a record."""
    from Bio import Medline

    text, _ = decoded(file.data)
    text = re.sub(r"\r\n?", "\n", text).replace("\0", "")
    entries = []
    for piece in re.split(r"(?m)^(?=PMID-)", text):
        if piece.startswith("PMID-"):
            entries += [entry for entry in Medline.parse(io.StringIO(piece)) if entry]
    return readings_of(entries, _record, "nbib", "MEDLINE")


def _record(entry: Any) -> Record:
    ids = " ".join([*entry.get("AID", []), *([entry["LID"]] if "LID" in entry else [])])
    types = entry.get("PT", [])
    return Record(
        title=entry.get("TI", "") or entry.get("TT", "") or entry.get("BTI", ""),
        authors=[*entry.get("AU", []), *entry.get("CN", [])],
        journal=entry.get("JT") or entry.get("TA"),
        year=year_in(entry.get("DP")),
        volume=entry.get("VI"),
        issue=entry.get("IP"),
        pages=entry.get("PG"),
        doi=next((doi_in(part) for part in re.findall(r"(\S+) \[doi\]", ids)), None),
        pmid=(entry.get("PMID") or "").strip() or None,
        pmcid=pmcid_in(entry.get("PMC")),
        types=types,
        design=design_of(types),
        abstract=split_abstract(entry.get("AB", "")),
        retracted=bool(entry.get("RIN")),
    )
