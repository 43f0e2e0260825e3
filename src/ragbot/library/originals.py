"""The original bytes of what was added, and where each passage stands in them.

    CORPUS/originals/SHA256.ENDING      the bytes as they came in, named by their digest
    CORPUS/originals/ID.json.gz         of one document: its original, pages, places, references

A document's front matter names its original too. A record holds no text but the reference list,
and is written before the bytes that it names: bytes without a record are nobody's.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ragbot.errors import StorageError, UnknownDocumentError
from ragbot.library.readers.model import Entry, Place
from ragbot.types import Document

FOLDER = "originals"
LOCK = ".adding.lock"
"""In the corpus folder: held by whoever adds to it or takes originals away."""
RECORD = ".json.gz"
KEPT_NAME = re.compile(r"([0-9a-f]{64})\.([a-z0-9]{1,10})")
PAGE_WIDTH = 1000
RECORD_LIMIT = 100_000_000
LEFTOVER = (".adding-", ".tmp")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document came from. `places` are offsets into its text, in order, for a PDF.

    `text_sha256` is the digest of that text. `previous` names what it has replaced.
    """

    document_id: str
    sha256: str
    file: str
    name: str
    format: str
    added: str
    notes: tuple[str, ...] = ()
    pages: tuple[tuple[float, float], ...] = ()
    places: tuple[Place, ...] = ()
    entries: tuple[Entry, ...] = ()
    stated_status: str | None = None
    text_sha256: str = ""
    previous: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as PNG; `page` from 1, `boxes` (x0, top, x1, bottom) in pixels of the image."""

    png: bytes
    page: int
    pages: int
    width: int
    height: int
    boxes: tuple[tuple[float, float, float, float], ...]


class Originals:
    """The originals of one corpus folder."""

    def __init__(self, corpus: Path) -> None:
        """Nothing is read or made yet."""
        self.folder = corpus / FOLDER

    def keep(self, data: bytes, ending: str) -> str:
        """Keep `data`; the name under which it lies, which is the same for the same bytes."""
        name = kept_name(data, ending)
        if not (self.folder / name).is_file():
            write_whole(self.folder / name, data)
        return name

    def note(self, origin: Origin) -> None:
        """Keep the record of a document, in the place of an earlier one."""
        written = json.dumps(asdict(origin), ensure_ascii=False, separators=(",", ":")).encode()
        write_whole(self._record(origin.document_id), gzip.compress(written, mtime=0))

    def origin(self, document_id: str) -> Origin | None:
        """Where a document came from; None if it was not added from an original.

        Raises StorageError if the record does not read.
        """
        path = self._record(document_id)
        try:
            with gzip.open(path) as file:
                return TypeAdapter(Origin).validate_json(file.read(RECORD_LIMIT))
        except FileNotFoundError:
            return None
        except (OSError, EOFError, ValidationError) as error:
            raise StorageError(
                f"The record {path} does not read back ({type(error).__name__}).",
                remedy="Add the original again with --replace.",
            ) from error

    def path(self, document_id: str) -> Path:
        """The original file of a document.

        Raises UnknownDocumentError if there is none, StorageError if its bytes have changed.
        """
        path, _ = self._checked(document_id)
        return path

    def origin_of(self, document: Document) -> Origin | None:
        """Where `document` came from; None if its text is not the one that was read from there."""
        origin = self.origin(document.id)
        return origin if origin and origin.text_sha256 == text_digest(document.text) else None

    def places(self, document_id: str, start: int, end: int) -> list[Place]:
        """The boxes of `text[start:end]` of a document, line by line; [] where not known."""
        origin = self.origin(document_id)
        return [] if origin is None else places_in(origin, [(start, end)])

    def page_image(
        self,
        document_id: str,
        spans: Sequence[Span],
        *,
        page: int | None = None,
        width: int = PAGE_WIDTH,
    ) -> PageImage:
        """The page on which the first of `spans` begins (or `page`), all of them marked on it.

        Drawn in a child process with limits. Raises UnknownDocumentError if the document has no
        PDF behind it or the passages no place in it, DocumentError if the page cannot be drawn.
        """
        from ragbot.library.readers.workers import Workers

        path, origin = self._checked(document_id)
        places = places_in(origin, spans)
        if not origin.pages or not (places or page):
            raise UnknownDocumentError(
                f"No page is known for {list(spans)} of {document_id} ({origin.format}).",
                remedy="Only passages of PDF files have pages.",
            )
        shown = page or places[0].page
        boxes = [[p.x0, p.top, p.x1, p.bottom] for p in places if p.page == shown]
        with Workers() as workers:
            drawn = workers.image(path.read_bytes(), shown, boxes, width)
        return PageImage(
            png=base64.b64decode(drawn["png"]),
            page=shown,
            pages=len(origin.pages),
            width=drawn["width"],
            height=drawn["height"],
            boxes=tuple((a, b, c, d) for a, b, c, d in drawn["boxes"]),
        )

    def records(self) -> list[str]:
        """The ids that have a record."""
        return [p.name.removesuffix(RECORD) for p in sorted(self.folder.glob(f"*{RECORD}"))]

    def rename(self, origin: Origin, document_id: str) -> None:
        """Give a record to the document that goes by another id now."""
        self.note(replace(origin, document_id=document_id))
        self._record(origin.document_id).unlink(missing_ok=True)

    def remove(self, origin: Origin) -> None:
        """Remove a record and all bytes that it names, the record last."""
        for name in (origin.file, *origin.previous):
            if KEPT_NAME.fullmatch(name):
                (self.folder / name).unlink(missing_ok=True)
        self._record(origin.document_id).unlink(missing_ok=True)

    def _record(self, document_id: str) -> Path:
        from ragbot.library.reader import DOCUMENT_ID

        if not DOCUMENT_ID.fullmatch(document_id):
            raise UnknownDocumentError(f"{document_id!r} is no id.", remedy="Name a document.")
        return self.folder / f"{document_id}{RECORD}"

    def _checked(self, document_id: str) -> tuple[Path, Origin]:
        origin = self.origin(document_id)
        if origin is None or not KEPT_NAME.fullmatch(origin.file):
            raise UnknownDocumentError(
                f"{document_id} has no original in the library.",
                remedy="It was written as Markdown; `ragbot show` gives its text.",
            )
        path = self.folder / origin.file
        try:
            with path.open("rb") as file:
                same = hashlib.file_digest(file, "sha256").hexdigest() == origin.sha256
        except OSError as error:
            raise StorageError(f"The original {path} cannot be read ({error.strerror}).",
                               remedy="Add it again with --replace.") from error  # fmt: skip
        if not same:
            raise StorageError(
                f"The original {path} is not the file that was added: its digest differs.",
                remedy="Add it again with --replace.",
            )
        return path, origin


def kept_name(data: bytes, ending: str) -> str:
    """The name under which `data` is kept."""
    clean = re.sub(r"[^a-z0-9]", "", ending.lower())[:10] or "bin"
    return f"{hashlib.sha256(data).hexdigest()}.{clean}"


def text_digest(text: str) -> str:
    """The digest that a record knows a document's text by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def places_in(origin: Origin, spans: Sequence[Span]) -> list[Place]:
    """The boxes of the passages, line by line, those of the first passage first."""
    return [
        place
        for start, end in spans
        for place in merged([p for p in origin.places if p.start < end and start < p.end])
    ]


def merged(places: Sequence[Place]) -> list[Place]:
    """Boxes of words that follow each other in a line, as one."""
    lines: list[Place] = []
    for place in places:
        last = lines[-1] if lines else None
        if (
            last is not None
            and last.page == place.page
            and abs(last.top - place.top) < 2
            and 0 <= place.x0 - last.x1 < 30
        ):
            top, bottom = min(last.top, place.top), max(last.bottom, place.bottom)
            lines[-1] = Place(last.start, place.end, last.page, last.x0, top, place.x1, bottom)
        else:
            lines.append(place)
    return lines


def sweep_leftovers(corpus: Path) -> None:
    """Remove what a killed writer has begun; to be called by the one that adds."""
    for path in corpus.glob(f"*/{LEFTOVER[0]}*{LEFTOVER[1]}"):
        path.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole, or not at all. Raises StorageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=LEFTOVER[0], suffix=LEFTOVER[1], dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written ({error.strerror}).", remedy="Make its folder writable."
        ) from error
