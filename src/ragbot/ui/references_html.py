"""Citation chips, and what the library knows of a publication."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ragbot.types import Bibliography, Citation, Document, Marker, Reference
from ragbot.ui.markup import doi_url, element, link, pubmed_url, safe_url, text
from ragbot.ui.place import Place, cite_at

AUTHORS_SHOWN = 3
CONTENT_NAMES = {
    "summary": "Summary in our own words, not the full text",
    "abstract": "Abstract",
    "full_text": "Full text",
    "full": "Full text",
}
MISSING = "not in the library"


def chip(label: str, href: str, tip: str, *, cite: str, missing: bool = False) -> str:
    """A citation number that opens its source; `tip` is its hover text and spoken name."""
    return element(
        "a",
        escape(label),
        href=href,
        class_="rb-chip rb-chip-missing" if missing else "rb-chip",
        data_rb="cite",
        data_cite=cite,
        data_tip=tip,
        aria_label=tip,
    )


def citation_chip(citation: Citation, place: Place) -> str:
    """The chip of one cited passage."""
    said = tip(citation.marker, citation.title, citation.design, citation.population)
    return chip(citation.marker, place.href(cite=citation.key), said, cite=citation.key)


def tip(marker: str, title: str, *details: str | None) -> str:
    """The hover text of a chip: what the number stands for."""
    said = [f"Reference {marker}" if marker.isdigit() else spoken_marker(marker), title]
    return ". ".join(part.rstrip(".") for part in (*said, *details) if part)


def spoken_marker(marker: str) -> str:
    """What a marker that is no number stands for."""
    return "The article itself" if marker == "A" else f"Library source {marker}"


def reference_chips(
    marker: Marker,
    references: Mapping[int, Reference],
    sources: Mapping[str, Document],
    place: Place,
) -> str:
    """The chips of one marker of an article, with a word where a source is missing.

    Each opens what its source holds for the statement that the marker stands at.
    """
    chips = []
    for number in marker.numbers:
        reference = references.get(number)
        source = sources.get(reference.source_id or "") if reference else None
        cite = cite_at(number, marker.offset)
        chips.append(_reference_chip(number, reference, source, place.href(cite=cite), cite))
    joined = element("span", "".join(chips), class_="rb-chips")
    if any("rb-chip-missing" in drawn for drawn in chips):
        joined += text("span", "source " + MISSING, class_="rb-flag")
    return joined


def _reference_chip(
    number: int, reference: Reference | None, source: Document | None, href: str, cite: str
) -> str:
    label = str(number)
    if source is None:
        named = reference.citation if reference else ""
        said = tip(label, named, MISSING)
    else:
        about = source.bibliography or Bibliography()
        retracted = "RETRACTED" if about.retracted else None
        said = tip(label, short_citation(source), source.title, about.design, retracted)
    return chip(label, href, said, cite=cite, missing=source is None)


def short_citation(source: Document) -> str:
    """First author and year, as far as known."""
    about = source.bibliography or Bibliography()
    author = about.authors[0] if about.authors else ""
    if len(about.authors) > 1:
        author += " and others"
    return " ".join(part for part in (author, str(about.year or "")) if part)


def long_citation(source: Document) -> str:
    """Authors, title, journal and year as plain text, as far as known."""
    about = source.bibliography or Bibliography()
    authors = ", ".join(about.authors[:AUTHORS_SHOWN])
    if len(about.authors) > AUTHORS_SHOWN:
        authors += ", and others"
    is_told = about.title_complete or source.title.startswith("[")  # the title says so itself
    title = source.title if is_told else f"{source.title} [title incomplete]"
    journal = about.journal or ""
    if about.year and str(about.year) not in journal:
        journal = f"{journal}, {about.year}" if journal else str(about.year)
    return " ".join(f"{part.rstrip('.')}." for part in (authors, title, journal) if part)


def identifiers(about: Bibliography) -> str:
    """Links to the publication: DOI, PubMed, PubMed Central, address."""
    links = []
    if about.doi:
        links.append(link(f"doi:{about.doi}", doi_url(about.doi)))
    if about.pmid:
        links.append(link(f"PubMed {about.pmid}", pubmed_url(about.pmid)))
    if about.pmcid:
        links.append(link(about.pmcid, f"https://pmc.ncbi.nlm.nih.gov/articles/{about.pmcid}/"))
    address = safe_url(about.url)
    if address and not about.doi:
        links.append(link("Link", address))
    return element("span", " ".join(links), class_="rb-links") if links else ""


def facts(about: Bibliography) -> str:
    """Design, population, sample size and what the library holds, as a list of terms."""
    size = f"{about.sample_size:,}" if about.sample_size is not None else None
    rows = [
        ("Design", about.design),
        ("Population", about.population),
        ("Sample size", size),
        ("Library holds", CONTENT_NAMES.get(about.content or "", about.content)),
        ("Licence", about.licence),
    ]
    drawn = "".join(
        element("div", text("dt", name) + text("dd", value)) for name, value in rows if value
    )
    return element("dl", drawn, class_="rb-facts") if drawn else ""


def warnings(about: Bibliography) -> str:
    """What a reader has to know before trusting the source."""
    said = ["Retracted."] if about.retracted else []
    if about.identity == "partial":
        said.append("Not every part of the bibliographic record was seen.")
    notes = "".join(text("p", note, class_="rb-flag") for note in said)
    caveats = "".join(text("li", caveat) for caveat in about.caveats)
    if not caveats:
        return notes
    summary = element("summary", f"Caveats ({len(about.caveats)})")
    return notes + element("details", summary + element("ul", caveats), class_="rb-fold")


def reference_list(
    references: tuple[Reference, ...], sources: Mapping[str, Document], place: Place
) -> str:
    """The numbered reference list of an article."""
    rows = []
    for reference in references:
        source = sources.get(reference.source_id or "")
        inner = _missing(reference) if source is None else _entry(reference, source, place)
        rows.append(element("li", inner, id=f"ref-{reference.number}", value=str(reference.number)))
    return element("ol", "".join(rows), class_="rb-references")


def _missing(reference: Reference) -> str:
    named = reference.citation or reference.source_id or "Not named."
    return text("p", named) + text("p", f"This publication is {MISSING}.", class_="rb-flag")


def _entry(reference: Reference, source: Document, place: Place) -> str:
    about = source.bibliography or Bibliography()
    cite = str(reference.number)
    opened = link(
        "Read in the library",
        place.href(cite=cite),
        data_rb="cite",
        data_cite=cite,
        aria_label=f"Read reference {cite} in the library",
    )
    line = text("span", long_citation(source)) + " " + identifiers(about) + " " + opened
    return element("p", line) + facts(about) + warnings(about)
