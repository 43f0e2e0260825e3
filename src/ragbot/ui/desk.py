"""The desk: answers questions behind the pages, so that no click and no reload loses an answer."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Literal, Protocol

from ragbot.errors import RagbotError
from ragbot.types import Answer, Audience, Event, StandaloneQuestion, Stated

State = Literal["waiting", "running", "done", "stopped", "failed"]

WORKERS = 4
KEPT_ENDED = 100
IDLE_LOOK = 0.1
UNEXPECTED = (
    "The answer failed for a reason that ragbot does not know. Ask again; the log says more."
)

_log = logging.getLogger(__name__)


class Streams(Protocol):
    """What the desk needs of a ragbot."""

    def stream(
        self, question: str, article: str, conversation_id: str | None, audience: Audience
    ) -> Iterator[Event]:
        """The events of one answer."""


@dataclass(eq=False)
class Job:
    """One question on the desk and what has come of it; read from any thread."""

    question: str
    article: str
    conversation_id: str
    audience: Audience = "clinician"
    state: State = "waiting"
    understood: StandaloneQuestion | None = None
    stated: list[Stated] = field(default_factory=list)
    answer: Answer | None = None
    error: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def is_live(self) -> bool:
        """Whether more is to come."""
        return self.state in {"waiting", "running"}

    def stop(self) -> None:
        """End the job before its next statement; it is not kept."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Wait until nothing more is to come, but no longer than `seconds`."""
        self._over.wait(seconds)

    def end(self) -> None:
        """Let go of those who wait."""
        self._over.set()

    def run(self, bot: Streams) -> None:
        """Take in the events of the answer until it is whole or stopped."""
        self.state = "running"
        events = bot.stream(self.question, self.article, self.conversation_id, self.audience)
        with closing(events):  # type: ignore[type-var]
            for event in events:
                self._take(event)
                if self._stop.is_set() and self.answer is None:  # a whole answer is kept already
                    self.state = "stopped"
                    return
        self.state = "done"

    def _take(self, event: Event) -> None:
        if isinstance(event, StandaloneQuestion):
            self.understood = event
        elif isinstance(event, Stated):
            self.stated.append(event)
        else:
            self.answer = event

    @property
    def was_stopped(self) -> bool:
        """Whether a reader has asked to stop."""
        return self._stop.is_set()


class Desk:
    """Runs questions in the background: those of one conversation one after another."""

    def __init__(self, bot: Streams, workers: int = WORKERS) -> None:
        self._bot = bot
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="ragbot-answer")
        self._lock = threading.Lock()
        self._queues: dict[str, deque[Job]] = {}
        self._ended: deque[Job] = deque(maxlen=KEPT_ENDED)

    def ask(self, job: Job) -> None:
        """Put a question on the desk. What had failed in its conversation is cleared away."""
        with self._lock:
            self._forget(job.conversation_id)
            queue = self._queues.get(job.conversation_id)
            if queue is not None:
                queue.append(job)
                return
            self._queues[job.conversation_id] = deque([job])
        self._pool.submit(self._drain, job.conversation_id)

    def live(self, conversation_id: str) -> list[Job]:
        """The questions of a conversation that are not answered yet, in order."""
        with self._lock:
            return [job for job in self._queues.get(conversation_id, ()) if job.is_live]

    def ended(self, conversation_id: str) -> list[Job]:
        """The questions of a conversation that were stopped or have failed."""
        with self._lock:
            return [job for job in self._ended if job.conversation_id == conversation_id]

    def wait_idle(self, seconds: float) -> None:
        """Wait until no question is on the desk, but no longer than `seconds`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._lock:
                if not self._queues:
                    return
            time.sleep(IDLE_LOOK)

    def _forget(self, conversation_id: str) -> None:
        kept = [job for job in self._ended if job.conversation_id != conversation_id]
        self._ended = deque(kept, maxlen=KEPT_ENDED)

    def _drain(self, conversation_id: str) -> None:
        while True:
            with self._lock:
                queue = self._queues[conversation_id]
                if not queue:
                    del self._queues[conversation_id]
                    return
                job = queue[0]
            self._run(job)
            with self._lock:
                queue.popleft()
                if job.state != "done":
                    self._ended.append(job)
            job.end()

    def _run(self, job: Job) -> None:
        if job.was_stopped:
            job.state = "stopped"
            return
        try:
            job.run(self._bot)
        except RagbotError as error:
            job.error, job.state = str(error), "failed"
        except Exception:  # noqa: BLE001 - a thread's error has nobody else to be shown to
            _log.exception("A question could not be answered.")
            job.error, job.state = UNEXPECTED, "failed"
