"""Every kind of failure ends within the deadline in a cited answer or a plain message."""

from __future__ import annotations

import logging
import os
import time

import pytest
from asserts import assert_plain, assert_sound
from scripted_server import (
    DONE,
    KEY,
    Reply,
    answer,
    claim,
    error,
    event,
    head,
    honest,
    sentences,
    stream,
    unused_url,
    wait_until,
)

QUESTION, ARTICLE = "How many had a TP53 mutation?", "tp53-b-all"
DEADLINE = 1.5
GRACE = 2.0  # of a busy machine
ROUNDS = int(os.environ.get("RAGBOT_TEST_FAILURE_ROUNDS", "1"))
EVENTS = 4  # head, role and two pieces: the reply is under way


def under_way(request, tail=(), **kwargs):
    return Reply((*honest(request).parts[:EVENTS], *tail), **kwargs)


def first_claim(request):
    key, text = next(iter(request.passages.items()))
    return claim(sentences(text)[0], (key, sentences(text)[0]))


def unicode_split(request):
    body = b"".join(stream(answer([first_claim(request)]) + " — “é”\u2009𝛼").parts)
    return Reply([body[at : at + 1] for at in range(len(body))])


def drip(request):
    return Reply((head(), *(event(" ") for _ in range(400))), pause=0.05)


def comments(request):
    return Reply((head(), *(b": still there\n\n" for _ in range(400))), pause=0.05)


def huge(request):
    return Reply((head(), *(event("x" * 65_000) for _ in range(100)), DONE))


def huge_line(request):
    return Reply((head(), b"data: " + b"x" * 5_000_000))


def twice(request):
    made = first_claim(request)
    return stream(answer([made, made, made]))


def wrong_choice(request):
    return Reply((head(), b'data: {"choices": [{"delta": null, "index": 0}]}\n\n', DONE))


FAILURES = {
    "429 with a huge Retry-After": lambda _: error(429, Retry_After="86400"),
    "429 with nonsense in Retry-After": lambda _: error(429, Retry_After="soon"),
    "500": lambda _: error(500),
    "503": lambda _: error(503),
    "502 with an HTML page": lambda _: error(502, "<html>Bad gateway</html>", "text/html"),
    "hang before headers": lambda _: Reply((), hang=30),
    "hang after headers": lambda _: Reply((head(),), hang=30),
    "hang within the stream": lambda r: under_way(r, hang=30),
    "closed before headers": lambda _: Reply(()),
    "closed within headers": lambda _: Reply((head()[:20],)),
    "closed within the stream": under_way,
    "no [DONE]": lambda r: Reply(honest(r).parts[:-1]),
    "no finish reason": lambda r: Reply((*honest(r).parts[:-2], DONE)),
    "finish length": lambda r: stream(answer([first_claim(r)])[:-20], finish="length"),
    "finish content_filter": lambda r: stream(answer([first_claim(r)]), finish="content_filter"),
    "error event within the stream": lambda r: under_way(
        r, (b'data: {"error": {"message": "boom %s"}}\n\n' % KEY.encode(),)
    ),
    "invalid JSON in an event": lambda r: under_way(r, (b"data: {nonsense\n\n",)),
    "invalid UTF-8 in an event": lambda r: under_way(r, (b"data: \xff\xfe\n\n",)),
    "invalid JSON of the model": lambda _: stream('{"claims": [{"text": "half'),
    "prose of the model": lambda _: stream("TP53 is mutated in 90% of patients [1]."),
    "200 with an HTML page": lambda _: error(200, "<html>Log in</html>", "text/html"),
    "200 with a whole JSON answer": lambda _: error(200, '{"choices": []}'),
    "empty choices": lambda _: Reply((head(), b'data: {"choices": []}\n\n', DONE)),
    "no delta": wrong_choice,
    "no events": lambda _: Reply((head(), DONE)),
    "nothing said": lambda _: stream(""),
    "endless text": huge,
    "endless line": huge_line,
    "text split within a sign": unicode_split,
    "the same claim thrice": twice,
    "slow drip": drip,
    "comments only": comments,
    "key refused, and echoed": lambda _: error(401, f'{{"error": {{"message": "bad {KEY}"}}}}'),
    "forbidden": lambda _: error(403),
    "no such model": lambda _: error(404),
    "bad request": lambda _: error(400),
    "redirected to itself": lambda _: error(307, Location="/v1/chat/completions"),
    "empty 200": lambda _: error(200, " "),
    "418": lambda _: error(418),
}
WHOLE = {"no [DONE]", "text split within a sign", "the same claim thrice"}
PARTIAL = {"no finish reason", "finish content_filter"}


