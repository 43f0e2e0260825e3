"""`ragbot eval` in a process of its own: exit codes, and what is printed where."""

from __future__ import annotations

import json

import pytest

from ragbot.bot import Ragbot
from ragbot.conversations.store import ConversationStore
from ragbot.evaluation import history
from ragbot.evaluation.suites import load_suite
from ragbot.index.sync import sync

SUITE = """
suite: small
description: "two questions"
samples:
  - id: small-001
    article: tp53-relapse
    kind: single
    split: dev
    turns:
      - question: "What was median overall survival with inotuzumab?"
        answerable: true
        passages: [{document: trial-2019, snippet: "7.7 versus 4.0 months"}]
        figures: ["7.7"]
  - id: small-002
    article: tp53-relapse
    kind: unanswerable
    split: dev
    turns:
      - question: "Who won the football final?"
        answerable: false
"""


@pytest.fixture
def suites(tmp_path):
    folder = tmp_path / "suites"
    folder.mkdir()
    (folder / "small.yaml").write_text(SUITE)
    return folder


def test_a_run_is_kept_compared_and_blocked(small, ragbot, suites, tmp_path):
    sync(small)
    baseline, past = tmp_path / "base.json", tmp_path / "past"
    place = ("--suites", str(suites), "--baseline", str(baseline))
    env = {"RAGBOT_EVAL_HISTORY": str(past)}
    make = ("--update-baseline", "--report", str(tmp_path / "a"), "--json")
    first = ragbot(small, "eval", "run", *place, *make, **env)
    assert first.returncode == 0, first.stderr
    document = json.loads(first.stdout)
    assert (document["mode"], document["passes"]) == ("extractive", True)
    assert document["metrics"]["Recall@10"]["value"] == 1.0
    assert document["metrics"]["abstained"]["n"] == 1

    wanted = suites / "small.yaml"
    wanted.write_text(SUITE.replace('figures: ["7.7"]', 'figures: ["9.9"]'))
    second = ragbot(small, "eval", "run", *place, "--report", str(tmp_path / "b"), **env)
    assert second.returncode == 1
    assert "fell: must_have_figures from 1.000 to 0.000" in second.stderr
    assert "small-001/1 (worse: must_have_figures)" in second.stderr
    assert "latency_p50_ms" in second.stdout
    assert [run.passes for run in history.load(past)] == [True, False]
    assert "must_have_figures" in history.load(past)[1].fallen

    page = tmp_path / "page.html"
    told = ragbot(
        small, "eval", "compare", str(tmp_path / "a"), str(tmp_path / "b" / "report.json"),
        "--html", str(page), "--json",
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    (change,) = json.loads(told.stdout)["changes"]
    assert change["id"] == "small-001/1"
    assert "<h1>Two runs compared</h1>" in page.read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("compare", "nowhere", "nowhere"), 2, "cannot be read"),
        (("run", "--mode", "live"), 2, "--mode live needs a chat model"),
        (("run", "--record"), 2, "nobody to record"),
        (("run", "--judge"), 2, "--judge needs a chat model"),
        (("run", "--mode", "recorded", "--cassette", "nowhere.json"), 2, "nowhere.json"),
        (("sample",), 2, "CONVERSATION_ID"),
        (("sample", "nobody"), 2, "no conversation 'nobody'"),
        (("sample", "--feedback", "7"), 2, "no feedback with the number 7"),
    ],
)
def test_what_cannot_be_done_is_one_line(small, ragbot, suites, arguments, code, told):
    if arguments[0] == "run":
        sync(small)
        arguments = (*arguments, "--suites", str(suites), "--no-history")
    result = ragbot(small, "eval", *arguments)
    assert result.returncode == code
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_a_feedback_becomes_a_sample_and_no_longer_waits(small, ragbot, tmp_path):
    sync(small)
    bot = Ragbot(small)
    for question in ("What was median overall survival with inotuzumab?", "In children?"):
        bot.ask(question, "tp53-relapse", "talk")
    store = ConversationStore(small.database_url)
    number = store.add_feedback(store.turns("talk")[0].id, "down", ["incomplete"], "")
    listed = ragbot(small, "eval", "feedback", "--json")
    assert [row["id"] for row in json.loads(listed.stdout)] == [number]

    path = tmp_path / "field.yaml"
    made = ragbot(small, "eval", "sample", "--feedback", str(number), "--suite", str(path))
    assert made.returncode == 0, made.stderr
    assert [len(one.turns) for one in load_suite(path).samples] == [1], "up to the rated turn"
    assert ragbot(small, "eval", "feedback").stdout == ""
    assert "field-001" in ragbot(small, "eval", "feedback", "--all").stdout

    shown = ragbot(small, "eval", "sample", "talk")
    assert "In children?" in shown.stdout
    late = ragbot(small, "eval", "sample", "talk", "--turn", "3")
    assert late.returncode == 2
    assert "has 2 turns" in late.stderr
