"""`ragbot ui`: the Streamlit app."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from importlib import import_module, resources
from pathlib import Path
from typing import Annotated

import typer

from ragbot.cli.console import Corpus, Index, say, settings_of, verb
from ragbot.errors import CheckFailedError, IndexUnavailableError, RagbotError
from ragbot.settings import Settings

BEGIN_SECONDS = 60.0
LOOK_SECONDS = 0.02


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
    os.environ["RAGBOT_CORPUS"] = str(settings.corpus.resolve())
    os.environ["RAGBOT_INDEX"] = str(settings.index.resolve())
    say(f"ragbot: open http://{host}:{port}")
    _serve(port, host)


def _serve(port: int, host: str) -> None:
    """Run Streamlit in this process, so that a signal to it ends the server and nothing is left."""
    from streamlit.web import cli as streamlit

    threading.Thread(target=_get_ready, name="ragbot-ready", daemon=True).start()
    page = resources.files("ragbot.ui") / "main.py"
    options = [
        "--server.headless=true",
        f"--server.port={port}",
        f"--server.address={host}",
        "--browser.gatherUsageStats=false",
    ]
    streamlit.main(["run", str(page), *options], prog_name="streamlit")


def _get_ready() -> None:
    """Import the pages and load the models while the first reader's browser loads its part."""
    from streamlit import runtime

    end = time.monotonic() + BEGIN_SECONDS
    while not runtime.exists() and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
    import_module("ragbot.ui.app")  # as the page's script does
    from ragbot.ui.house import the_house

    with contextlib.suppress(RagbotError):  # the page says it to its reader
        the_house()
