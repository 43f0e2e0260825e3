"""While an answer is being made: the page stays usable, and nothing of the answer is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import WAIT_MS, Reader, Server, serve
from .test_browser import ARTICLE, UNANSWERED, UNDER_60

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="module")
def server(environment: dict[str, str]) -> Iterator[Server]:
    """The app with a ragbot that takes its time."""
    yield from serve(Path(__file__).parent / "slow_app.py", environment)


def begin(reader: Reader) -> None:
    reader.open(ARTICLE)
    box = reader.page.get_by_label("Have a follow-up question?")
    box.fill(UNDER_60)
    box.press("Enter")
    reader.turn(1).locator(".rb-streaming .rb-claim").first.wait_for()


def test_a_citation_opens_while_the_answer_streams(reader: Reader) -> None:
    begin(reader)
    turn = reader.turn(1)
    assert turn.locator(".rb-disclaimer").count() == 0
    turn.locator("a.rb-chip").first.click()
    expect(reader.page.locator(".rb-panel mark").first).to_be_visible()
    assert turn.locator(".rb-streaming").count() == 1
    expect(turn.locator(".rb-disclaimer")).to_have_count(1)
    expect(reader.page.locator(".rb-panel mark").first).to_be_visible()


def test_a_reload_loses_neither_the_claims_nor_the_answer(reader: Reader) -> None:
    begin(reader)
    said = reader.turn(1).locator(".rb-said").first.inner_text()
    reader.page.reload()
    expect(reader.turn(1).locator(".rb-said").first).to_have_text(said)
    expect(reader.turn(1).locator(".rb-disclaimer")).to_have_count(1)


def test_an_answer_can_be_stopped_and_is_not_kept(reader: Reader) -> None:
    begin(reader)
    reader.page.get_by_role("button", name="Stop").click()
    turn = reader.turn(1)
    expect(turn).to_contain_text("Stopped: this answer is not whole, and is not kept.")
    assert turn.locator(".rb-claim").count() >= 1
    expect(reader.page.get_by_role("button", name="Stop")).to_have_count(0)
    turn.get_by_role("button", name="Edit question").click()
    expect(reader.page.get_by_label("Have a follow-up question?")).to_have_value(UNDER_60)


def test_a_second_question_waits_for_the_first(reader: Reader) -> None:
    begin(reader)
    box = reader.page.get_by_label("Have a follow-up question?")
    box.fill(UNANSWERED)
    box.press("Enter")
    expect(reader.page.locator(".rb-turn")).to_have_count(2)
    expect(reader.turn(2).locator(".rb-disclaimer")).to_have_count(1)
    expect(reader.turn(1).locator(".rb-disclaimer")).to_have_count(1)
    assert reader.turn(1).locator(".rb-claim").count() >= 1
    assert reader.turn(2).locator(".rb-abstained").count() == 1


def test_typed_words_survive_a_finished_answer(reader: Reader) -> None:
    begin(reader)
    box = reader.page.get_by_label("Have a follow-up question?")
    box.fill("And what about")
    expect(reader.turn(1).locator(".rb-disclaimer")).to_have_count(1)
    expect(box).to_have_value("And what about")
