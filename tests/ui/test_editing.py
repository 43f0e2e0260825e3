"""What editors use: the pages of PDFs behind citations, originals, the audit and the review."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from ragbot.index.sync import sync
from ragbot.library.adding import Wishes, add_files
from small_library import SmallCorpus, own_settings

from .conftest import ROOT, WAIT_MS, Reader, Server, reading, serve

sys.path.append(str(Path(__file__).parents[1] / "library"))

from readers_files import PAPERS, pdf

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
expect.set_options(timeout=WAIT_MS)
PASSAGE = PAPERS[0].passages[4]
SLUG = "cites-a-pdf"
Served = tuple[Server, str, bytes]
Reading = tuple[Reader, str, bytes]


@pytest.fixture(scope="module")
def pdf_server(tmp_path_factory: pytest.TempPathFactory, exported_model: Path) -> Iterator[Served]:
    """The app over an article that cites a PDF of two columns, the PDF's id, and its bytes."""
    folder = tmp_path_factory.mktemp("pdf")
    settings = own_settings(folder, exported_model)
    made = pdf(PAPERS[0], 1)
    (folder / made.name).write_bytes(made.data)
    (report,) = add_files([folder / made.name], settings.corpus, Wishes())
    name = report.documents[0].document_id
    corpus = SmallCorpus(settings.corpus)
    corpus.write_article(SLUG, f"# Bottom line\n\n{PASSAGE[:-1]} [1].", {1: name}, "Cites a PDF")
    assert sync(settings).failed == ()
    environment = {
        "RAGBOT_CORPUS": str(settings.corpus),
        "RAGBOT_INDEX": str(settings.index),
        "RAGBOT_DATABASE_URL": settings.database_url,
        "RAGBOT_EVAL_HISTORY": str(folder / "runs"),
    }
    for server in serve(ROOT / "app.py", environment):
        yield server, name, made.data


@pytest.fixture(params=[(1280, "light"), (420, "dark")], ids=["wide", "narrow"])
def pdf_reader(
    chromium: Browser, pdf_server: Served, request: pytest.FixtureRequest
) -> Iterator[Reading]:
    with reading(chromium, pdf_server[0], *request.param) as reader:
        yield reader, *pdf_server[1:]


def marked_part(png: bytes) -> float:
    """How much of a picture has the colour of the mark."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    colours = image.getcolors(1 << 24) or []
    marked = sum(n for n, (r, g, b) in colours if b < 180 < min(r, g))
    return marked / (image.width * image.height)


def test_a_citation_into_a_pdf_opens_its_page_with_the_passage_marked(
    pdf_reader: Reading, tmp_path: Path
) -> None:
    reader, *_ = pdf_reader
    page = reader.page
    reader.open(SLUG)
    page.locator(".rb-article a.rb-chip").first.click()
    frame = page.locator(".rb-panel .rb-page")
    expect(frame).to_be_visible()
    expect(page.locator(".rb-panel figcaption")).to_contain_text("the passage marked")
    expect(page.locator("#rb-panel-title")).to_be_focused()
    expect(frame.locator("img")).to_be_in_viewport()
    page.wait_for_function("document.querySelector('.rb-page img').complete")
    assert marked_part(frame.screenshot()) > 0.01, "the passage is not in sight"
    expect(page.locator(".rb-panel mark").first).to_be_attached()
    page.screenshot(path=tmp_path / "panel.png")
    assert reader.fits()
    frame.locator("xpath=..").get_by_role("button", name="Whole page").click()
    assert page.evaluate(
        "(f => f.scrollWidth <= f.clientWidth + 1)(document.querySelector('.rb-page'))"
    )
    assert marked_part(frame.screenshot()) > 0.005
    page.screenshot(path=tmp_path / "whole.png")


def test_a_source_from_a_pdf_shows_its_file_and_pages(pdf_reader: Reading, tmp_path: Path) -> None:
    reader, name, made = pdf_reader
    page = reader.page
    page.goto(f"/?source={name}")
    expect(page.get_by_text("Read from").first).to_contain_text("(PDF")
    with page.expect_download() as download:
        page.get_by_role("button", name="Original file").click()
    assert Path(download.value.path()).read_bytes() == made
    page.get_by_text("Pages of the original").click()
    image = page.locator("[data-testid='stImage'] img")
    expect(image).to_be_visible()
    page.screenshot(path=tmp_path / "source.png", full_page=True)
    assert reader.fits()


def test_a_step_of_the_review_is_taken_with_name_and_the_audits_figures(
    pdf_reader: Reading, tmp_path: Path
) -> None:
    reader, *_ = pdf_reader
    page = reader.page
    page.goto("/")
    page.get_by_text("Review and audit").click()
    table = page.locator(".rb-audit-table")
    expect(table).to_contain_text("supported")
    expect(table).to_contain_text("Trough activity")
    page.get_by_role("button", name="Take this step").click()
    expect(page.locator(".rb-error")).to_contain_text("is no name")
    page.get_by_label("Your name").fill("A. Editor")
    page.get_by_role("textbox", name="Remark").fill("read once more")
    page.get_by_role("button", name="Take this step").click()
    expect(page.locator("p[role=status]").get_by_text("is now")).to_contain_text("by A. Editor")
    log = page.locator("tr", has_text="A. Editor").first
    expect(log).to_contain_text("1 supported, 0 contradicted")
    expect(log).to_contain_text("read once more")
    page.screenshot(path=tmp_path / "review.png", full_page=True)
    assert reader.fits()
