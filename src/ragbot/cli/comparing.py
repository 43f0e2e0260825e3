"""`ragbot eval compare`: two runs side by side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ragbot.cli.console import AsJson, print_json, say, verb

Kept = Annotated[
    Path, typer.Argument(help="A report.json of `ragbot eval run --report`, or its folder.")
]


@verb
def compare(
    before: Kept,
    now: Kept,
    page: Annotated[
        Path | None, typer.Option("--html", help="File for a page with plots and diffs.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two runs: differences with a paired test, and the turns that changed."""
    from ragbot.evaluation import comparing, pages, reports
    from ragbot.evaluation.runs import load_report

    found = comparing.compare(load_report(before), load_report(now))
    if page is not None:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(pages.comparison_page(found), encoding="utf-8")
        say(f"page: {page}")
    if as_json:
        print_json(found.to_dict())
        return
    sys.stdout.write(reports.comparison_table(found) + "\n")
    for change in found.changes:
        sys.stdout.write("\n".join(reports.change_lines(change)) + "\n")
