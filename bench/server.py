"""A chat model of fixed latency behind OpenAI's API, on a real socket of this machine."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.replies import WRITERS, reply

LATENCY_SECONDS = 0.3
PIECES = 8
Span = tuple[float, float]


class ModelServer(ThreadingHTTPServer):
    """Answers every request after `latency` seconds, and keeps when each was in its hands.

    Nothing of an answer is sent before the latency is over; then all of it is, in pieces where the
    client streams.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, latency: float = LATENCY_SECONDS) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.latency = latency
        self.standalone = ""
        self._spans: list[Span] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The address that clients are given."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def held(self, span: Span) -> None:
        """Keep when a request was held."""
        with self._lock:
            self._spans.append(span)

    def take_spans(self) -> list[Span]:
        """The spans since the last call."""
        with self._lock:
            spans, self._spans = self._spans, []
        return spans


@contextmanager
def serving(latency: float = LATENCY_SECONDS) -> Iterator[ModelServer]:
    """A running server."""
    server = ModelServer(latency)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def covered(spans: Sequence[Span]) -> float:
    """Seconds that at least one of `spans` covers: requests side by side count once."""
    total, until = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer
    protocol_version = "HTTP/1.1"
    timeout = 120

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """The models there are."""
        models = [{"id": name, "object": "model", "owned_by": "bench"} for name in WRITERS]
        self._send({"object": "list", "data": models})

    def do_POST(self) -> None:
        """A chat completion."""
        began = time.monotonic()
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = reply(asked["model"], asked["messages"], self.server.standalone)
        time.sleep(max(0.0, self.server.latency - (time.monotonic() - began)))
        # before anything is sent: who has the answer must find the span
        self.server.held((began, time.monotonic()))
        if asked.get("stream"):
            self._stream(asked["model"], text)
        else:
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            body = _head(asked["model"], "chat.completion") | {"choices": [choice]}
            self._send(body | {"usage": _usage(text)})

    def _send(self, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, model: str, text: str) -> None:
        size = max(1, -(-len(text) // PIECES))
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        events = [({"role": "assistant", "content": piece}, None) for piece in pieces]
        lines = [
            json.dumps(
                _head(model, "chat.completion.chunk")
                | {"choices": [{"index": 0, "delta": delta, "finish_reason": why}]}
            )
            for delta, why in (*events, ({}, "stop"))
        ]
        data = "".join(f"data: {line}\n\n" for line in (*lines, "[DONE]")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _head(model: str, kind: str) -> dict[str, Any]:
    return {"id": "bench", "object": kind, "created": int(time.time()), "model": model}


def _usage(text: str) -> dict[str, int]:
    words = len(text.split())
    return {"prompt_tokens": 1, "completion_tokens": words, "total_tokens": words + 1}
