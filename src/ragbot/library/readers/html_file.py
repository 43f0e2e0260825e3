"""HTML: a saved article page, or a paper with `citation_*` meta tags."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ragbot.library.readers.anatomy import REFERENCES, identified, looks_like_article, read_article
from ragbot.library.readers.cleaning import Cleaner, plain_markup, without_signs
from ragbot.library.readers.cutting import without_citations
from ragbot.library.readers.detect import decoded
from ragbot.library.readers.html_parts import HtmlParts, parsed
from ragbot.library.readers.identifiers import (
    doi_in,
    is_retracted,
    licence_in,
    person_in,
    pmcid_in,
    pmid_in,
    sample_size_in,
    year_in,
)
from ragbot.library.readers.model import Entry, File, Part, Reading
from ragbot.types import Bibliography

MAIN = (
    "//article",
    "//main",
    "//*[@role='main']",
    "//*[@id='main-content' or @id='content' or @id='main' or @itemprop='articleBody']",
)
LEFT_OUT = re.compile(
    r"\W*(?:share|cite(?: this)?|download(?: pdf)?|metrics|advertisement|related articles?|"
    r"author information|copyright.{0,80}|figures?|go to:|similar articles|cited by)\W*",
    re.I,
)
SHORTEST_MAIN = 0.3


def read(file: File) -> list[Reading]:
    """The one document that a page is."""
    text, encoding = decoded(file.data)
    notes = [f"not UTF-8: read as {encoding}"] if encoding else []
    if not re.search(
        r"</(?:html|body|article|div|p|section|ul|ol)\s*>\s*\S{0,20}\s*$", text[-400:], re.I
    ):
        notes.append("ends in mid-page: it may be cut off")
    tree = parsed(text)
    cleaner = Cleaner()
    meta = _meta(tree)
    parts = HtmlParts(cleaner).walk(tree)
    named = _first(meta, "citation_title", "dc.title", "og:title") or ""
    title = without_signs(cleaner.clean(plain_markup(named))) or None
    is_page = looks_like_article(parts) and "citation_journal_title" not in meta
    if file.wanted == "article" or (file.wanted is None and is_page):
        return [read_article(parts, "html", title, (*notes, *cleaner.notes()))]
    return [_paper(tree, meta, cleaner, title, notes)]


def _meta(tree: Any) -> dict[str, list[str]]:
    meta: dict[str, list[str]] = {}
    for tag in tree.iter("meta"):
        name = tag.get("name") or tag.get("property")
        if name and tag.get("content"):
            meta.setdefault(name.lower(), []).append(tag.get("content"))
    return meta


def _first(meta: dict[str, list[str]], *names: str) -> str | None:
    return next((meta[name][0].strip() for name in names if meta.get(name)), None)


def _paper(
    tree: Any, meta: dict[str, list[str]], cleaner: Cleaner, title: str | None, notes: Sequence[str]
) -> Reading:
    root = _main(tree)
    parts = HtmlParts(cleaner).walk(root)
    at = next((i for i, p in enumerate(parts) if p.kind == "heading" and p.level == 1), None)
    title = title or (parts[at].text if at is not None else _page_title(tree, cleaner))
    body, listed = _without_list(parts[at + 1 :] if at is not None else parts, title)
    body = _from_abstract(body)
    about = _about(tree, meta, cleaner, " ".join(part.text for part in body), title)
    extra = [
        (name, value)
        for name, key in (("volume", "citation_volume"), ("issue", "citation_issue"))
        if (value := _first(meta, key))
    ]
    if first := _first(meta, "citation_firstpage"):
        last = _first(meta, "citation_lastpage")
        extra.append(("pages", f"{first}-{last}" if last else first))
    return Reading(
        "html", title, "source", tuple(without_citations(body)), about, tuple(extra),
        entries=tuple(listed), notes=(*notes, *cleaner.notes()),
    )  # fmt: skip


def _main(tree: Any) -> Any:
    whole = len(" ".join(tree.itertext())) or 1
    for path in MAIN:
        found = tree.xpath(path)
        if found:
            best = max(found, key=lambda e: len("".join(e.itertext())))
            if len("".join(best.itertext())) >= SHORTEST_MAIN * whole or len(found) == 1:
                return best
    return tree


def _page_title(tree: Any, cleaner: Cleaner) -> str:
    return cleaner.clean(tree.findtext(".//title") or "")


def _without_list(parts: Sequence[Part], title: str) -> tuple[list[Part], list[Entry]]:
    """The body without title, sharing buttons and reference list, and that list."""
    body: list[Part] = []
    entries: list[Entry] = []
    inside = 0
    for part in parts:
        if part.kind == "heading":
            inside = part.level if REFERENCES.fullmatch(part.text) else 0
            if inside:
                continue
        if inside:
            number = part.number or len(entries) + 1
            text = re.sub(rf"^\[?{number}[\].]?\s+", "", part.text)
            entries.append(identified(number, text, part.links))
        elif part.text != title and not LEFT_OUT.fullmatch(part.text):
            body.append(part)
    return body, entries


def _from_abstract(parts: list[Part]) -> list[Part]:
    """Without the lines of names and places above the abstract, where it has a heading."""
    for i, part in enumerate(parts[:40]):
        if part.kind == "heading" and re.fullmatch(r"\W*(?:abstract|summary)\W*", part.text, re.I):
            return parts[i:]
    return parts


def _about(
    tree: Any, meta: dict[str, list[str]], cleaner: Cleaner, text: str, title: str
) -> Bibliography:
    links = " ".join(
        link.get("href", "")
        for link in tree.xpath("//a[contains(@rel,'license')]|//link[@rel='license']")
    )
    said = _first(meta, "dc.rights", "citation_license", "dcterms.license") or ""
    doi = _first(meta, "citation_doi", "dc.identifier", "prism.doi", "bepress_citation_doi")
    authors = meta.get("citation_author") or meta.get("dc.creator") or []
    if len(authors) == 1 and ";" in authors[0]:
        authors = authors[0].split(";")
    when = _first(meta, "citation_publication_date", "citation_date", "citation_online_date",
                  "citation_year", "dc.date", "prism.publicationdate")  # fmt: skip
    permit = (
        licence_in(links)
        or licence_in(said)
        or licence_in(
            next((a for a in tree.xpath("//a/@href") if "creativecommons.org/licenses" in a), "")
        )
        or licence_in(text)
    )
    address = _first(meta, "citation_public_url", "og:url", "citation_abstract_html_url")
    return Bibliography(
        authors=tuple(filter(None, (person_in(cleaner.clean(name)) for name in authors))),
        journal=_first(meta, "citation_journal_title", "prism.publicationname", "dc.source"),
        year=year_in(when),
        doi=doi_in(doi),
        pmid=_digits(_first(meta, "citation_pmid")) or pmid_in(text[:2000]),
        pmcid=pmcid_in(address or ""),
        url=address if address and address.startswith(("http://", "https://")) else None,
        licence=permit,
        sample_size=sample_size_in(text[:6000]),
        retracted=is_retracted(title),
        content="full text" if len(text) > 6000 else "text",
    )


def _digits(text: str | None) -> str | None:
    return text if text and text.isdigit() else None
