"""Which source of the library a written-out reference is: by DOI, PMID, then title, author, year.

An identifier settles it, for or against. Without one the title decides, and the first author and
the year confirm it: a match must be nearly certain, since a wrong one gives a statement a source
that it does not have. What is less certain is suggested, and set by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rapidfuzz import fuzz, utils

from ragbot.library.readers.identifiers import doi_in, pmid_in, year_in
from ragbot.types import Document, Reference

By = Literal["doi", "pmid", "title"]
CERTAIN = 0.9
SUGGESTED = 0.7
SUGGESTIONS = 3
LEAST_TITLE = 20
TITLE, AUTHOR, YEAR = 0.8, 0.1, 0.1
UNKNOWN = 0.5
"""What an author or a year counts for that one side does not name."""
_AUTHORS = re.compile(
    r"^((?:[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*)* [A-Z]{1,3}(?:, |\. ?))+(?:et al\.? )?)(.*)$"
)
_BARE_PMID = re.compile(r"\bPMID:?\s*(\d{1,9})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cited:
    """What a written reference says of its publication; None and "" mean: not recognised."""

    text: str
    doi: str | None = None
    pmid: str | None = None
    title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A source that a reference may be, how it was recognised, and how sure that is (0 to 1)."""

    source_id: str
    by: By
    score: float


@dataclass(frozen=True, slots=True)
class Linked:
    """A reference without a source: what it says, its match if certain, and what else it may be."""

    number: int
    cited: Cited
    named: str | None
    match: Match | None
    suggestions: tuple[Match, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready form."""
        return asdict(self)


def read_citation(text: str) -> Cited:
    """What `text`, a reference as written in a list, says in a form that can be compared."""
    plain = " ".join(text.split())
    pmid = pmid_in(plain)
    if pmid is None and (found := _BARE_PMID.search(plain)):
        pmid = found[1]
    doi = doi_in(plain)
    bare = plain.replace(doi, " ") if doi else plain
    authors, title = _authors_and_title(bare)
    return Cited(plain, doi.lower() if doi else None, pmid, title, authors, year_in(bare))


def _authors_and_title(text: str) -> tuple[tuple[str, ...], str]:
    """The family names and the title of a reference in the order authors, title, journal."""
    found = _AUTHORS.match(text)
    if found is None:
        return (), ""
    names = re.split(r", |\. ", found[1].strip(" ."))
    families = tuple(
        name.rsplit(" ", 1)[0] for name in names if " " in name and "et al" not in name
    )
    title = re.split(r"(?<=[^\s.]{2})[.?](?: |$)", found[2], maxsplit=1)[0].strip()
    return families, title if len(title) >= LEAST_TITLE else ""


def match_source(cited: Cited, sources: Iterable[Document]) -> list[Match]:
    """The sources that `cited` may be, best first; an identifier leaves no other."""
    found = [match for source in sources if (match := _match(cited, source)) is not None]
    exact = [match for match in found if match.by != "title"]
    return sorted(exact or found, key=lambda match: (-match.score, match.source_id))


def _match(cited: Cited, source: Document) -> Match | None:
    known = source.bibliography
    if known is None:
        return None
    for by, said, held in (
        ("doi", cited.doi, (known.doi or "").lower()),
        ("pmid", cited.pmid, known.pmid or ""),
    ):
        if said and held:
            return Match(source.id, by, 1.0) if said == held else None  # type: ignore[arg-type]
    score = _title_score(cited, source)
    return Match(source.id, "title", round(score, 3)) if score >= SUGGESTED else None


def _title_score(cited: Cited, source: Document) -> float:
    """How sure it is (0 to 1) that the reference is `source`, by title, first author and year."""
    known = source.bibliography
    title = utils.default_process(source.title.rstrip("…. "))
    if known is None or len(title) < LEAST_TITLE:
        return 0.0
    if cited.title and known.title_complete:
        likeness = fuzz.ratio(title, utils.default_process(cited.title)) / 100
    else:
        likeness = fuzz.partial_ratio(title, utils.default_process(cited.text)) / 100
    author = UNKNOWN
    if known.authors:
        family = utils.default_process(known.authors[0]).split()
        text = utils.default_process(cited.text).split()
        author = 1.0 if any(part in text for part in family if len(part) > 1) else 0.0
    year = UNKNOWN
    if known.year is not None and cited.year is not None:
        year = {0: 1.0, 1: UNKNOWN}.get(abs(known.year - cited.year), 0.0)
    return TITLE * likeness + AUTHOR * author + YEAR * year


def link_article(article: Document, sources: Mapping[str, Document]) -> list[Linked]:
    """The references of `article` whose source is not in the library, with what each may be.

    A reference that names a source which is not there is among them. A source that the article
    cites under another number is no match.
    """
    listed = article.article.references if article.article else ()
    taken = {reference.source_id for reference in listed}
    free = [source for name, source in sources.items() if name not in taken]
    return [_link(reference, free) for reference in listed if reference.source_id not in sources]


def _link(reference: Reference, sources: list[Document]) -> Linked:
    cited = read_citation(reference.citation or (reference.source_id or "").replace("-", " "))
    found = match_source(cited, sources) if reference.citation else []
    sure = [match for match in found if match.score >= CERTAIN]
    unique = sure[0] if len(sure) == 1 else None
    rest = tuple(match for match in found if match is not unique)[:SUGGESTIONS]
    return Linked(reference.number, cited, reference.source_id, unique, rest)
