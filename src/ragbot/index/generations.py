"""The index folder: complete generations, and one file that names the current one.

    INDEX/CURRENT                 name of the current generation, replaced by one atomic rename
    INDEX/writer.lock             held by the one process that writes
    INDEX/models/FINGERPRINT/     exported embedding models
    INDEX/generations/NAME/       catalog.sqlite, chroma/, vectors, lexical/, stamp, manifest

A generation is built in a folder whose name begins with a dot and is never read before it is
whole: a killed writer leaves a leftover, which the next one removes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ragbot.errors import (
    IndexDamagedError,
    IndexLockedError,
    IndexMissingError,
    StorageError,
)

CURRENT = "CURRENT"
GENERATIONS = "generations"
MODELS = "models"
STAMP = "stamp.json"
MANIFEST = "manifest.json"
CHROMA = "chroma"
LOCK_WAIT_SECONDS = 0.5
NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,60}")
KEPT_GENERATIONS = 2  # a reader that has just read CURRENT may still open the one before


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a generation was built with, and how much it holds."""

    format: int
    embedding_model: str
    fingerprint: str
    chunking: str
    analysis: str
    documents: int
    chunks: int
    sentences: int
    built: str


def write_stamp(folder: Path, stamp: Stamp) -> None:
    """Write `stamp` into a generation's folder."""
    (folder / STAMP).write_text(json.dumps(asdict(stamp), indent=1), encoding="utf-8")


def damaged(folder: Path, why: object) -> IndexDamagedError:
    """The error for a generation that does not read back."""
    return IndexDamagedError(
        f"The index generation {folder} does not read back ({why}).",
        remedy="Run `ragbot index`: it is built anew from the corpus.",
    )


def read_stamp(folder: Path) -> Stamp:
    """The stamp of a generation. Raises IndexDamagedError if it does not read."""
    try:
        return Stamp(**json.loads((folder / STAMP).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise damaged(folder, error) from error


def write_manifest(folder: Path) -> None:
    """Note the digests of a generation's files, once all of them are written."""
    noted = {"files": _digests(folder, chroma=False), "chroma": _digests(folder, chroma=True)}
    (folder / MANIFEST).write_text(json.dumps(noted, indent=1), encoding="utf-8")


def check_manifest(folder: Path) -> None:
    """Raise IndexDamagedError unless the files are those that were written, to the last byte.

    Chroma's files are left out: it may write into its own whenever it is opened.
    """
    try:
        same = _noted(folder)["files"] == _digests(folder, chroma=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(folder, error) from error
    if not same:
        raise damaged(folder, "its files are not those that were written")


def is_chroma_untouched(folder: Path) -> bool:
    """Whether Chroma's files are those that were written, to the last byte."""
    try:
        return bool(_noted(folder)["chroma"] == _digests(folder, chroma=True))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _noted(folder: Path) -> dict[str, Any]:
    noted: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return noted


def _digests(folder: Path, *, chroma: bool) -> dict[str, str]:
    digests = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and name != Path(MANIFEST) and (name.parts[0] == CHROMA) is chroma:
            with path.open("rb") as file:
                digests[str(name)] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def current_generation(index: Path) -> Path:
    """Folder of the current generation.

    Raises IndexMissingError if there is none, IndexDamagedError if it is named but gone.
    """
    try:
        name = (index / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise IndexMissingError(
            f"There is no index in {index}.",
            remedy="Run `ragbot index` first, or name another folder with --index.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamagedError(
            f"{index / CURRENT} cannot be read ({error}).", remedy="Run `ragbot index`."
        ) from error
    folder = index / GENERATIONS / name
    if not NAME.fullmatch(name) or not folder.is_dir():
        raise IndexDamagedError(
            f"{index / CURRENT} names the generation {name[:40]!r}, which is not there.",
            remedy="Run `ragbot index`: it is built anew from the corpus.",
        )
    return folder


@contextlib.contextmanager
def writer(index: Path) -> Iterator[None]:
    """Hold the index for writing. The lock goes with the process, also when it is killed.

    Raises IndexLockedError within two seconds if another process holds it, StorageError if the
    folder cannot be written.
    """
    try:
        (index / GENERATIONS).mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / "writer.lock", timeout=LOCK_WAIT_SECONDS)
        lock.acquire()
    except Timeout as error:
        raise IndexLockedError(
            f"Another process is writing the index in {index}.",
            remedy="Wait until it is done, or name another folder with --index.",
        ) from error
    except OSError as error:
        raise StorageError(
            f"The index folder {index} cannot be written ({error.strerror or error}).",
            remedy="Make it writable, or name another folder with --index or RAGBOT_INDEX.",
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def building(index: Path) -> Iterator[Path]:
    """A fresh folder to build a generation in; what is left in it at the end is removed."""
    sweep(index)
    folder = index / GENERATIONS / f".building-{secrets.token_hex(6)}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def switch_to(index: Path, built: Path, *, keep: int = KEPT_GENERATIONS) -> Path:
    """Make the finished folder `built` the current generation; all but `keep` are removed."""
    name = f"{time.strftime('%Y%m%dT%H%M%S')}-{secrets.token_hex(4)}"
    folder = index / GENERATIONS / name
    for path in built.rglob("*"):
        if path.is_file():
            _flush(path)
    built.replace(folder)
    _flush(index / GENERATIONS)
    pointer = index / f"{CURRENT}.new"
    with pointer.open("w", encoding="utf-8") as file:
        file.write(name)
        file.flush()
        os.fsync(file.fileno())
    pointer.replace(index / CURRENT)
    _flush(index)
    sweep(index, keep=keep)
    return folder


def _flush(path: Path) -> None:
    """Have the disk hold a file, or a folder's list of names, before what names it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(index: Path, *, keep: int = KEPT_GENERATIONS) -> None:
    """Remove leftovers of killed writers and all generations but the newest `keep`."""
    folders = [path for path in (index / GENERATIONS).iterdir() if path.is_dir()]
    leftovers = [path for path in folders if path.name.startswith(".")]
    try:
        current = (index / CURRENT).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        current = ""
    whole = sorted(
        (path for path in folders if not path.name.startswith(".") and path.name != current),
        key=lambda path: path.stat().st_mtime_ns,
        reverse=True,
    )
    for path in (*leftovers, *whole[keep - 1 :]):
        shutil.rmtree(path, ignore_errors=True)
