"""Few retries, and a rest after several failures: a struggling server is not hammered."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ragbot.answering.generative.failures import ChatError

T = TypeVar("T")

FIRST_WAIT = 0.5
LONGEST_WAIT = 5.0
"""Seconds; a server that asks for more is not waited for beyond this."""
_OUTAGES = frozenset({"timeout", "connection", "busy", "server", "refused", "garbled"})


@dataclass
class Breaker:
    """Stops asking after `allowed` failures in a row, for `rest` seconds; then tries one again."""

    allowed: int = 3
    rest: float = 30.0
    failures: int = 0
    _closed_until: float = 0.0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def enter(self) -> None:
        """Raises ChatError of kind resting while nothing may be asked."""
        with self._lock:
            now = time.monotonic()
            if self.failures < self.allowed:
                return
            if now < self._closed_until:
                raise ChatError("resting")
            self._closed_until = now + self.rest  # this one tries; the others go on waiting

    def succeeded(self) -> None:
        """The server answers."""
        with self._lock:
            self.failures = 0

    def failed(self, error: ChatError) -> None:
        """Count a failure of the server; a request that was wrong is none."""
        if error.kind not in _OUTAGES:
            return
        with self._lock:
            self.failures += 1
            if self.failures >= self.allowed:
                self._closed_until = time.monotonic() + self.rest


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a stream is begun anew, and how the time between is chosen."""

    most: int = 2
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def wait(self, attempt: int, error: ChatError) -> float:
        """Seconds to wait after failure number `attempt` (from 0): doubling, with jitter."""
        doubled = min(FIRST_WAIT * 2.0**attempt, LONGEST_WAIT)
        wanted = max(doubled * (0.5 + self.chance() / 2), error.retry_after or 0.0)
        return min(wanted, LONGEST_WAIT)

    def stream(
        self,
        begin: Callable[[], Iterator[T]],
        until: float,
        mended: Callable[[ChatError], bool] = lambda _: False,
    ) -> Iterator[T]:
        """The items of `begin()`; begun anew while it fails before its first item.

        Once something has come, a failure is raised: nothing is said twice. `until` is a time of
        `time.monotonic()` beyond which no retry begins. `mended` is told of a failure, and may
        change what `begin` asks for: then it is begun anew at once. Raises ChatError.
        """
        attempt = 0
        while True:
            has_begun = False
            try:
                for item in begin():
                    has_begun = True
                    yield item
            except ChatError as error:
                if has_begun:
                    raise
                if mended(error):
                    continue
                wait = self.wait(attempt, error)
                is_late = time.monotonic() + wait >= until
                if not error.is_retryable or attempt == self.most or is_late:
                    raise
                self.sleep(wait)
                attempt += 1
            else:
                return
