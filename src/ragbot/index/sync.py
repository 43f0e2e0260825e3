"""Brings the index up to date with the corpus: only what changed is read and embedded."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ragbot.errors import CorpusMissingError, DocumentError, IndexDamagedError, StorageError
from ragbot.index import generations
from ragbot.index.build import Build, Generation, Progress, held_documents, open_previous
from ragbot.index.export import ExportedModel, ensure_export, model_fingerprint
from ragbot.library.corpus import (
    CorpusFile,
    Failure,
    corpus_files,
    list_corpus,
    read_files,
    set_aside_duplicates,
)
from ragbot.library.forgetting import forget_originals, lost_at_once
from ragbot.privacy.guard import Handling, guarded_document
from ragbot.settings import Settings
from ragbot.types import Document


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What `ragbot index` did. Counts are of documents, save `chunks`, `embedded` (chunks).

    `masked` tells of which documents' patient data were blackened, and their kinds; `forgotten`
    names deleted documents whose originals were deleted with them, `spared` those whose originals
    were not, because so many were gone at once.
    """

    documents: int
    chunks: int
    added: int
    updated: int
    removed: int
    unchanged: int
    embedded: int
    seconds: float
    failed: tuple[Failure, ...] = ()
    masked: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Plan:
    changed: list[CorpusFile]
    added: int
    removed: list[str]
    unchanged: int

    @property
    def rewritten(self) -> int:
        """How many documents changed that are held already."""
        return len(self.changed) - self.added


def sync(settings: Settings, progress: Progress | None = None) -> SyncReport:
    """Bring the index in `settings.index` up to date with `settings.corpus`.

    A file that cannot be taken in is reported, and its last good version stays. Raises
    CorpusMissingError, ModelUnavailableError, StorageError, or IndexLockedError if another
    process is writing.
    """
    tell = progress or (lambda *_: None)
    began = time.monotonic()
    corpus_files(settings.corpus)  # a corpus that is not there leaves no trace of an index
    with generations.writer(settings.index):
        # Listed under the lock: what another writer has just taken in must not look removed.
        files, failures = set_aside_duplicates(list_corpus(settings.corpus))
        try:
            report = _write(settings, files, failures, tell)
            spared = lost_at_once(settings.corpus)
            forgotten = forget_originals(settings.corpus)
        except (OSError, sqlite3.Error) as error:
            raise StorageError(
                f"The index folder {settings.index} cannot be written ({error}).",
                remedy="Make it writable and free some space, or name another with --index.",
            ) from error
    return SyncReport(
        **{
            **asdict(report),
            "failed": (*failures, *report.failed),
            "forgotten": tuple(forgotten),
            "spared": tuple(spared),
            "seconds": round(time.monotonic() - began, 3),
        }
    )


def planned(settings: Settings, progress: Progress | None = None) -> SyncReport:
    """What `sync` would do now, with nothing written: all files that changed are read.

    `chunks` are those that the index holds now. Raises CorpusMissingError.
    """
    tell = progress or (lambda *_: None)
    began = time.monotonic()
    files, failures = set_aside_duplicates(list_corpus(settings.corpus))
    model = model_fingerprint(settings.embedding_model, int8=settings.embedding_int8)
    previous = open_previous(settings, model)
    try:
        plan = _plan(files, failures, previous)
        known = previous.catalog.digests() if previous else {}
        chunks = previous.catalog.counts()[1] if previous else 0
    finally:
        if previous is not None:
            previous.catalog.close()
    taken, failed = _read(plan.changed, tell)
    taken, masked, refused = _guarded(taken, settings.document_personal_data)
    fresh = {document.id for document in taken}
    return SyncReport(
        documents=len({*known, *fresh}.difference(plan.removed)),
        chunks=chunks,
        added=len(fresh - set(known)),
        updated=len(fresh & set(known)),
        removed=len(plan.removed),
        unchanged=plan.unchanged,
        embedded=0,
        seconds=round(time.monotonic() - began, 3),
        failed=(*failures, *failed, *refused),
        masked=tuple(masked),
    )


