"""Charts of runs as Vega-Lite specifications, made with Altair; the page that shows them draws."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ragbot.evaluation.comparing import Comparison
from ragbot.evaluation.history import RunSummary
from ragbot.evaluation.runs import RunReport, TurnResult

if TYPE_CHECKING:
    import altair as alt

Spec = dict[str, Any]

BLUE, ORANGE, GREY = "#2b6cb0", "#c05621", "#8a8f98"
STEPS = ("condense", "retrieve", "answer", "verify")
IN_TREND = (
    "abstention_f1", "answered", "citation_recall", "groundedness", "must_have_figures",
    "number_exactness", "passage_recall",
)  # fmt: skip
IN_GRID = (
    "answered", "abstained", "passage_recall", "Recall@10", "passage_cited", "right_source",
    "must_have_figures", "premise_correction", "no_forbidden_figures", "groundedness",
)  # fmt: skip


def metrics(report: RunReport, before: Mapping[str, float]) -> Spec:
    """Every metric as a point on its interval, and where it stood `before`."""
    import altair as alt

    scored = {name: m for name, m in report.metrics.items() if m.n}
    rows = [
        {"metric": name, "value": m.value, "low": m.low, "high": m.high, "n": m.n}
        for name, m in scored.items()
    ]
    kept = [{"metric": name, "value": before[name]} for name in scored if name in before]
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("metric:N", sort=None, title=None), tooltip=["metric:N", "value:Q", "n:Q"]
    )
    lowest = math.floor(10 * min((m.low for m in scored.values()), default=0.0)) / 10
    scale = alt.Scale(domain=[min(lowest, 0.9), 1])
    intervals = base.mark_rule(strokeWidth=3, color=BLUE, opacity=0.45).encode(
        x=alt.X("low:Q", scale=scale, title="share, with its 95% interval"), x2="high:Q"
    )
    points = base.mark_circle(size=70, color=BLUE, opacity=1).encode(x="value:Q")
    ticks = (
        alt.Chart(_data(kept))
        .mark_tick(color=ORANGE, thickness=2, size=14)
        .encode(x="value:Q", y=alt.Y("metric:N", sort=None))
    )
    return _spec(alt.layer(intervals, points, ticks), "Metrics; orange: the baseline")


def suites(report: RunReport) -> Spec:
    """Means of the telling metrics by suite, as a grid of cells."""
    import altair as alt

    rows = [row for suite in report.suites for row in _cells(suite, report.turns)]
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("metric:N", sort=list(IN_GRID), title=None, axis=alt.Axis(labelAngle=-40)),
        y=alt.Y("suite:N", title=None),
        tooltip=["suite:N", "metric:N", "value:Q", "n:Q"],
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "value:Q",
            scale=alt.Scale(
                domain=[0.5, 1], clamp=True, range=["#d9824f", "#cfe1f2", BLUE], interpolate="rgb"
            ),
            legend=None,
        )
    )
    text = base.mark_text(fontSize=11).encode(
        text=alt.Text("value:Q", format=".2f"),
        color=alt.condition("datum.value > 0.93", alt.value("#ffffff"), alt.value("#1a202c")),
    )
    return _spec(alt.layer(cells, text), "Where points are lost: means by suite")


def _cells(suite: str, turns: Sequence[TurnResult]) -> list[dict[str, Any]]:
    rows = []
    for metric in IN_GRID:
        scored = [t.scores.get(metric) for t in turns if t.suite == suite]
        values = [value for value in scored if value is not None]
        if values:
            mean = sum(values) / len(values)
            rows.append({"suite": suite, "metric": metric, "value": mean, "n": len(values)})
    return rows


def latency(report: RunReport) -> Spec:
    """How long each step of a turn took: median, quartiles and the turns beyond."""
    import altair as alt

    rows = [
        {"step": step, "ms": turn.timings_ms[step]}
        for turn in report.turns
        for step in STEPS
        if step in turn.timings_ms
    ]
    chart = (
        alt.Chart(_data(rows))
        .mark_boxplot(color=BLUE, size=18)
        .encode(
            x=alt.X("ms:Q", title="milliseconds", scale=alt.Scale(type="symlog")),
            y=alt.Y("step:N", sort=list(STEPS), title=None),
        )
    )
    return _spec(chart, "Time of each step")


def trend(history: Sequence[RunSummary]) -> Spec:
    """The telling metrics over past runs of the same suites, a line each."""
    import altair as alt

    rows = [
        {"run": run.finished, "revision": run.revision, "metric": name, "value": m.value}
        for run in history
        for name, m in run.metrics.items()
        if name in IN_TREND and m.n
    ]
    chart = (
        alt.Chart(_data(rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("run:T", title="run"),
            y=alt.Y("value:Q", title="share", scale=alt.Scale(zero=False)),
            color=alt.Color("metric:N", legend=alt.Legend(orient="bottom", columns=2, title=None)),
            tooltip=["revision:N", "metric:N", "value:Q", "run:T"],
        )
        .properties(height=240)
    )
    return _spec(chart, "Past runs of the same suites in the same mode")


def differences(comparison: Comparison) -> Spec:
    """The difference of every metric with its paired interval."""
    import altair as alt

    rows = [
        {"metric": d.metric, "difference": d.difference, "low": d.low, "high": d.high, "p": d.p}
        for d in comparison.differences
    ]
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("metric:N", sort=None, title=None),
        tooltip=["metric:N", "difference:Q", "low:Q", "high:Q", "p:Q"],
    )
    zero = alt.Chart(_data([{"x": 0}])).mark_rule(color=GREY).encode(x="x:Q")
    intervals = base.mark_rule(strokeWidth=3, color=BLUE, opacity=0.45).encode(
        x=alt.X("low:Q", title="now minus before, with its 95% interval"), x2="high:Q"
    )
    points = base.mark_circle(size=70, color=BLUE, opacity=1).encode(x="difference:Q")
    return _spec(alt.layer(zero, intervals, points), "Differences; right of zero is better")


def _data(rows: list[dict[str, Any]]) -> alt.Data:
    import altair as alt

    return alt.Data(values=rows)  # type: ignore[no-untyped-call]


def _spec(chart: alt.Chart | alt.LayerChart | alt.FacetChart, title: str) -> Spec:
    """The specification, as wide as its place; the title is also what a screen reader is told."""
    made: Spec = chart.properties(width="container", description=title).to_dict()
    return made
