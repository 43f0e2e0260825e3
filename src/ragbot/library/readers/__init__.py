"""Readers: one module a format, each a function from a file to what it holds.

`read_file` tells the format from the bytes and calls its reader. It is run in a child process with
limits (`workers`): nothing here is to be called on a stranger's file in the process of a server.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from pathlib import PurePath

from ragbot.library.readers.detect import ENDINGS, FORMATS, format_of
from ragbot.library.readers.model import File, Reader, Reading

MODULES = {
    "pdf": "pdf",
    "docx": "word",
    "pubmed": "pubmed",
    "jats": "jats",
    "nbib": "nbib",
    "ris": "ris",
    "bibtex": "bibtex",
    "html": "html_file",
    "markdown": "markdown_file",
    "text": "text_file",
}

UNTITLED = "has no title of its own: named after its file"


def reader_of(format_: str) -> Reader:
    """The reader of a format; its library is imported with it, and no other."""
    module = importlib.import_module(f"{__name__}.{MODULES[format_]}")
    reader: Reader = module.read
    return reader


def read_file(file: File) -> list[Reading]:
    """The documents in `file`. Raises DocumentError with one line on what is wrong."""
    format_ = format_of(file.data)
    readings = [_titled(reading, file.name) for reading in reader_of(format_)(file)]
    ending = PurePath(file.name).suffix.lower()
    if ending in ENDINGS[format_]:
        return readings
    note = f"is {FORMATS[format_]}, though its name ends in {ending or 'nothing'}"
    return [replace(reading, notes=(note, *reading.notes)) for reading in readings]


def _titled(reading: Reading, name: str) -> Reading:
    """`reading`, named after its file where nothing in the file is a title."""
    if reading.title or reading.failure:
        return reading
    title = " ".join(re.sub(r"[_\W]+", " ", PurePath(name).stem).split()) or "Untitled"
    return replace(reading, title=title, notes=(*reading.notes, UNTITLED))
