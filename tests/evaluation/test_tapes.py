"""The recorder against servers that would spoil a recording."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from eval_runs import KEY

from ragbot.errors import RecordingMissingError
from ragbot.evaluation.cassettes import Cassette
from ragbot.evaluation.tapes import MASK, Deck, Player, Recorder, Tape

BODY = {"model": "m", "messages": [{"role": "user", "content": "Hello?"}], "stream": True}
Serve = Callable[[BaseHTTPRequestHandler], None]


def sent(text: str | None, finish: str | None) -> bytes:
    delta = {} if text is None else {"content": text}
    event = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return f"data: {json.dumps(event)}\n\n".encode()


@pytest.fixture
def upstream() -> Iterator[Callable[[Serve], tuple[str, list[tuple[str, str]]]]]:
    """`upstream(serve)`: the address of a server, and the paths and keys it was asked with."""
    running = []

    def start(serve: Serve) -> tuple[str, list[tuple[str, str]]]:
        asked: list[tuple[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                asked.append((self.path, self.headers.get("Authorization", "")))
                serve(self)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}", asked

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def stream(*events: bytes) -> Serve:
    def serve(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        for event in events:
            handler.wfile.write(event)

    return serve


def ask(tape: Tape) -> tuple[int, bytes]:
    with Deck(tape) as deck:
        data = json.dumps(BODY).encode()
        request = urllib.request.Request(f"{deck.url}/chat/completions", data)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()


def recorder(address: str) -> Recorder:
    return Recorder(Cassette("m", "a test"), address, KEY, 5.0)


def test_what_streams_through_is_kept_whole_and_played_back(upstream):
    address, asked = upstream(stream(sent("Hel", None), sent("lo.", None), sent(None, "stop")))
    tape = recorder(f"{address}/openai/v1/")
    tape.begin("s-001/1")
    status, body = ask(tape)
    assert (status, body.count(b"data:")) == (200, 3)
    assert asked == [("/openai/v1/chat/completions", f"Bearer {KEY}")]
    (kept,) = tape.cassette.recordings.values()
    assert (kept.turn, kept.text, kept.finish) == ("s-001/1", "Hello.", "stop")
    status, played = ask(Player(tape.cassette))
    assert status == 200
    assert b'"content": "Hello."' in played
    assert played.endswith(b"data: [DONE]\n\n")


def test_a_server_that_repeats_the_key_does_not_get_it_onto_the_cassette(upstream):
    address, _ = upstream(stream(sent(f"Your key is {KEY}", None), sent(None, "stop")))
    tape = recorder(address)
    ask(tape)
    (kept,) = tape.cassette.recordings.values()
    assert kept.text == f"Your key is {MASK}"


@pytest.mark.parametrize(
    "events",
    [(sent("Half an ans", None),), (b"data: {broken\n\n", b": a comment\n\n"), ()],
)
def test_an_answer_that_broke_off_is_passed_on_and_not_kept(upstream, events):
    address, _ = upstream(stream(*events))
    tape = recorder(address)
    assert ask(tape) == (200, b"".join(events))
    assert tape.cassette.recordings == {}


def test_a_redirect_is_not_followed_with_the_key(upstream):
    elsewhere, asked_elsewhere = upstream(stream(sent("x", "stop")))

    def redirect(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", f"{elsewhere}/v1/chat/completions")
        handler.end_headers()

    address, asked = upstream(redirect)
    tape = recorder(address)
    assert ask(tape)[0] == 302
    assert len(asked) == 1
    assert asked_elsewhere == []
    assert tape.cassette.recordings == {}


def test_a_server_that_is_not_there_is_an_error_of_the_server():
    status, _ = ask(recorder("http://127.0.0.1:9"))
    assert status == 502


def test_a_player_tells_what_it_lacks_once():
    tape = Player(Cassette("m", "nobody"))
    tape.begin("s-001/1")
    assert ask(tape)[0] == 404
    with pytest.raises(RecordingMissingError, match="s-001/1"):
        tape.end()
    tape.end()
