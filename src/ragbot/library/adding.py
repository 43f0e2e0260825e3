"""Takes files into the corpus: read in a child process, written whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ragbot.errors import DocumentError, StorageError
from ragbot.library.composing import CELL_BORDER, Composed, composed
from ragbot.library.originals import (
    LOCK,
    Origin,
    Originals,
    kept_name,
    sweep_leftovers,
    text_digest,
    write_whole,
)
from ragbot.library.reader import document_of
from ragbot.library.readers.detect import ENDINGS, FORMATS
from ragbot.library.readers.model import Part, Reading
from ragbot.library.readers.workers import Workers
from ragbot.library.shelf import Held, Shelf, keys_of
from ragbot.types import Document, DocumentKind

SIZE_LIMIT = 60_000_000
MOST_FILES = 20_000
LOCK_WAIT_SECONDS = 5
KNOWN_ENDINGS = frozenset(ending for endings in ENDINGS.values() for ending in endings)
UNLISTED = "Reference {number} of the saved page, which has no reference list."
NO_DATE = "unknown"

Tell = Callable[[str, int, int], None]
Guard = Callable[[Document], tuple[Document, str]]
"""Gets each document before it is kept: gives it back with what was blackened in it ("" for
nothing; the text's length stays), or raises DocumentError."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document of a file: added, replaced, unchanged or refused."""

    status: str
    document_id: str = ""
    kind: str = ""
    title: str = ""
    notes: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of a file. `status` is the worst of its documents', or "skipped"."""

    path: str
    status: str
    format: str = ""
    documents: tuple[Outcome, ...] = ()
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How files are to be taken in."""

    kind: DocumentKind | None = None
    dry_run: bool = False
    replace: bool = False
    guard: Guard | None = None


def listed(paths: Sequence[Path]) -> list[tuple[Path, bool]]:
    """Files to add, and whether each was named itself; folders are walked, links not followed."""
    found: list[tuple[Path, bool]] = []
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            found += [(inner, False) for inner in _walked(path)]
        else:
            found.append((path, True))
    return found[:MOST_FILES]


def _walked(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(
            f for f in folders if not f.startswith(".") and not f.endswith("_files")
        )
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(root, name)


def add_files(
    paths: Sequence[Path], corpus: Path, wishes: Wishes, tell: Tell | None = None
) -> list[FileReport]:
    """Take files and folders into `corpus`, one report a file.

    A file that cannot be taken in leaves the corpus as it was, and the rest in. Raises
    StorageError if the corpus cannot be written, or another process is adding to it.
    """
    files = listed(paths)
    if wishes.dry_run:
        return list(_each(files, corpus, wishes, tell))
    try:
        corpus.mkdir(parents=True, exist_ok=True)
        with FileLock(corpus / LOCK, timeout=LOCK_WAIT_SECONDS):
            sweep_leftovers(corpus)
            return list(_each(files, corpus, wishes, tell))
    except Timeout as error:
        raise StorageError(
            f"Another process is adding to {corpus}.", remedy="Wait for it and add again."
        ) from error
    except OSError as error:
        raise StorageError(
            f"The corpus folder {corpus} cannot be written ({error.strerror}).",
            remedy="Make it writable, or name another with --corpus.",
        ) from error


def _each(
    files: Sequence[tuple[Path, bool]], corpus: Path, wishes: Wishes, tell: Tell | None
) -> Iterator[FileReport]:
    with Workers() as workers:
        adding = Adding(Shelf.of(corpus), Originals(corpus), workers, wishes)
        for done, (path, named) in enumerate(files, 1):
            if tell is not None:
                tell("reading files", done, len(files))
            yield adding.add(path, named=named)


@dataclass
class Adding:
    """Adds files to one corpus, one at a time."""

    shelf: Shelf
    originals: Originals
    workers: Workers
    wishes: Wishes
    seen: dict[str, str] = field(default_factory=dict)

    def add(self, path: Path, *, named: bool = True) -> FileReport:
        """Take one file in; never raises for what is wrong with the file."""
        shown = str(path)
        if not named and path.suffix.lower() not in KNOWN_ENDINGS:
            return FileReport(shown, "skipped", error=f"{path.suffix or 'no ending'}: not read.")
        try:
            data = file_bytes(path)
            readings = self.workers.read(path.name, data, self.wishes.kind)
        except DocumentError as error:
            return FileReport(shown, "refused", error=f"{path.name}: {error}")
        outcomes = tuple(self._one(reading, path, data) for reading in readings)
        return FileReport(shown, _worst(outcomes), FORMATS[readings[0].format], outcomes)

    def _one(self, reading: Reading, path: Path, data: bytes) -> Outcome:
        try:
            if reading.failure:
                return Outcome(
                    "refused", title=reading.title, error=f"{path.name}: {reading.failure}"
                )
            if reading.verbatim:
                return self._as_it_is(reading, path, data)
            return self._derived(reading, path, data)
        except DocumentError as error:
            return Outcome("refused", title=reading.title, error=f"{path.name}: {error}".strip())

    def _as_it_is(self, reading: Reading, path: Path, data: bytes) -> Outcome:
        """A file that is Markdown with front matter already."""
        document = document_of(data, path.name, reading.kind)
        if self.wishes.guard is not None and self.wishes.guard(document)[1]:
            raise DocumentError(
                "It holds data of a patient, and Markdown is taken as it is, not blackened.",
                remedy="Take that out of the file.",
            )
        held = self.shelf.by_id.get(document.id)
        target = self.shelf.path_of(reading.kind, document.id)
        if held is not None and held.kind == reading.kind and _has(held.path, data):
            return self._outcome("unchanged", document.id, reading)
        if held is not None and (not self.wishes.replace or held.kind != reading.kind):
            raise DocumentError(
                f"The id {document.id} is taken by {held.path.parent.name}/{held.path.name}.",
                remedy="Rename the file, or replace that one with --replace.",
            )
        if not self.wishes.dry_run:
            if held is not None:
                self._note_replaced(held, path.name)
            write_whole(target, data)
        about = document.bibliography
        doi, pmid = (about.doi, about.pmid) if about else (None, None)
        keys = keys_of(reading.kind, document.title, doi, pmid)
        self.shelf.put(Held(document.id, reading.kind, target, None, keys))
        return self._outcome("replaced" if held else "added", document.id, reading)

    def _derived(self, reading: Reading, path: Path, data: bytes) -> Outcome:
        """A file whose text is written as Markdown, its bytes kept beside."""
        ending = path.suffix.lower().lstrip(".") or reading.format
        name = kept_name(data, ending)
        same = self.shelf.same_as(reading)
        held = same[0] if same else None
        if held is not None and held.original == name and not self.wishes.replace:
            return self._outcome("unchanged", held.document_id, reading)
        if same and held is not None and not self.wishes.replace:
            raise DocumentError(
                f"Its {same[1]} is in the library already, as {held.document_id}.",
                remedy="Take its place with --replace.",
            )
        document_id = held.document_id if held else self.shelf.fresh_id(reading)
        reading, is_whole = self._guarded(reading, document_id)
        fields = _origin_fields(name if is_whole else None, path, reading)
        made = composed(reading, fields, _article_fields(reading))
        target = self.shelf.path_of(reading.kind, document_id)
        written = made.markdown.encode()
        document = document_of(written, target.name, reading.kind)  # it reads back, or is not kept
        if not self.wishes.dry_run:
            origin = self._origin(reading, made, document, path.name)
            if is_whole:
                origin = replace(origin, file=name, sha256=name.split(".")[0])
            self._note(origin, held)
            if is_whole:
                self.originals.keep(data, ending)
            write_whole(target, written)
        keys = keys_of(reading.kind, reading.title, reading.about.doi, reading.about.pmid)
        self.shelf.put(Held(document_id, reading.kind, target, name, keys))
        return self._outcome("replaced" if held else "added", document_id, reading)

    def _origin(self, reading: Reading, made: Composed, document: Document, name: str) -> Origin:
        return Origin(
            document_id=document.id,
            sha256="",
            file="",
            name=_printable(name),
            format=FORMATS[reading.format],
            added=_now(),
            notes=reading.notes,
            pages=reading.pages,
            places=made.places,
            entries=reading.entries,
            stated_status=reading.page.status if reading.page else None,
            text_sha256=text_digest(document.text),
        )

    def _note(self, origin: Origin, held: Held | None) -> None:
        """Keep the record, and what the document replaces: nothing is lost."""
        before = self.originals.origin(origin.document_id) if held else None
        older = (*before.previous, before.file) if before else ()
        data = held.path.read_bytes() if held and held.path.is_file() else b""
        named = dict.fromkeys((*older, kept_name(data, "md") if data else ""))
        previous = tuple(name for name in named if name and name != origin.file)
        self.originals.note(replace(origin, previous=previous))
        if data:
            self.originals.keep(data, "md")

    def _note_replaced(self, held: Held, name: str) -> None:
        """The record of Markdown that replaces a document: it has no original but itself."""
        origin = Origin(held.document_id, "", "", _printable(name), FORMATS["markdown"], _now())
        self._note(origin, held)

    def _guarded(self, reading: Reading, document_id: str) -> tuple[Reading, bool]:
        """`reading` as it may be kept, and whether its original may be kept too."""
        if self.wishes.guard is None:
            return reading, True
        made = composed(reading, {}, _article_fields(reading))
        document = document_of(made.markdown.encode(), f"{document_id}.md", reading.kind)
        guarded, said = self.wishes.guard(document)
        if guarded.text == document.text:
            return reading, True
        note = f"data of a patient blackened ({said}); the original is not kept"
        kept = [part for part in reading.parts if part.text.strip()]
        blocks = zip(kept, document.blocks, strict=True)
        parts = tuple(_blackened(part, guarded.text[b.start : b.end]) for part, b in blocks)
        notes = (*reading.notes, note)
        return replace(reading, title=guarded.title, parts=parts, notes=notes), False

    def _outcome(self, status: str, document_id: str, reading: Reading) -> Outcome:
        return Outcome(status, document_id, reading.kind, reading.title, reading.notes)


def _blackened(part: Part, text: str) -> Part:
    """`part` with `text`, which is as long as its own; a table row's cells as they are in it."""
    cells, at = [], 0
    for cell in part.cells:
        cells.append(text[at : at + len(cell)])
        at += len(cell) + len(CELL_BORDER)
    return replace(part, text=text, cells=tuple(cells))


def file_bytes(path: Path) -> bytes:
    """The bytes of a regular file. Raises DocumentError for anything else."""
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise DocumentError("It is a symbolic link.", remedy="Add the file it points to.")
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError("It is no regular file.", remedy="Add a file or a folder.")
        if status.st_size > SIZE_LIMIT:
            raise DocumentError(
                f"It has {status.st_size // 1_000_000} MB, more than {SIZE_LIMIT // 1_000_000}.",
                remedy="Split it.",
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise DocumentError(
            f"It cannot be read ({said}).", remedy="Check its name and permissions."
        ) from error


def _has(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def _worst(outcomes: Sequence[Outcome]) -> str:
    found = {outcome.status for outcome in outcomes}
    return next((s for s in ("refused", "added", "replaced", "unchanged") if s in found), "refused")


def _origin_fields(name: str | None, path: Path, reading: Reading) -> dict[str, Any]:
    return {
        "original": name,
        "original_name": _printable(path.name),
        "original_format": FORMATS[reading.format],
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)[:200]


def _article_fields(reading: Reading) -> dict[str, Any]:
    """What an article's front matter must say; its review begins anew in this library."""
    if reading.kind != "article":
        return {}
    references = {
        entry.number: {
            "missing": True,
            "citation": entry.text or UNLISTED.format(number=entry.number),
        }
        for entry in reading.entries
    }
    page = reading.page
    return {
        "status": "submitted",
        "updated": (page.updated if page else "") or NO_DATE,
        "audience": (page.audience if page else None) or "clinician",
        "references": references,
    }
