"""Runs over a small library: what is scored over turns and over pairs of samples."""

from __future__ import annotations

import pytest

from ragbot.answering.verify import VerbatimCheck
from ragbot.bot import Ragbot
from ragbot.evaluation.runner import Terms, run_suites
from ragbot.evaluation.suites import Suite, parse_suite
from ragbot.index.sync import sync

SURVIVAL = "What was median overall survival with inotuzumab?"
BREAD = "price of bread"


def suite(tmp_path, kind: str, **questions: str) -> Suite:
    samples = [
        {
            "id": f"s-001{letter}",
            "article": "tp53-relapse",
            "kind": kind,
            "split": "dev",
            "turns": [{"question": question, "answerable": True, "figures": ["7.7"]}],
        }
        for letter, question in questions.items()
    ]
    return parse_suite({"suite": "s", "description": "d", "samples": samples}, tmp_path)


@pytest.fixture
def run(small):
    sync(small)
    judge = VerbatimCheck()
    return lambda made, terms=None: run_suites(
        Ragbot(small), [made], lambda c, e: judge.judge(c, e)[0], terms=terms
    )


def test_a_pair_that_tells_the_same_is_stable_and_one_that_does_not_is_not(run, tmp_path):
    same = run(suite(tmp_path, "framing", a=SURVIVAL, b="median overall survival inotuzumab"))
    assert (same.metrics["framing_stability"].value, same.metrics["framing_stability"].n) == (1, 1)
    assert "framing_stability" not in same.turns[0].scores
    other = run(suite(tmp_path, "framing", a="median survival of inotuzumab, overall", b=BREAD))
    assert other.metrics["framing_stability"].value == 0.0
    plain = run(suite(tmp_path, "single", a="overall survival by inotuzumab", b=BREAD))
    assert "framing_stability" not in plain.metrics


def test_a_run_says_what_it_was(run, tmp_path):
    report = run(suite(tmp_path, "single", a=SURVIVAL), Terms("live", "abc", "digest"))
    assert (report.mode, report.revision, report.settings_digest) == ("live", "abc", "digest")
    assert report.finished.endswith("+00:00")
    assert report.latency["latency_p50_ms"].n == 1
    (turn,) = report.turns
    assert turn.claims[0].verdict == "supported"
    assert turn.timings_ms["retrieve"] > 0
    assert turn.sample == "s-001a"
    assert "Recall@10" not in turn.scores, "no passage is named"


def test_an_unreadable_question_is_refused_and_told_apart(run, tmp_path):
    report = run(suite(tmp_path, "single", a="???"))
    assert report.metrics["answered"].value == 0.0
    assert report.metrics["must_have_figures"].n == 0
    assert report.metrics["must_have_figures"].unscored == 1
    assert report.latency == {}
