"""The child process that parses strangers' files: `python -m ragbot.library.readers.child`.

It answers requests on stdin, one at a time: a line of JSON, then `size` bytes of data; each answer
is one line of JSON on stdout. It may use SECONDS of processor time a file and MEMORY bytes, and
write no file. Whoever starts it kills it when it takes too long (`workers`).
"""

from __future__ import annotations

import gc
import json
import os
import sys
import warnings
from dataclasses import asdict, replace
from typing import Any, BinaryIO

from ragbot.errors import DocumentError
from ragbot.library.composing import composed
from ragbot.library.readers import read_file
from ragbot.library.readers.model import File, Reading

SECONDS = 20
MEMORY = 512 * 1024 * 1024
SHOWN = 160


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # what a library prints is no answer
    os.dup2(nowhere, 2)
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(3_000)
    _limit()
    while header := sys.stdin.buffer.readline():
        request = json.loads(header)
        data = sys.stdin.buffer.read(request["size"])
        _limit_time()
        answer = _answered(request, data)
        del data
        _write(answers, answer)
        gc.collect()


def _write(answers: BinaryIO, answer: dict[str, Any]) -> None:
    encoded = json.dumps(answer).encode("ascii") + b"\n"
    at = 0
    while at < len(encoded):
        at += answers.write(encoded[at : at + 65_536]) or 0


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on this system: the time limit is left
        return
    limits = ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0))
    for what, most in limits:
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):
            continue


def _limit_time() -> None:
    """The system ends a child that uses more than SECONDS, also when its parent has gone."""
    try:
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime) + SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    except (ImportError, ValueError, OSError):
        return


def _answered(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    try:
        if request["task"] == "image":
            from ragbot.library.readers.pdf_image import page_png

            return page_png(data, request["page"], request["boxes"], request["width"])
        readings = read_file(File(request["name"], data, request["wanted"]))
        return {"readings": [asdict(_proved(reading)) for reading in readings]}
    except DocumentError as error:
        return {"problem": error.problem, "remedy": error.remedy}
    except MemoryError:
        return {"problem": _too_much(), "remedy": "Split it, or leave it out.", "spent": True}
    except RecursionError:
        return {"problem": "It is nested too deeply.", "remedy": "Save it in another format."}
    except Exception as error:  # noqa: BLE001  # a parser may raise anything on a damaged file
        said = " ".join(f"{type(error).__name__}: {error}".split())[:SHOWN]
        return {"problem": f"It is damaged ({said}).", "remedy": "Get it again."}


def _too_much() -> str:
    return f"It needs more than {MEMORY // 1024 // 1024} MB to be read."


def _proved(reading: Reading) -> Reading:
    """`reading`, as a failure if it cannot be written as a corpus file."""
    if reading.verbatim or reading.failure:
        return reading
    try:
        composed(reading, {}, {})
    except DocumentError as error:
        return Reading(reading.format, reading.title, reading.kind, failure=str(error))
    return replace(reading)


if __name__ == "__main__":
    main()
