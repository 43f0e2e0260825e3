"""Reads one Markdown file of the corpus into a `Document`."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePath

from ragbot.errors import DocumentError
from ragbot.library.front_matter import Fields, article_details, bibliography, split_front_matter
from ragbot.library.markdown import parse_markdown
from ragbot.types import ArticleDetails, Document, DocumentKind, Marker

DOCUMENT_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
FILE_LIMIT = 20_000_000
# Written characters that show nothing, steer a terminal, or turn the direction of what follows.
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u061c\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
LINE_END = re.compile("\r\n?|[\u000b\u000c\u0085\u2028\u2029]")


def read_document(path: Path, kind: DocumentKind) -> Document:
    """The article or source in `path`; its id is the file's name without the ending.

    Raises DocumentError with one line that names the file, what is wrong, and the remedy.
    """
    where = f"{kind.capitalize()} {path.name}"
    _check_name(path.stem, where)
    return document_of(_read_bytes(path, where), path.name, kind)


def document_of(data: bytes, name: str, kind: DocumentKind) -> Document:
    """The article or source in the bytes of a corpus file of that name. Errors as above."""
    where = f"{kind.capitalize()} {name}"
    stem = PurePath(name).stem
    _check_name(stem, where)
    written = INVISIBLE.sub("", LINE_END.sub("\n", _decode(data, where)))
    fields, body = split_front_matter(written, where)
    text, blocks, markers = parse_markdown(body)
    if not text:
        raise DocumentError(
            f"{where} has no text.", remedy="Write its body below the front matter."
        )
    typed = Fields(fields, where)
    article = article_details(typed) if kind == "article" else None
    if article is not None:
        _check_markers(markers, article, where)
    return Document(
        id=stem,
        kind=kind,
        title=typed.required("title"),
        text=text,
        blocks=blocks,
        sha256=hashlib.sha256(data).hexdigest(),
        path=name,
        markers=markers if article is not None else (),
        article=article,
        bibliography=bibliography(typed) if kind == "source" else None,
    )


def _check_name(stem: str, where: str) -> None:
    if not DOCUMENT_ID.fullmatch(stem):
        raise DocumentError(
            f"{where} has a name that cannot be an id.",
            remedy="Use lower-case letters, digits, '.', '_' and '-'.",
        )


def _read_bytes(path: Path, where: str) -> bytes:
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise DocumentError(
                f"{where} is larger than {FILE_LIMIT // 1_000_000} MB.", remedy="Split it."
            )
        return path.read_bytes()
    except OSError as error:
        raise DocumentError(
            f"{where} cannot be read ({error.strerror}).", remedy="Check its permissions."
        ) from error


def _decode(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{where} is not UTF-8 (byte {error.start}).", remedy="Save it as UTF-8."
        ) from error


def _check_markers(markers: tuple[Marker, ...], article: ArticleDetails, where: str) -> None:
    known = {reference.number for reference in article.references}
    for marker in markers:
        for number in marker.numbers:
            if number not in known:
                raise DocumentError(
                    f"{where} cites [{number}], which its references do not have.",
                    remedy=f"Add {number} to references, or correct the marker; "
                    "an interval goes in round brackets.",
                )
