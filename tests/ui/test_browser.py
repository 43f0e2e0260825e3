"""A reader's way through the real app, in a real browser, at both widths."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from ragbot.index.reader import LibraryIndex
from ragbot.settings import DISCLAIMER, Settings
from ragbot.types import Document

from .conftest import WAIT_MS, Reader
from .strings import CLINICAL

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
expect.set_options(timeout=WAIT_MS)

ARTICLE = "tp53-b-all"
UNDER_60 = "Does TP53 still matter if she is under 60 and gets inotuzumab or blinatumomab up front?"
RELAPSE = "And which kind of relapse should I look for after blinatumomab?"
UNANSWERED = "What is the venetoclax dose in children?"


def test_a_reader_opens_an_article_asks_and_opens_a_citation(reader: Reader) -> None:
    page = reader.page
    page.goto("/")
    page.get_by_role("link", name="What is the prognosis and treatment for B-ALL").click()
    page.locator(".rb-article").wait_for()
    assert f"article={ARTICLE}" in page.url
    assert page.locator(".rb-step-now").inner_text().split("\n")[0] == "Under review"
    assert page.locator(".rb-references > li").count() >= 20
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0

    turn = reader.ask(UNDER_60)
    first = turn.locator(".rb-claim").first
    assert "✓ supported" in first.inner_text()
    assert turn.locator(".rb-disclaimer").inner_text() == DISCLAIMER
    assert page.locator(".rb-turn .rb-disclaimer").count() == 1

    said = first.locator(".rb-said").inner_text()
    first.locator("a.rb-chip").first.click()
    mark = page.locator(".rb-panel mark").first
    expect(mark).to_be_visible()
    marked = " ".join(page.locator(".rb-panel mark").all_inner_texts())
    assert set(re.findall(r"\d+", said)) <= set(re.findall(r"\d+", marked))
    expect(mark).to_be_in_viewport()
    assert "cite=" in page.url
    assert reader.fits()

    page.reload()
    expect(page.locator(".rb-panel mark").first).to_be_visible()
    expect(turn.locator(".rb-said").first).to_have_text(said)
    assert page.locator(".rb-turn .rb-disclaimer").count() == 1


def test_an_abstention_is_plain_and_has_its_disclaimer(reader: Reader) -> None:
    reader.open(ARTICLE)
    turn = reader.ask(UNANSWERED)
    assert turn.locator(".rb-abstained").is_visible()
    assert turn.locator("a.rb-chip").count() == 0
    assert turn.locator(".rb-disclaimer").count() == 1


def test_the_keyboard_alone_is_enough(reader: Reader) -> None:
    page = reader.page
    page.goto("/")
    title = page.get_by_role("link", name="What is the prognosis and treatment for B-ALL")
    title.focus()
    page.keyboard.press("Enter")
    page.locator(".rb-article").wait_for()
    turn = reader.ask(UNDER_60)

    chip = turn.locator("a.rb-chip").nth(1)
    chip.focus()
    expect(page.locator("#rb-tip")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#rb-panel-title")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".rb-panel")).to_have_count(0)
    expect(chip).to_be_focused()
    assert "cite=" not in page.url

    page.keyboard.press("Enter")
    expect(page.locator("#rb-panel-title")).to_be_focused()
    page.go_back()
    expect(page.locator(".rb-panel")).to_have_count(0)

    second = reader.ask(RELAPSE, number=2)
    assert "CD19-negative" in second.inner_text()
    spoken = page.locator("#rb-log")
    assert spoken.get_attribute("role") == "log"
    expect(spoken).to_contain_text(second.locator(".rb-said").first.inner_text())

    expect(page.locator(".rb-suggested")).to_be_visible()  # the run that draws it has ended
    button = page.get_by_role("button", name="Markdown")
    button.focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    written = download.value.path().read_text(encoding="utf-8")
    assert written.count("No liability is accepted") == 1
    assert "## And which kind of relapse" in written


def test_a_missing_source_is_named_wherever_its_number_stands(reader: Reader) -> None:
    reader.open("signs")
    chip = reader.page.locator(".rb-article a.rb-chip-missing").first
    assert "not in the library" in (chip.get_attribute("aria-label") or "")
    chip.click()
    expect(reader.page.locator(".rb-panel")).to_contain_text("not in the library")
    assert reader.page.locator(".rb-references .rb-flag").first.is_visible()


def test_a_question_can_be_edited_and_asked_again_and_copied(reader: Reader) -> None:
    page = reader.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.open(ARTICLE)
    turn = reader.ask(UNDER_60)
    turn.get_by_role("button", name="Edit question").click()
    box = page.get_by_label("Have a follow-up question?")
    expect(box).to_have_value(UNDER_60)
    expect(box).to_be_focused()
    turn.get_by_role("button", name="Copy with references").click()
    expect(turn.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.count(DISCLAIMER) == 1
    assert turn.locator(".rb-said").first.inner_text() in copied
    turn.get_by_role("button", name="Ask again").click()
    reader.turn(2).locator(".rb-disclaimer").wait_for()
    assert reader.turn(2).locator(".rb-question").inner_text().endswith(UNDER_60)


def test_selected_words_can_be_asked_about(reader: Reader) -> None:
    page = reader.page
    reader.open(ARTICLE)
    page.locator(".rb-article p").first.dblclick()
    selected = page.evaluate("getSelection().toString().trim()")
    page.get_by_role("button", name="Ask about this").click()
    box = page.get_by_label("Have a follow-up question?")
    expect(box).to_have_value(f"About “{selected}”: ")


def test_the_history_finds_renames_continues_and_deletes(reader: Reader) -> None:
    page = reader.page
    reader.open(ARTICLE)
    reader.ask(UNANSWERED)
    conversation = page.url.partition("conversation=")[2]
    page.goto("/history")
    row = page.locator(f".st-key-kept-{conversation}")
    row.get_by_role("button", name="Rename or delete").click()
    name = f"Renamed *{conversation[:6]}*"
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(row.get_by_role("link", name=name)).to_be_visible()

    page.keyboard.press("Escape")
    search = page.get_by_label("Search names, questions and answers")
    search.fill(name)
    search.press("Enter")
    expect(page.get_by_text("1 conversation", exact=True)).to_be_visible()
    row.get_by_role("link", name=name).click()
    expect(reader.turn(1).locator(".rb-abstained")).to_be_visible()

    page.goto("/history")
    row.get_by_role("button", name="Rename or delete").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(row).to_have_count(0)
    page.goto(f"/?article={ARTICLE}&conversation={conversation}")
    page.locator(".rb-article").wait_for()
    expect(page.locator(".rb-turn")).to_have_count(0)


def test_the_library_is_searched_and_a_source_says_who_cites_it(reader: Reader) -> None:
    page = reader.page
    page.goto("/")
    page.locator(".rb-card").first.wait_for()
    search = page.get_by_label("Search", exact=True)
    search.fill("residual disease prognosis")
    search.press("Enter")
    expect(page.locator(".rb-card")).to_have_count(2)
    expect(page.get_by_role("link", name="What does measurable residual disease")).to_be_visible()
    search.fill("")
    search.press("Enter")
    page.get_by_role("radio", name="Sources").click()
    search.fill("Gökbuget blinatumomab")
    search.press("Enter")
    expect(page.locator(".rb-card")).to_have_count(1)
    page.locator(".rb-card a").click()
    page.locator(".rb-source").wait_for()
    page.locator(".rb-source").get_by_role("link", name="Signs: 5*10^9/L").click()
    expect(page.locator(".rb-panel")).to_be_visible()
    assert "article=signs" in page.url
    assert reader.fits()


def shown_blocks(reader: Reader) -> list[str]:
    """The text of each block of the article as the browser has it, without chips and flags."""
    return reader.page.evaluate(
        """() => {
          const article = document.querySelector(".rb-article").cloneNode(true);
          const end = article.querySelector("#references");
          while (end.nextSibling) end.nextSibling.remove();
          end.remove();
          for (const chip of article.querySelectorAll(".rb-chips, .rb-flag")) chip.remove();
          const blocks = article.querySelectorAll("h2, h3, h4, p, li, th, td, pre");
          return [...blocks].map((block) => {
            for (const list of block.querySelectorAll("ul, ol")) list.remove();
            return block.textContent;
          });
        }"""
    )


def blocks_of(document: Document) -> list[str]:
    """The text of each block, a table's cell by cell."""
    said: list[str] = []
    for block in document.blocks:
        words = document.text[block.start : block.end]
        said += words.split(" | ") if block.kind == "table" else [words]
    return said


