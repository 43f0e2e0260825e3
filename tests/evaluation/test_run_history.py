from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from ragbot.errors import StorageError
from ragbot.evaluation import history
from ragbot.evaluation.gate import Fall, GateResult
from ragbot.evaluation.measures import Metric
from ragbot.evaluation.runs import RunReport

REPORT = RunReport(
    model="extractive",
    verifier="verbatim",
    settings_digest="d1",
    suites=("singles",),
    seconds=3.0,
    metrics={"answered": Metric(0.9, 10, 0.8, 1.0, 2)},
    turns=(),
    revision="abc123",
    finished="2026-01-02T03:04:05+00:00",
    latency={"latency_p50_ms": Metric(40.0, 10, 30.0, 50.0)},
)


def test_runs_are_kept_and_read_back_oldest_first(tmp_path):
    late = history.summary_of(replace(REPORT, finished="2026-02-01T00:00:00+00:00"))
    result = GateResult((Fall("answered", 1.0, 0.9, 0.0),), ("disclaimer",), ())
    early = history.summary_of(REPORT, result)
    for summary in (late, early):
        assert history.add(summary, tmp_path / "runs").is_file()
    assert history.load(tmp_path / "runs") == (early, late)
    assert (early.passes, early.fallen) == (False, ("answered", "disclaimer"))
    assert late.passes is None
    assert early.metrics["answered"].unscored == 2


def test_no_folder_is_no_run(tmp_path):
    assert history.load(tmp_path / "nowhere") == ()


def test_a_file_that_does_not_read_is_left_out_and_logged(tmp_path, caplog):
    kept = history.summary_of(REPORT)
    history.add(kept, tmp_path)
    for name, content in (("a.json", "{"), ("b.json", "[]"), ("c.json", '{"finished": 3}')):
        (tmp_path / name).write_text(content)
    with caplog.at_level(logging.WARNING):
        assert history.load(tmp_path) == (kept,)
    assert {record.args[0].name for record in caplog.records} == {"a.json", "b.json", "c.json"}


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="RAGBOT_EVAL_HISTORY"):
        history.add(history.summary_of(REPORT), tmp_path / "file")


def test_the_last_run_of_each_mode_is_kept_whole(tmp_path):
    live = replace(REPORT, mode="live", finished="2026-03-01T00:00:00+00:00")
    for report in (replace(REPORT, seconds=9.0), REPORT, live):
        history.keep_last(report, tmp_path)
    assert history.last_reports(tmp_path) == (live, REPORT)
    assert history.load(tmp_path) == (), "the whole is no summary"
    (tmp_path / history.LAST / "recorded.json").write_text("{")
    assert history.last_reports(tmp_path) == (live, REPORT)
