"""What a request is known by on a cassette."""

from __future__ import annotations

import json

import pytest

from ragbot.answering.generative.keys import keyed
from ragbot.answering.generative.prompts import (
    answer_messages,
    repair_messages,
    standalone_messages,
)
from ragbot.errors import UsageError
from ragbot.evaluation.cassettes import Cassette, Recording, asked, load, save
from ragbot.types import Chunk, Message, Passage

TEXT = "Median OS was 7.7 months."


def passages(salt: bytes, text: str = TEXT):
    found = [
        Passage(
            Chunk(f"c{n}", f"s{n}", "source", "T", ("Findings",), 0, len(text), text, ()),
            1.0,
            n,
            "cited",
        )
        for n in (1, 2)
    ]
    return keyed(found, salt)


def body(salt: bytes, question: str = "How long?", **more) -> dict:
    made = answer_messages((question, question), "Title", passages(salt), "clinician", 6)
    return {
        "model": "m",
        "messages": [{"role": m.role, "content": m.content} for m in made],
        **more,
    }


def digest(request: dict, path: str = "/chat/completions") -> str:
    return asked("POST", path, request).digest


def test_the_same_question_is_known_whatever_keys_its_prompt_drew():
    assert body(b"one") != body(b"two")
    assert digest(body(b"one")) == digest(body(b"two"))


def test_so_is_a_repair_that_repeats_the_keys():
    def repair(salt: bytes) -> dict:
        (key, _), *_ = passages(salt)
        first = answer_messages(("q", "q"), "T", passages(salt), "clinician", 6)
        made = repair_messages(first, f'{{"key": "{key}"}}', [("It is 77.", ("a figure",))])
        return {"messages": [{"role": m.role, "content": m.content} for m in made]}

    assert repair(b"one") != repair(b"two")
    assert digest(repair(b"one")) == digest(repair(b"two"))


def test_so_is_a_follow_up_that_is_written_out():
    def rewrite(frame: str) -> dict:
        made = standalone_messages("And then?", [Message("user", "What?")], "T", frame)
        return {"messages": [{"role": m.role, "content": m.content} for m in made]}

    assert digest(rewrite("0123abcd")) == digest(rewrite("fedc9876"))


@pytest.mark.parametrize("more", [{"stream": True}, {"response_format": {"type": "json_schema"}}])
def test_how_the_reply_is_sent_does_not_matter(more):
    assert digest(body(b"x")) == digest(body(b"x", **more))


@pytest.mark.parametrize(
    "other",
    [
        body(b"x", question="How short?"),
        body(b"x", temperature=0.5),
        body(b"x") | {"model": "n"},
        {"model": "m", "messages": []},
    ],
)
def test_what_is_asked_matters(other):
    assert digest(body(b"x")) != digest(other)
    assert digest(body(b"x")) != digest(body(b"x"), "/embeddings")


def test_a_reply_is_kept_without_the_keys_and_given_out_with_those_of_the_prompt():
    first, second = asked("POST", "/p", body(b"one")), asked("POST", "/p", body(b"two"))
    (key_one, _), *_ = passages(b"one")
    (key_two, _), *_ = passages(b"two")
    kept = first.masked(f'{{"key": "{key_one}", "quote": "{TEXT}"}}')
    assert key_one not in kept
    assert json.loads(second.filled(kept))["key"] == key_two


def test_a_cassette_survives_its_file(tmp_path):
    made = Cassette(
        "m", "a script", 0.3, False, {"d": Recording("b/1", "x"), "c": Recording("a/1", "ü")}
    )
    path = tmp_path / "tapes" / "m.json"
    save(made, path)
    assert load(path) == made
    assert list(json.loads(path.read_text())["recordings"]) == ["c", "d"], "by turn"


@pytest.mark.parametrize("content", [None, "{", "[]", '{"model": 3}'])
def test_a_cassette_that_does_not_read_is_one_line(tmp_path, content):
    path = tmp_path / "m.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=r"m\.json") as caught:
        load(path)
    assert "\n" not in str(caught.value)
