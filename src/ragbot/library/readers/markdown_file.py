"""Markdown with front matter: a file of the corpus as it is."""

from __future__ import annotations

from pathlib import PurePath

from ragbot.library.front_matter import split_front_matter
from ragbot.library.reader import document_of
from ragbot.library.readers.cleaning import Cleaner
from ragbot.library.readers.detect import decoded
from ragbot.library.readers.model import File, Reading
from ragbot.types import DocumentKind

ARTICLE_FIELDS = {"status", "references", "updated", "audience"}


def read(file: File) -> list[Reading]:
    """The one document that a corpus file is; it is checked as `ragbot index` would."""
    text, _ = decoded(file.data)
    cleaner = Cleaner()
    fields, body = split_front_matter(cleaner.visible(text.replace("\r\n", "\n")), "It")
    cleaner.clean(body)
    kind: DocumentKind = file.wanted or ("article" if ARTICLE_FIELDS & fields.keys() else "source")
    document = document_of(file.data, PurePath(file.name).name, kind)
    return [Reading("markdown", document.title, kind, notes=cleaner.notes(), verbatim=True)]
