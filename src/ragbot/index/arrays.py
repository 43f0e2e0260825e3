"""Arrays kept as files: the one place that reads them."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["load_array"]

_ONE_AT_A_TIME = threading.Lock()
_TRIES = 3


def load_array(path: Path, *, mapped: bool = False) -> np.ndarray[Any, Any]:
    """The array in the .npy file at `path`; `mapped` leaves it on disk, to be read where touched.

    Raises OSError, ValueError or EOFError for a file that holds no whole array.
    """
    # numpy parses a file's head by `ast`, whose count of recursion is one for all threads of
    # Python 3.11 (CPython issue 106905): two at once fail with a SystemError, though the file is
    # whole. The lock is for our own reads; the tries are for the other users of `ast`.
    with _ONE_AT_A_TIME:
        for _ in range(_TRIES - 1):
            try:
                return _load(path, mapped)
            except SystemError:
                continue
        return _load(path, mapped)


def _load(path: Path, mapped: bool) -> np.ndarray[Any, Any]:
    array: np.ndarray[Any, Any] = np.load(
        path, mmap_mode="r" if mapped else None, allow_pickle=False
    )
    return array
