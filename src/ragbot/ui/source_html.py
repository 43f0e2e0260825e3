"""Sources of the library: their cards, and the page of one."""

from __future__ import annotations

from collections.abc import Sequence

from ragbot.types import Bibliography, Document
from ragbot.ui.document_html import body
from ragbot.ui.markup import element, text
from ragbot.ui.place import Place
from ragbot.ui.references_html import facts, identifiers, long_citation, warnings


def source_cards(sources: Sequence[Document]) -> str:
    """Sources as a list of links, each with its design and size."""
    cards = []
    for source in sources:
        about = source.bibliography or Bibliography()
        title = text("a", source.title, href=Place(source=source.id).href(), data_rb="go")
        size = f"n = {about.sample_size:,}" if about.sample_size is not None else ""
        known = (", ".join(about.authors[:1]), about.journal, str(about.year or ""), size)
        line = text("p", " · ".join(part for part in known if part), class_="rb-muted")
        design = text("p", about.design or "", class_="rb-muted")
        retracted = text("p", "Retracted.", class_="rb-flag") if about.retracted else ""
        inner = element("h2", title) + line + design + retracted
        cards.append(element("li", inner, class_="rb-card"))
    return element("ul", "".join(cards), class_="rb-cards")


def source_page_html(source: Document, citing: Sequence[tuple[Document, int]]) -> str:
    """The page of one source."""
    about = source.bibliography or Bibliography()
    line = element("p", text("span", long_citation(source)) + " " + identifiers(about))
    parts = [text("h1", source.title, class_="rb-title"), line, facts(about), warnings(about)]
    if citing:
        rows = "".join(_citing_row(article, number) for article, number in citing)
        parts.append(text("h2", "Cited by") + element("ul", rows))
    parts.append(text("h2", "Text in the library") + body(source, top_level=3))
    return element("article", "".join(parts), class_="rb-article rb-source")


def _citing_row(article: Document, number: int) -> str:
    href = Place(article=article.id, cite=str(number)).href()
    opened = text("a", article.title, href=href, data_rb="go")
    return element("li", opened + text("span", f", as reference {number}"))
