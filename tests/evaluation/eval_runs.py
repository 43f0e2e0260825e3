"""Runs of the suite that is recorded, shared by the tests of modes and of the judge."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ragbot.bot import Ragbot
from ragbot.evaluation.modes import Ready
from ragbot.evaluation.runner import Terms, run_suites
from ragbot.evaluation.runs import RunReport
from ragbot.evaluation.suites import Suite, load_suites

EVAL = Path(__file__).parents[2] / "eval"
KEY = "sk-secret-0123456789abcdef"
SUITE = load_suites(EVAL / "recorded")[0]
PART = replace(SUITE, samples=SUITE.samples[:1])


def terms_of(ready: Ready) -> Terms:
    return Terms("recorded", settings_digest=ready.digest, tape=ready.tape)


def run(ready: Ready, folder: Path, suite: Suite = PART, terms: Terms | None = None) -> RunReport:
    database = f"sqlite:///{folder / 'run.sqlite'}"
    bot = Ragbot(ready.settings.model_copy(update={"database_url": database}))
    terms = terms or terms_of(ready)
    verifier = bot.chain.verifier
    return run_suites(bot, [suite], lambda c, e: verifier.judge(c, e)[0], terms=terms)
