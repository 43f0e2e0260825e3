"""A conversation as a PDF, its font embedded: the same letters everywhere."""

from __future__ import annotations

import io
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from ragbot.ui.export import Record, lines

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle

FONT = "DejaVuSans"
MARGIN = 56.0
SIZES = {"Title": 17, "Heading1": 13, "Heading2": 11, "": 10, "Quote": 9}
RIGHT_TO_LEFT = {"R", "AL", "AN"}


@cache
def _font() -> Any:
    """The font, known to reportlab by its name."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    place = files("ragbot.ui").joinpath(f"assets/fonts/{FONT}.ttf")
    font = TTFont(FONT, io.BytesIO(place.read_bytes()))
    pdfmetrics.registerFont(font)
    return font


def prepare() -> None:
    """Load the font, so that the first conversation does not wait for it."""
    _font()


def undrawable(record: Record, disclaimer: str) -> str:
    """The letters of the record that this PDF cannot show as written, each once.

    They are those that the font lacks, and those written from right to left.
    """
    known = _font().face.charToGlyph
    said = {c for _, text in lines(record, disclaimer) for c in text if not c.isspace()}
    return "".join(
        sorted(
            c for c in said if ord(c) not in known or unicodedata.bidirectional(c) in RIGHT_TO_LEFT
        )
    )


def as_pdf(record: Record, disclaimer: str) -> bytes:
    """A conversation with its quoted passages, references and, once, the disclaimer."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    _font()
    packed = io.BytesIO()
    document = SimpleDocTemplate(
        packed,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=record.title,
        author="ragbot",
        lang="en",
    )
    styles = {name: _style(name) for name in SIZES}
    parts = [
        Paragraph(escape(" ".join(said.split())), styles[style])
        for style, said in lines(record, disclaimer)
        if said.strip()
    ]
    document.build(parts, onFirstPage=_number, onLaterPages=_number)
    return packed.getvalue()


def _style(name: str) -> ParagraphStyle:
    from reportlab.lib.styles import ParagraphStyle

    size = SIZES[name]
    return ParagraphStyle(
        name or "Body",
        fontName=FONT,
        fontSize=size,
        leading=size * 1.45,
        spaceBefore=size if name.startswith("Heading") else 2,
        spaceAfter=5,
        leftIndent=18 if name == "Quote" else 0,
        textColor="#44525a" if name == "Quote" else "#111111",
        splitLongWords=1,
    )


def _number(canvas: Any, document: Any) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawRightString(document.pagesize[0] - MARGIN, MARGIN / 2, str(document.page))
