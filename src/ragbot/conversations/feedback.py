"""What a reader may say of an answer: a thumb, reasons to choose from, and a comment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from sqlalchemy import Connection, Select, delete, insert, select, update

from ragbot.conversations.tables import FEEDBACK, TURNS
from ragbot.errors import FeedbackError
from ragbot.types import Rating

REASONS: dict[Rating, dict[str, str]] = {
    "up": {
        "answers": "Answers what I asked",
        "evidence": "The passages bear it out",
        "clear": "Clear and short",
    },
    "down": {
        "wrong": "Says something wrong",
        "not_in_passage": "The passage does not say that",
        "misread": "Misreads my question",
        "incomplete": "Leaves out what matters",
        "should_answer": "Should have answered",
        "should_abstain": "Should not have answered",
    },
}
"""Rating -> code of a reason -> the reason in words."""
COMMENT_LIMIT = 2000
CASE_LENGTH = 200


def checked(rating: Rating, reasons: Sequence[str], comment: str) -> dict[str, str]:
    """The columns of a feedback.

    Raises FeedbackError if the rating or a reason is none of those that there are, or the comment
    is too long.
    """
    if rating not in get_args(Rating):
        raise FeedbackError(f"{rating!r} is no rating.", remedy="Rate an answer 'up' or 'down'.")
    known = REASONS[rating]
    if strange := [reason for reason in reasons if reason not in known]:
        raise FeedbackError(
            f"{strange[0]!r} is no reason for {rating!r}.", remedy=f"Choose of: {', '.join(known)}."
        )
    if len(comment) > COMMENT_LIMIT:
        raise FeedbackError(
            f"The comment has {len(comment)} characters, more than {COMMENT_LIMIT}.",
            remedy="Say it in fewer words.",
        )
    chosen = " ".join(reason for reason in known if reason in reasons)
    return {"rating": rating, "reasons": chosen, "comment": comment.strip()}


def keep(connection: Connection, turn_id: int, said: Mapping[str, str]) -> tuple[int, bool]:
    """Keep a feedback in place of an earlier one: its id, and whether there was an earlier one.

    Raises FeedbackError if the turn is not kept.
    """
    talk = select(TURNS.c.conversation).where(TURNS.c.id == turn_id)
    conversation = connection.execute(talk).scalar()
    if conversation is None:
        raise FeedbackError(
            f"There is no answer with the number {turn_id} to say something of.",
            remedy="Reload the page: its conversation may have been deleted.",
        )
    earlier = connection.execute(delete(FEEDBACK).where(FEEDBACK.c.turn == turn_id))
    values = {"conversation": conversation, "turn": turn_id, "case": "", **said}
    key = connection.execute(insert(FEEDBACK).values(values)).inserted_primary_key
    return int(key[0]) if key else 0, bool(earlier.rowcount)


def listing(conversation_id: str | None, *, waiting: bool) -> Select[Any]:
    """Feedback with its turns, newest first: of one conversation or all, or what waits alone."""
    query = (
        select(*FEEDBACK.c, TURNS.c.asked, TURNS.c.answer)
        .join(TURNS, TURNS.c.id == FEEDBACK.c.turn)
        .order_by(FEEDBACK.c.id.desc())
    )
    if conversation_id is not None:
        query = query.where(FEEDBACK.c.conversation == conversation_id)
    return query.where(FEEDBACK.c.case == "") if waiting else query


def settle(connection: Connection, feedback_id: int, case: str) -> None:
    """Note what has become of a feedback.

    Raises FeedbackError if there is no such feedback, or `case` has no word.
    """
    if not case.strip():
        raise FeedbackError("The case has no name.", remedy="Name the case that it became.")
    changed = connection.execute(
        update(FEEDBACK).where(FEEDBACK.c.id == feedback_id).values(case=case.strip()[:CASE_LENGTH])
    )
    if changed.rowcount == 0:
        raise FeedbackError(
            f"There is no feedback with the number {feedback_id}.",
            remedy="It may have been changed or deleted meanwhile: look at the list again.",
        )
