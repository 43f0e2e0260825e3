"""`ragbot ui`: the Streamlit app."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from ragbot.cli.console import Corpus, Index, say, settings_of, verb
from ragbot.errors import CheckFailedError, IndexUnavailableError
from ragbot.settings import Settings


def _ensure_index(settings: Settings, corpus: Path | None, index: Path | None) -> None:
    from ragbot.cli.library import index as build_index
    from ragbot.index.reader import LibraryIndex

    try:
        LibraryIndex(settings).catalog.close()
    except IndexUnavailableError:
        try:
            build_index(corpus=corpus, index=index)
        except typer.Exit as ended:
            if ended.exit_code != CheckFailedError.exit_code:  # else only some files stay out
                raise


@verb
def ui(
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "localhost",
    corpus: Corpus = None,
    index: Index = None,
) -> None:
    """Open the page to read articles and ask on them; the index is built if none opens."""
    settings = settings_of(corpus, index)
    _ensure_index(settings, corpus, index)
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
