# ruff: noqa: E501
"""`ragbot add`: JSON, lines for people, exit codes, and what is then found and shown."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ragbot.index.sync import sync
from ragbot.library.originals import Originals
from ragbot.settings import Settings
from small_library import command_line, environment_of

NOTE = "TY  - JOUR\nTI  - {title}\nAU  - Example, Ann\nPY  - 2021\nDO  - 10.1000/{key}\nAB  - {text}\nER  - \n"
PAGE = """<html><head><title>Q</title></head><body><h1>What helps against vomiting after etoposide?</h1>
<p>All articles are reviewed by a Medical Advisory Board.</p><p>Last updated: 3 March 2026</p>
<p>Which best describes you?</p><h2>Bottom Line</h2>
<p>Ondansetron at a dose of 8 mg on day 1 prevented vomiting in 62% of adults 1.</p>
<h2>Have a follow-up question?</h2></body></html>"""


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A folder with a page, a record and a file that is none."""
    folder = tmp_path / "box"
    folder.mkdir()
    (folder / "page.html").write_text(PAGE)
    text = "Ginger tea eased nausea in 41 of 90 adults given etoposide."
    (folder / "note.ris").write_text(
        NOTE.format(title="Ginger tea and nausea", key="ginger", text=text)
    )
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    return folder


def test_files_are_added_indexed_and_found(small: Settings, box, ragbot):
    sync(small)
    result = ragbot(small, "add", str(box), "--json")
    assert result.returncode == 1, result.stderr
    document = json.loads(result.stdout)
    assert (document["added"], document["refused"], document["skipped"]) == (2, 1, 0)
    assert document["index"]["added"] == 2
    assert document["index"]["unchanged"] == 5
    statuses = {Path(file["path"]).name: file["status"] for file in document["files"]}
    assert statuses == {"broken.pdf": "refused", "note.ris": "added", "page.html": "added"}
    assert "note.ris (RIS): added as source example-2021-ginger-tea-nausea" in result.stderr
    assert result.stderr.count("stays out: broken.pdf") == 1
    assert "Traceback" not in result.stderr
    found = json.loads(ragbot(small, "search", "ginger tea for nausea", "--json").stdout)["results"]
    assert found[0]["document_id"] == "example-2021-ginger-tea-nausea"
    shown = json.loads(ragbot(small, "show", found[0]["document_id"], "--json").stdout)
    assert shown["text"][found[0]["start"] : found[0]["end"]] == found[0]["text"]
    assert (
        Originals(small.corpus).path(found[0]["document_id"]).read_bytes()
        == (box / "note.ris").read_bytes()
    )
    article = json.loads(
        ragbot(small, "show", "what-helps-against-vomiting-after-etoposide", "--json").stdout
    )
    assert document["links"] == []
    assert document["references_without_source"] == 1
    assert "1 reference has no source in the library: `ragbot missing`" in result.stderr
    (marker,) = article["markers"]
    assert marker["numbers"] == [1]
    assert article["text"][: marker["offset"]].endswith("in 62% of adults")
    assert article["article"]["status"] == "submitted"


def test_added_again_it_is_done_and_nothing_changes(small: Settings, box, ragbot):
    (box / "broken.pdf").unlink()
    assert ragbot(small, "add", str(box)).returncode == 0
    again = ragbot(small, "add", str(box), "--json")
    assert again.returncode == 0
    document = json.loads(again.stdout)
    assert (document["added"], document["unchanged"], document["index"]) == (0, 2, None)


def test_a_dry_run_reports_and_keeps_nothing(small: Settings, box, ragbot):
    before = sorted(small.corpus.rglob("*"))
    result = ragbot(small, "add", str(box), "--dry-run")
    assert result.returncode == 1
    assert "page.html (HTML): would be added as article" in result.stderr
    assert sorted(small.corpus.rglob("*")) == before


def test_wrong_usage_is_told(small: Settings, ragbot):
    assert ragbot(small, "add").returncode == 2
    missing = ragbot(small, "add", "no-such-file.pdf")
    assert missing.returncode == 1
    assert "No such file" in missing.stderr
    assert ragbot(small, "add", "--watch", "no-such-folder").returncode == 2


@contextmanager
def ctrl_c_heard() -> Iterator[None]:
    """What is started within hears Ctrl-C, also where a shell began these tests in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_watched_folder_is_taken_in_until_stopped(small: Settings, tmp_path):
    sync(small)
    folder = tmp_path / "watched"
    folder.mkdir()
    with ctrl_c_heard():
        process = subprocess.Popen(
            command_line(["add", "--watch", str(folder)]),
            env=environment_of(small, WATCHFILES_FORCE_POLLING="1"),
            stderr=subprocess.PIPE,
            text=True,
        )
    try:
        assert process.stderr is not None
        assert "watching" in process.stderr.readline()
        time.sleep(1)
        (folder / "note.ris").write_text(
            NOTE.format(title="A note on ginger", key="g", text="Some text of it.")
        )
        said = process.stderr.readline()
        assert "note.ris (RIS): added as source" in said
        assert process.stderr.readline().startswith("6 documents")
    finally:
        os.kill(process.pid, signal.SIGINT)
        try:
            assert process.wait(timeout=30) == 130
        finally:
            process.kill()
            process.stderr.close()
