"""A server on 127.0.0.1 that speaks OpenAI's chat API, SSE and all, and plays any failure.

A `Reply` is written to the socket as it is, byte by byte where a test wants that. What is replied
is chosen by a function of the request, so that a script can read the prompt it answers.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

KEY = "sk-secret-0123456789abcdef"
PASSAGE = re.compile(r"=== passage (S\w+) \((.*?)\) ===\n(.*?)\n=== end of passage \1 ===", re.S)


@dataclass(frozen=True)
class Request:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def messages(self) -> list[dict[str, str]]:
        return self.body.get("messages", [])

    @property
    def passages(self) -> dict[str, str]:
        """Text of the passages in the prompt, by key."""
        found = PASSAGE.finditer(self.messages[1]["content"])
        return {match[1]: match[3] for match in found}

    @property
    def is_repair(self) -> bool:
        return len(self.messages) > 2

    @property
    def is_rewrite(self) -> bool:
        return "rewrite the last question" in self.messages[0]["content"]


@dataclass(frozen=True)
class Reply:
    """What is written to the socket: parts, and seconds to wait before each.

    After the last part the connection is closed, or held open for `hang` seconds.
    """

    parts: Sequence[bytes]
    pause: float = 0.0
    hang: float = 0.0

    def cut(self, at: int) -> Reply:
        """The same reply, closed cleanly after `at` bytes of it."""
        return Reply((b"".join(self.parts)[:at],))


def head(status: int = 200, kind: str = "text/event-stream", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Scripted", f"Content-Type: {kind}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def event(content: str | None = None, finish: str | None = None, **more: Any) -> bytes:
    """One SSE event of a streamed answer."""
    delta = {"role": "assistant"} if content is None else {"content": content}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
        "choices": [choice], **more,
    }  # fmt: skip
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()


DONE = b"data: [DONE]\n\n"


def stream(
    text: str, *, size: int = 12, finish: str | None = "stop", done: bool = True, pause: float = 0.0
) -> Reply:
    """`text` as a stream of events of `size` characters."""
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    events = [event(), *(event(piece) for piece in pieces)]
    if finish is not None:
        events.append(event("", finish))
    return Reply((head(), *events, *((DONE,) if done else ())), pause)


def error(status: int, body: str = "", kind: str = "application/json", **headers: str) -> Reply:
    text = body or json.dumps({"error": {"message": "scripted", "type": "t", "code": "c"}})
    data = text.encode()
    return Reply((head(status, kind, Content_Length=str(len(data)), **headers), data))


def answer(claims: Iterable[dict[str, Any]]) -> str:
    """The JSON object that the prompt asks for."""
    lines = ",\n".join(json.dumps(claim, ensure_ascii=False) for claim in claims)
    return f'{{"claims": [\n{lines}\n]}}'


def claim(text: str, *evidence: tuple[str, str], kind: str = "claim") -> dict[str, Any]:
    pairs = [{"key": key, "quote": quote} for key, quote in evidence]
    return {"kind": kind, "text": text, "evidence": pairs}


def sentences(text: str) -> list[str]:
    """Sentences of a passage, roughly."""
    parts = re.split(r"(?<=[.!?])\s+(?=[A-Z])|\n", text)
    return [part.strip() for part in parts if len(part.split()) > 4]


def honest(request: Request, most: int = 3) -> Reply:
    """A model that states the first sentences of the passages, word for word."""
    if request.is_rewrite:
        return stream("A question?")
    claims = [
        claim(sentences(text)[0], (key, sentences(text)[0]))
        for key, text in request.passages.items()
        if sentences(text)
    ]
    return stream(answer(claims[:most]))


Script = Callable[[Request], Reply]


@dataclass
class ScriptedServer:
    """Serves `script` at `url` until it is closed; keeps the requests."""

    script: Script = honest
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer._serve(self)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 64
            block_on_close = False

        self._closing = threading.Event()
        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, handler: socketserver.StreamRequestHandler) -> None:
        request = read_request(handler.rfile)
        if request is None:
            return
        self.requests.append(request)
        reply = self.script(request)
        with contextlib.suppress(OSError):  # the client may have left
            self._write(handler.connection, reply)

    def _write(self, connection: socket.socket, reply: Reply) -> None:
        for part in reply.parts:
            if reply.pause and self._closing.wait(reply.pause):
                return
            connection.sendall(part)
        if reply.hang:
            self._closing.wait(reply.hang)


def read_request(stream: Any) -> Request | None:
    first = stream.readline().decode()
    if not first.strip():
        return None
    headers: dict[str, str] = {}
    while line := stream.readline().decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return Request(first.split()[1], headers, json.loads(body) if body else {})


def unused_url() -> str:
    """The address of a port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()
