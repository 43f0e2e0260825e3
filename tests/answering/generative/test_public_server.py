"""`transformers serve` with a tiny model of random weights: a real server of somebody else's.

It writes nonsense, so that every answer must be the extractive one or an abstention, and say so.
It needs fastapi (`pip install "transformers[serving]"`), which ragbot does not, and imports torch
in a process of its own: some 20 seconds of processor time, so it is marked slow.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from asserts import assert_plain, assert_sound
from pydantic import SecretStr
from scripted_server import unused_url
from tiny_model import make

SECONDS = 180
ASKED = [
    ("How many had a TP53 mutation?", "tp53-b-all"),
    ("How do I cook spaghetti?", "tp53-b-all"),
]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(importlib.util.find_spec("fastapi") is None, reason="needs fastapi"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address and model name of a running `transformers serve`."""
    folder = tmp_path_factory.mktemp("tiny")
    make(folder)
    url = unused_url()
    port = url.rsplit(":", 1)[1].split("/")[0]
    command = [Path(sys.executable).with_name("transformers"), "serve", folder, "--device", "cpu"]
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", port],
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        _wait(server, url.removesuffix("/v1") + "/health", folder / "log")
        yield url, str(folder)
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as reply:
            if reply.status == 200:
                return
        time.sleep(0.2)
    pytest.fail(f"the server did not start: {log.read_text()[-800:]}")


def test_a_public_server_with_a_model_that_knows_nothing_gets_a_safe_answer(served, bot, caplog):
    url, name = served
    asking = bot(
        chat_base_url=url,
        chat_model=name,
        chat_api_key=SecretStr(""),
        passages=3,
        chat_deadline=60.0,
        chat_stall=60.0,
    )
    for question, article in ASKED:
        given = asking.ask(question, article)
        assert_sound(asking, given)
        assert_plain(given.text)
        assert given.abstained or given.model == "extractive"
        assert any("chat model" in note for note in given.notes)
        print(f"{question} -> {given.model}, {len(given.claims)} claims, {given.notes}")
    assert "Traceback" not in caplog.text
