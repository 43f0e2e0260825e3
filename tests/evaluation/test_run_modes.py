"""Recording a live model and playing it back, through ragbot's own client and real sockets."""

from __future__ import annotations

import pytest
from eval_runs import EVAL, KEY, SUITE, run, terms_of
from pydantic import SecretStr

from ragbot.errors import ConfigurationError, RecordingMissingError, UsageError
from ragbot.evaluation.cassettes import Cassette, load, save
from ragbot.evaluation.gate import judge_run, load_baseline
from ragbot.evaluation.judging import judge_terms
from ragbot.evaluation.modes import Wanted, opened

JUDGE_SET = EVAL / "calibration" / "judge.jsonl"


@pytest.fixture(autouse=True)
def _not_in_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)


def test_what_is_recorded_is_played_to_the_same_answers(live, shipped, tmp_path):
    tape = tmp_path / "tape.json"
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
    with opened(Wanted("live", tape, record=True), live()) as ready:
        first = run(ready, tmp_path / "a")
    assert first.model == "openai:scripted"
    assert KEY not in tape.read_text()
    assert {one.turn for one in load(tape).recordings.values()} == {turn.id for turn in first.turns}
    digests = set()
    for folder in ("b", "c"):
        with opened(Wanted("recorded", tape), shipped) as ready:
            played = run(ready, tmp_path / folder)
        digests.add(played.settings_digest)
        assert [turn.text for turn in played.turns] == [turn.text for turn in first.turns]
        assert played.metrics == first.metrics
    assert len(digests) == 1, "the port of the day is no setting"


def test_a_missing_recording_names_sample_and_digest(live, shipped, tmp_path):
    tape = tmp_path / "tape.json"
    save(Cassette("scripted", "nobody"), tape)
    told = r"recorded-001/1 \(digest [0-9a-f]{16}\)"
    wanted = Wanted("recorded", tape)
    with opened(wanted, shipped) as ready, pytest.raises(RecordingMissingError, match=told):
        run(ready, tmp_path)
    assert ready.tape is not None
    ready.tape.end()  # told once


def test_nothing_is_recorded_in_ci_and_only_what_is_live(live, tmp_path, monkeypatch):
    tape = tmp_path / "tape.json"
    with (
        pytest.raises(UsageError, match="nobody to record"),
        opened(Wanted("recorded", tape, record=True), live()),
    ):
        pass
    monkeypatch.setenv("CI", "true")
    with (
        pytest.raises(UsageError, match="CI is set"),
        opened(Wanted("live", tape, record=True), live()),
    ):
        pass
    assert not tape.exists()


def test_a_run_that_fails_leaves_the_old_cassette(live, tmp_path):
    tape = tmp_path / "tape.json"
    save(Cassette("old", "before"), tape)
    with pytest.raises(ZeroDivisionError), opened(Wanted("live", tape, record=True), live()):
        raise ZeroDivisionError
    assert load(tape).model == "old"


def test_live_needs_a_model_and_extractive_asks_none(shipped, live, tmp_path):
    with (
        pytest.raises(ConfigurationError, match="RAGBOT_CHAT_MODEL"),
        opened(Wanted("live", tmp_path), shipped),
    ):
        pass
    with opened(Wanted("extractive", tmp_path), live()) as ready:
        assert not ready.settings.has_chat
        assert ready.digest == shipped.digest()


def test_a_failing_server_is_passed_on_and_not_recorded(live, tmp_path):
    tape = tmp_path / "tape.json"
    dead = live(chat_base_url="http://127.0.0.1:9/v1", chat_retries=0, chat_api_key=SecretStr(""))
    with opened(Wanted("live", tape, record=True), dead) as ready:
        report = run(ready, tmp_path)
    assert "without a chat model" in report.turns[0].text
    assert load(tape).recordings == {}


@pytest.mark.usefixtures("scripted")
def test_the_committed_cassette_plays_the_whole_suite(shipped, tmp_path):
    """If it fails after a change of prompts or passages: `make cassettes`; review the diff."""
    wanted = Wanted("recorded", EVAL / "cassettes" / "scripted.json")
    with opened(wanted, shipped) as ready:
        terms = judge_terms(terms_of(ready), ready.settings, JUDGE_SET, 0.6)
        report = run(ready, tmp_path, SUITE, terms)
    assert judge_run(report, load_baseline(EVAL / "baselines" / "recorded.json")).passes
    assert report.judge is not None
    assert not report.judge.trusted
    assert report.metrics["judge_support"].n == 0
    assert report.metrics["judge_support"].unscored > 0
    assert "not a language model" in load(wanted.cassette).origin
