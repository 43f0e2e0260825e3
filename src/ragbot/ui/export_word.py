"""A conversation as a Word file: the least that a .docx has to hold."""

from __future__ import annotations

import io
import re
import zipfile
from xml.sax.saxutils import escape

from ragbot.ui.export import Record, lines

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
# Characters that XML 1.0 cannot carry.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SIZES = {"Title": 36, "Heading1": 28, "Heading2": 24, "Quote": 20}

TYPES = (
    f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{WORD}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{WORD}.styles+xml"/></Types>'
)
RELATIONS = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)
STYLED = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
)


def as_word(record: Record, disclaimer: str) -> bytes:
    """A conversation with its quoted passages, references and, once, the disclaimer."""
    drawn = "".join(_paragraph(style, said) for style, said in lines(record, disclaimer))
    document = f'{HEAD}<w:document xmlns:w="{NAMESPACE}"><w:body>{drawn}</w:body></w:document>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", TYPES)
        parts.writestr("_rels/.rels", RELATIONS)
        parts.writestr("word/document.xml", document)
        parts.writestr("word/_rels/document.xml.rels", STYLED)
        parts.writestr("word/styles.xml", _styles())
    return packed.getvalue()


def _paragraph(style: str, said: str) -> str:
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    words = escape(FORBIDDEN.sub("", " ".join(said.split())))
    return f'<w:p>{named}<w:r><w:t xml:space="preserve">{words}</w:t></w:r></w:p>'


def _styles() -> str:
    drawn = []
    for name, half_points in SIZES.items():
        look = "<w:i/>" if name == "Quote" else "<w:b/>"
        indent = '<w:ind w:left="567"/>' if name == "Quote" else '<w:spacing w:before="240"/>'
        drawn.append(
            f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{name}"/>'
            f'<w:pPr>{indent}</w:pPr><w:rPr>{look}<w:sz w:val="{half_points}"/></w:rPr></w:style>'
        )
    return f'{HEAD}<w:styles xmlns:w="{NAMESPACE}">{"".join(drawn)}</w:styles>'
