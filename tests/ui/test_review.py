"""Thumbs, suggestions, exports, marks and the quality page, in the real app and a real browser."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import expect

from ragbot.settings import DISCLAIMER
from small_library import command_line

from .conftest import WAIT_MS, Reader
from .test_browser import ARTICLE, UNDER_60, serious

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
expect.set_options(timeout=WAIT_MS)

# The first mark of the article gets the focus in the moment in which it is there.
FOCUS_FIRST_MARK = """
new MutationObserver((_, self) => {
  const mark = document.querySelector(".rb-article .rb-mark");
  if (!mark) return;
  self.disconnect();
  mark.focus();
}).observe(document, { childList: true, subtree: true });
"""
SELECT_FIRST_WORDS = """
new MutationObserver((_, self) => {
  const words = document.querySelector(".rb-article p");
  if (!words) return;
  self.disconnect();
  getSelection().selectAllChildren(words);
}).observe(document, { childList: true, subtree: true });
"""
SUITE = """
suite: small
description: "Two questions, one of which cannot reach its figure"
samples:
  - id: small-001
    article: tp53-b-all
    kind: single
    split: dev
    turns:
      - question: "How often is TP53 mutated in newly diagnosed ALL?"
        answerable: true
        passages:
          - {document: tp53-b-all, snippet: "the incidence of TP53 mutation was 17.2%"}
        figures: ["99.9%"]
        forbidden_figures: []
        cites_any: [tp53-b-all]
        premise: null
        note: "Its figure is in no source."
"""


@pytest.fixture(scope="module")
def runs(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The history after two real runs of a small suite."""
    folder = tmp_path_factory.mktemp("suites")
    (folder / "small.yaml").write_text(SUITE, encoding="utf-8")
    command = command_line(["eval", "run", "--suites", str(folder)])
    command += ["--baseline", str(folder / "none.json"), "--update-baseline"]
    for _ in range(2):
        done = subprocess.run(
            command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
    return Path(environment["RAGBOT_EVAL_HISTORY"])


def test_a_thumb_with_its_reason_reaches_quality_and_is_settled(reader: Reader, runs: Path) -> None:
    page = reader.page
    reader.open(ARTICLE)
    turn = reader.ask(UNDER_60)
    turn.get_by_role("button", name="Not right").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Leaves out what matters").click()
    dialog.get_by_role("textbox", name="In your words").fill(
        "It says 5*10^9/L. Mail jane.roe@clinic.example"
    )
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_count(0)
    expect(turn).to_contain_text("Kept for review: leaves out what matters")
    expect(turn.get_by_role("button", name="Not right")).to_have_attribute("aria-pressed", "true")

    page.reload()
    expect(turn).to_contain_text("Kept for review")
    page.goto("/quality")
    entry = page.locator("[class*='st-key-feedback-']").first
    expect(entry).to_contain_text("It says 5*10^9/L. Mail")
    assert "jane.roe" not in entry.inner_text()
    assert UNDER_60 in entry.inner_text()
    assert reader.fits()
    waiting = page.locator("[class*='st-key-feedback-']").count()
    entry.get_by_role("button", name="Settle").click()
    page.get_by_role("button", name="Set aside").click()
    expect(page.locator("[class*='st-key-feedback-']")).to_have_count(waiting - 1)


def test_a_thumb_up_is_kept_by_one_click_and_taken_back_by_another(reader: Reader) -> None:
    reader.open(ARTICLE)
    turn = reader.ask(UNDER_60)
    thumb = turn.get_by_role("button", name="Helpful", exact=True)
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "true")
    expect(turn).to_contain_text("Kept for review")
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "false")
    expect(turn).not_to_contain_text("Kept for review")


def test_a_suggested_follow_up_is_answered_from_a_passage_not_shown(reader: Reader) -> None:
    page = reader.page
    reader.open(ARTICLE)
    first = reader.ask(UNDER_60)
    shown = set(first.locator("a.rb-chip").evaluate_all("c => c.map(x => x.dataset.cite)"))
    suggested = page.locator(".rb-suggested button")
    expect(suggested.first).to_be_visible()
    assert 1 <= suggested.count() <= 3
    asked = suggested.first.inner_text()
    suggested.first.click()
    second = reader.turn(2)
    second.locator(".rb-disclaimer").wait_for()
    assert second.locator(".rb-question p").inner_text() == asked
    assert second.locator(".rb-abstained").count() == 0
    top = second.locator(".rb-claim a.rb-chip").first.get_attribute("data-cite")
    assert top not in shown