def test_awkward_signs_are_shown_as_written(reader: Reader, library: Settings) -> None:
    page = reader.page
    document = LibraryIndex(library).document("signs")
    reader.open("signs")
    assert shown_blocks(reader) == blocks_of(document)
    assert page.locator("h1.rb-title").inner_text() == document.title
    expect(page).to_have_title(document.title)
    assert page.locator(".rb-article :is(img, script, u, b, i)").count() == 0
    question = 'Is 5*10^9/L <5% of $m^2$ in _x_ <b>bold</b> ![i](https://remote.invalid/q.png) "a"?'
    turn = reader.ask(question)
    assert turn.locator(".rb-question p").inner_text() == question
    assert turn.locator("img").count() == 0
    page.goto("/history")
    expect(page.get_by_role("link", name=question).first).to_be_visible()


def test_three_hundred_clinical_strings_are_shown_as_the_library_has_them(
    reader: Reader, library: Settings
) -> None:
    document = LibraryIndex(library).document("strings")
    reader.open("strings")
    shown = shown_blocks(reader)
    assert shown == blocks_of(document)
    assert len(shown) > len(CLINICAL) >= 300


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/?article=nonsense", "There is no article 'nonsense'"),
        ("/?article=blast-2018", "There is no article 'blast-2018'"),
        ("/?source=nonsense", "There is no document 'nonsense'"),
    ],
)
def test_a_wrong_address_is_told_in_one_line(reader: Reader, address: str, said: str) -> None:
    reader.page.goto(address)
    expect(reader.page.get_by_role("alert")).to_contain_text(said)
    reader.page.get_by_role("link", name="Open the library").click()
    expect(reader.page.locator(".rb-card").first).to_be_visible()


