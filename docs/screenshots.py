"""Takes the pictures of the page that the README shows, from a running app.

ragbot ui &
python docs/screenshots.py http://localhost:8501
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).parent / "images"
QUESTION = "Does TP53 still matter if she is under 60 and gets inotuzumab or blinatumomab up front?"
VIEWS = (("wide", 1280, "light"), ("narrow", 420, "dark"))
WAIT_MS = 120_000
SETTLED_MS = 1500


def take(browser: Browser, address: str, name: str, width: int, scheme: str) -> None:
    """The article, the passage of a statement, an answer and its passage at one width."""
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{address}/?article=tp53-b-all")
    page.get_by_text("Compared by code").wait_for()
    keep(page, f"article-{name}")
    page.locator(".rb-article li a.rb-chip").nth(2).click()
    page.locator(".rb-panel mark").first.wait_for()
    keep(page, f"statement-{name}")
    page.get_by_role("button", name="Close").click()
    page.locator(".rb-panel").wait_for(state="detached")
    box = page.get_by_label("Have a follow-up question?")
    box.fill(QUESTION)
    box.press("Enter")
    page.locator(".rb-suggested").wait_for()
    keep(page, f"answer-{name}")
    page.locator(".rb-turn .rb-claim a.rb-chip").first.click()
    page.locator(".rb-panel mark").first.wait_for()
    keep(page, f"passage-{name}")
    page.close()


def keep(page: Page, name: str) -> None:
    """Save what the page shows, once it has come to rest."""
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=PICTURES / f"{name}.png")


def main() -> None:
    """Take all pictures."""
    address = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8501"
    PICTURES.mkdir(exist_ok=True)
    found = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for name, width, scheme in VIEWS:
            take(browser, address, name, width, scheme)
        browser.close()


if __name__ == "__main__":
    main()
