"""What readers say of answers is kept, found by QA, and gone with its conversation."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ragbot.conversations.feedback import COMMENT_LIMIT, REASONS
from ragbot.conversations.store import ConversationStore
from ragbot.errors import FeedbackError

from .test_store import ANSWER, answer

COMMENT = "The passage says 4.0 months; “ü” *5*"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "conversations.sqlite"


@pytest.fixture
def store(file: Path) -> ConversationStore:
    return ConversationStore(f"sqlite:///{file}")


def test_a_thumb_comes_back_with_its_reasons_and_the_answer_it_is_about(file, store):
    turn = store.append(ANSWER, {})
    given = store.add_feedback(turn, "down", ["incomplete", "wrong"], f"  {COMMENT} ")
    (kept,) = ConversationStore(f"sqlite:///{file}").feedback()
    assert (kept.id, kept.turn.id, kept.turn.answer) == (given, turn, ANSWER)
    assert (kept.rating, kept.reasons, kept.comment) == ("down", ("wrong", "incomplete"), COMMENT)
    assert kept.given.endswith("+00:00")
    assert kept.case == ""


def test_the_last_word_on_an_answer_counts(store):
    turn = store.append(ANSWER, {})
    store.add_feedback(turn, "down", ["wrong"], "no")
    store.add_feedback(turn, "up", ["clear"])
    assert [(kept.rating, kept.reasons, kept.comment) for kept in store.feedback()] == [
        ("up", ("clear",), "")
    ]
    store.remove_feedback(turn)
    assert store.feedback() == []
    store.remove_feedback(turn)


def test_feedback_is_found_by_conversation_and_by_what_waits(store):
    first, second = (store.append(answer(name), {}) for name in ("a", "b"))
    one = store.add_feedback(first, "up")
    two = store.add_feedback(second, "down")
    assert [kept.id for kept in store.feedback()] == [two, one]
    assert [kept.id for kept in store.feedback("a")] == [one]
    store.settle_feedback(two, " field-12 ")
    assert [kept.id for kept in store.feedback(waiting=True)] == [one]
    assert store.feedback("b")[0].case == "field-12"
    store.add_feedback(second, "down", comment="again")  # said anew, it waits anew
    assert len(store.feedback(waiting=True)) == 2


@pytest.mark.parametrize(
    ("rating", "reasons", "comment", "said"),
    [
        ("maybe", (), "", "'maybe' is no rating"),
        ("up", ("wrong",), "", "'wrong' is no reason for 'up'. Choose of: answers"),
        ("down", ("wrong", "x y"), "", "'x y' is no reason"),
        ("down", (), "x" * (COMMENT_LIMIT + 1), "more than 2000"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(store, rating, reasons, comment, said):
    turn = store.append(ANSWER, {})
    store.add_feedback(turn, "up")
    with pytest.raises(FeedbackError, match=said):
        store.add_feedback(turn, rating, reasons, comment)
    assert [kept.rating for kept in store.feedback()] == ["up"]


def test_an_answer_or_feedback_that_is_not_there_is_told(store):
    store.append(ANSWER, {})
    with pytest.raises(FeedbackError, match="no answer with the number 77"):
        store.add_feedback(77, "up")
    with pytest.raises(FeedbackError, match="no feedback with the number 77"):
        store.settle_feedback(77, "case")
    with pytest.raises(FeedbackError, match="has no name"):
        store.settle_feedback(77, "  ")
    assert store.feedback() == []


@pytest.mark.parametrize("way", ["conversation", "taken back", "said anew"])
def test_a_comment_that_is_deleted_leaves_no_byte(file, store, way):
    turn = store.append(ANSWER, {})
    store.add_feedback(turn, "down", comment="Mrs Q, born in 1953")
    assert b"Mrs Q" in b"".join(path.read_bytes() for path in file.parent.iterdir())
    if way == "conversation":
        store.delete(ANSWER.conversation_id)
    elif way == "taken back":
        store.remove_feedback(turn)
    else:
        store.add_feedback(turn, "down", comment="The age is wrong")
    assert b"Mrs Q" not in b"".join(path.read_bytes() for path in file.parent.iterdir())


def test_a_file_from_before_there_was_feedback_takes_it(file, store):
    turn = store.append(ANSWER, {})
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE feedback")
    connection.close()
    later = ConversationStore(f"sqlite:///{file}")
    assert later.feedback() == []
    later.add_feedback(turn, "up")
    assert [kept.turn.answer for kept in later.feedback()] == [ANSWER]


def test_every_reason_fits_its_column_and_has_its_words(store):
    turn = store.append(ANSWER, {})
    for rating, reasons in REASONS.items():
        assert len(" ".join(reasons)) <= 200
        assert all(words[0].isupper() for words in reasons.values())
        store.add_feedback(turn, rating, list(reasons))
        assert store.feedback()[0].reasons == tuple(reasons)
