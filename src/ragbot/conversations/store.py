"""Conversations in a SQL database (SQLite by default, Postgres by its URL)."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import (
    Connection,
    Select,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateIndex, CreateTable

from ragbot.conversations.feedback import checked, keep, listing, settle
from ragbot.conversations.tables import (
    CONVERSATIONS,
    FEEDBACK,
    MARKERS,
    METADATA,
    NAME_LENGTH,
    TURNS,
)
from ragbot.errors import (
    ConfigurationError,
    StorageError,
    UnknownConversationError,
)
from ragbot.types import Answer, Conversation, Feedback, Message, Rating, Turn

CONVERSATION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
PASSWORD = re.compile(r"(?<=[^/]):[^/@]*@")
BUSY_MS = 10_000
CHECKPOINT_TRIES = 20
CHECKPOINT_PAUSE = 0.05


@cache
def _answers() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class ConversationStore:
    """What was asked and answered. Safe to use from several threads and processes."""

    def __init__(self, url: str) -> None:
        """`url` is an SQLAlchemy URL; an SQLite file's folder is made when first written to.

        Raises ConfigurationError if the URL is not one.
        """
        try:
            self._url = make_url(url)
            self._url.get_dialect()
        except (ArgumentError, ValueError) as error:
            hidden = PASSWORD.sub(":***@", url)
            raise ConfigurationError(
                f"RAGBOT_DATABASE_URL has the value {hidden!r}, which is no database URL.",
                remedy="Write sqlite:///FILE or postgresql+psycopg://..., or unset it.",
            ) from error
        self._opened: Engine | None = None
        self._opening = threading.Lock()

    def _engine(self) -> Engine:
        with self._opening:
            return self._open_engine()

    def _open_engine(self) -> Engine:
        if self._opened is None:
            if self._url.get_backend_name() == "sqlite" and self._url.database:
                Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(self._url)
            if self._url.get_backend_name() == "sqlite":
                event.listen(engine, "connect", _prepare_sqlite)
            with engine.begin() as connection:
                for table in METADATA.sorted_tables:  # another process may be at the same
                    connection.execute(CreateTable(table, if_not_exists=True))
                    for index in sorted(table.indexes, key=lambda index: str(index.name)):
                        connection.execute(CreateIndex(index, if_not_exists=True))
            self._opened = engine
        return self._opened

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine().begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError, ImportError) as error:
            detail = " ".join(str(getattr(error, "orig", None) or error).split())
            raise StorageError(
                f"The conversations in {self._url.render_as_string()} cannot be used ({detail}).",
                remedy="Check that the place is writable, or set RAGBOT_DATABASE_URL.",
            ) from error

    def open(self, article: str, conversation_id: str | None = None) -> str:
        """The id of a conversation on `article`: a new one's, or `conversation_id` checked.

        An id that is not kept yet begins a conversation of that id. Raises
        UnknownConversationError if the id cannot be one, or belongs to another article.
        """
        if conversation_id is None:
            return secrets.token_hex(8)
        if not CONVERSATION_ID.fullmatch(conversation_id):
            raise UnknownConversationError(
                f"{conversation_id!r} cannot be the id of a conversation.",
                remedy="Use up to 64 letters, digits, '-', '_' and '.', or leave it out.",
            )
        kept = self.get(conversation_id)
        if kept is not None and kept.article != article:
            raise UnknownConversationError(
                f"The conversation {conversation_id!r} is on the article {kept.article!r}, "
                f"not on {article!r}.",
                remedy="Leave out the conversation to begin a new one.",
            )
        return conversation_id

    def get(self, conversation_id: str) -> Conversation | None:
        """The conversation, or None."""
        with self._transaction() as connection:
            row = connection.execute(
                _listing().where(CONVERSATIONS.c.id == conversation_id)
            ).first()
        return Conversation(*row) if row else None

    def list(self, article: str | None = None, text: str = "") -> Sequence[Conversation]:
        """Kept conversations, newest first, on `article`, with `text` in a name or answer."""
        query = _listing().order_by(CONVERSATIONS.c.updated.desc())
        if article is not None:
            query = query.where(CONVERSATIONS.c.article == article)
        if text.strip():
            pattern = text.strip()
            query = query.where(
                CONVERSATIONS.c.name.icontains(pattern, autoescape=True)
                | CONVERSATIONS.c.id.in_(self._holding(pattern))
            )
        with self._transaction() as connection:
            return [Conversation(*row) for row in connection.execute(query)]

    def _holding(self, pattern: str) -> set[str]:
        """Ids of the conversations with `pattern` in a question or the text of an answer."""
        written = json.dumps(pattern, ensure_ascii=False)[1:-1]
        query = select(TURNS.c.conversation, TURNS.c.answer).where(
            TURNS.c.answer.icontains(written, autoescape=True)
        )
        with self._transaction() as connection:
            rows = connection.execute(query).all()
        return {row[0] for row in rows if pattern.lower() in _words_of(row[1]).lower()}

    def turns(self, conversation_id: str) -> Sequence[Turn]:
        """The turns of a conversation, oldest first."""
        query = (
            select(TURNS.c.id, TURNS.c.asked, TURNS.c.answer)
            .where(TURNS.c.conversation == conversation_id)
            .order_by(TURNS.c.id)
        )
        with self._transaction() as connection:
            rows = connection.execute(query).all()
        return [_turn(conversation_id, *row) for row in rows]

    def messages(self, conversation_id: str) -> tuple[Message, ...]:
        """The conversation as the chain sees it: questions and answers by turns.

        An abstention says nothing that a follow-up could go on from, so it is left out.
        """
        messages: list[Message] = []
        for turn in self.turns(conversation_id):
            messages.append(Message("user", turn.answer.question))
            if not turn.answer.abstained:
                messages.append(Message("assistant", turn.answer.said))
        return tuple(messages)

    def markers(self, conversation_id: str) -> dict[str, str]:
        """Document id -> marker, of the sources that the article does not cite."""
        query = select(MARKERS.c.document, MARKERS.c.marker).where(
            MARKERS.c.conversation == conversation_id
        )
        with self._transaction() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def append(self, answer: Answer, markers: Mapping[str, str]) -> int:
        """Keep `answer` as the next turn of its conversation; gives the turn's id.

        `markers` are those of sources that the article does not cite. Raises StorageError if
        another answer, kept meanwhile, has given one of them to another source.
        """
        now = _now()
        with self._transaction() as connection:
            self._touch(connection, answer, now)
            self._keep_markers(connection, answer.conversation_id, markers)
            result = connection.execute(
                insert(TURNS).values(
                    conversation=answer.conversation_id,
                    asked=now,
                    answer=_answers().dump_json(answer).decode(),
                )
            )
            key = result.inserted_primary_key
        return int(key[0]) if key else 0

    def _keep_markers(
        self, connection: Connection, conversation: str, markers: Mapping[str, str]
    ) -> None:
        query = select(MARKERS.c.document, MARKERS.c.marker).where(
            MARKERS.c.conversation == conversation
        )
        held = {row[0]: row[1] for row in connection.execute(query)}
        owners = {marker: name for name, marker in held.items()}
        for name, marker in markers.items():
            if held.get(name, marker) != marker or owners.get(marker, name) != name:
                raise StorageError(
                    f"Another answer was kept in the conversation {conversation!r} meanwhile.",
                    remedy="Ask again.",
                )
        fresh = [
            {"conversation": conversation, "document": name, "marker": marker}
            for name, marker in markers.items()
            if name not in held
        ]
        if fresh:
            connection.execute(insert(MARKERS), fresh)

    def _touch(self, connection: Connection, answer: Answer, now: str) -> None:
        """Mark the conversation as used now; begin it with the question as its name."""
        changed = connection.execute(
            update(CONVERSATIONS)
            .where(CONVERSATIONS.c.id == answer.conversation_id)
            .values(updated=now)
        )
        if changed.rowcount == 0:
            connection.execute(
                insert(CONVERSATIONS).values(
                    id=answer.conversation_id,
                    article=answer.article,
                    name=" ".join(answer.question.split())[:NAME_LENGTH],
                    created=now,
                    updated=now,
                )
            )

    def rename(self, conversation_id: str, name: str) -> None:
        """Give the conversation another name. Raises UnknownConversationError."""
        with self._transaction() as connection:
            changed = connection.execute(
                update(CONVERSATIONS)
                .where(CONVERSATIONS.c.id == conversation_id)
                .values(name=" ".join(name.split())[:NAME_LENGTH] or conversation_id)
            )
        if changed.rowcount == 0:
            raise _unknown(conversation_id)

    def delete(self, conversation_id: str) -> None:
        """Remove the conversation for good, from the file too. Raises UnknownConversationError."""
        with self._transaction() as connection:
            for table in (FEEDBACK, TURNS, MARKERS):
                connection.execute(delete(table).where(table.c.conversation == conversation_id))
            changed = connection.execute(
                delete(CONVERSATIONS).where(CONVERSATIONS.c.id == conversation_id)
            )
        if changed.rowcount == 0:
            raise _unknown(conversation_id)
        self._forget_deleted()

    def add_feedback(
        self, turn_id: int, rating: Rating, reasons: Sequence[str] = (), comment: str = ""
    ) -> int:
        """Keep what a reader says of an answer, in place of what was said of it before.

        `reasons` are codes of `REASONS[rating]`. Gives the feedback's id. Raises FeedbackError if
        the turn is not kept, or the rating or a reason is none of those that there are.
        """
        said = checked(rating, reasons, comment)
        with self._transaction() as connection:
            given, is_other = keep(connection, turn_id, said | {"given": _now()})
        if is_other:
            self._forget_deleted()
        return given

    def remove_feedback(self, turn_id: int) -> None:
        """Take back what was said of an answer."""
        with self._transaction() as connection:
            changed = connection.execute(delete(FEEDBACK).where(FEEDBACK.c.turn == turn_id))
        if changed.rowcount:
            self._forget_deleted()

    def feedback(
        self, conversation_id: str | None = None, *, waiting: bool = False
    ) -> Sequence[Feedback]:
        """What readers said of answers, newest first: of one conversation, or of all.

        `waiting` leaves out what has become a case, or was set aside. Raises StorageError if an
        answer does not read back.
        """
        query = listing(conversation_id, waiting=waiting)
        with self._transaction() as connection:
            rows = connection.execute(query).all()
        return [
            Feedback(
                id=row.id,
                turn=_turn(row.conversation, row.turn, row.asked, row.answer),
                rating=row.rating,
                reasons=tuple(row.reasons.split()),
                comment=row.comment,
                given=row.given,
                case=row.case,
            )
            for row in rows
        ]

    def settle_feedback(self, feedback_id: int, case: str) -> None:
        """Note what has become of a feedback: the name of its case, or why there is none.

        Raises FeedbackError if there is no such feedback, or `case` has no word.
        """
        with self._transaction() as connection:
            settle(connection, feedback_id, case)

    def _forget_deleted(self) -> None:
        if self._url.get_backend_name() == "sqlite":
            self._truncate_log()

    def _truncate_log(self) -> None:
        """Take what is deleted out of SQLite's log too, once nobody reads from it."""
        for _ in range(CHECKPOINT_TRIES):
            with self._transaction() as connection:
                busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).scalar()
            if not busy:
                return
            time.sleep(CHECKPOINT_PAUSE)


def _turn(conversation: str, turn_id: int, asked: str, answer: str) -> Turn:
    try:
        return Turn(turn_id, asked, _answers().validate_json(answer))
    except ValidationError as error:
        raise StorageError(
            f"A kept answer of conversation {conversation!r} does not read back.",
            remedy="Begin a new conversation; the old one is left as it is.",
        ) from error


def _words_of(answer: str) -> str:
    """The words of a kept answer: without the names of its fields and its disclaimer."""
    held = json.loads(answer)
    return "\n".join(str(held.get(name, "")) for name in ("question", "text", "reason"))


def _listing() -> Select[Any]:
    turns = (
        select(func.count())
        .select_from(TURNS)
        .where(TURNS.c.conversation == CONVERSATIONS.c.id)
        .scalar_subquery()
    )
    return select(*CONVERSATIONS.c, turns)


def _unknown(conversation_id: str) -> UnknownConversationError:
    return UnknownConversationError(
        f"There is no conversation {conversation_id!r}.", remedy="List them in the history."
    )


def _prepare_sqlite(connection: object, _entry: ConnectionPoolEntry) -> None:
    """Several readers beside one writer; what is deleted is overwritten in the file."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError:  # two that begin at once: this one waits for no timeout
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()
