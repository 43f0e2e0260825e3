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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from ragbot.index.sync import sync
from ragbot.settings import Settings
from ragbot.ui.export import markdown_text
from ragbot.ui.pages.reading import ASK
from small_library import own_settings

from .strings import CLINICAL

ROOT = Path(__file__).parents[2]
ARTICLES = ("tp53-b-all", "mrd-in-b-all")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_BROWSER = (
    "No Chromium found: install Debian's (apt-get install chromium), or name one in RAGBOT_BROWSER."
)
START_SECONDS = 120
WAIT_MS = 30_000


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
    (target / "articles" / "strings.md").write_text(article_of_strings(), encoding="utf-8")


def article_of_strings() -> str:
    """An article whose paragraphs are the clinical strings."""
    front = "---\ntitle: Strings\nstatus: approved\nupdated: 2026-11-01\naudience: clinician\n"
    front += "editorial_policy: none\nreferences: {}\n---\n\n## Strings\n\n"
    return front + "\n\n".join(map(markdown_text, CLINICAL)) + "\n"


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, exported_model: Path) -> Settings:
    """Settings of an indexed copy of a part of the shipped library."""
    folder = tmp_path_factory.mktemp("library")
    copy_library(folder / "corpus")
    settings = own_settings(folder, exported_model, corpus=folder / "corpus")
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
        "RAGBOT_EVAL_HISTORY": str(library.index.parent / "runs"),
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


def serve(script: Path, environment: dict[str, str]) -> Iterator[Server]:
    """The app as `streamlit run` serves it, until the generator is closed."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
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


@pytest.fixture(scope="session")
def server(environment: dict[str, str]) -> Iterator[Server]:
    """The app over the small library."""
    yield from serve(ROOT / "app.py", environment)


def browser_path() -> str | None:
    """The Chromium to drive: the one that RAGBOT_BROWSER names, or one on the path."""
    named = os.environ.get("RAGBOT_BROWSER")
    candidates = [named] if named else list(BROWSERS)
    return next((found for name in candidates if (found := shutil.which(name))), None)


@dataclass
class Reader:
    """A page in the browser, and what it has asked of the network."""

    page: Page
    server: Server
    asked: list[str]
    faults: list[str]

    def open(self, article: str) -> None:
        self.page.goto(f"/?article={article}")
        self.page.locator(".rb-article").wait_for()

    def ask(self, question: str, number: int = 1) -> Locator:
        """Ask, and wait for the whole answer: the turn of that number."""
        box = self.page.get_by_label(ASK)
        box.fill(question)
        box.press("Enter")
        turn = self.turn(number)
        turn.locator(".rb-disclaimer").wait_for()
        return turn

    def turn(self, number: int) -> Locator:
        return self.page.locator(".rb-turn").nth(number - 1)

    def fits(self) -> bool:
        """Whether nothing of the page lies beyond its right edge."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

    def away(self) -> list[str]:
        """Requests that went to other servers."""
        own = (self.server.url, "data:", "blob:")
        return [url for url in self.asked if not url.startswith(own)]


@pytest.fixture(params=[(1280, "light"), (420, "dark")], ids=["wide", "narrow"])
def reader(chromium: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """A reader at each width."""
    with reading(chromium, server, *request.param) as reader:
        yield reader


@contextmanager
def reading(chromium: Browser, server: Server, width: int, scheme: Any) -> Iterator[Reader]:
    """A reader of a server; the page may neither fail nor call other servers."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, base_url=server.url
    )
    context.set_default_timeout(WAIT_MS)
    reader = Reader(context.new_page(), server, [], [])
    reader.page.on("request", lambda sent: reader.asked.append(sent.url))
    reader.page.on("pageerror", lambda error: reader.faults.append(str(error)))
    yield reader
    context.close()
    assert reader.away() == []
    assert reader.faults == []


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """A Chromium; without one the test is skipped, or fails where one is required."""
    path = browser_path()
    if path is None:
        if os.environ.get("RAGBOT_REQUIRE_BROWSER") == "1":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The Chromium of all tests of the page."""
    with opened_browser() as browser:
        yield browser
