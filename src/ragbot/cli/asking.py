"""`ragbot ask` and `ragbot search`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from ragbot.cli.console import AsJson, Corpus, Index, print_json, settings_of, verb


class AudienceName(StrEnum):
    """Whom the language is for."""

    clinician = "clinician"
    trainee = "trainee"
    patient = "patient"


@verb
def ask(
    question: Annotated[str, typer.Argument(help="The follow-up question.")],
    article: Annotated[str, typer.Option("--article", help="Slug of the article.")],
    conversation: Annotated[
        str | None, typer.Option("--conversation", help="Go on with this conversation.")
    ] = None,
    audience: Annotated[AudienceName, typer.Option("--audience")] = AudienceName.clinician,
    corpus: Corpus = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Answer a follow-up on an article, from the article and the sources it cites."""
    from ragbot.bot import Ragbot
    from ragbot.cli.printing import print_answer

    bot = Ragbot(settings_of(corpus, index))
    answer = bot.ask(question, article, conversation, audience.value)
    if as_json:
        print_json(answer.to_dict())
    else:
        print_answer(answer, sys.stdout)


@verb
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    article: Annotated[
        str | None, typer.Option("--article", help="Only this article and its cited sources.")
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many passages.")] = 10,
    corpus: Corpus = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Find passages, without an answer."""
    from ragbot.bot import Ragbot

    passages = Ragbot(settings_of(corpus, index)).search(query, article, k)
    results = [
        {
            "rank": passage.rank,
            "score": round(passage.score, 6),
            "document_id": passage.chunk.document_id,
            "section": " > ".join(passage.chunk.heading_path),
            "text": passage.chunk.text,
            "start": passage.chunk.start,
            "end": passage.chunk.end,
        }
        for passage in passages
    ]
    if as_json:
        print_json({"results": results})
        return
    for found in results:
        sys.stdout.write(
            f"{found['rank']}. {found['document_id']} · {found['section']} ({found['score']:.3f})\n"
            f"{found['text']}\n\n"
        )
