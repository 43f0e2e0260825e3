"""The original behind a source: the page of a PDF that a passage stands on, and the file itself."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from ragbot.errors import RagbotError
from ragbot.library.originals import Origin, Originals, PageImage, Span, places_in
from ragbot.types import Document
from ragbot.ui.markup import element, text

KEPT_PAGES = 32
PLAIN_BYTES = "application/octet-stream"
NOT_DRAWN = "The page of the original cannot be drawn: {why} Its text is below."
ELSEWHERE = "; more of it on page {pages}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn page, or why there is none."""

    image: PageImage | None = None
    why: str = ""


def original_of(corpus: Path, document: Document) -> Origin | None:
    """Where a document came from, if its text is the one that was read from there."""
    if document.kind != "source":
        return None
    try:
        origin = Originals(corpus).origin_of(document)
    except RagbotError:  # the source is readable without it
        return None
    return origin if origin is not None and origin.file else None


def page_html(corpus: Path, document: Document, passages: Sequence[Span]) -> str:
    """The page of the PDF on which the passages stand, marked; "" where there is none."""
    origin = original_of(corpus, document) if passages else None
    places = places_in(origin, passages) if origin else []
    if origin is None or not places:
        return ""
    drawn = _drawn(corpus, document.id, origin.sha256, tuple(passages), places[0].page)
    if drawn.image is None:
        return text("p", NOT_DRAWN.format(why=drawn.why), class_="rb-flag")
    others = sorted({place.page for place in places} - {drawn.image.page})
    more = ELSEWHERE.format(pages=", ".join(map(str, others))) if others else ""
    return figure_html(drawn.image, origin.name, more)


def figure_html(image: PageImage, name: str, more: str = "") -> str:
    """A drawn page in a frame that opens where its first mark is."""
    said = f"Page {image.page} of {image.pages} of {name}, the passage marked{more}"
    drawn = element(
        "img",
        src="data:image/png;base64," + base64.b64encode(image.png).decode("ascii"),
        alt=f"Page {image.page} as it is printed; its text is below.",
        width=str(image.width),
        height=str(image.height),
    ).removesuffix("</img>")
    left, top = image.boxes[0][:2] if image.boxes else (0.0, 0.0)
    frame = element(
        "div",
        drawn,
        class_="rb-page",
        tabindex="0",
        role="group",
        aria_label="Page of the original",
        data_rb_left=f"{left / image.width:.4f}",
        data_rb_top=f"{top / image.height:.4f}",
    )
    zoom = element("button", "Whole page", data_rb="zoom", aria_pressed="false")
    caption = element("figcaption", text("span", said) + zoom, class_="rb-muted")
    return element("figure", caption + frame, class_="rb-original")


@lru_cache(maxsize=KEPT_PAGES)
def _drawn(
    corpus: Path,
    document_id: str,
    _sha256: str,  # another file behind the same id is another page
    passages: tuple[Span, ...],
    page: int,
) -> Drawn:
    try:
        return Drawn(Originals(corpus).page_image(document_id, passages, page=page))
    except RagbotError as error:
        return Drawn(why=str(error))


def original_part(corpus: Path, document: Document) -> None:
    """On the source's page: the file it came from, to be taken along, and a PDF's pages."""
    origin = original_of(corpus, document)
    if origin is None:
        return
    pages = f", {len(origin.pages)} pages" if origin.pages else ""
    said = f"Read from {origin.name} ({origin.format}{pages}), added {origin.added[:10]}."
    st.html(text("p", said, class_="rb-muted"))
    for note in origin.notes:
        st.html(text("p", note, class_="rb-muted"))
    try:
        data = Originals(corpus).path(document.id).read_bytes()
    except (RagbotError, OSError) as error:
        st.html(text("p", f"The original cannot be shown: {error}", class_="rb-flag"))
        return
    st.download_button(
        "Original file", data, file_name=origin.name, mime=PLAIN_BYTES, on_click="ignore"
    )
    if origin.pages:
        _pages(corpus, document, origin)


def _pages(corpus: Path, document: Document, origin: Origin) -> None:
    with st.expander("Pages of the original", key="original-pages", on_change="rerun") as opened:
        if not opened.open:
            return
        page = st.number_input("Page", 1, len(origin.pages), 1, key="original-page")
        drawn = _drawn(corpus, document.id, origin.sha256, (), int(page))
        if drawn.image is None:
            st.html(text("p", drawn.why, class_="rb-flag"))
        else:
            st.image(drawn.image.png, caption=f"Page {page} of {len(origin.pages)}")
