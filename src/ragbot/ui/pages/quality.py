"""Quality, for QA: evaluation runs and their trends, failed turns, feedback that waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from ragbot.types import Feedback
from ragbot.ui.actions import listen
from ragbot.ui.house import House
from ragbot.ui.markup import text
from ragbot.ui.quality_html import (
    failed_html,
    feedback_html,
    metrics_html,
    missed_by,
    runs_html,
)

if TYPE_CHECKING:
    from ragbot.evaluation.history import RunSummary
    from ragbot.evaluation.runs import RunReport, TurnResult

RUNS_SHOWN = 10
NO_RUNS = (
    "No evaluation has been kept yet. Run `ragbot eval run`: its metrics and failed turns are "
    "shown here."
)
SET_ASIDE = "set aside"


def quality_page(house: House) -> None:
    """The last runs, trends, failed turns side by side with their passages, and feedback."""
    from ragbot.evaluation.history import last_reports, load

    listen(house)
    st.html(text("h1", "Quality", class_="rb-title"))
    folder = house.bot.settings.eval_history
    runs = load(folder)
    _feedback(house, house.bot.conversations.feedback(waiting=True))
    st.html(text("h2", "Evaluation runs"))
    if not runs:
        st.html(text("p", NO_RUNS.replace("`", ""), class_="rb-muted"))
        return
    _runs(runs)
    reports = last_reports(folder)
    if reports:
        _failed(reports)


def _feedback(house: House, waiting: Sequence[Feedback]) -> None:
    st.html(text("h2", "Feedback waiting to become cases"))
    told = f"{len(waiting)} waiting" if waiting else "None waits."
    st.html(text("p", told, class_="rb-muted", role="status"))
    for entry in waiting:
        with st.container(key=f"feedback-{entry.id}", border=True):
            st.html(feedback_html(entry))
            with st.popover("Settle"):
                command = f"ragbot eval sample --feedback {entry.id} --suite FILE"
                st.html(text("p", "Make it a case:") + text("code", command))
                name = st.text_input("Name of the case that it became", key=f"case-{entry.id}")
                if st.button("Note the case", key=f"settle-{entry.id}", disabled=not name):
                    house.bot.conversations.settle_feedback(entry.id, name)
                    st.rerun()
                st.button(
                    "Set aside: no case",
                    key=f"aside-{entry.id}",
                    on_click=house.bot.conversations.settle_feedback,
                    args=(entry.id, SET_ASIDE),
                )


def _runs(runs: Sequence[RunSummary]) -> None:
    import altair as alt

    from ragbot.evaluation.charts import trend

    last = runs[-1]
    st.html(runs_html(runs[-RUNS_SHOWN:]))
    alike = [run for run in runs if (run.mode, run.suites) == (last.mode, last.suites)]
    if len(alike) > 1:
        st.altair_chart(alt.Chart.from_dict(trend(alike)), width="stretch")
    with st.expander("Metrics of the last run"):
        st.html(metrics_html(last))


def _failed(reports: Sequence[RunReport]) -> None:
    st.html(text("h2", "Turns that missed something"))
    names = [f"{report.mode}, {report.finished[:16].replace('T', ' ')}" for report in reports]
    chosen = st.selectbox("Run", range(len(reports)), format_func=lambda at: names[at])
    failed = [turn for turn in reports[chosen].turns if missed_by(turn)]
    st.html(text("p", f"{len(failed)} of {len(reports[chosen].turns)} turns", class_="rb-muted"))
    if not failed:
        return

    def name(turn: TurnResult) -> str:
        return f"{turn.id}: {turn.question}"

    turn = st.selectbox("Turn", failed, format_func=name, key="failed-turn")
    if turn is not None:
        st.html(failed_html(turn))
