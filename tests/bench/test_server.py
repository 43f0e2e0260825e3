"""The benchmark's chat model: fixed latency, real socket, answers that systems can go on with."""

from __future__ import annotations

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from bench.replies import reply
from bench.server import ModelServer, covered, serving

from ragbot.bot import Ragbot
from ragbot.index.sync import sync
from small_library import ALPHA

QUESTION = "How many had veno-occlusive disease with inotuzumab?"


def ask(server: ModelServer, **more: object) -> bytes:
    connection = http.client.HTTPConnection(*server.server_address[:2], timeout=20)
    body = {"model": "bench-plain", "messages": [{"role": "user", "content": "Hello?"}], **more}
    connection.request("POST", "/v1/chat/completions", json.dumps(body))
    answer = connection.getresponse()
    assert answer.status == 200
    data = answer.read()
    connection.close()
    return data


def test_an_answer_takes_the_latency_and_its_span_is_kept():
    with serving(latency=0.2) as server:
        began = time.monotonic()
        answer = json.loads(ask(server))
        took = time.monotonic() - began
        spans = server.take_spans()
    assert answer["choices"][0]["message"]["content"]
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert len(spans) == 1
    assert 0.2 <= covered(spans) <= took
    assert server.take_spans() == []


def test_a_stream_holds_the_same_text_and_ends():
    with serving(latency=0.0) as server:
        whole = json.loads(ask(server))["choices"][0]["message"]["content"]
        lines = ask(server, stream=True).decode().split("\n\n")
    events = [line.removeprefix("data: ") for line in lines if line]
    assert events[-1] == "[DONE]"
    pieces = [json.loads(event)["choices"][0] for event in events[:-1]]
    assert "".join(piece["delta"].get("content", "") for piece in pieces) == whole
    assert pieces[-1]["finish_reason"] == "stop"


def test_requests_side_by_side_are_counted_once():
    with serving(latency=0.3) as server, ThreadPoolExecutor(3) as threads:
        for waiting in [threads.submit(ask, server) for _ in range(3)]:
            waiting.result()
        spans = server.take_spans()
    assert len(spans) == 3
    assert covered(spans) < 0.8


@pytest.mark.parametrize(
    ("spans", "seconds"),
    [([], 0.0), ([(1.0, 2.0), (4.0, 5.5)], 2.5), ([(1.0, 3.0), (2.0, 2.5), (2.5, 4.0)], 3.0)],
)
def test_covered_time(spans, seconds):
    assert covered(spans) == pytest.approx(seconds)


def test_a_request_to_rewrite_gets_the_question():
    told = [{"role": "system", "content": "Rephrase it to be a standalone question."}]
    assert reply("bench-plain", told, "What of age?") == "What of age?"
    assert reply("bench-plain", [{"role": "user", "content": "What of age?"}], "x") != "x"


def test_a_paper_answer_cites_the_keys_it_was_given():
    text = "Context:\n\npqac-0a1b2c3d: something\n\nValid citation examples: (pqac-d79ef6fa)"
    said = reply("openai/bench-paper", [{"role": "user", "content": text}], "")
    assert "pqac-0a1b2c3d" in said
    assert "pqac-d79ef6fa" not in said
    summary = reply("bench-paper", [{"role": "user", "content": "Excerpt from x"}], "")
    assert json.loads(summary)["relevance_score"] > 0


def test_ragbot_walks_its_whole_way_with_this_model(small):
    sync(small)
    with serving(latency=0.0) as server:
        told = {"chat_base_url": server.url, "chat_model": "bench-claims", "verifier": "overlap"}
        bot = Ragbot(small.model_copy(update=told))
        answer = bot.ask(QUESTION, ALPHA)
        assert server.take_spans()
    assert answer.model.startswith("openai:")
    assert answer.claims
    assert not answer.notes
