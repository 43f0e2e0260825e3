"""Streams cut at every byte: none is shown as complete."""

from __future__ import annotations

import os

import pytest
from asserts import assert_sound
from scripted_server import DONE, Reply, answer, claim, event, head, sentences, stream

QUESTION, ARTICLE = "How many had a TP53 mutation?", "tp53-b-all"
CUTS = int(os.environ.get("RAGBOT_TEST_CUTS", "60"))


def claims(request):
    """A stream of two claims at least, and of as many bytes as it is cut at."""
    made = []
    for key, text in list(request.passages.items())[1:]:
        made.append(claim(sentences(text)[0], (key, sentences(text)[0])))
        reply = stream(answer(made), size=80)
        if len(made) > 1 and len(b"".join(reply.parts)) > CUTS + 300:
            break
    return reply


@pytest.mark.timeout(3600)
def test_no_cut_stream_is_shown_as_complete(bot, server):
    asking = bot(chat_retries=0)
    sizes = []

    def whole(request):
        sizes.append(len(b"".join(claims(request).parts)))
        return claims(request)

    server.script = whole
    assert not asking.ask(QUESTION, ARTICLE).incomplete
    bytes_cut = sizes[0] - len(event("", "stop") + DONE)
    partial, places = 0, range(0, bytes_cut, max(1, bytes_cut // CUTS))
    for at in places:
        asking.chain.answerer._chat._breaker.failures = 0  # each cut is the first
        server.script = lambda request, at=at: claims(request).cut(at)
        given = asking.ask(QUESTION, ARTICLE)
        assert_sound(asking, given)
        assert given.incomplete or given.model == "extractive", at
        assert given.notes, at
        partial += given.incomplete
    print(f"{len(places)} streams cut, of {bytes_cut} bytes, {partial} partly shown")
    assert len(places) >= CUTS
    assert partial > 5


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
