"""Runs readers in a child process with limits, which is replaced when it fails."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from types import TracebackType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ragbot.errors import DocumentError
from ragbot.library.readers.child import MEMORY, SECONDS
from ragbot.library.readers.model import Reading
from ragbot.types import DocumentKind

ANSWER_LIMIT = 200_000_000
WAITED = 3 * SECONDS
FILES_A_CHILD = 40
COMMAND = ("-P", "-W", "ignore", "-m", "ragbot.library.readers.child")


class Workers:
    """Parses files one after the other in a child process; use as a context manager."""

    def __init__(self, seconds: float = WAITED) -> None:
        """`seconds` is how long one file may take by the clock, however busy the machine is."""
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._done = 0
        self._readings = TypeAdapter(list[Reading])

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()

    def read(self, name: str, data: bytes, wanted: DocumentKind | None = None) -> list[Reading]:
        """The documents in `data`. Raises DocumentError: one line on what is wrong."""
        answer = self._ask({"task": "read", "name": name, "wanted": wanted}, data)
        try:
            return self._readings.validate_python(answer.get("readings"))
        except ValidationError as error:
            raise DocumentError(
                "Its reader gave no answer.", remedy="Get the file again."
            ) from error

    def image(self, data: bytes, page: int, boxes: list[list[float]], width: int) -> dict[str, Any]:
        """A page of a PDF as `pdf_image.page_png` gives it. Raises DocumentError."""
        return self._ask({"task": "image", "page": page, "boxes": boxes, "width": width}, data)

    def _ask(self, request: dict[str, Any], data: bytes) -> dict[str, Any]:
        if self._done >= FILES_A_CHILD:
            self.close()
        answer = self._answer({**request, "size": len(data)}, data)
        self._done += 1
        if "problem" in answer:
            if answer.get("spent"):
                self.close()
            raise DocumentError(answer["problem"], remedy=answer["remedy"])
        return answer

    def _answer(self, request: dict[str, Any], data: bytes) -> dict[str, Any]:
        child = self._child or self._start()
        until = time.monotonic() + self._seconds
        try:
            assert child.stdin is not None
            child.stdin.write(json.dumps(request).encode() + b"\n" + data)
            child.stdin.flush()
            line = self._line(child, until)
        except OSError as error:
            self.close()
            raise _ended(None) from error
        try:
            answer = json.loads(line)
        except ValueError as error:
            self.close()
            raise _ended(None) from error
        return answer if isinstance(answer, dict) else {}

    def _start(self) -> subprocess.Popen[bytes]:
        self._done = 0
        self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, *COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1"},
        )
        return self._child

    def _line(self, child: subprocess.Popen[bytes], until: float) -> bytes:
        """The child's answer. Raises DocumentError if it takes too long, or dies."""
        assert child.stdout is not None
        pieces: list[bytes] = []
        size = 0
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while True:
                if not selector.select(max(until - time.monotonic(), 0)):
                    self.close()
                    raise _too_long(self._seconds)
                piece = os.read(child.stdout.fileno(), 1 << 16)
                if not piece or size > ANSWER_LIMIT:
                    code = child.wait(timeout=5) if not piece else None
                    self.close()
                    raise _ended(code)
                pieces.append(piece)
                size += len(piece)
                if piece.endswith(b"\n"):
                    return b"".join(pieces)


def _too_long(seconds: float) -> DocumentError:
    return DocumentError(
        f"It takes longer than {seconds:g} s to read.", remedy="Split it, or leave it out."
    )


def _ended(code: int | None) -> DocumentError:
    """The error for a child that has gone: for lack of time, and else nearly always of memory."""
    if code == -getattr(signal, "SIGXCPU", 0) != 0:
        return _too_long(SECONDS)
    how = f"reader ended with code {code}" if code is not None else "reader ended"
    return DocumentError(
        f"It cannot be read within {MEMORY // 1024 // 1024} MB ({how}).",
        remedy="Split it, or leave it out.",
    )
