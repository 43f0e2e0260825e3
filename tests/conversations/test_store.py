"""Conversations are kept: through restarts, threads, processes; and gone once deleted."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from ragbot.conversations import store as store_module
from ragbot.conversations.store import NAME_LENGTH, ConversationStore
from ragbot.errors import ConfigurationError, StorageError, UnknownConversationError
from ragbot.types import Answer, Citation, Claim, Message

ARTICLE = "tp53-b-all"
WRITING = Path(__file__).with_name("writing.py")
CITATION = Citation(
    key="k1",
    marker="L1",
    kind="source",
    document_id="a-source",
    title="A trial",
    section="Results",
    quote="“7.7 vs 4.0 months” é \U0001f642",
    start=3,
    end=9,
    doi="10.1/x",
)
ANSWER = Answer(
    question="What was the survival?",
    standalone_question="What was the survival in B-ALL?",
    article=ARTICLE,
    conversation_id="talk",
    abstained=False,
    reason="",
    text='Survival was 7.7 months, "as said" [L1].',
    disclaimer="The professional disclaimer.",
    model="extractive",
    settings_digest="0123",
    claims=(Claim("Survival was 7.7 months.", ("L1",), "supported", 1.0, ("k1",)),),
    citations=(CITATION,),
    timings_ms={"total": 1.5},
    carried=("B-ALL",),
    searched=("a-source",),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "conversations.sqlite"


@pytest.fixture
def store(file: Path) -> ConversationStore:
    return ConversationStore(f"sqlite:///{file}")


def answer(conversation: str, question: str = "Why?", text: str = "So.") -> Answer:
    return replace(ANSWER, conversation_id=conversation, question=question, text=text)


def test_an_answer_comes_back_as_it_was_after_reopening(file, store):
    turn = store.append(ANSWER, {"a-source": "L1"})
    again = ConversationStore(f"sqlite:///{file}")
    kept = again.turns("talk")
    assert [(entry.id, entry.answer) for entry in kept] == [(turn, ANSWER)]
    assert kept[0].asked.endswith("+00:00")
    assert again.markers("talk") == {"a-source": "L1"}
    conversation = again.get("talk")
    assert (conversation.article, conversation.name) == (ARTICLE, ANSWER.question)
    assert conversation.turns == 1
    assert conversation.created == conversation.updated == kept[0].asked


def test_turns_come_in_their_order_as_the_chain_needs_them(store):
    for number in range(3):
        store.append(answer("talk", f"Q{number}", f"A{number}"), {})
    assert store.messages("talk") == tuple(
        Message(role, f"{sign}{number}")
        for number in range(3)
        for role, sign in (("user", "Q"), ("assistant", "A"))
    )
    assert store.get("talk").name == "Q0"


def test_what_is_not_kept_is_empty(store):
    assert store.get("talk") is None
    assert store.turns("talk") == []
    assert store.messages("talk") == ()
    assert store.markers("talk") == {}
    assert store.list() == []


def test_markers_never_change(store):
    store.append(answer("talk"), {"first": "L1"})
    store.append(answer("talk"), {"first": "L1", "second": "L2"})
    store.append(answer("other"), {"second": "L1"})
    assert store.markers("talk") == {"first": "L1", "second": "L2"}
    assert store.markers("other") == {"second": "L1"}


@pytest.mark.parametrize("markers", [{"first": "L2"}, {"second": "L1"}])
def test_two_answers_at_once_never_give_two_sources_one_marker(store, markers):
    """Both have read the markers before either is kept."""
    store.append(answer("talk"), {"first": "L1"})
    with pytest.raises(StorageError, match=r"'talk' meanwhile. Ask again"):
        store.append(answer("talk"), markers)
    assert store.markers("talk") == {"first": "L1"}
    assert len(store.turns("talk")) == 1


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "-a", ".a", "a/b", "../a", "x" * 65, "a\nb", "a\x00b", "é", "a'b", "🙂"],
)
def test_an_id_that_cannot_be_one_is_refused(store, name):
    with pytest.raises(UnknownConversationError, match="cannot be the id") as caught:
        store.open(ARTICLE, name)
    assert "64 letters" in caught.value.remedy
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a", "talk-1_b.c", "0123456789abcdef", "x" * 64])
def test_an_id_that_is_not_kept_begins_a_conversation(store, name):
    assert store.open(ARTICLE, name) == name
    assert store.get(name) is None
    store.append(answer(name), {})
    assert store.open(ARTICLE, name) == name


def test_new_ids_are_ids_and_differ(store):
    names = {store.open(ARTICLE) for _ in range(50)}
    assert len(names) == 50
    assert all(store.open(ARTICLE, name) == name for name in names)


def test_the_id_of_another_article_is_refused(store):
    store.append(ANSWER, {})
    with pytest.raises(
        UnknownConversationError, match=r"on the article 'tp53-b-all', not on 'mrd'"
    ):
        store.open("mrd", "talk")


def test_a_conversation_is_renamed(store):
    store.append(ANSWER, {})
    store.rename("talk", "  Ward\n round  ")
    assert store.get("talk").name == "Ward round"
    store.rename("talk", "x" * 500)
    assert store.get("talk").name == "x" * NAME_LENGTH
    store.rename("talk", " ")
    assert store.get("talk").name == "talk"
    assert store.turns("talk")[0].answer == ANSWER


def test_what_is_not_there_is_not_renamed_or_deleted(store):
    for change in (lambda: store.rename("gone", "x"), lambda: store.delete("gone")):
        with pytest.raises(UnknownConversationError, match="'gone'"):
            change()


def test_what_is_deleted_leaves_no_byte_in_any_file(file, store):
    secret = "Mrs Q, born in 1953, "
    store.append(answer("kept", "Kept question?"), {"kept-source": "L1"})
    for number in range(40):
        store.append(
            answer("talk", secret + str(number), secret * 200), {f"secret-{number}": f"L{number}"}
        )
    assert secret.encode() in b"".join(path.read_bytes() for path in file.parent.iterdir())
    store.delete("talk")
    left = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert b"Mrs Q" not in left
    assert b"secret-" not in left
    assert b"Kept question?" in left
    assert [held.id for held in store.list()] == ["kept"]
    assert store.markers("talk") == {}


def test_what_is_deleted_goes_also_while_others_have_it_open(file, store):
    other = ConversationStore(f"sqlite:///{file}")
    store.append(answer("talk", "Mrs Q?"), {})
    assert other.turns("talk")
    store.delete("talk")
    assert other.turns("talk") == []
    assert b"Mrs Q" not in b"".join(path.read_bytes() for path in file.parent.iterdir())


def test_the_newest_come_first_and_only_those_of_the_article(store):
    for name in ("a", "b", "c"):
        store.append(answer(name), {})
    store.append(replace(answer("d"), article="mrd"), {})
    store.append(answer("a"), {})
    listed = [held.id for held in store.list()]
    assert set(listed) == {"a", "b", "c", "d"}
    updated = [held.updated for held in store.list()]
    assert updated == sorted(updated, reverse=True)
    assert [held.id for held in store.list("mrd")] == ["d"]
    assert {held.id: held.turns for held in store.list(ARTICLE)} == {"a": 2, "b": 1, "c": 1}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("venetoclax", {"a"}),
        ("VENETOCLAX", {"a"}),
        ('"as said"', {"b"}),
        ('é "x"', {"c"}),
        ("复发", {"c"}),
        ("100%", {"d"}),
        ("under_score", {"d"}),
        ("undertscore", set()),
        ("back\\slash", {"d"}),
        ("ward round", {"e"}),
        ("   ", {"a", "b", "c", "d", "e"}),
        ("disclaimer", set()),
        ("settings_digest", set()),
        ("extractive", set()),
        ("' OR 1=1 --", set()),
    ],
)
def test_search_looks_at_names_questions_and_answers(store, text, found):
    store.append(answer("a", "Is Venetoclax used?"), {})
    store.append(answer("b", text='He did "as said".'), {})
    store.append(answer("c", text='An é "x" and 复发.'), {})
    store.append(answer("d", text="100% of under_score and back\\slash\nover two lines."), {})
    store.append(answer("e"), {})
    store.rename("e", "Ward round")
    assert {held.id for held in store.list(text=text)} == found


def test_many_threads_write_at_once(store):
    with ThreadPoolExecutor(8) as pool:
        done = pool.map(
            lambda number: store.append(
                answer(f"talk-{number % 4}", f"Q{number}"), {f"source-{number}": f"L{number}"}
            ),
            range(80),
        )
        assert len(set(done)) == 80
    for part in range(4):
        questions = [turn.answer.question for turn in store.turns(f"talk-{part}")]
        assert sorted(questions) == sorted(f"Q{n}" for n in range(80) if n % 4 == part)
        assert len(store.markers(f"talk-{part}")) == 20


def test_many_threads_open_a_new_database_at_once(store):
    ready = threading.Barrier(8)

    def begin(number: int) -> int:
        ready.wait()
        return store.append(answer(f"talk-{number}"), {})

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(begin, range(8)))) == 8


def test_two_processes_begin_a_database_and_write_one_conversation(file):
    count = 40
    processes = [
        subprocess.Popen(
            [sys.executable, str(WRITING), f"sqlite:///{file}", name, "talk", str(count)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    kept = ConversationStore(f"sqlite:///{file}")
    questions = [turn.answer.question for turn in kept.turns("talk")]
    for name in ("one", "two"):
        mine = [question for question in questions if question.startswith(name)]
        assert mine == [f"{name} {number}?" for number in range(count)]
    assert kept.get("talk").turns == 2 * count
    assert kept.markers("talk") == {"source-of-one": "L1", "source-of-two": "L2"}


def test_a_writer_waits_for_another_and_a_reader_does_not(file, store):
    store.append(ANSWER, {})
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert len(store.turns("talk")) == 1
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(store.append, ANSWER, {})
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        other.rollback()
        waiting.result(20)
    other.close()
    assert len(store.turns("talk")) == 2


def test_a_database_that_stays_locked_is_told(file, monkeypatch):
    monkeypatch.setattr(store_module, "BUSY_MS", 200)
    store = ConversationStore(f"sqlite:///{file}")
    store.append(ANSWER, {})
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageError, match="database is locked"):
        store.append(ANSWER, {})
    other.rollback()
    other.close()
    store.append(ANSWER, {})
    assert store.get("talk").turns == 2


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "postgresql//user:secret@host/db",
        "postgresql://user:secret@host:port/db",
        "foo://user:secret@host",
        "https://user:secret@example.org",
        "://",
        "/var/lib/file.sqlite",
    ],
)
def test_a_url_that_is_none_is_refused_without_its_password(url):
    with pytest.raises(ConfigurationError, match="RAGBOT_DATABASE_URL") as caught:
        ConversationStore(url)
    assert "secret" not in str(caught.value)
    assert "sqlite:///FILE" in caught.value.remedy


@pytest.mark.parametrize(
    "place", ["file/c.sqlite", "file", ".", "folder/" + "x" * 300, "/proc/c.sqlite", "/dev/null/c"]
)
def test_a_place_that_cannot_be_used_is_told_in_one_line(tmp_path, place):
    (tmp_path / "file").write_text("no database at all, but a text", encoding="utf-8")
    store = ConversationStore(f"sqlite:///{tmp_path / place}")
    for use in (lambda: store.append(ANSWER, {}), lambda: store.get("talk"), store.list):
        with pytest.raises(StorageError, match="cannot be used") as caught:
            use()
        assert "\n" not in str(caught.value)
        assert "RAGBOT_DATABASE_URL" in caught.value.remedy


def test_a_server_without_its_driver_is_told_without_its_password():
    with pytest.raises(StorageError, match="No module named") as caught:
        ConversationStore("mysql://user:secret@localhost/db").list()
    assert "secret" not in str(caught.value)


def test_an_answer_that_does_not_read_back_is_told(file, store):
    store.append(ANSWER, {})
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE turns SET answer = '{}'")
    connection.close()
    with pytest.raises(StorageError, match="does not read back"):
        store.turns("talk")
    assert [held.id for held in store.list()] == ["talk"]
    assert store.list(text="survival")


def test_nothing_is_written_before_something_is_kept(file):
    ConversationStore(f"sqlite:///{file}").open(ARTICLE)
    assert not file.parent.exists()
