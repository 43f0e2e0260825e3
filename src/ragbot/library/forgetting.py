"""What becomes of the originals of documents whose files have gone from the corpus.

A document whose file is nowhere in the corpus folder is deleted: its record goes, and with it the
bytes it came from, and those it had replaced. A file that lies elsewhere in the folder, or under
another name, keeps its original: its front matter names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from ragbot.errors import DocumentError, RagbotError, StorageError
from ragbot.library.front_matter import split_front_matter
from ragbot.library.originals import FOLDER, LOCK, Origin, Originals, text_digest
from ragbot.library.reader import read_document
from ragbot.library.shelf import HEAD
from ragbot.types import DocumentKind

AT_ONCE = 5
"""More lost documents than this, and more than half of them, look like a folder that is away."""


def lost_at_once(corpus: Path) -> list[str]:
    """The ids of lost documents, if they are so many that a part of the corpus may be away.

    A share that is not mounted, or another branch checked out, is no deletion: the originals stay.
    """
    records = Originals(corpus).records()
    lost = _lost(records, _markdown(corpus)) if records else []
    return lost if _looks_away(lost, records) else []


def _lost(records: Collection[str], files: list[Path]) -> list[str]:
    return sorted(set(records).difference(path.stem for path in files))


def _looks_away(lost: Collection[str], records: Collection[str]) -> bool:
    return len(lost) > AT_ONCE and 2 * len(lost) > len(records)


def forget_originals(corpus: Path) -> list[str]:
    """Remove the originals of deleted documents; the ids of those.

    Nothing is removed while another process is adding, or while a file of the corpus does not say
    whether it has an original: the next run does it then; nor where `lost_at_once` names some.
    Raises StorageError if a file cannot be removed.
    """
    originals = Originals(corpus)
    records = originals.records()
    files = _markdown(corpus) if records else []
    lost = _lost(records, files)
    if not lost or _looks_away(lost, records):
        return []
    try:
        with FileLock(corpus / LOCK, timeout=0):
            named = _named_by(files, set(records))
            return _forgotten(originals, lost, named) if named is not None else []
    except Timeout:
        return []
    except OSError as error:
        raise StorageError(
            f"Originals in {originals.folder} cannot be removed ({error.strerror or error}).",
            remedy="Make the folder writable and run `ragbot index` again.",
        ) from error


def _markdown(corpus: Path) -> list[Path]:
    found = (path for path in sorted(corpus.rglob("*.md")) if path.parent.name != FOLDER)
    return [path for path in found if path.is_file()]


def _named_by(files: list[Path], recorded: Collection[str]) -> dict[str, list[Path]] | None:
    """Files that have no record of their own, by the original they name; None if one is unclear."""
    named: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        if path.stem in recorded:
            continue
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                fields, _ = split_front_matter(file.read(HEAD), path.name)
        except (OSError, DocumentError):
            return None
        if isinstance(original := fields.get("original"), str):
            named[original].append(path)
    return named


def _forgotten(originals: Originals, lost: list[str], named: Mapping[str, list[Path]]) -> list[str]:
    gone = []
    origins = [origin for name in lost if (origin := _origin(originals, name)) is not None]
    for origin in _moved(originals, origins, named):
        originals.remove(origin)
        gone.append(origin.document_id)
    return sorted(gone)


def _origin(originals: Originals, name: str) -> Origin | None:
    try:
        return originals.origin(name)
    except RagbotError:  # a record that does not read names nothing that could be removed
        return None


def _moved(
    originals: Originals, origins: list[Origin], named: Mapping[str, list[Path]]
) -> list[Origin]:
    """Give the records of renamed files to their new names; the records left over.

    Of several documents of one original each goes to the file that has its text; where the text
    has changed too, to any of the others: its places count only for the text they were read with.
    """
    waiting = {name: {path.stem: _digest(path) for path in paths} for name, paths in named.items()}
    rest = origins
    for same_text in (True, False):
        origins, rest = rest, []
        for origin in origins:
            files = waiting.get(origin.file, {}) if origin.file else {}
            fitting = [n for n, d in files.items() if not same_text or d == origin.text_sha256]
            if fitting:
                del files[fitting[0]]
                originals.rename(origin, fitting[0])
            else:
                rest.append(origin)
    return rest


def _digest(path: Path) -> str:
    kind: DocumentKind = "article" if path.parent.name == "articles" else "source"
    try:
        return text_digest(read_document(path, kind).text)
    except DocumentError:
        return ""