def test_a_question_that_cannot_be_asked_is_told_with_the_remedy(reader: Reader) -> None:
    reader.open(ARTICLE)
    box = reader.page.get_by_label("Have a follow-up question?")
    box.fill("?!")
    box.press("Enter")
    expect(reader.page.locator(".rb-turn .rb-error")).to_contain_text("has no word in it")
    turn = reader.ask(UNDER_60)
    assert turn.locator(".rb-claim").count() >= 1
    assert reader.page.locator(".rb-error").count() == 0


def test_no_serious_violation_of_accessibility(reader: Reader) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = reader.page
    page.goto("/")
    page.locator(".rb-card").first.wait_for()
    found = serious(axe, page)
    reader.open(ARTICLE)
    turn = reader.ask(UNDER_60)
    turn.locator("a.rb-chip").first.click()
    page.locator(".rb-panel").wait_for()
    found += serious(axe, page)
    page.goto("/history")
    page.get_by_role("button", name="Rename or delete").first.wait_for()
    found += serious(axe, page)
    assert found == []


def serious(axe, page) -> list[str]:
    page.wait_for_timeout(1000)  # widgets fade in: colours are judged when they are there
    violations = axe.run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in violations
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


def test_a_number_in_the_article_opens_the_passage_that_carries_its_statement(
    reader: Reader,
) -> None:
    page = reader.page
    reader.open(ARTICLE)
    item = page.locator(".rb-article li", has_text="15%) had a TP53 mutation").first
    item.locator("a.rb-chip").first.click()
    mark = page.locator(".rb-panel mark").first
    expect(mark).to_be_visible()
    expect(mark).to_be_in_viewport()
    assert "25 (15%)" in mark.inner_text()
    assert "25 (15%) had a TP53 mutation" in page.locator(".rb-cited-for q").inner_text()
    finding = page.locator(".rb-finding")
    expect(finding).to_be_in_viewport()
    assert re.match(r"[✓?] ", finding.inner_text())
    assert "%40" in page.url.partition("cite=")[2]

    page.reload()
    expect(page.locator(".rb-panel mark").first).to_contain_text("25 (15%)")
    page.go_back()
    expect(page.locator(".rb-panel")).to_have_count(0)


def test_a_statement_that_its_source_does_not_carry_is_told_so(reader: Reader) -> None:
    reader.open("signs")
    reader.page.locator(".rb-article p a.rb-chip").first.click()
    expect(reader.page.locator(".rb-finding")).to_contain_text("No passage was found in this")
    assert reader.page.locator(".rb-panel mark").count() == 0
    assert reader.page.evaluate("document.querySelector('.st-key-panel').scrollTop") == 0
    assert reader.fits()


def test_a_reference_lists_its_statements_and_each_opens_its_passage(reader: Reader) -> None:
    page = reader.page
    page.goto(f"/?article={ARTICLE}&cite=5")
    page.locator(".rb-panel .rb-cited-for a").first.click()
    expect(page.locator(".rb-panel mark").first).to_be_visible()
    assert page.locator(".rb-finding").count() == 1
