from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as Xml

import pytest

from ragbot.errors import UsageError
from ragbot.evaluation import gate, pages, reports
from ragbot.evaluation.measures import summarise
from ragbot.evaluation.runs import RunReport, TurnResult
from ragbot.evaluation.suites import load_suites


def turn(name: str, *, text: str = "An answer.", **scores: float | None) -> TurnResult:
    return TurnResult(
        id=f"{name}/1",
        suite="s",
        kind="single",
        number=1,
        question="What?",
        standalone_question="What?",
        answerable=True,
        abstained=False,
        text=text,
        citations=("[1] x: <b>quote</b>",),
        passages=("x: passage",),
        scores=scores,
        milliseconds=3.0,
    )


def report(*turns: TurnResult) -> RunReport:
    metrics = summarise({one.id: one.scores for one in turns})
    return RunReport("extractive", "verbatim", "d1", ("s",), 1.0, metrics, turns)


GOOD = report(*(turn(f"t{i}", disclaimer=1.0, must_have_figures=1.0) for i in range(10)))


def with_turn(index: int, changed: TurnResult) -> RunReport:
    turns = list(GOOD.turns)
    turns[index] = changed
    return report(*turns)


def test_the_same_run_passes():
    baseline = gate.to_baseline(GOOD, "rev")
    assert gate.judge_run(GOOD, baseline).passes
    assert gate.judge_run(GOOD, baseline).changes == ()


def test_a_fall_has_its_paired_test():
    worse = with_turn(3, turn("t3", disclaimer=1.0, must_have_figures=0.0))
    result = gate.judge_run(worse, gate.to_baseline(GOOD, "rev"))
    tested = {one.metric: one for one in result.differences}["must_have_figures"]
    assert (tested.before, tested.now, tested.changed) == (1.0, 0.9, 1)
    assert tested.p == 1.0, "one conversation alone proves nothing"
    assert "p 1.000, 1 conversations differ" in "\n".join(reports.gate_lines(result))


def test_another_model_than_the_baseline_s_is_told():
    other = replace(GOOD, model="openai:x")
    (remark,) = gate.judge_run(other, gate.to_baseline(GOOD, "rev")).remarks
    assert "model extractive" in remark
    assert "openai:x" in remark


def test_a_fall_is_named_with_its_sample_and_both_answers():
    worse = with_turn(3, turn("t3", text="Worse.", disclaimer=1.0, must_have_figures=0.0))
    result = gate.judge_run(worse, gate.to_baseline(GOOD, "rev"))
    assert [fall.metric for fall in result.falls] == ["must_have_figures"]
    assert not result.passes
    (change,) = result.changes
    assert (change.id, change.worse) == ("t3/1", ("must_have_figures",))
    assert (change.before, change.now) == ("An answer.", "Worse.")
    lines = "\n".join(reports.gate_lines(result))
    assert "must_have_figures" in lines
    assert "Worse." in lines


def test_what_must_always_hold_has_no_tolerance():
    many = [turn(f"t{i}", disclaimer=1.0, answered=1.0) for i in range(200)]
    baseline = gate.to_baseline(report(*many), "rev")
    many[0] = turn("t0", disclaimer=1.0, answered=0.0)
    assert gate.judge_run(report(*many), baseline).passes
    many[0] = turn("t0", disclaimer=0.0, answered=1.0)
    assert [f.metric for f in gate.judge_run(report(*many), baseline).falls] == ["disclaimer"]


def test_a_metric_that_is_no_longer_measured_blocks():
    silent = report(*(turn(f"t{i}", disclaimer=1.0, must_have_figures=None) for i in range(10)))
    result = gate.judge_run(silent, gate.to_baseline(GOOD, "rev"))
    assert "must_have_figures" in result.gone
    assert not result.passes


def test_a_part_of_the_suites_is_compared_with_its_part():
    mixed = with_turn(9, turn("t9", disclaimer=1.0, must_have_figures=0.0))
    baseline = gate.to_baseline(mixed, "rev")
    part = report(*GOOD.turns[:5])
    worse = report(turn("t0", disclaimer=1.0, must_have_figures=0.0), *GOOD.turns[1:5])
    assert gate.judge_run(part, baseline).passes
    assert not gate.judge_run(worse, baseline).passes


def test_a_baseline_survives_its_file(tmp_path):
    baseline = gate.to_baseline(GOOD, "rev")
    path = tmp_path / "b" / "extractive.json"
    gate.save_baseline(baseline, path)
    assert gate.load_baseline(path) == baseline
    assert json.loads(path.read_text())["revision"] == "rev"


@pytest.mark.parametrize("content", [None, "{", "[]", '{"turns": {}}'])
def test_a_baseline_that_does_not_read_is_one_line(tmp_path, content):
    path = tmp_path / "b.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=r"b\.json"):
        gate.load_baseline(path)


def test_reports_hold_what_was_run_and_escape_it():
    worse = with_turn(
        0, turn("t0", text="<script>alert(1)</script>", disclaimer=0.0, must_have_figures=1.0)
    )
    result = gate.judge_run(worse, gate.to_baseline(GOOD, "rev"))
    page = pages.run_page(worse, result, gate.to_baseline(GOOD, "rev"))
    assert "<script>alert" not in page
    assert "&lt;b&gt;quote&lt;/b&gt;" in page
    assert "<del>An answer.</del><br><ins>&lt;script&gt;alert(1)&lt;/script&gt;</ins>" in page
    tree = Xml.fromstring(reports.junit(worse, result))
    failed = {
        case.get("name") for case in tree.iter("testcase") if case.find("failure") is not None
    }
    assert failed == {"disclaimer", "t0/1"}
    assert "disclaimer" in reports.table(worse)


def test_intervals_are_the_same_each_time():
    assert summarise(GOOD.scores()) == summarise(GOOD.scores())
    assert replace(GOOD, seconds=2.0) != GOOD


def test_a_suite_with_a_misspelt_key_is_refused(tmp_path):
    (tmp_path / "bad.yaml").write_text(
        "suite: bad\ndescription: d\nsamples:\n- id: a\n  article: x\n  kind: single\n"
        "  split: dev\n  turns:\n  - question: q\n    answerable: true\n    figurs: ['1']\n"
    )
    with pytest.raises(UsageError, match="figurs"):
        load_suites(tmp_path)
    with pytest.raises(UsageError, match="no suite 'other'"):
        load_suites(tmp_path, ["other"])
