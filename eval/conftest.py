"""The suites under pytest: the same run and the same gate as `ragbot eval run`.

The index is `RAGBOT_INDEX`'s, or `.run/index` as `make index` builds it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ragbot.bot import Ragbot
from ragbot.evaluation.gate import Baseline, GateResult, judge_run, load_baseline
from ragbot.evaluation.modes import Wanted, opened
from ragbot.evaluation.runner import run_suites
from ragbot.evaluation.runs import RunReport
from ragbot.evaluation.suites import load_suites
from ragbot.settings import load_settings

HERE = Path(__file__).parent
BASELINE = load_baseline(HERE / "baselines" / "extractive.json")


@pytest.fixture(scope="session")
def baseline() -> Baseline:
    """The committed baseline."""
    return BASELINE


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    """One run of all suites on the shipped library."""
    database = tmp_path_factory.mktemp("eval") / "conversations.sqlite"
    settings = load_settings(
        corpus=HERE.parent / "corpus",
        index=Path(os.environ.get("RAGBOT_INDEX", HERE.parent / ".run" / "index")),
        database_url=f"sqlite:///{database}",
    )
    with opened(Wanted("extractive", HERE), settings) as ready:
        bot = Ragbot(ready.settings)
        verifier = bot.chain.verifier
        return run_suites(bot, load_suites(HERE / "suites"), lambda c, e: verifier.judge(c, e)[0])


@pytest.fixture(scope="session")
def gate(report: RunReport, baseline: Baseline) -> GateResult:
    """What the gate says of the run."""
    return judge_run(report, baseline)
