"""`ragbot audit`: whether the articles' own citations hold."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ragbot.cli.console import AsJson, Corpus, Index, print_json, say, settings_of, verb
from ragbot.errors import IndexMismatchError, StorageError

if TYPE_CHECKING:
    from ragbot.audit import AuditReport
    from ragbot.bot import Ragbot


@verb
def audit(
    slugs: Annotated[list[str] | None, typer.Argument(help="Articles; all without one.")] = None,
    threshold: Annotated[
        float, typer.Option("--threshold", min=0, max=1, help="Least share supported, 0 to 1.")
    ] = 1.0,
    html: Annotated[Path | None, typer.Option("--html", help="Write the audit as a page.")] = None,
    corpus: Corpus = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Check every citing statement against its sources; exit 1 where too few are supported."""
    from ragbot.bot import Ragbot

    bot = Ragbot(settings_of(corpus, index))
    reports = [audit_of(bot, slug) for slug in slugs or bot.index.articles()]
    if html is not None:
        _write(html, reports)
    if as_json:
        print_json({"articles": [report.to_dict() for report in reports]})
    else:
        sys.stdout.write("\n\n".join(_table(report) for report in reports) + "\n")
    failed = [report.slug for report in reports if not report.passes(threshold)]
    if failed:
        say(f"does not pass at {threshold:g}: {', '.join(failed)}")
        raise typer.Exit(1)


def audit_of(bot: Ragbot, slug: str) -> AuditReport:
    """The audit of an article whose file is the one that is indexed.

    Raises IndexMismatchError where the file has changed since: its new text would go unaudited.
    """
    from ragbot.library.corpus import list_corpus

    report = bot.audit(slug)
    cited = {one.source_id for one in report.references}
    for file in list_corpus(bot.settings.corpus):
        if file.document_id not in {slug, *cited}:
            continue
        known = bot.index.titles.get(file.document_id)
        if known is None or bot.document(file.document_id).sha256 != file.sha256:
            raise IndexMismatchError(
                f"The file {file.path} is not the one that is indexed.",
                remedy="Run `ragbot index` first.",
            )
    return report


def _write(path: Path, reports: Sequence[AuditReport]) -> None:
    from ragbot.audit.html import audit_html

    try:
        path.write_text(audit_html(reports), encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"The page {path} cannot be written ({error.strerror}).", remedy="Name another file."
        ) from error


def _table(report: AuditReport) -> str:
    counts = ", ".join(f"{count} {verdict}" for verdict, count in report.counts.items())
    lines = [f"{report.slug}: {len(report.statements)} citing statements: {counts}"]
    for one in report.statements:
        if one.verdict != "supported" or one.problems:
            markers = ", ".join(map(str, one.markers))
            lines.append(f"  {one.verdict:12} [{markers}] {one.text}\n{'':15}{one.reason}")
    for reference in report.references:
        lines += [f"  reference {p.number}: {p.detail}" for p in reference.problems]
    return "\n".join(lines)