def test_the_conversation_is_taken_along_as_word_and_pdf(reader: Reader) -> None:
    page = reader.page
    reader.open(ARTICLE)
    said = reader.ask(UNDER_60).locator(".rb-said").first.inner_text()
    expect(page.locator(".rb-suggested")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF", exact=True).click()
    with pypdfium2.PdfDocument(download.value.path()) as document:
        pages = [one.get_textpage().get_text_range() for one in document]
    words = " ".join(" ".join(pages).split())
    assert said in words
    assert words.count(DISCLAIMER) == 1
    with page.expect_download() as download:
        page.get_by_role("button", name="Word", exact=True).click()
    assert download.value.suggested_filename == f"{ARTICLE}.docx"


def test_quality_shows_runs_trends_and_failed_turns_with_their_passages(
    reader: Reader, runs: Path
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = reader.page
    page.goto("/quality")
    table = page.get_by_role("table", name="Evaluation runs")
    expect(table.locator("tr")).to_have_count(1 + len(list(runs.glob("*.json"))))
    expect(page.locator("[data-testid='stVegaLiteChart'] svg, canvas").first).to_be_visible()
    failed = page.locator(".rb-failed")
    expect(failed).to_contain_text("Its figure is in no source.")
    expect(failed).to_contain_text("must_have_figures")
    assert failed.locator(".rb-side").count() == 2
    assert "17.2%" in failed.locator(".rb-side").last.inner_text()
    assert reader.fits()
    assert serious(axe, page) == []


def test_the_whole_way_by_keyboard(reader: Reader) -> None:
    """Open article, ask, open citation 2, go back, ask again, export."""
    page = reader.page
    page.goto("/")
    page.get_by_role("link", name="What is the prognosis and treatment for B-ALL").focus()
    page.keyboard.press("Enter")
    page.locator(".rb-article").wait_for()
    box = page.get_by_label("Have a follow-up question?")
    box.focus()
    page.keyboard.type(UNDER_60)
    page.keyboard.press("Enter")
    reader.turn(1).locator(".rb-disclaimer").wait_for()
    reader.turn(1).locator("a.rb-chip").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rb-panel-title")).to_be_focused()
    expect(page.locator(".rb-panel mark").first).to_be_visible()
    page.go_back()
    expect(page.locator(".rb-panel")).to_have_count(0)
    box.focus()
    page.keyboard.type("Does transplant help?")
    page.keyboard.press("Enter")
    reader.turn(2).locator(".rb-disclaimer").wait_for()
    expect(page.locator(".rb-suggested")).to_be_visible()
    page.get_by_role("button", name="Markdown").focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    written = download.value.path().read_text(encoding="utf-8")
    assert written.count(DISCLAIMER.split(".")[0]) == 1
    assert "## Does transplant help" in written


def test_statements_that_fail_the_audit_are_marked_in_words(reader: Reader) -> None:
    page = reader.page
    reader.open("signs")
    mark = page.locator(".rb-article .rb-mark").first
    expect(mark).to_be_visible()
    assert "source" in mark.inner_text()
    mark.focus()
    expect(page.locator("#rb-tip")).to_be_visible()
    assert page.locator("#rb-tip").inner_text() == mark.get_attribute("data-tip")
    expect(page.locator(".rb-audit")).to_contain_text("Compared by code")


def test_what_is_reached_while_the_page_still_loads_is_told_all_the_same(reader: Reader) -> None:
    page = reader.page
    page.add_init_script(FOCUS_FIRST_MARK)
    reader.open("signs")
    mark = page.locator(".rb-article .rb-mark").first
    expect(page.locator("#rb-tip")).to_be_visible()
    assert page.locator("#rb-tip").inner_text() == mark.get_attribute("data-tip")


def test_what_is_selected_while_the_page_still_loads_can_be_asked_about(reader: Reader) -> None:
    page = reader.page
    page.add_init_script(SELECT_FIRST_WORDS)
    reader.open("signs")
    expect(page.get_by_role("button", name="Ask about this")).to_be_visible()


def test_a_dropped_document_is_taken_in_and_a_bad_one_is_told(reader: Reader) -> None:
    page = reader.page
    page.goto("/")
    page.locator(".rb-card").first.wait_for()
    page.get_by_text("Add documents").click()
    width = page.viewport_size["width"] if page.viewport_size else 0
    title = f"Dropped at {width} with <b>5*10^9/L</b>"
    front = f"---\ntitle: '{title}'\nyear: 2020\ndoi: 10.1000/drop-{width}\n---\n"
    said = f"{front}It held 7 of {width}.\n"
    page.locator("[data-testid='stFileUploaderDropzoneInput']").set_input_files(
        [
            {"name": f"drop-{width}.md", "mimeType": "text/markdown", "buffer": said.encode()},
            {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 no"},
        ]
    )
    page.get_by_role("button", name="Add to the library").click()
    report = page.locator(".rb-added")
    expect(report).to_contain_text("✓ added as source")
    expect(report).to_contain_text("✕ Stays out")
    report.get_by_role("link", name=title).click()
    expect(page.locator(".rb-source")).to_contain_text(f"It held 7 of {width}.")
    assert reader.fits()
