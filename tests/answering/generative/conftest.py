"""A scripted server, a ragbot that asks it, and a wall: no test reaches a real model."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator

import pytest
from scripted_server import KEY, ScriptedServer

from ragbot import Ragbot
from ragbot.settings import Settings

FOREIGN = ("OPENAI", "AZURE", "ANTHROPIC", "LANGSMITH", "LANGCHAIN", "GOOGLE")

Bot = Callable[..., Ragbot]


@pytest.fixture(autouse=True)
def _wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key or proxy of whoever runs the tests, and no connection but to this machine."""
    for name in list(os.environ):
        if name.upper().startswith(FOREIGN) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: object) -> None:
        is_here = self.family == socket.AF_UNIX or str(address[0]) in {"127.0.0.1", "::1"}
        assert is_here, f"a test wanted to reach {address}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A scripted server; set `server.script`."""
    running = ScriptedServer()
    yield running
    running.close()


@pytest.fixture
def chat_settings(shipped: Settings, server: ScriptedServer, tmp_path) -> Callable[..., Settings]:
    """`chat_settings(**overrides)`: settings of the shipped library that ask the server."""

    def make(**overrides: object) -> Settings:
        from pydantic import SecretStr

        given = {
            "database_url": f"sqlite:///{tmp_path / 'conversations.sqlite'}",
            "chat_model": "scripted",
            "chat_base_url": server.url,
            "chat_api_key": SecretStr(KEY),
            "chat_deadline": 20.0,
            "chat_stall": 5.0,
            "verifier": "overlap",
        }
        return shipped.model_copy(update=given | overrides)

    return make


@pytest.fixture
def bot(chat_settings) -> Bot:
    """`bot(**overrides)`: a ragbot whose chat model is the server."""
    return lambda **overrides: Ragbot(chat_settings(**overrides))
