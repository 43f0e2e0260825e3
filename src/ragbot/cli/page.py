"""`ragbot ui`: the Streamlit app."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import resources
from typing import Annotated

import typer

from ragbot.cli.console import Corpus, Index, say, settings_of, verb
from ragbot.errors import IndexMismatchError, IndexMissingError


@verb
def ui(
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "localhost",
    corpus: Corpus = None,
    index: Index = None,
) -> None:
    """Open the page to read articles and ask on them; the index is built if there is none."""
    from ragbot.index.generations import current_generation

    settings = settings_of(corpus, index)
    try:
        current_generation(settings.index)
    except (IndexMissingError, IndexMismatchError):
        from ragbot.cli.library import index as build_index

        build_index(corpus=corpus, index=index)
    environment = {
        **os.environ,
        "RAGBOT_CORPUS": str(settings.corpus.resolve()),
        "RAGBOT_INDEX": str(settings.index.resolve()),
    }
    page = resources.files("ragbot.ui") / "main.py"
    say(f"ragbot: open http://{host}:{port}")
    command = [sys.executable, "-m", "streamlit", "run", str(page), "--server.headless=true"]
    options = [
        f"--server.port={port}",
        f"--server.address={host}",
        "--browser.gatherUsageStats=false",
    ]
    raise typer.Exit(subprocess.run([*command, *options], env=environment, check=False).returncode)
