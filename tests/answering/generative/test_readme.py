"""The README's lines that switch to OpenAI, to a server of one's own, and back, as they stand."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from small_library import command_line, environment_of

README = Path(__file__).parents[3] / "README.md"
OWN = "http://127.0.0.1:11434/v1"
ASK = ("ask", "How many had a TP53 mutation?", "--article", "tp53-b-all", "--json")


def lines() -> list[str]:
    """The three lines, in their order."""
    return re.findall(r"^    ((?:export|unset) RAGBOT_CHAT.*)$", README.read_text("utf-8"), re.M)


def asked(settings, *switches: str, **more: str) -> dict:
    """The answer of the real command in a shell that has run `switches`."""
    command = " ".join(f"'{part}'" for part in command_line(ASK))
    done = subprocess.run(
        ["bash", "-c", "\n".join([*switches, command])],
        env=environment_of(settings, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture
def kept(shipped, tmp_path):
    return shipped.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'c.sqlite'}"})


@pytest.fixture
def proxy():
    """A proxy on this machine that refuses everything: its address, and what was asked for."""
    wanted: list[str] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                wanted.append(connection.recv(4096).decode().split("\r\n")[0])
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", wanted
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(5)


def test_the_first_line_asks_openai(kept, proxy):
    address, wanted = proxy
    given = asked(kept, lines()[0], HTTPS_PROXY=address, RAGBOT_CHAT_RETRIES="0")
    assert set(wanted) == {"CONNECT api.openai.com:443 HTTP/1.1"}
    assert given["model"] == "extractive"
    assert "chosen without a chat model" in given["notes"][0]


def test_the_second_line_asks_a_server_of_one_s_own_without_openai_s_key(kept, server):
    switch = lines()[1]
    assert OWN in switch
    given = asked(kept, lines()[0], switch.replace(OWN, server.url))
    assert given["claims"]
    assert given["model"] == "openai:scripted"
    request = server.requests[0]
    assert request.body["model"] == "qwen3:8b"
    assert "sk-" not in request.headers["authorization"]


def test_the_third_line_leads_back(kept, server):
    first, own, back = lines()
    given = asked(kept, first, own.replace(OWN, server.url), back)
    assert (given["model"], server.requests) == ("extractive", [])
