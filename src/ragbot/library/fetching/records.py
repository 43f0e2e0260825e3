"""What Crossref and PubMed say of a publication, and where that differs from its source file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol
from urllib.parse import quote

from rapidfuzz import fuzz, utils

from ragbot.errors import FetchError
from ragbot.library.readers.identifiers import is_retracted, person, year_in
from ragbot.types import Bibliography, Document

SAME_TITLE = 90
RETRACTING = {"retraction", "removal", "withdrawal"}
CONCERNING = {"expression_of_concern", "expression-of-concern", "concern"}


class Gets(Protocol):
    """Gets JSON documents."""

    def get(self, address: str, query: Mapping[str, str] | None = None) -> Any:
        """The document, or None if there is none."""


@dataclass(frozen=True, slots=True)
class Record:
    """A publication as `origin` states it. `notices` are the DOIs of notices on it."""

    origin: Literal["crossref", "pubmed"]
    title: str
    authors: tuple[str, ...]
    journal: str
    year: int | None
    doi: str | None
    pmid: str | None
    retracted: bool
    concern: bool = False
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready form."""
        return asdict(self)


def from_crossref(client: Gets, base: str, doi: str) -> Record | None:
    """What Crossref holds under `doi`. Raises FetchError."""
    document = client.get(f"{base}/works/{quote(doi, safe='')}")
    if document is None:
        return None
    try:
        return _crossref(document["message"])
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise _strange("Crossref", doi) from error


def _crossref(work: dict[str, Any]) -> Record:
    title = " ".join((work.get("title") or [""])[0].split())
    updates = work.get("updated-by") or []
    kinds = {str(update.get("type", "")).lower() for update in updates}
    dates = (work.get("issued") or {}).get("date-parts") or [[None]]
    return Record(
        origin="crossref",
        title=title,
        authors=tuple(
            person(one.get("given"), one.get("family")) or str(one.get("name", ""))
            for one in work.get("author") or []
        ),
        journal=str((work.get("container-title") or [""])[0]),
        year=int(dates[0][0]) if dates[0] and dates[0][0] else None,
        doi=str(work["DOI"]).lower(),
        pmid=None,
        retracted=bool(kinds & RETRACTING) or is_retracted(title),
        concern=bool(kinds & CONCERNING),
        notices=tuple(str(update["DOI"]) for update in updates if update.get("DOI")),
    )


def from_pubmed(client: Gets, base: str, pmid: str, contact: str = "") -> Record | None:
    """What PubMed holds under `pmid`. Raises FetchError."""
    query = {"db": "pubmed", "id": pmid, "retmode": "json", "tool": "ragbot"}
    document = client.get(f"{base}/esummary.fcgi", query | ({"email": contact} if contact else {}))
    if document is None:
        return None
    try:
        found = document["result"].get(pmid)
        return None if found is None or "error" in found else _pubmed(found, pmid)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise _strange("PubMed", pmid) from error


def _pubmed(found: dict[str, Any], pmid: str) -> Record:
    ids = {entry["idtype"]: str(entry["value"]) for entry in found.get("articleids") or []}
    types = [str(kind) for kind in found.get("pubtype") or []]
    title = str(found.get("title") or "").rstrip(".")
    doi = ids.get("doi")
    return Record(
        origin="pubmed",
        title=title,
        authors=tuple(str(one["name"]) for one in found.get("authors") or []),
        journal=str(found.get("fulljournalname") or ""),
        year=year_in(str(found.get("pubdate") or "")),
        doi=doi.lower() if doi else None,
        pmid=pmid,
        retracted=is_retracted(title, types),
        concern="Expression of Concern" in types,
    )


def _strange(who: str, what: str) -> FetchError:
    return FetchError(
        f"{who} answered for {what} in a form that is not known.", remedy="Try again later."
    )


def differences(source: Document, record: Record) -> list[str]:
    """Where the source's file says otherwise than the record; what the file leaves open is none."""
    known = source.bibliography or Bibliography()
    found = []
    if record.retracted and not known.retracted:
        found.append("it is retracted")
    if record.concern:
        found.append("there is an expression of concern")
    if not _same_title(source.title, record.title, whole=known.title_complete):
        found.append(f"the title is {record.title!r}")
    for name, ours, theirs in (
        ("year", known.year, record.year),
        ("DOI", (known.doi or "").lower(), record.doi),
        ("PMID", known.pmid, record.pmid),
    ):
        if ours and theirs and ours != theirs:
            found.append(f"the {name} is {theirs}, not {ours}")
    return found


def _same_title(ours: str, theirs: str, *, whole: bool) -> bool:
    first, second = utils.default_process(ours.rstrip("… ")), utils.default_process(theirs)
    if not first or not second:
        return True
    likeness = fuzz.ratio(first, second) if whole else fuzz.partial_ratio(first, second)
    return likeness >= SAME_TITLE
