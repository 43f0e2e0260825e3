"""The pages of a run and of a comparison in a real Chromium: they draw, and they load nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from ragbot.evaluation import gate, pages
from ragbot.evaluation.comparing import compare
from ragbot.evaluation.history import summary_of
from ragbot.evaluation.measures import summarise
from ragbot.evaluation.runs import JudgePair, JudgeReport, RunReport, StatedClaim, TurnResult
from ui.conftest import opened_browser

ATTACK = '<img src="https://example.org/x.png" onerror="document.title=1"></script><b>'


def turn(number: int, text: str, figures: float | None) -> TurnResult:
    return TurnResult(
        id=f"s{number}/1",
        suite="singles",
        kind="single",
        number=1,
        question=f"{ATTACK} {number}?",
        standalone_question=ATTACK,
        answerable=True,
        abstained=False,
        text=text,
        citations=(f"[1] x: {ATTACK}",),
        passages=(ATTACK,),
        scores={"answered": 1.0, "must_have_figures": figures, "groundedness": 1.0},
        milliseconds=3.0,
        claims=(StatedClaim(ATTACK, ("1",), "supported", ATTACK),),
        timings_ms={"condense": 1.0, "retrieve": 2.0 + number, "answer": 3.0, "verify": 0.1},
        note=ATTACK,
    )


def report(*turns: TurnResult) -> RunReport:
    metrics = summarise({one.id: one.scores for one in turns})
    pair = JudgePair("j1", ATTACK, ATTACK, "supported", "unsupported")
    return RunReport(
        model=ATTACK,
        verifier="v",
        settings_digest="d",
        suites=("singles",),
        seconds=1.0,
        metrics=metrics,
        turns=turns,
        finished="2026-01-02T03:04:05+00:00",
        remarks=(ATTACK,),
        judge=JudgeReport(ATTACK, 1, 0.0, 0.0, 0.5, 0.6, False, 0, (pair,)),
    )


BEFORE = report(*(turn(n, "An answer of seven words in all.", 1.0) for n in range(6)))
NOW = report(
    turn(0, f"An answer {ATTACK} of seven words in all.", 0.0),
    turn(1, "An answer of seven words in all.", None),
    *BEFORE.turns[2:],
)


def written(kind: str) -> str:
    if kind == "comparison":
        return pages.comparison_page(compare(BEFORE, NOW))
    baseline = gate.to_baseline(BEFORE, "rev")
    past = [
        summary_of(replace(BEFORE, finished=f"2026-01-0{day}T00:00:00+00:00")) for day in (1, 2, 3)
    ]
    return pages.run_page(NOW, gate.judge_run(NOW, baseline), baseline, past)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as opened:
        yield opened


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 420])
@pytest.mark.parametrize(("kind", "charts"), [("run", 4), ("comparison", 1)])
def test_a_page_draws_its_charts_and_asks_for_nothing(browser, tmp_path, kind, charts, width):
    path = tmp_path / "page.html"
    path.write_text(written(kind), encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_function(f"document.querySelectorAll('.chart svg').length == {charts}")
    for box in page.locator("summary").all():
        box.click()
    assert asked == [path.as_uri()]
    assert faults == []
    assert page.title() != "1"
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    marks = page.locator(".chart svg path, .chart svg line, .chart svg rect").count()
    assert marks > 10 * charts
    context.close()


@pytest.mark.browser
def test_perfect_turns_can_be_hidden(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(written("run"), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    shown = page.locator("details:visible", has=page.locator("summary"))
    before = shown.count()
    page.get_by_label("only turns that miss something").check()
    assert shown.count() == before - 4
    page.close()


def test_what_could_not_be_judged_is_on_the_page():
    page = written("run")
    assert "must_have_figures unscored" in page
    assert "its scores do not count" in page
    assert "1 disagreements" in page
    assert "https://cdn" not in page
    assert page.count("vegaEmbed=") == 1, "the code of the charts is in the page once"