def _write(
    settings: Settings, files: Sequence[CorpusFile], failures: Sequence[Failure], tell: Progress
) -> SyncReport:
    tell("loading the embedding model", 0, 0)
    cache = settings.index / generations.MODELS
    model = ensure_export(settings.embedding_model, cache, int8=settings.embedding_int8)
    previous = open_previous(settings, model.fingerprint)
    try:
        return _apply(settings, model, _plan(files, failures, previous), previous, tell)
    finally:
        if previous is not None:
            previous.catalog.close()


def _plan(
    files: Sequence[CorpusFile], failures: Sequence[Failure], previous: Generation | None
) -> _Plan:
    known = previous.catalog.digests() if previous else {}
    present = {file.document_id for file in files}
    changed = [file for file in files if known.get(file.document_id) != (file.kind, file.sha256)]
    kept = {Path(failure.path).stem for failure in failures}
    return _Plan(
        changed=changed,
        added=sum(file.document_id not in known for file in changed),
        removed=sorted(set(known) - present - kept),
        unchanged=len(files) - len(changed),
    )


def _apply(
    settings: Settings,
    model: ExportedModel,
    plan: _Plan,
    previous: Generation | None,
    tell: Progress,
) -> SyncReport:
    taken, failed = _read(plan.changed, tell)
    if previous is None:
        taken += held_documents(settings, (Path(failure.path).stem for failure in failed))
    taken, masked, refused = _guarded(taken, settings.document_personal_data)
    failed += refused
    known = previous.catalog.digests() if previous else {}
    fresh = {document.id: document for document in taken}
    names = sorted({*known, *fresh}.difference(plan.removed))
    if previous is not None and not (taken or plan.removed or previous.is_stale):
        held, chunks, _ = previous.catalog.counts()
        return SyncReport(held, chunks, 0, 0, 0, plan.unchanged, 0, 0.0, tuple(failed))
    if not names:
        raise CorpusMissingError(
            f"No document of {settings.corpus} could be taken in ({failed[0].error}).",
            remedy="Correct the files and run `ragbot index` again.",
        )
    kept: list[str] = []
    if previous is not None and previous.tokens is not None:  # else all words are analysed anew
        kept = [name for name in names if name not in fresh]
    documents = [fresh.get(name) or _held(previous, name) for name in sorted({*names} - {*kept})]
    with generations.building(settings.index) as folder:
        build = Build(folder, settings, model, previous, tell, forgets=bool(plan.removed))
        embedded, stamp = build.write(documents, kept)
        # Text that an editor took away or changed is not kept in an older generation; nor is one
        # that was built otherwise: what it holds may be what is blackened now.
        forgets = previous is None or plan.removed or plan.rewritten
        keep = 1 if forgets else generations.KEPT_GENERATIONS
        generations.switch_to(settings.index, folder, keep=keep)
    added = sum(document.id not in known for document in taken)
    return SyncReport(
        documents=stamp.documents,
        chunks=stamp.chunks,
        added=added,
        updated=len(taken) - added,
        removed=len(plan.removed),
        unchanged=plan.unchanged,
        embedded=embedded,
        seconds=0.0,
        failed=tuple(failed),
        masked=tuple(masked),
    )


def _held(previous: Generation | None, name: str) -> Document:
    document = previous.catalog.document(name) if previous else None
    if document is None:
        raise IndexDamagedError(
            f"The document {name} is listed but not held.", remedy="Run `ragbot index` again."
        )
    return document


def _guarded(
    documents: Sequence[Document], handling: Handling
) -> tuple[list[Document], list[str], list[Failure]]:
    """The documents as they may be indexed, what was masked in which, and those refused."""
    kept: list[Document] = []
    masked: list[str] = []
    refused: list[Failure] = []
    for document in documents:
        try:
            shown, hidden = guarded_document(document, handling)
        except DocumentError as error:
            refused.append(Failure(document.path or document.id, str(error)))
            continue
        kept.append(shown)
        masked += [f"{document.id}: {hidden}"] if hidden else []
    return kept, masked, refused


def _read(files: Sequence[CorpusFile], tell: Progress) -> tuple[list[Document], list[Failure]]:
    documents: list[Document] = []
    failures: list[Failure] = []
    for done, entry in enumerate(read_files(files), 1):
        tell("reading documents", done, len(files))
        if isinstance(entry, Failure):
            failures.append(entry)
        else:
            documents.append(entry)
    return documents, failures
