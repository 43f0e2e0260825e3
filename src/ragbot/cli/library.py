"""`ragbot index` and `ragbot show`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ragbot.cli.console import AsJson, Corpus, Index, complain, print_json, say, settings_of, verb


@verb
def index(
    dry_run: Annotated[bool, typer.Option(help="Say what would change; write nothing.")] = False,
    corpus: Corpus = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Bring the index up to date with the corpus; only what changed is embedded."""
    from ragbot.cli.progress import shown_progress
    from ragbot.index.sync import planned, sync

    with shown_progress(enabled=sys.stderr.isatty()) as tell:
        report = (planned if dry_run else sync)(settings_of(corpus, index), tell)
    if as_json:
        print_json(report.to_dict() | ({"dry_run": True} if dry_run else {}))
    head = "would be: " if dry_run else ""
    say(
        f"{head}{report.documents} documents, {report.chunks} chunks: {report.added} added, "
        f"{report.updated} updated, {report.removed} removed, {report.unchanged} unchanged, "
        f"{report.embedded} chunks embedded, in {report.seconds:.1f} s"
    )
    for name in report.forgotten:
        say(f"{name} is deleted: its original and earlier versions are gone from the corpus too")
    if report.spared:
        say(
            f"{len(report.spared)} documents are gone at once: their originals stay, in case a "
            "folder is away. If they are deleted, empty the corpus's originals folder of them too."
        )
    for hidden in report.masked:
        say(f"patient data blackened in the index (not in the file): {hidden}")
    for failure in report.failed:
        complain(f"not taken in: {failure.error}")
    if report.failed:
        raise typer.Exit(1)


@verb
def show(
    document_id: Annotated[str, typer.Argument(help="Id of an article or source.")],
    corpus: Corpus = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Show a document's text, into which the citations' offsets point."""
    from dataclasses import asdict

    from ragbot.index.reader import LibraryIndex

    document = LibraryIndex(settings_of(corpus, index)).document(document_id)
    if as_json:
        print_json(asdict(document))
    else:
        sys.stdout.write(f"{document.title}\n\n{document.text}\n")
