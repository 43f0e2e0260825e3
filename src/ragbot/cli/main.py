"""The `ragbot` command: its verbs, each in its module."""

from __future__ import annotations

import typer

from ragbot.cli import (
    adding,
    asking,
    auditing,
    checking,
    evaluating,
    fetching,
    library,
    linking,
    page,
    reviewing,
    verifying,
)

app = typer.Typer(
    name="ragbot",
    help="Answers follow-up questions on an article; every sentence opens its passage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("index")(library.index)
app.command("add")(adding.add)
app.command("show")(library.show)
app.command("ask")(asking.ask)
app.command("search")(asking.search)
app.command("verify")(verifying.verify)
app.command("audit")(auditing.audit)
app.command("missing")(linking.missing)
app.command("link")(linking.link)
app.command("review")(reviewing.review)
app.command("metadata")(fetching.metadata)
app.command("ui")(page.ui)
app.command("doctor")(checking.doctor)
app.add_typer(evaluating.app, name="eval")


def main() -> None:
    """Run the command."""
    app()
