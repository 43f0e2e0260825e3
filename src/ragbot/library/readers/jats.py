"""JATS XML, as PubMed Central and publishers give full texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ragbot.errors import DocumentError
from ragbot.library.readers.anatomy import identified
from ragbot.library.readers.cleaning import Cleaner
from ragbot.library.readers.cutting import without_citations
from ragbot.library.readers.html_parts import table_parts, table_rows
from ragbot.library.readers.identifiers import (
    doi_in,
    is_retracted,
    licence_in,
    person,
    pmcid_in,
    sample_size_in,
    year_in,
)
from ragbot.library.readers.model import Entry, File, Part, Reading
from ragbot.library.readers.xml_tree import name_of, tree_of, words
from ragbot.types import Bibliography

LINK = "{http://www.w3.org/1999/xlink}href"
CONTAINERS = {
    "body", "abstract", "trans-abstract", "boxed-text", "disp-quote", "statement", "def-list",
    "def-item", "def", "fig", "caption", "supplementary-material", "app", "app-group", "back",
    "ack", "p-group",
}  # fmt: skip
SKIPPED = {
    "ref-list", "fn-group", "graphic", "inline-graphic", "object-id", "alternatives", "media",
    "sec-meta", "permissions", "history", "glossary", "notes", "label", "bio",
}  # fmt: skip


def read(file: File) -> list[Reading]:
    """One source an article."""
    root = tree_of(file.data)
    articles = [
        e for e in root.iter() if name_of(e) == "article" and e.find("{*}front") is not None
    ]
    if not articles:
        raise DocumentError("It holds no article with a <front>.", remedy="Get the full record.")
    return [_reading(article) for article in articles]


def _reading(article: Any) -> Reading:
    cleaner = Cleaner()
    _mark_citations(article)
    meta = article.find(".//{*}article-meta")
    if meta is None:
        return Reading("jats", "", "source", failure="An article has no <article-meta>.")
    title = cleaner.clean(words(meta.find(".//{*}article-title"), frozenset({"fn", "xref"})))
    subtitle = cleaner.clean(words(meta.find(".//{*}subtitle"), frozenset({"fn", "xref"})))
    if subtitle:
        title = f"{title}: {subtitle}"
    if not title:
        return Reading("jats", "", "source", failure="An article has no title.")
    walker = _Body(cleaner)
    for abstract in meta.findall("{*}abstract"):
        if abstract.get("abstract-type") not in {"graphical", "toc", "teaser"}:
            heading = cleaner.clean(words(abstract.find("{*}title"))) or "Abstract"
            walker.parts.append(Part("heading", heading, 2))
            walker.section(abstract, 3, own_title=False)
    body = article.find("{*}body")
    if body is not None:
        walker.section(body, 2, own_title=False)
    parts = tuple(without_citations(walker.parts))
    text = " ".join(part.text for part in parts)
    about = _about(article, meta, cleaner, title, text)
    return Reading("jats", title.rstrip(), "source", parts, about, tuple(_extra(meta)),
                   entries=tuple(_references(article, cleaner)), notes=cleaner.notes())  # fmt: skip


def _mark_citations(article: Any) -> None:
    """Pointers to the reference list are no text of the paper: take out their numbers."""
    for sup in list(article.iter("{*}sup", "sup")):
        inner = list(sup)
        if inner and all(name_of(c) == "xref" for c in inner) and not (sup.text or "").strip():
            _remove(sup)
    for xref in list(article.iter("{*}xref", "xref")):
        kind, shown = xref.get("ref-type"), "".join(xref.itertext())
        is_number = kind == "bibr" and re.fullmatch(r"[\s\d,\u2013[\]()-]*", shown)
        if is_number or kind in {"aff", "corresp", "fn", "author-notes"}:
            _remove(xref)


def _remove(element: Any) -> None:
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    tail = element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


class _Body:
    """Sections, paragraphs, lists and tables in reading order."""

    def __init__(self, cleaner: Cleaner) -> None:
        self.cleaner = cleaner
        self.parts: list[Part] = []
        self.tables = 0

    def section(self, element: Any, level: int, *, own_title: bool = True) -> None:
        """What is in a section; its title is a heading of `level`."""
        title = element.find("{*}title")
        if own_title and title is not None and (line := self._clean(title)):
            self.parts.append(Part("heading", line, min(level, 6)))
        for child in element:
            name = name_of(child)
            if name == "sec":
                self.section(child, level + (1 if own_title else 0))
            elif name in CONTAINERS:
                self.section(child, min(level + 1, 6), own_title=name == "boxed-text")
            elif name not in SKIPPED and name != "title":
                self._block(child, name)

    def _block(self, element: Any, name: str) -> None:
        if name == "p":
            self._paragraph(element)
        elif name == "list":
            self._list(element, 1)
        elif name in {"table-wrap", "table-wrap-group"}:
            self._table(element)
        elif line := self._clean(element):
            self.parts.append(Part("paragraph", line))

    def _paragraph(self, element: Any) -> None:
        """A paragraph, with what stands inside it (lists, tables) behind it."""
        inside = list(element.iter("{*}list", "{*}table-wrap", "{*}fig", "{*}boxed-text"))
        line = self._clean(element, frozenset({"list", "table-wrap", "fig", "boxed-text", "fn"}))
        if re.search(r"\w", line):
            self.parts.append(Part("paragraph", re.sub(r"\s*[\[(][\s,;\u2013-]*[\])]", "", line)))
        for child in inside:
            if name_of(child) == "list":
                if not any(name_of(a) == "list" for a in child.iterancestors() if a is not element):
                    self._list(child, 1)
            elif name_of(child) == "table-wrap":
                self._table(child)
            else:
                self.section(child, 3, own_title=False)

    def _list(self, element: Any, level: int) -> None:
        ordered = element.get("list-type") in {"order", "roman-lower", "alpha-lower"}
        for at, item in enumerate(element.findall("{*}list-item"), 1):
            fresh = True
            for child in item:
                if name_of(child) == "list":
                    self._list(child, level + 1)
                elif name_of(child) != "label" and (line := self._clean(child)):
                    self.parts.append(
                        Part("item", line, level, at if ordered else None, continues=not fresh)
                    )
                    fresh = False

    def _table(self, wrap: Any) -> None:
        label, caption = self._clean(wrap.find("{*}label")), self._clean(wrap.find("{*}caption"))
        named = " ".join(filter(None, (f"{label.rstrip('.')}." if label else "", caption)))
        if named:
            self.parts.append(Part("paragraph", named))
        for table in wrap.iter("{*}table", "table"):
            self.tables += 1
            self.parts += table_parts(table_rows(table, self._clean), self.tables)
        foot = wrap.find("{*}table-wrap-foot")
        if foot is not None and (line := self._clean(foot)):
            self.parts.append(Part("paragraph", line))

    def _clean(self, element: Any, skip: frozenset[str] = frozenset({"fn"})) -> str:
        if element is None:
            return ""
        joined = (
            " ".join(words(child, skip) for child in element)
            if name_of(element) == "caption"
            else words(element, skip)
        )
        return self.cleaner.clean(joined)


def _about(article: Any, meta: Any, cleaner: Cleaner, title: str, text: str) -> Bibliography:
    ids = {n.get("pub-id-type"): cleaner.clean(words(n)) for n in meta.findall("{*}article-id")}
    permissions = meta.find("{*}permissions")
    said = ""
    if permissions is not None:
        links = [n.get(LINK, "") for n in permissions.iter()]
        said = " ".join((*links, words(permissions)))
    subjects = " ".join(words(n) for n in meta.iter("{*}subject")).lower()
    related = {n.get("related-article-type") for n in meta.findall("{*}related-article")}
    retracted = "retracted" in subjects or bool(related & {"retraction-forward", "retracted-by"})
    pmc = ids.get("pmcid") or ids.get("pmc") or ids.get("pmcaid") or ""
    return Bibliography(
        authors=tuple(_authors(meta, cleaner)),
        journal=cleaner.clean(words(article.find(".//{*}journal-meta//{*}journal-title"))) or None,
        year=_year(meta),
        doi=doi_in(ids.get("doi")),
        pmid=ids.get("pmid") or None,
        pmcid=pmcid_in(pmc) or (f"PMC{pmc}" if pmc.isdigit() else None),
        licence=licence_in(said),
        sample_size=sample_size_in(text[:8000]),
        retracted=retracted or is_retracted(title),
        content="abstract" if article.find("{*}body") is None else "full text",
    )


def _authors(meta: Any, cleaner: Cleaner) -> Iterator[str]:
    for group in meta.findall("{*}contrib-group"):
        for node in group.findall("{*}contrib"):
            if node.get("contrib-type", "author") != "author":
                continue
            name = node.find(".//{*}name")
            if name is not None:
                given = cleaner.clean(words(name.find("{*}given-names")))
                yield person(given, cleaner.clean(words(name.find("{*}surname"))))
            elif (collab := node.find(".//{*}collab")) is not None:
                yield cleaner.clean(words(collab, frozenset({"contrib-group"})))


def _year(meta: Any) -> int | None:
    dates = meta.findall("{*}pub-date")
    order = ("ppub", "collection", "epub", "epub-ppub", "print", "electronic", "")
    kinds = {
        (d.get("pub-type") or d.get("publication-format") or d.get("date-type") or ""): d
        for d in dates
    }
    years = {kind: year_in(words(d.find("{*}year"))) for kind, d in kinds.items()}
    return next((years[k] for k in order if years.get(k)), next(iter(years.values()), None))


def _extra(meta: Any) -> Iterator[tuple[str, str]]:
    for name in ("volume", "issue"):
        if value := words(meta.find(f"{{*}}{name}")).strip():
            yield name, value
    first, last = words(meta.find("{*}fpage")).strip(), words(meta.find("{*}lpage")).strip()
    if first:
        yield "pages", f"{first}-{last}" if last else first
    elif place := words(meta.find("{*}elocation-id")).strip():
        yield "pages", place


def _references(article: Any, cleaner: Cleaner) -> Iterator[Entry]:
    for at, ref in enumerate(article.findall(".//{*}back//{*}ref"), 1):
        ids = " ".join(
            f"PMID: {words(n)}" if n.get("pub-id-type") == "pmid" else words(n)
            for n in ref.iter("{*}pub-id")
        )
        text = cleaner.clean(words(ref, frozenset({"label", "pub-id"})))
        yield identified(at, text, (ids,))
