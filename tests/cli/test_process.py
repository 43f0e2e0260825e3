"""The real command in processes of its own: from an empty folder to a conversation that goes on."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request

import pytest

from ragbot.index.sync import sync
from ragbot.settings import DISCLAIMER
from small_library import ALPHA, FIRST, command_line, environment_of

QUESTION = "What was the median overall survival with inotuzumab?"


def test_index_ask_show_and_go_on(small, ragbot):
    indexed = ragbot(small, "index", "--json")
    assert indexed.returncode == 0, indexed.stderr
    assert json.loads(indexed.stdout)["added"] == 5
    asked = ragbot(small, "ask", QUESTION, "--article", ALPHA, "--json")
    assert (asked.returncode, asked.stderr) == (0, "")
    answer = json.loads(asked.stdout)
    assert "7.7" in answer["text"]
    assert asked.stdout.count(DISCLAIMER) == 1
    citation = answer["citations"][0]
    shown = json.loads(ragbot(small, "show", citation["document_id"], "--json").stdout)
    assert shown["text"][citation["start"] : citation["end"]] == citation["quote"]
    talk = answer["conversation_id"]
    again = ragbot(
        small,
        "ask",
        "And after blinatumomab?",
        "--article",
        ALPHA,
        "--conversation",
        talk,
        "--json",
    )
    assert json.loads(again.stdout)["conversation_id"] == talk


def test_a_reader_of_the_output_may_go_away(small):
    sync(small)
    process = subprocess.Popen(
        command_line(["show", ALPHA]),
        env=environment_of(small),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_terminal_without_unicode_gets_its_answer(small, ragbot, form):
    sync(small)
    result = ragbot(small, "ask", QUESTION, "--article", ALPHA, *form, PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr) == (0, "")
    assert "7.7" in result.stdout
    if form:
        assert json.loads(result.stdout)["disclaimer"] == DISCLAIMER


def test_bytes_that_are_no_text_do_no_harm(small, small_corpus, ragbot):
    """In a file's name, in the question, in an id, in a file."""
    bad = os.fsencode(small_corpus.folder / "sources") + b"/caf\xe9\x1b[2J.md"
    with open(bad, "wb") as file:  # noqa: PTH123
        file.write(b"\xff\xfe")
    small_corpus.source(FIRST).write_bytes(b"---\ntitle: \xff\n---\n")
    result = ragbot(small, "index", "--json")
    assert result.returncode == 1
    assert len(json.loads(result.stdout)["failed"]) == 2
    assert "\x1b" not in result.stderr
    assert "Traceback" not in result.stderr
    question = os.fsdecode(b"survival \xff?")
    asked = ragbot(small, "ask", question, "--article", ALPHA, "--json")
    assert asked.returncode == 0, asked.stderr
    assert "\\ud" not in asked.stdout
    shown = ragbot(small, "show", os.fsdecode(b"caf\xe9"))
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr.count("\n") == 1


def test_a_hundred_thousand_characters_are_refused_in_a_line(small, ragbot):
    result = ragbot(small, "ask", "x" * 100_000, "--article", ALPHA)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "ragbot: The question has 100000 characters, more than 4000. "
        "Ask it in fewer words, or raise RAGBOT_QUESTION_LIMIT.\n"
    )


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_served(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=5) as answer:
            return answer.read() == b"ok"
    except OSError:
        return False


def test_the_page_is_served_until_its_process_is_told_to_end(small, port):
    sync(small)
    process = subprocess.Popen(
        command_line(["ui", "--port", str(port)]),
        env=environment_of(small),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        end = time.monotonic() + 120
        while not is_served(port) and process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        assert is_served(port)
        process.terminate()
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert f"open http://localhost:{port}" in said
    assert "Traceback" not in said
    assert not is_served(port), "a server was left behind"


def test_a_port_that_is_taken_is_said(small, ragbot, port):
    sync(small)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        result = ragbot(small, "ui", "--port", str(port))
    assert result.returncode != 0
    assert str(port) in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr
