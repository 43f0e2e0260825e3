from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from ragbot.errors import UsageError
from ragbot.evaluation import pages, reports
from ragbot.evaluation.comparing import compare
from ragbot.evaluation.measures import summarise
from ragbot.evaluation.runs import RunReport, TurnResult, load_report


def turn(name: str, text: str, **scores: float | None) -> TurnResult:
    return TurnResult(
        id=name,
        suite="s",
        kind="single",
        number=1,
        question=f"What of {name}?",
        standalone_question="What?",
        answerable=True,
        abstained=False,
        text=text,
        citations=(),
        passages=(),
        scores=scores,
        milliseconds=3.0,
    )


def report(*turns: TurnResult) -> RunReport:
    metrics = summarise({one.id: one.scores for one in turns})
    return RunReport("m", "v", "d1", ("s",), 1.0, metrics, turns)


BEFORE = report(
    turn("a/1", "Rates were 4% and 5%.", x=1.0),
    turn("b/1", "Same.", x=1.0),
    turn("c/1", "Old words.", x=0.0),
    turn("d/1", "Low.", x=0.0),
    turn("gone/1", "", x=1.0),
)
NOW = report(
    turn("a/1", "Rates were 4% and <b>50%</b>.", x=0.0),
    turn("b/1", "Same.", x=1.0),
    turn("c/1", "New words.", x=0.0),
    turn("d/1", "High.", x=1.0),
    turn("come/1", "", x=0.0),
)


def test_what_changed_is_named_with_both_answers_the_worse_first():
    found = compare(BEFORE, NOW)
    assert [(c.id, c.worse, c.better) for c in found.changes] == [
        ("a/1", ("x",), ()),
        ("d/1", (), ("x",)),
    ]
    assert (found.changes[0].before, found.changes[0].now) == (
        "Rates were 4% and 5%.",
        "Rates were 4% and <b>50%</b>.",
    )
    assert found.reworded == ("c/1",)
    assert (found.only_before, found.only_now, found.shared) == (("gone/1",), ("come/1",), 4)
    assert "permutation" in found.test


def test_turns_of_one_run_alone_are_not_compared():
    (one,) = [d for d in compare(BEFORE, NOW).differences if d.metric == "x"]
    assert (one.before, one.now, one.n, one.changed) == (0.5, 0.5, 4, 2)


def test_the_table_and_the_page_show_it():
    found = compare(BEFORE, NOW)
    text = reports.comparison_table(found)
    assert "1 turns score worse, 1 better" in text
    assert "1 answers read otherwise" in text
    assert "gone/1" in text
    page = pages.comparison_page(found)
    assert "<del>5%.</del> <ins>&lt;b&gt;50%&lt;/b&gt;.</ins>" in page
    assert json.loads(json.dumps(found.to_dict()))["changes"][0]["id"] == "a/1"


def test_a_change_far_in_is_shown_from_where_it_begins():
    words = " ".join(f"word{at}" for at in range(400))
    found = compare(report(turn("a/1", words, x=1.0)), report(turn("a/1", f"{words} end", x=0.0)))
    _, before, now = reports.change_lines(found.changes[0])
    assert now.endswith("word399 end")
    assert before.endswith("word399")


def test_a_report_survives_its_file(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(json.dumps(asdict(NOW) | {"revision": "r", "passes": True}))
    assert load_report(path).turns == NOW.turns
    assert load_report(tmp_path).metrics == NOW.metrics


@pytest.mark.parametrize("content", [None, "{", "[]", '{"metrics": {}}'])
def test_what_is_no_report_is_one_line(tmp_path, content):
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=r"report\.json") as caught:
        load_report(path)
    assert "\n" not in str(caught.value)
