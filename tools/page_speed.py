"""Measures the page in a real Chromium: first paint, answers, interactions.

python tools/page_speed.py --index FOLDER

The index in FOLDER is built first, and is no part of what is measured. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Error, Page, async_playwright

ARTICLE = "tp53-b-all"
FIRST = "Does TP53 still matter if she is under 60 and gets inotuzumab or blinatumomab up front?"
ASKED = (
    "Does transplant help?",
    "How common is TP53 mutation in children?",
    "What is the risk of CD19-negative relapse after blinatumomab?",
    "What is the overall survival with a TP53 mutation?",
    "Does CAR-T work with a TP53 mutation?",
)
WAIT_MS = 120_000
OBSERVER = """
window.__slow = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.__slow.push(entry.duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def begin(index: Path, script: Path | None = None) -> tuple[subprocess.Popen[bytes], str]:
    """Start `ragbot ui`, or another script of the app, and give its address."""
    port = free_port()
    home = tempfile.mkdtemp(prefix="page-speed-")
    environment = {
        **os.environ,
        "RAGBOT_INDEX": str(index),
        "RAGBOT_DATABASE_URL": f"sqlite:///{home}/conversations.sqlite",
    }
    ragbot = [str(Path(sys.executable).with_name("ragbot")), "ui", "--port", str(port)]
    other = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    command = ragbot if script is None else [*other, f"--server.port={port}"]
    out = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    return process, f"http://localhost:{port}"


def wait_for(url: str) -> None:
    """Wait until the server answers."""
    while True:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.02)


async def ask(page: Page, question: str, turn: int) -> float:
    """Seconds from sending a question to its whole answer on the page."""
    box = page.get_by_label("Have a follow-up question?")
    await box.fill(question)
    began = time.perf_counter()
    await box.press("Enter")
    await page.locator(".rb-turn").nth(turn - 1).locator(".rb-disclaimer").wait_for()
    return time.perf_counter() - began


async def cold(browser: Browser, index: Path) -> dict[str, float]:
    """From the command to a readable article, then to the first answer and an opened passage."""
    began = time.perf_counter()
    process, url = begin(index)
    try:
        wait_for(url)
        served = time.perf_counter() - began
        page = await browser.new_page()
        page.set_default_timeout(WAIT_MS)
        await page.goto(f"{url}/?article={ARTICLE}")
        await page.locator(".rb-article").wait_for()
        article = time.perf_counter() - began
        answer = await ask(page, FIRST, 1)
        second = await ask(page, ASKED[0], 2)
        clicked = time.perf_counter()
        await page.locator(".rb-article a.rb-chip").nth(3).evaluate("chip => chip.click()")
        await page.locator(".rb-panel mark").first.wait_for()
        passage = time.perf_counter() - clicked
        await page.close()
    finally:
        process.terminate()
        process.wait()
    return {
        "served_s": served,
        "article_s": article,
        "first_answer_s": answer,
        "second_answer_s": second,
        "passage_s": passage,
    }


async def as_on_a_screen(page: Page) -> None:
    """Have every frame shown: without a screen, the browser puts off what nothing waits for."""
    client = await page.context.new_cdp_session(page)

    async def go_on(frame: dict[str, Any]) -> None:
        with contextlib.suppress(Error):  # the page may be closed by now
            await client.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

    client.on("Page.screencastFrame", lambda frame: asyncio.ensure_future(go_on(frame)))
    await client.send("Page.startScreencast", {"format": "jpeg", "maxWidth": 320, "quality": 20})


async def interactions(browser: Browser, index: Path) -> dict[str, float]:
    """Delays of typing and clicking while an answer streams, as the browser counts them."""
    script = Path(__file__).parents[1] / "tests" / "ui" / "slow_app.py"
    process, url = begin(index, script)
    try:
        wait_for(url)
        page = await browser.new_page()
        page.set_default_timeout(WAIT_MS)
        await page.add_init_script(OBSERVER)
        await page.goto(f"{url}/?article={ARTICLE}")
        await page.locator(".rb-article").wait_for()
        await page.wait_for_timeout(8000)  # models load, and the article is audited
        await as_on_a_screen(page)
        await page.evaluate("window.__slow.length = 0")
        box = page.get_by_label("Have a follow-up question?")
        await box.fill(FIRST)
        await box.press("Enter")
        await page.locator(".rb-streaming .rb-claim").first.wait_for()
        await box.press_sequentially("and what about children", delay=60)
        await page.locator(".rb-streaming a.rb-chip").first.click()
        await page.locator(".rb-panel mark").first.wait_for()
        await page.keyboard.press("Escape")
        await page.wait_for_timeout(500)
        slow: list[float] = await page.evaluate("window.__slow")
        await page.close()
    finally:
        process.terminate()
        process.wait()
    return {"events": len(slow), "worst_ms": max(slow, default=0.0), "p50_ms": median(slow)}


def median(values: list[float]) -> float:
    """The median, 0 for none."""
    return statistics.median(values) if values else 0.0


async def measure(index: Path) -> dict[str, Any]:
    """All figures."""
    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        report = {
            "cores": os.cpu_count(),
            "load": os.getloadavg(),
            "cold": await cold(browser, index),
            "streaming": await interactions(browser, index),
        }
        await browser.close()
    return report


def with_index(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The arguments, once the index that they name is built."""
    parser.add_argument("--index", type=Path, required=True)
    given = parser.parse_args()
    ragbot = str(Path(sys.executable).with_name("ragbot"))
    subprocess.run([ragbot, "index", "--index", str(given.index)], check=True, capture_output=True)
    return given


def main() -> None:
    """Measure and print."""
    given = with_index(argparse.ArgumentParser(description=__doc__))
    report = asyncio.run(measure(given.index))
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
