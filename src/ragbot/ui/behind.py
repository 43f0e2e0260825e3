"""Work done behind the pages, one piece after another: what it gives is drawn once it is there."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Made = TypeVar("Made")

KEPT = 500

_log = logging.getLogger(__name__)


class Behind(Generic[Made]):
    """Makes each thing once, in a thread of its own; never raises what the making raises."""

    def __init__(self, name: str, otherwise: Made) -> None:
        """`otherwise` is what stands for a thing whose making failed."""
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=f"ragbot-{name}")
        self._otherwise = otherwise
        self._lock = threading.Lock()
        self._made: OrderedDict[Hashable, Future[Made]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made | None:
        """What was made under `key`, or None while it is being made; the first asker starts it."""
        with self._lock:
            future = self._made.get(key)
            if future is None:
                future = self._made[key] = self._pool.submit(self._run, make)
                if len(self._made) > KEPT:
                    self._made.popitem(last=False)
        return future.result() if future.done() else None

    def _run(self, make: Callable[[], Made]) -> Made:
        try:
            return make()
        except Exception:  # noqa: BLE001 - the page is whole without it
            _log.warning("Something behind the page failed.", exc_info=True)
            return self._otherwise
