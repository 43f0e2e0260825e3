"""The source panel: a document with the cited passage marked in its context."""

from __future__ import annotations

from collections.abc import Sequence

from ragbot.types import Bibliography, Citation, Document
from ragbot.ui.article_html import review_steps
from ragbot.ui.document_html import body
from ragbot.ui.markup import element, text
from ragbot.ui.references_html import (
    facts,
    identifiers,
    long_citation,
    short_citation,
    spoken_marker,
    warnings,
)

CLAIMS_SHOWN = 3
MISSING_NOTE = "This publication is not in the library: nothing that rests on it was checked."
UNKNOWN_NOTE = (
    "Neither the article nor this conversation has the citation that the address names. "
    "It may belong to a conversation that was deleted: open its number in the text again."
)
ARTICLE_NOTE = "This is the article's own statement; its numbers name the sources it rests on."


def panel(
    document: Document,
    marker: str,
    *,
    citation: Citation | None = None,
    claims: Sequence[str] = (),
    opened: str = "",
) -> str:
    """The panel of one opened source; `opened` names the opening, so that it is shown once."""
    name = f"Source {marker}" if marker.isdigit() else spoken_marker(marker)
    parts = [_about(document)]
    parts.append(_cited_for(claims))
    highlight = (citation.start, citation.end) if citation else None
    drawn = body(document, highlight=highlight, top_level=3)
    parts.append(element("div", drawn, class_="rb-passage-text"))
    return _framed(name, opened, "".join(parts), short_citation(document))


def _framed(name: str, opened: str, inner: str, named: str = "") -> str:
    """A panel's frame: its name, and the button that closes it."""
    close = element("button", "Close", data_rb="close", class_="rb-close")
    title = text("h2", name, id="rb-panel-title", tabindex="-1")
    bar = element("div", title + text("span", named, class_="rb-muted") + close)
    return element(
        "section",
        element("div", bar, class_="rb-panel-bar") + inner,
        class_="rb-panel",
        aria_labelledby="rb-panel-title",
        data_rb_opened=opened,
    )


def missing_panel(marker: str, named: str, claims: Sequence[str] = ()) -> str:
    """The panel of a reference that the library does not hold."""
    inner = text("p", named or "Not named in the article's reference list.")
    inner += text("p", MISSING_NOTE, class_="rb-flag") + _cited_for(claims)
    return _framed(f"Source {marker}", marker, inner)


def unknown_panel(opened: str) -> str:
    """The panel of a link whose citation is in neither the conversation nor the article."""
    return _framed("Unknown citation", opened, text("p", UNKNOWN_NOTE, role="alert"))


def _cited_for(claims: Sequence[str]) -> str:
    if not claims:
        return ""
    quoted = [element("li", text("q", claim)) for claim in claims]
    label = text("p", "Cited for", class_="rb-muted")
    shown = element("ul", "".join(quoted[:CLAIMS_SHOWN]))
    if len(quoted) > CLAIMS_SHOWN:
        more = element("summary", f"{len(quoted) - CLAIMS_SHOWN} more")
        rest = element("ul", "".join(quoted[CLAIMS_SHOWN:]))
        shown += element("details", more + rest, class_="rb-fold")
    return element("div", label + shown, class_="rb-cited-for")


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
