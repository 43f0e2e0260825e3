"""A stream read in a thread of its own, so that its reader never waits beyond a deadline.

The model's client waits for bytes: a server that sends a comment now and then keeps it waiting for
ever without giving anything. Meanwhile checks run on what has come.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from ragbot.answering.generative.failures import ChatError, failure_of

T = TypeVar("T")


class _End:
    """The stream has ended, by `error` if there is one."""

    def __init__(self, error: ChatError | None) -> None:
        self.error = error


class _Pump(Generic[T]):
    def __init__(self, source: Callable[[], Iterator[T]]) -> None:
        self.items: SimpleQueue[T | _End] = SimpleQueue()
        self.stop = threading.Event()
        self._source = source
        threading.Thread(target=self._run, name="ragbot-chat", daemon=True).start()

    def _run(self) -> None:
        error: ChatError | None = None
        try:
            with closing(self._source()) as stream:  # type: ignore[type-var]
                for item in stream:
                    if self.stop.is_set():
                        break
                    self.items.put(item)
        except Exception as caught:  # noqa: BLE001 - a client library may raise anything
            error = failure_of(caught)
        self.items.put(_End(error))


def _next(pump: _Pump[T], until: float) -> T | _End:
    """The next item; late ones are not taken, however fast they come."""
    left = until - time.monotonic()
    try:
        return pump.items.get(timeout=left) if left > 0 else _End(ChatError("timeout"))
    except Empty:
        return _End(ChatError("timeout"))


def pumped(source: Callable[[], Iterator[T]], until: float) -> Iterator[T]:
    """The items of `source()`, read in a thread; `until` is a time of `time.monotonic()`.

    Raises ChatError: of kind timeout once `until` has passed, or what the stream failed with.
    """
    pump = _Pump(source)
    try:
        while True:
            item = _next(pump, until)
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        pump.stop.set()
