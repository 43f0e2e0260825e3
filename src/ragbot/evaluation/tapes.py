"""A server on 127.0.0.1 that stands between ragbot and a chat model: it plays or records.

ragbot's own client asks it as it would ask the model; nothing of the client is replaced. A player
answers from a cassette and from nothing else, a recorder passes everything on and keeps the answer.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from ragbot.errors import RecordingMissingError
from ragbot.evaluation.cassettes import Asked, Cassette, Recording, asked

PIECE = 24
"""Characters of an event that is played: a stream that comes in pieces, as a model's does."""
MASK = "<key>"


class Reply(Protocol):
    """What a tape answers to one request."""

    status: int
    kind: str

    def parts(self) -> Iterable[bytes]:
        """The body, as it comes."""


class _Sent:
    """A reply whose parts are known or come from elsewhere."""

    def __init__(self, status: int, kind: str, parts: Iterable[bytes]) -> None:
        self.status = status
        self.kind = kind
        self._parts = parts

    def parts(self) -> Iterable[bytes]:
        return self._parts


class Tape:
    """What plays and records have in common: they know which turn is being asked."""

    def __init__(self, cassette: Cassette) -> None:
        self.cassette = cassette
        self.turn = ""
        self._missing: list[str] = []

    def begin(self, turn: str) -> None:
        """The requests that follow belong to `turn`."""
        self.turn = turn

    def end(self) -> None:
        """Raises RecordingMissingError if a request of the turn had no recording."""
        if self._missing:
            digest, self._missing = self._missing[0], []
            raise RecordingMissingError(
                f"The cassette of {self.cassette.model} has no recording for a request of "
                f"{self.turn} (digest {digest}): prompt, passages or settings have changed.",
                remedy="Record anew with `ragbot eval run --mode live --record`, and review it.",
            )

    def reply(self, path: str, body: Mapping[str, Any]) -> Reply:
        """The answer to one request."""
        raise NotImplementedError


class Player(Tape):
    """Plays a cassette."""

    def reply(self, path: str, body: Mapping[str, Any]) -> Reply:
        """The recorded answer as a stream of events; HTTP 404 if there is none."""
        request = asked("POST", path, body)
        found = self.cassette.recordings.get(request.digest)
        if found is None:
            self._missing.append(request.digest)
            told = json.dumps({"error": {"message": f"no recording {request.digest}"}})
            return _Sent(404, "application/json", [told.encode()])
        events = _events(request.filled(found.text), found.finish, self.cassette.model)
        return _Sent(200, "text/event-stream", events)


class Recorder(Tape):
    """Passes requests on to `base_url` and keeps what was answered whole.

    The key goes to that address alone: a redirect is not followed.
    """

    def __init__(self, cassette: Cassette, base_url: str, key: str, stall: float) -> None:
        super().__init__(cassette)
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._stall = stall
        self._opener = urllib.request.build_opener(_NoRedirect)

    def reply(self, path: str, body: Mapping[str, Any]) -> Reply:
        """The server's own reply, as it comes."""
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        data = json.dumps(body).encode()
        url = self._base_url + path
        request = urllib.request.Request(url, data, headers)  # noqa: S310 - http(s), by settings
        try:
            answer = self._opener.open(request, timeout=self._stall)
        except urllib.error.HTTPError as error:
            with error:
                return _Sent(error.code, "application/json", [error.read()])
        except OSError:
            return _Sent(502, "application/json", [b'{"error": {"message": "unreachable"}}'])
        kind = answer.headers.get("Content-Type", "text/event-stream")
        return _Sent(answer.status, kind, self._kept(asked("POST", path, body), answer))

    def _kept(self, request: Asked, lines: Iterable[bytes]) -> Iterator[bytes]:
        text, finish = "", ""
        for line in lines:
            said, ended = _read(line)
            text, finish = text + said, ended or finish
            yield line
        if finish:
            kept = request.masked(text)
            kept = kept.replace(self._key, MASK) if self._key else kept
            self.cassette.recordings[request.digest] = Recording(self.turn, kept, finish)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _read(line: bytes) -> tuple[str, str]:
    """Text and finish reason of a line of events, as far as it has them."""
    data = line.removeprefix(b"data:").strip()
    if data == line.strip() or data == b"[DONE]":
        return "", ""
    try:
        choice = json.loads(data)["choices"][0]
        return choice["delta"].get("content") or "", choice.get("finish_reason") or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        return "", ""


def _events(text: str, finish: str, model: str) -> list[bytes]:
    pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    deltas: list[tuple[dict[str, str], str | None]] = [({"role": "assistant"}, None)]
    deltas += [({"content": piece}, None) for piece in pieces]
    deltas.append(({}, finish))
    return [*(_event(delta, end, model) for delta, end in deltas), b"data: [DONE]\n\n"]


def _event(delta: Mapping[str, str], finish: str | None, model: str) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {
        "id": "chatcmpl-recorded", "object": "chat.completion.chunk", "created": 0,
        "model": model, "choices": [choice],
    }  # fmt: skip
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()


class Deck:
    """Serves a tape on a free port of 127.0.0.1, within a `with`; `url` is its base address."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(tape))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Deck:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(tape: Tape) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(size) or b"{}")
            reply = tape.reply(self.path.removeprefix("/v1"), body)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.end_headers()
            with suppress(OSError):  # either side may leave; what was cut is not kept
                for part in reply.parts():
                    self.wfile.write(part)

        def log_message(self, *_: object) -> None:
            """Say nothing: stderr is for people."""

    return Handler


@contextmanager
def on_tape(tape: Tape | None, turn: str) -> Iterator[None]:
    """Requests belong to `turn`. Raises RecordingMissingError if one had no recording."""
    if tape is not None:
        tape.begin(turn)
    yield
    if tape is not None:
        tape.end()