@pytest.fixture
def asking(bot):
    """One ragbot for all rounds of a test, opened before its time is taken."""
    made = bot(chat_deadline=DEADLINE, chat_stall=0.8, chat_retries=1)
    made.warm()
    import langchain_openai  # noqa: F401 - seconds, and not the failure's

    return made


@pytest.mark.timeout(max(300, 10 * ROUNDS))
@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_ends_in_an_answer(name, asking, server, caplog):
    caplog.set_level(logging.DEBUG)
    longest = 0.0
    for _ in range(ROUNDS):
        asking.chain.answerer._chat._breaker.failures = 0  # each round is the first
        server.script = FAILURES[name]
        began = time.monotonic()
        given = asking.ask(QUESTION, ARTICLE)
        longest = max(longest, time.monotonic() - began)
        assert longest < DEADLINE + GRACE
        assert_sound(asking, given)
        assert_plain(given.text)
        whole = given.model == "openai:scripted" and not given.incomplete
        assert whole is (name in WHOLE)
        assert (given.model == "openai:scripted" and given.incomplete) is (name in PARTIAL)
        if not whole:
            assert given.notes
            assert given.text.endswith(given.notes[-1])
        if given.model == "extractive":
            assert "chosen without a chat model" in given.notes[0]
            assert given.claims
    assert KEY not in caplog.text
    assert "Traceback" not in caplog.text
    print(f"{name}: {ROUNDS} rounds, {longest:.2f} s at most")


def test_nobody_listens(bot, caplog):
    asking = bot(chat_base_url=unused_url(), chat_deadline=DEADLINE)
    given = asking.ask(QUESTION, ARTICLE)
    assert_sound(asking, given)
    assert given.model == "extractive"
    assert "could not be reached" in given.notes[0]
    assert KEY not in caplog.text


def test_a_busy_server_is_asked_again(asking, server):
    replies = iter([error(503), None])
    server.script = lambda request: next(replies) or honest(request)
    given = asking.ask(QUESTION, ARTICLE)
    assert (given.model, given.notes) == ("openai:scripted", ())
    assert len(server.requests) == 2


def test_a_refused_key_is_not_tried_again(asking, server):
    server.script = lambda _: error(401)
    asking.ask(QUESTION, ARTICLE)
    assert len(server.requests) == 1


def test_a_server_that_keeps_failing_is_left_alone(asking, server):
    server.script = lambda _: error(401)
    notes = [asking.ask(QUESTION, ARTICLE).notes[0] for _ in range(5)]
    assert len(server.requests) == 3
    assert "several times in a row" in notes[-1]


def test_a_server_without_schemas_is_asked_without(asking, server):
    def script(request):
        return error(400) if "response_format" in request.body else honest(request)

    server.script = script
    for _ in range(2):
        assert asking.ask(QUESTION, ARTICLE).model == "openai:scripted"
    formats = ["response_format" in request.body for request in server.requests]
    assert formats == [True, False, False]


def test_no_thread_stays_with_a_server_that_only_drips(asking, server):
    import threading

    def readers():
        return [t for t in threading.enumerate() if t.name == "ragbot-chat"]

    server.script = comments
    asking.ask(QUESTION, ARTICLE)
    assert wait_until(lambda: not readers())
