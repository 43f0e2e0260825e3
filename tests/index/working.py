"""A real `sync` in a process of its own that stops in the midst of its work until told to go on.

python working.py STEP        STEP: the step of its progress to stop at
"""

import sys

from ragbot.index.sync import sync
from ragbot.settings import load_settings


def tell(step: str, _done: int, _total: int) -> None:
    if step == sys.argv[1]:
        sys.stdout.write("working\n")
        sys.stdout.flush()
        sys.stdin.readline()


sync(load_settings(), tell)
