"""What the verbs share: options, errors as one line with an exit code, JSON on stdout."""

from __future__ import annotations

import functools
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

from ragbot.errors import RagbotError
from ragbot.settings import Settings, load_settings

P = ParamSpec("P")
R = TypeVar("R")

Corpus = Annotated[
    Path | None, typer.Option("--corpus", help="Folder with articles/ and sources/.")
]
Index = Annotated[Path | None, typer.Option("--index", help="Folder of the built index.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def settings_of(corpus: Path | None, index: Path | None) -> Settings:
    """Settings of the environment, with the options given on top."""
    return load_settings(corpus=corpus, index=index)


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    written = json.dumps(document, ensure_ascii=False, indent=1)
    try:
        written.encode(sys.stdout.encoding)
    except UnicodeEncodeError:  # a terminal without that sign, or a file name that is not UTF-8
        written = json.dumps(document, indent=1)
    sys.stdout.write(written + "\n")


def say(line: str = "") -> None:
    """A line for people, on stderr; signs that would steer the terminal are written out."""
    shown = "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in line)
    sys.stderr.write(shown + "\n")


def complain(what: object) -> None:
    """What is wrong, as one line on stderr."""
    say(f"ragbot: {' '.join(str(what).split())}")


def verb(function: Callable[P, R]) -> Callable[P, R]:
    """Make a verb end with one line and the contract's exit code for every error of ragbot."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # a sign the terminal lacks stops nothing
                stream.reconfigure(errors="backslashreplace")
        try:
            result = function(*args, **kwargs)
            sys.stdout.flush()
        except RagbotError as error:
            complain(error)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            say("ragbot: stopped.")
            raise typer.Exit(130) from error
        except BrokenPipeError as error:
            # whoever read the output has gone: nothing more can be written, also not at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from error
        return result

    return run
