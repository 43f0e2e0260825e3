"""No metric may fall below its baseline; each turn tells what it lost."""

from __future__ import annotations

import pytest

from conftest import BASELINE
from ragbot.evaluation.gate import GateResult
from ragbot.evaluation.runs import RunReport


@pytest.mark.parametrize("metric", sorted(BASELINE.metrics))
def test_no_metric_falls(metric: str, gate: GateResult) -> None:
    """A fall beyond the tolerance blocks the release."""
    assert metric not in gate.gone
    assert not [fall for fall in gate.falls if fall.metric == metric]


def test_every_turn_of_the_baseline_was_run(report: RunReport) -> None:
    """A turn that has gone from the suites asks for a new baseline, reviewed."""
    assert set(BASELINE.turns) == {turn.id for turn in report.turns}
