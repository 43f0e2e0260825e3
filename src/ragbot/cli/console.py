"""What the verbs share: options, errors as one line with an exit code, JSON on stdout."""

from __future__ import annotations

import functools
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
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def say(line: str = "") -> None:
    """A line for people, on stderr."""
    sys.stderr.write(line + "\n")


def verb(function: Callable[P, R]) -> Callable[P, R]:
    """Make a verb end with one line and the contract's exit code for every error of ragbot."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except RagbotError as error:
            say(f"ragbot: {error}")
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            say("ragbot: stopped.")
            raise typer.Exit(130) from error
        except BrokenPipeError as error:
            # whoever read the output has gone: nothing more can be written, also not at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from error

    return run
