"""Streams cut at every byte: none is shown as complete."""

from __future__ import annotations

import os

import pytest
from asserts import assert_sound
from scripted_server import DONE, Reply, answer, claim, event, head, sentences, stream

QUESTION, ARTICLE = "How many had a TP53 mutation?", "tp53-b-all"
STEP = int(os.environ.get("RAGBOT_TEST_CUT_STEP", "13"))


def two_claims(request):
    made = [
        claim(sentences(text)[0], (key, sentences(text)[0]))
        for key, text in list(request.passages.items())[1:3]
    ]
    return stream(answer(made), size=80)


@pytest.mark.timeout(1800)
def test_no_cut_stream_is_shown_as_complete(bot, server):
    asking = bot(chat_retries=0)
    sizes = []

    def whole(request):
        sizes.append(len(b"".join(two_claims(request).parts)))
        return two_claims(request)

    server.script = whole
    assert not asking.ask(QUESTION, ARTICLE).incomplete
    finish = len(event("", "stop") + DONE)
    partial = 0
    for at in range(0, sizes[0] - finish, STEP):
        asking.chain.answerer._chat._breaker.failures = 0  # each cut is the first
        server.script = lambda request, at=at: two_claims(request).cut(at)
        given = asking.ask(QUESTION, ARTICLE)
        assert_sound(asking, given)
        assert given.incomplete or given.model == "extractive", at
        assert given.notes, at
        partial += given.incomplete
    print(f"{len(range(0, sizes[0] - finish, STEP))} streams cut, {partial} partly shown")
    assert partial > 10


def test_a_half_object_before_a_regular_end_is_incomplete(bot, server):
    server.script = lambda request: Reply(
        (head(), event(answer([first(request)])[:-3]), event("", "stop"), DONE)
    )
    given = bot().ask(QUESTION, ARTICLE)
    assert given.incomplete
    assert len(given.claims) == 1


def first(request):
    key, text = next(iter(request.passages.items()))
    return claim(sentences(text)[0], (key, sentences(text)[0]))
