"""The source panel: a document with the cited passage marked in its context."""

from __future__ import annotations

from ragbot.types import Bibliography, Citation, Claim, Document
from ragbot.ui.article_html import review_steps
from ragbot.ui.document_html import body
from ragbot.ui.markup import element, text
from ragbot.ui.references_html import facts, identifiers, long_citation, spoken_marker, warnings

ARTICLE_NOTE = "This is the article's own statement; its numbers name the sources it rests on."


def panel(
    document: Document,
    marker: str,
    *,
    citation: Citation | None = None,
    claims: tuple[Claim, ...] = (),
    opened: str = "",
) -> str:
    """The panel of one opened source; `opened` names the opening, so that it is shown once."""
    name = f"Source {marker}" if marker.isdigit() else spoken_marker(marker)
    close = element("button", "Close", data_rb="close", class_="rb-close")
    bar = element("div", text("h2", name, id="rb-panel-title", tabindex="-1") + close)
    parts = [element("div", bar, class_="rb-panel-bar"), _about(document)]
    parts += [_cited_for(claim) for claim in claims]
    highlight = (citation.start, citation.end) if citation else None
    drawn = body(document, highlight=highlight, top_level=3)
    parts.append(element("div", drawn, class_="rb-passage-text"))
    return element(
        "section",
        "".join(parts),
        class_="rb-panel",
        aria_labelledby="rb-panel-title",
        data_rb_opened=opened,
    )


def missing_panel(marker: str, named: str) -> str:
    """The panel of a reference that the library does not hold."""
    close = element("button", "Close", data_rb="close", class_="rb-close")
    title = text("h2", f"Source {marker}", id="rb-panel-title", tabindex="-1")
    parts = [
        element("div", element("div", title + close), class_="rb-panel-bar"),
        text("p", named or "Not named in the article's reference list."),
        text(
            "p",
            "This publication is not in the library: nothing that rests on it was checked.",
            class_="rb-flag",
        ),
    ]
    return element(
        "section",
        "".join(parts),
        class_="rb-panel",
        aria_labelledby="rb-panel-title",
        data_rb_opened=marker,
    )


def _cited_for(claim: Claim) -> str:
    said = text("span", "Cited for: ", class_="rb-muted") + text("q", claim.text)
    return element("p", said, class_="rb-cited-for")


def _about(document: Document) -> str:
    if document.article is not None:
        note = text("p", ARTICLE_NOTE, class_="rb-muted")
        return (
            text("p", document.title, class_="rb-source-title")
            + review_steps(document.article.status)
            + note
        )
    about = document.bibliography or Bibliography()
    line = element("p", text("span", long_citation(document)) + " " + identifiers(about))
    return line + facts(about) + warnings(about)
