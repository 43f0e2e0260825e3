from __future__ import annotations

import pytest

from ragbot.evaluation.measures import differences, fallen, latency, summarise, tallies


def one_metric(*values, name="x"):
    return {f"s{at}/1": {name: value} for at, value in enumerate(values)}


def test_unscored_turns_are_counted_and_not_averaged_in():
    turns = {"a/1": {"x": 1.0}, "b/1": {"x": None}, "c/1": {"x": 0.0}, "d/1": {"y": 1.0}}
    metric = summarise(turns)["x"]
    assert (metric.value, metric.n, metric.unscored) == (0.5, 2, 1)
    assert metric.low <= 0.5 <= metric.high
    assert summarise(turns)["y"].unscored == 0, "what a turn does not ask for is not unscored"


def test_what_nobody_could_score_has_no_value():
    metric = summarise(one_metric(None, None))["x"]
    assert (metric.n, metric.unscored, metric.low, metric.high) == (0, 2, 0.0, 0.0)
    assert summarise({}) == {}


@pytest.mark.parametrize(
    ("answerable", "abstained", "expected"),
    [
        ([True, False], [False, True], (1.0, 1.0, 1.0)),
        ([True, False], [True, True], (0.5, 1.0, 2 / 3)),
        ([True, False], [False, False], (None, 0.0, 0.0)),
        ([True, True], [True, False], (0.0, None, 0.0)),
        ([True, True], [False, False], (None, None, None)),
    ],
)
def test_abstention_precision_recall_and_f1(answerable, abstained, expected):
    turns = {
        f"s{at}/1": {"answered": float(not silent)} if could else {"abstained": float(silent)}
        for at, (could, silent) in enumerate(zip(answerable, abstained, strict=True))
    }
    metrics = summarise(turns)
    names = ("abstention_precision", "abstention_recall", "abstention_f1")
    found = [metrics[name].value if metrics[name].n else None for name in names]
    assert found == pytest.approx(expected)


def test_an_undecided_question_is_unscored_in_abstention():
    metrics = summarise({"a/1": {"answered": None}, "b/1": {"abstained": 1.0}})
    assert (metrics["abstention_f1"].n, metrics["abstention_f1"].unscored) == (1, 1)


def test_figures_of_follow_ups_stand_beside_those_of_first_turns():
    name = "must_have_figures"
    metrics = summarise({"a/1": {name: 1.0}, "a/2": {name: 0.0}, "a/10": {name: 0.5}})
    assert metrics["figures_first_turns"].value == 1.0
    assert (metrics["figures_followups"].value, metrics["figures_followups"].n) == (0.25, 2)
    assert "figures_followups" not in summarise({"a/1": {name: 1.0}})


def test_conversations_are_what_is_resampled():
    """Ten turns of one conversation are one observation: its interval has no width."""
    alone = {f"s/{at}": {"x": float(at % 2)} for at in range(10)}
    metric = summarise(alone)["x"]
    assert (metric.low, metric.high) == (0.5, 0.5)
    apart = summarise({f"s{at}/1": {"x": float(at % 2)} for at in range(10)})["x"]
    assert apart.low < 0.5 < apart.high
    assert tallies(alone)["x"].sums.shape == (1, 2)


def test_the_difference_is_that_of_the_shared_turns():
    before = one_metric(1.0, 1.0, 0.0, 0.0)
    now = {**one_metric(1.0, 0.0, 0.0), "new/1": {"x": 0.0}}
    (one,) = [d for d in differences(before, now) if d.metric == "x"]
    assert one.before == pytest.approx(2 / 3)
    assert one.now == pytest.approx(1 / 3)
    assert one.difference == pytest.approx(-1 / 3)
    assert one.low <= one.difference <= one.high <= 0
    assert (one.n, one.changed, one.p) == (3, 1, 1.0)


def test_a_clear_difference_is_significant_even_among_many():
    before = {f"s{at}/1": {"x": 1.0, "y": float(at % 2), "z": 1.0} for at in range(30)}
    now = {name: {**scores, "x": float(at < 5)} for at, (name, scores) in enumerate(before.items())}
    found = {one.metric: one for one in differences(before, now)}
    assert found["x"].p < 0.001
    assert found["x"].p <= found["x"].p_holm < 0.01
    assert found["x"].high < 0
    assert found["y"].p == found["z"].p == 1.0
    assert (found["y"].low, found["y"].high) == (0.0, 0.0)


def test_nothing_shared_is_nothing_compared():
    assert differences({"a/1": {"x": 1.0}}, {"b/1": {"x": 1.0}}) == ()


def test_what_fell_is_lower_or_no_longer_scored():
    before = {"a": 1.0, "b": 1.0, "c": 0.5, "d": 1.0, "e": None}
    now = {"a": 0.5, "b": None, "c": 0.5, "e": 0.0}
    assert list(fallen(now, before)) == ["a", "b"]


def test_latency_gives_median_and_tail():
    found = latency([float(ms) for ms in range(1, 101)])
    assert found["latency_p50_ms"].value == 50.5
    assert found["latency_p95_ms"].low <= 95.05 <= found["latency_p95_ms"].high
    assert latency([]) == {}
