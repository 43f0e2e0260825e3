"""The corpus folder: `articles/*.md` and `sources/*.md`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ragbot.errors import CorpusMissingError, DocumentError
from ragbot.library.reader import read_document
from ragbot.types import Document, DocumentKind

FOLDERS: tuple[tuple[str, DocumentKind], ...] = (("articles", "article"), ("sources", "source"))


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A file of the corpus before it is read: where it lies and the digest of its bytes."""

    path: Path
    kind: DocumentKind
    document_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be taken in, and why, in one line."""

    path: str
    error: str


def list_corpus(folder: Path) -> list[CorpusFile]:
    """The files of the corpus in `folder` with their digests, articles first, by name.

    Symbolic links are left out. Raises CorpusMissingError if the folder is not there or holds no
    document.
    """
    return [CorpusFile(path, kind, path.stem, _digest(path)) for path, kind in corpus_files(folder)]


def corpus_files(folder: Path) -> list[tuple[Path, DocumentKind]]:
    """Paths and kinds of the corpus' files, as `list_corpus`, none of them read."""
    try:
        files = [
            (path, kind)
            for name, kind in FOLDERS
            for path in sorted((folder / name).glob("*.md"))
            if path.is_file() and not path.is_symlink()
        ]
    except (OSError, ValueError) as error:
        raise CorpusMissingError(
            f"The corpus folder {str(folder)[:200]!r} cannot be read ({error}).",
            remedy="Name the folder with --corpus or RAGBOT_CORPUS.",
        ) from error
    if not files:
        raise CorpusMissingError(
            f"The corpus folder {folder} holds no articles/*.md or sources/*.md.",
            remedy="Name the folder with --corpus or RAGBOT_CORPUS.",
        )
    return files


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""  # reading it will say why


def set_aside_duplicates(
    files: Sequence[CorpusFile],
) -> tuple[list[CorpusFile], list[Failure]]:
    """The files whose id is theirs alone or came first, and the others as failures."""
    first: dict[str, CorpusFile] = {}
    failures = []
    for file in files:
        holder = first.setdefault(file.document_id, file)
        if holder is not file:
            failures.append(
                Failure(
                    str(file.path),
                    f"{file.path.name} in {file.path.parent} has the id {file.document_id}, which "
                    f"{holder.path.parent.name}/{holder.path.name} has. Rename one of the two.",
                )
            )
    return list(first.values()), failures


def read_files(files: Sequence[CorpusFile]) -> Iterator[Document | Failure]:
    """Each file as a document, or as the failure that keeps it out; never raises for a bad file."""
    for file in files:
        try:
            yield read_document(file.path, file.kind)
        except DocumentError as error:
            yield Failure(str(file.path), str(error))
