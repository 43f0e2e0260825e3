"""`ragbot add`: files taken into the corpus, and indexed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ragbot.cli.console import AsJson, Corpus, Index, complain, print_json, say, settings_of, verb
from ragbot.errors import UsageError

if TYPE_CHECKING:
    from ragbot.index.sync import SyncReport
    from ragbot.library.adding import FileReport, Wishes
    from ragbot.settings import Settings


class Kind(StrEnum):
    """As what files are taken in."""

    article = "article"
    source = "source"


@verb
def add(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders to add.")] = None,
    as_kind: Annotated[
        Kind | None, typer.Option("--as", help="Take all as this; by default told apart.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Read and report, but keep nothing.")] = False,
    replace: Annotated[
        bool, typer.Option(help="Take the place of what has the same id, DOI, PMID or title.")
    ] = False,
    watch: Annotated[
        Path | None, typer.Option(help="Add what is put into this folder, until stopped.")
    ] = None,
    corpus: Corpus = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Take files into the corpus, articles and sources told apart, and index them.

    Markdown, text, HTML, PDF, Word, PubMed and JATS XML, MEDLINE, RIS and BibTeX. A file that
    cannot be taken in is reported, and leaves the rest in; exit 1 if some stayed out.
    """
    from ragbot.library.adding import Wishes
    from ragbot.privacy.guard import guarded_document

    given = [*(paths or []), *([watch] if watch else [])]
    if not given:
        raise UsageError("No file is named.", remedy="Name files or folders, or --watch FOLDER.")
    if watch and not watch.is_dir():
        raise UsageError(f"{watch} is no folder.", remedy="Name the folder to watch.")
    settings = settings_of(corpus, index)
    guard = partial(guarded_document, handling=settings.document_personal_data)
    wishes = Wishes(as_kind.value if as_kind else None, dry_run, replace, guard)
    failed = _added(given, settings, wishes, as_json=as_json)
    if watch:
        _watched(watch, settings, wishes, as_json=as_json)
    if failed:
        raise typer.Exit(1)


def _added(paths: Sequence[Path], settings: Settings, wishes: Wishes, *, as_json: bool) -> bool:
    """Add and index; whether something stayed out."""
    from ragbot.cli.progress import shown_progress
    from ragbot.index.sync import sync
    from ragbot.library.adding import add_files
    from ragbot.library.arrivals import Arrivals, added_ids, arrivals

    synced: SyncReport | None = None
    links = Arrivals()
    with shown_progress(enabled=sys.stderr.isatty()) as tell:
        reports = add_files(paths, settings.corpus, wishes, tell)
        taken = any(d.status in {"added", "replaced"} for r in reports for d in r.documents)
        if taken and not wishes.dry_run:
            synced = sync(settings, tell)
            links = arrivals(settings.corpus, added_ids(reports))
    if as_json:
        told = {
            "links": [one.to_dict() for one in links.found],
            "references_without_source": links.missing,
        }
        print_json(_as_document(reports, synced, wishes) | told)
    _tell(reports, synced, wishes)
    for line in links.told():
        say(line)
    stayed_out = any(report.status == "refused" for report in reports)
    return stayed_out or (synced is not None and bool(synced.failed))


def _as_document(
    reports: Sequence[FileReport], synced: SyncReport | None, wishes: Wishes
) -> dict[str, Any]:
    statuses = [d.status for report in reports for d in report.documents]
    counts = {name: statuses.count(name) for name in ("added", "replaced", "unchanged")}
    refused = statuses.count("refused") + sum(
        report.status == "refused" and not report.documents for report in reports
    )
    return {
        "files": [asdict(report) for report in reports],
        **counts,
        "refused": refused,
        "skipped": sum(report.status == "skipped" for report in reports),
        "dry_run": wishes.dry_run,
        "index": synced.to_dict() if synced else None,
    }


def _tell(reports: Sequence[FileReport], synced: SyncReport | None, wishes: Wishes) -> None:
    for report in reports:
        _tell_file(report, wishes)
    if synced is not None:
        say(
            f"{synced.documents} documents, {synced.chunks} chunks: {synced.added} added, "
            f"{synced.updated} updated, {synced.embedded} chunks embedded, "
            f"in {synced.seconds:.1f} s"
        )
        for failure in synced.failed:
            complain(f"not taken in: {failure.error}")


def _tell_file(report: FileReport, wishes: Wishes) -> None:
    name = Path(report.path).name
    if report.error:
        (complain if report.status == "refused" else say)(
            f"stays out: {report.error}" if report.status == "refused" else f"skipped {name}"
        )
    done = [d for d in report.documents if d.status != "refused"]
    would = "would be " if wishes.dry_run else ""
    if len(done) == 1:
        only = done[0]
        said = f"{name} ({report.format}): {would}{only.status} as {only.kind} {only.document_id}"
        say("; ".join((said, *only.notes)))
    elif done:
        counts = {s: sum(d.status == s for d in done) for s in ("added", "replaced", "unchanged")}
        said = ", ".join(f"{count} {would}{status}" for status, count in counts.items() if count)
        say(f"{name} ({report.format}): {said}")
    for outcome in report.documents:
        if outcome.status == "refused":
            complain(f"stays out: {outcome.error}")


def _watched(folder: Path, settings: Settings, wishes: Wishes, *, as_json: bool) -> None:
    """Add what changes in `folder` until interrupted."""
    from watchfiles import Change, watch

    say(f"watching {folder}; stop with Ctrl-C")
    for changes in watch(folder, step=200, raise_interrupt=True):
        paths = sorted({Path(name) for change, name in changes if change != Change.deleted})
        paths = [p for p in paths if p.is_file() and not p.name.startswith(".")]
        if paths:
            _added(paths, settings, wishes, as_json=as_json)
