"""`ragbot review`: the steps of an article's review, each with a name and the audit's figures."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ragbot.cli.console import AsJson, Corpus, Index, print_json, say, settings_of, verb
from ragbot.errors import UsageError


@verb
def review(
    slug: Annotated[str, typer.Argument(help="The article.")],
    to: Annotated[
        str | None, typer.Option("--to", help="under_review, approved, or back to submitted.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who takes the step.")] = "",
    note: Annotated[str, typer.Option("--note", help="A remark for the log.")] = "",
    accept: Annotated[
        str, typer.Option("--accept", help="Why what the audit found is accepted.")
    ] = "",
    corpus: Corpus = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Show an article's review, or move it one step on; every step is logged."""
    from ragbot.audit.review import Wish, move, steps, to_dict
    from ragbot.bot import Ragbot
    from ragbot.cli.auditing import audit_of

    bot = Ragbot(settings_of(corpus, index))
    if to is None:
        status = bot.index.article(slug).article
        taken = steps(bot.settings.corpus, slug)
        if as_json:
            now = status.status if status else None
            print_json({"article": slug, "status": now, "steps": [to_dict(s) for s in taken]})
            return
        sys.stdout.write(f"{slug}: {status.status if status else 'unknown'}\n")
        for step in taken:
            figures = ", ".join(f"{count} {name}" for name, count in step.figures.items())
            remarks = "; ".join(part for part in (step.note, step.accepted) if part)
            sys.stdout.write(f"  {step.when} {step.after} by {step.name} ({figures}) {remarks}\n")
        return
    if not by:
        raise UsageError("The step has no name.", remedy="Give who takes it with --by NAME.")
    wish = Wish(to, by, note, accept)
    taken_step = move(bot.settings.corpus, audit_of(bot, slug), wish)
    if as_json:
        print_json(to_dict(taken_step))
    say(f"{slug} is {taken_step.after} now; run `ragbot index` to show it")
