"""What a reader makes of a file: parts in reading order, and what the file says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ragbot.types import Bibliography, BlockKind, DocumentKind, Marker

# Noncharacters around digits that stand raised or linked, as citations do. They are taken out
# again before a reading is done; `cleaning` removes them from what a file holds.
OPEN, CLOSE = "\ufdd3", "\ufdd4"


@dataclass(frozen=True, slots=True)
class Place:
    """Where `text[start:end]` of a part stands: a box on a page (from 1), in points.

    x runs from the left edge, y from the upper edge of the page.
    """

    start: int
    end: int
    page: int
    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, paragraph, list item or table row, as a `Block` will be.

    A table's rows follow each other with the same `level`, their cells in `cells`. `continues`
    says that an item goes on with another paragraph; `links` are the addresses it points at.
    """

    kind: BlockKind
    text: str
    level: int = 0
    number: int | None = None
    cells: tuple[str, ...] = ()
    continues: bool = False
    markers: tuple[Marker, ...] = ()
    places: tuple[Place, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a file's reference list."""

    number: int
    text: str
    doi: str | None = None
    pmid: str | None = None


@dataclass(frozen=True, slots=True)
class PageDetails:
    """What a saved article page says of itself; `status` is what it claims, None if it does not."""

    updated: str = ""
    status: str | None = None
    audience: str | None = None


NOTHING_SAID = Bibliography()


@dataclass(frozen=True, slots=True)
class Reading:
    """One document as read from a file: nothing in it that the file does not say.

    `verbatim` says that the file is a corpus file itself. `extra` holds volume, issue and pages;
    `pages` the width and height of each page in points; `notes` what a person must know.
    """

    format: str
    title: str
    kind: DocumentKind
    parts: tuple[Part, ...] = ()
    about: Bibliography = NOTHING_SAID
    extra: tuple[tuple[str, str], ...] = ()
    page: PageDetails | None = None
    entries: tuple[Entry, ...] = ()
    pages: tuple[tuple[float, float], ...] = ()
    notes: tuple[str, ...] = ()
    verbatim: bool = False
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """The bytes of a file, its name, and as what it is to be taken in (None: as it looks)."""

    name: str
    data: bytes
    wanted: DocumentKind | None = None


class Reader(Protocol):
    """Reads one format. A file may hold many documents."""

    def __call__(self, file: File) -> list[Reading]:
        """The documents in `file`; a record that cannot be read has its `failure` set.

        Raises DocumentError with one line that says what is wrong with the file.
        """
        ...
