"""`ragbot eval sample` and `ragbot eval feedback`: from what was asked to a sample of a suite."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ragbot.cli.console import AsJson, print_json, say, verb
from ragbot.errors import UnknownConversationError, UsageError
from ragbot.settings import load_settings

if TYPE_CHECKING:
    from ragbot.conversations.store import ConversationStore
    from ragbot.types import Feedback, Turn


class Personal(StrEnum):
    """What becomes of personal data in a conversation."""

    refuse = "refuse"
    mask = "mask"


def _store() -> ConversationStore:
    from ragbot.conversations.store import ConversationStore

    return ConversationStore(load_settings().conversations_url())


@verb
def sample(
    conversation: Annotated[
        str | None, typer.Argument(metavar="CONVERSATION_ID", help="A kept conversation.")
    ] = None,
    number: Annotated[
        int | None, typer.Option("--turn", min=1, help="The turn it is about; the last if none.")
    ] = None,
    feedback: Annotated[
        int | None, typer.Option("--feedback", help="A reader's feedback instead, by its number.")
    ] = None,
    suite: Annotated[
        Path | None, typer.Option("--suite", help="Suite that it is added to; else it is printed.")
    ] = None,
    personal: Annotated[
        Personal, typer.Option("--personal", help="Refuse personal data, or mask it.")
    ] = Personal.refuse,
    as_json: AsJson = False,
) -> None:
    """Turn a kept conversation into a sample of a suite, with what QA must fill marked."""
    from ragbot.evaluation import fieldsamples
    from ragbot.privacy import scan

    store = _store()
    said = None if feedback is None else _feedback(store, feedback)
    name, turns = _asked(store, conversation, number, said)
    article = turns[-1].answer.article
    made = fieldsamples.from_turns(article, turns, said)
    made, masked = fieldsamples.guarded(made, scan, personal.value)
    if suite is not None:
        given = fieldsamples.add_to_suite(made, suite)
        say(f"{given}: written to {suite}; fill in what is marked with QA")
        if said is not None:
            store.settle_feedback(said.id, given)
    else:
        given = fieldsamples.next_name(fieldsamples.PREFIX, ())
    if masked:
        say(f"masked in {name}: {masked}; read the sample before you keep it")
    if as_json:
        print_json(fieldsamples.as_document(made, given))
    elif suite is None:
        sys.stdout.write(fieldsamples.to_yaml(made, given))


def _feedback(store: ConversationStore, number: int) -> Feedback:
    for one in store.feedback():
        if one.id == number:
            return one
    raise UsageError(
        f"There is no feedback with the number {number}.",
        remedy="List them with `ragbot eval feedback`.",
    )


def _asked(
    store: ConversationStore, conversation: str | None, number: int | None, said: Feedback | None
) -> tuple[str, Sequence[Turn]]:
    """The conversation's id and its turns up to the one that the sample is about."""
    if (conversation is None) == (said is None) or (said is not None and number is not None):
        raise UsageError(
            "A sample is made from a turn of a conversation, or from a feedback.",
            remedy="Name one of them: CONVERSATION_ID with --turn, or --feedback NUMBER.",
        )
    name = conversation or (said.turn.answer.conversation_id if said else "")
    turns = store.turns(name)
    if not turns:
        raise UnknownConversationError(
            f"There is no conversation {name!r}.", remedy="List them in the history of the page."
        )
    if said is not None:
        return name, [turn for turn in turns if turn.id <= said.turn.id]
    if number is not None and number > len(turns):
        raise UsageError(
            f"The conversation {name!r} has {len(turns)} turns, no turn {number}.",
            remedy=f"Use --turn with a number from 1 to {len(turns)}.",
        )
    return name, turns[:number]


@verb
def feedback(
    every: Annotated[
        bool, typer.Option("--all", help="Also what has become a sample already.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what readers said of answers and what waits for QA, newest first."""
    found = _store().feedback(waiting=not every)
    if as_json:
        print_json([_row(one) for one in found])
        return
    for one in found:
        row = _row(one)
        reasons = ", ".join(one.reasons) or "no reason"
        state = f" -> {one.case}" if one.case else ""
        sys.stdout.write(f"{one.id}  {one.rating} ({reasons}){state}  {row['question']}\n")
        if one.comment:
            sys.stdout.write(f"    {' '.join(one.comment.split())}\n")
    if not found:
        say("no feedback waits")


def _row(one: Feedback) -> dict[str, object]:
    return {
        "id": one.id,
        "conversation_id": one.turn.answer.conversation_id,
        "article": one.turn.answer.article,
        "question": one.turn.answer.question,
        "rating": one.rating,
        "reasons": list(one.reasons),
        "comment": one.comment,
        "given": one.given,
        "case": one.case,
    }
