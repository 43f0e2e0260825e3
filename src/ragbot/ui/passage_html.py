"""The source panel: a document with the cited passage marked in its context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from ragbot.types import Bibliography, Document, Evidence, Verdict
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
NOWHERE = "No passage was found in this source that carries the statement"
NEAREST = "The marked passage comes nearest"
ARTICLE_NOTE = "This is the article's own statement; its numbers name the sources it rests on."


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening of a source: what it is cited for (HTML), and the passages to mark.

    `name` tells openings apart, so that each is scrolled to once. `finding` (HTML) says how far the
    passages carry what they are cited for, and `verdict` how they are marked.
    """

    name: str
    cited_for: str = ""
    passages: Sequence[tuple[int, int]] = ()
    finding: str = ""
    verdict: Verdict = "supported"


def panel(document: Document, marker: str, opened: Opened, page: str = "") -> str:
    """The panel of an opened source; `page` is the page of its original (HTML), if there is one."""
    name = f"Source {marker}" if marker.isdigit() else spoken_marker(marker)
    drawn = body(document, passages=opened.passages, top_level=3)
    passage = element("div", drawn, class_=f"rb-passage-text rb-passage-{opened.verdict}")
    inner = _about(document) + opened.cited_for + page + passage
    return _framed(name, opened.name, inner, short_citation(document), opened.finding)


def _framed(name: str, opened: str, inner: str, named: str = "", finding: str = "") -> str:
    """A panel's frame: its name, the button that closes it, and what always stays in sight."""
    close = element("button", "Close", data_rb="close", class_="rb-close")
    title = text("h2", name, id="rb-panel-title", tabindex="-1")
    bar = element("div", title + text("span", named, class_="rb-muted") + close)
    return element(
        "section",
        element("div", bar + finding, class_="rb-panel-bar") + inner,
        class_="rb-panel",
        aria_labelledby="rb-panel-title",
        data_rb_opened=opened,
    )


def missing_panel(marker: str, named: str, cited_for: str, opened: str) -> str:
    """The panel of a reference that the library does not hold."""
    inner = text("p", named or "Not named in the article's reference list.")
    inner += text("p", MISSING_NOTE, class_="rb-flag") + cited_for
    return _framed(f"Source {marker}", opened, inner)


def unknown_panel(opened: str) -> str:
    """The panel of a link whose citation is in neither the conversation nor the article."""
    return _framed("Unknown citation", opened, text("p", UNKNOWN_NOTE, role="alert"))


def cited_for(claims: Sequence[tuple[str, str]]) -> str:
    """What a source is cited for; each claim is a link where a place (`href`, cite) is known."""
    if not claims:
        return ""
    quoted = [element("li", _quoted(*claim)) for claim in claims]
    label = text("p", "Cited for", class_="rb-muted")
    shown = element("ul", "".join(quoted[:CLAIMS_SHOWN]))
    if len(quoted) > CLAIMS_SHOWN:
        more = element("summary", f"{len(quoted) - CLAIMS_SHOWN} more")
        rest = element("ul", "".join(quoted[CLAIMS_SHOWN:]))
        shown += element("details", more + rest, class_="rb-fold")
    return element("div", label + shown, class_="rb-cited-for")


def _quoted(claim: str, href: str) -> str:
    said = text("q", claim)
    cite = href.rpartition("cite=")[2]
    if not href:
        return said
    return element("a", said, href=href, data_rb="cite", data_cite=unquote(cite))


def carried(evidence: Evidence, name: str) -> Opened:
    """What the article says, and whether the marked passages carry it, in words."""
    sign, said = _found(evidence)
    quoted = text("p", "The article says", class_="rb-muted") + text("q", evidence.statement)
    inner = element("span", sign + " ", aria_hidden="true") + text("span", said)
    finding = element("p", inner, class_=f"rb-finding rb-verdict-{evidence.verdict}", role="note")
    cited = element("div", quoted, class_="rb-cited-for")
    return Opened(name, cited, evidence.spans, finding, evidence.verdict)


def _found(evidence: Evidence) -> tuple[str, str]:
    numbers = [f"[{number}]" for number in evidence.others]
    also = f"; the statement also cites {listed(numbers)}" if numbers else ""
    if not evidence.spans:
        return "!", f"{NOWHERE}{also}. It is shown from its beginning."
    if evidence.lacking:
        stands = "does not stand" if len(evidence.lacking) == 1 else "do not stand"
        return "!", f"{NEAREST}, but {listed(evidence.lacking)} {stands} in it{also}."
    if evidence.verdict == "supported":
        return "✓", "The marked passage says the same, word for word."
    part = f"The marked passage carries a part of it{also}. " if evidence.part else ""
    return "?", part + evidence.note


def listed(names: Sequence[str]) -> str:
    """One name or several as a list in a sentence."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


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
