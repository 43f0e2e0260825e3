"""A reader's way through the real app, in a real browser."""

from __future__ import annotations

import re

import pytest

from ragbot.settings import DISCLAIMER

from .conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

ARTICLE = "tp53-b-all"
QUESTION = "Does TP53 still matter if she is under 60 and gets inotuzumab or blinatumomab up front?"
WAIT = 90_000


@pytest.fixture(params=[1280, 420], ids=["wide", "narrow"])
def page(chromium, server: Server, request: pytest.FixtureRequest):
    context = chromium.new_context(
        viewport={"width": request.param, "height": 900}, base_url=server.url
    )
    context.set_default_timeout(WAIT)
    page = context.new_page()
    page.outside = []
    page.errors = []
    page.on("request", lambda sent: page.outside.append(sent.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    context.close()
    away = [
        url for url in page.outside if not url.startswith((server.url, "data:", "blob:", "ws:"))
    ]
    assert away == [], "the page has called other servers"
    assert page.errors == []


def read(page, article: str = ARTICLE) -> None:
    page.goto(f"/?article={article}")
    page.locator(".rb-article").wait_for()


def ask(page, question: str, number: int = 1) -> None:
    box = page.get_by_label("Have a follow-up question?")
    box.fill(question)
    box.press("Enter")
    turn(page, number).locator(".rb-disclaimer").wait_for()


def turn(page, number: int):
    return page.locator(".rb-turn").nth(number - 1)


def test_a_reader_opens_an_article_asks_and_opens_a_citation(page):
    page.goto("/")
    page.get_by_role("link", name="What is the prognosis and treatment for B-ALL").click()
    page.locator(".rb-article").wait_for()
    assert "article=tp53-b-all" in page.url
    assert page.locator(".rb-step-now").inner_text().split("\n")[0] == "Under review"
    assert page.locator(".rb-references > li").count() >= 20

    ask(page, QUESTION)
    claims = turn(page, 1).locator(".rb-claim")
    assert claims.count() >= 1
    assert "✓ supported" in claims.first.inner_text()
    assert turn(page, 1).locator(".rb-disclaimer").inner_text() == DISCLAIMER
    assert page.locator(".rb-turn .rb-disclaimer").count() == 1

    said = claims.first.locator(".rb-said").inner_text()
    claims.first.locator("a.rb-chip").first.click()
    mark = page.locator(".rb-panel mark").first
    mark.wait_for()
    assert mark.is_visible()
    marked = " ".join(page.locator(".rb-panel mark").all_inner_texts())
    assert set(re.findall(r"\d+", said)) <= set(re.findall(r"\d+", marked))
    box = mark.bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 900, "the passage is scrolled into view"
    assert "cite=" in page.url

    page.reload()
    page.locator(".rb-panel mark").first.wait_for()
    turn(page, 1).locator(".rb-claim").first.wait_for()
    assert turn(page, 1).locator(".rb-said").first.inner_text() == said
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_abstention_is_plain_and_has_its_disclaimer(page):
    read(page)
    ask(page, "What is the venetoclax dose in children?")
    assert turn(page, 1).locator(".rb-abstained").is_visible()
    assert turn(page, 1).locator("a.rb-chip").count() == 0
    assert turn(page, 1).locator(".rb-disclaimer").count() == 1
