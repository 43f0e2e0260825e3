"""A small library of its own, a real server and a real browser."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ragbot.index.sync import sync
from ragbot.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
ARTICLES = ("tp53-b-all", "mrd-in-b-all")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_BROWSER = (
    "No Chromium found: install Debian's (apt-get install chromium), or name one in RAGBOT_BROWSER."
)
START_SECONDS = 120


def copy_library(target: Path) -> None:
    """Two shipped articles with the sources they cite, and one article of awkward signs."""
    for kind in ("articles", "sources"):
        (target / kind).mkdir(parents=True)
    for slug in ARTICLES:
        article = ROOT / "corpus" / "articles" / f"{slug}.md"
        shutil.copy(article, target / "articles")
        for name in re.findall(r"^  \d+: (\S+)$", article.read_text(encoding="utf-8"), re.M):
            shutil.copy(ROOT / "corpus" / "sources" / f"{name}.md", target / "sources")
    shutil.copy(Path(__file__).parent / "signs.md", target / "articles" / "signs.md")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an indexed copy of a part of the shipped library."""
    folder = tmp_path_factory.mktemp("library")
    copy_library(folder / "corpus")
    settings = load_settings(
        corpus=folder / "corpus",
        index=folder / "index",
        database_url=f"sqlite:///{folder / 'conversations.sqlite'}",
    )
    if exported := os.environ.get("RAGBOT_TEST_MODELS"):  # spares the export of the model
        shutil.copytree(exported, settings.index / "models")
    report = sync(settings)
    assert not report.failed
    return settings


@pytest.fixture(scope="session")
def environment(library: Settings) -> dict[str, str]:
    """The environment in which a ragbot of its own finds that library."""
    return {
        "RAGBOT_CORPUS": str(library.corpus),
        "RAGBOT_INDEX": str(library.index),
        "RAGBOT_DATABASE_URL": library.database_url,
    }


@dataclass(frozen=True)
class Server:
    """A running app; `seconds` is what it took from its start to a served page."""

    url: str
    seconds: float


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended by itself"
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {START_SECONDS} s")


@pytest.fixture(scope="session")
def server(environment: dict[str, str]) -> Iterator[Server]:
    """The app as `streamlit run` serves it."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    command += ["--server.port", str(port), "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1"]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(url, process)
        yield Server(url, time.monotonic() - began)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def browser_path() -> str | None:
    """The Chromium to drive: the one that RAGBOT_BROWSER names, or one on the path."""
    named = os.environ.get("RAGBOT_BROWSER")
    candidates = [named] if named else list(BROWSERS)
    return next((found for name in candidates if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium():
    """A Chromium; without one the test is skipped, or fails where one is required."""
    path = browser_path()
    if path is None:
        if os.environ.get("RAGBOT_REQUIRE_BROWSER") == "1":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
