"""A run as a table for the terminal, as JUnit XML, and as one self-contained HTML page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from ragbot.evaluation.gate import GateResult
from ragbot.evaluation.runner import Metric, RunReport, TurnResult

STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;text-align:left;
border-bottom:1px solid #8884;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
details{border-bottom:1px solid #8884;padding:.4rem 0}summary{cursor:pointer}
.worse{font-weight:700}.bar{height:.7rem}blockquote{margin:.3rem 0 .3rem 1rem;opacity:.85}
"""


def table(report: RunReport) -> str:
    """Metrics with n and 95% interval, a line each."""
    width = max((len(name) for name in report.metrics), default=6)
    lines = [f"{'metric':<{width}}  value    n   95% interval"]
    for name, metric in report.metrics.items():
        lines.append(f"{name:<{width}}  {_value(metric):>5}  {metric.n:>3}   {_range(metric)}")
    turns = len(report.turns)
    lines.append(f"{turns} turns, {report.model}, {report.verifier}, {report.seconds:.0f} s")
    return "\n".join(lines)


def _value(metric: Metric) -> str:
    return f"{metric.value:.3f}" if metric.n else "-"


def _range(metric: Metric) -> str:
    return f"{metric.low:.3f} - {metric.high:.3f}" if metric.n else f"unscored {metric.unscored}"


def gate_lines(result: GateResult) -> list[str]:
    """What fell, and which samples changed, with old and new answer."""
    lines = [
        f"fell: {fall.metric} from {fall.before:.3f} to {fall.now:.3f} "
        f"(tolerance {fall.tolerance:.3f})"
        for fall in result.falls
    ]
    lines += [f"gone: {name} is no longer measured" for name in result.gone]
    for change in result.changes:
        lines.append(f"worse: {change.id} ({', '.join(change.metrics)}): {change.question}")
        lines.append(f"   before: {_short(change.before)}")
        lines.append(f"   now:    {_short(change.now)}")
    return lines


def _short(text: str, limit: int = 300) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def is_perfect(turn: TurnResult) -> bool:
    """Whether every score of the turn is full."""
    return all(value is None or value >= 1.0 for value in turn.scores.values())


def junit(report: RunReport, result: GateResult | None) -> str:
    """JUnit XML: a case a metric for the gate, and a case a turn that tells what it missed."""
    root = Xml.Element("testsuites", name="ragbot eval")
    gate = Xml.SubElement(root, "testsuite", name="gate", tests=str(len(report.metrics)))
    fallen = {fall.metric: fall for fall in result.falls} if result else {}
    for name, metric in report.metrics.items():
        case = Xml.SubElement(gate, "testcase", classname="gate", name=name)
        if name in fallen:
            told = f"{metric.value:.3f}, baseline {fallen[name].before:.3f}"
            Xml.SubElement(case, "failure", message=told)
    worse = {change.id: change for change in result.changes} if result else {}
    for suite in report.suites:
        turns = [turn for turn in report.turns if turn.suite == suite]
        node = Xml.SubElement(root, "testsuite", name=suite, tests=str(len(turns)))
        for turn in turns:
            seconds = f"{turn.milliseconds / 1000:.3f}"
            case = Xml.SubElement(node, "testcase", classname=suite, name=turn.id, time=seconds)
            if turn.id in worse:
                Xml.SubElement(case, "failure", message=", ".join(worse[turn.id].metrics))
    return Xml.tostring(root, encoding="unicode", xml_declaration=True)


def html_page(report: RunReport, result: GateResult | None) -> str:
    """One page with all of a run; it loads nothing from anywhere."""
    verdict = "" if result is None else ("passes" if result.passes else "does not pass")
    fallen = {fall.metric for fall in result.falls} if result else set()
    rows = "".join(_metric_row(name, m, name in fallen) for name, m in report.metrics.items())
    told = "".join(
        f"<li>{html.escape(line)}</li>" for line in (gate_lines(result) if result else [])
    )
    turns = "".join(_turn(turn) for turn in report.turns)
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>ragbot eval</title>"
        f"<style>{STYLE}</style><h1>Evaluation {html.escape(verdict)}</h1>"
        f"<p>{len(report.turns)} turns · {html.escape(report.model)} · verifier "
        f"{html.escape(report.verifier)} · settings {report.settings_digest} · "
        f"{report.seconds:.0f} s</p><ul>{told}</ul><table><tr><th>metric<th class=n>value"
        f"<th>95% interval<th class=n>n<th class=n>unscored</tr>{rows}</table>"
        f"<h2>Turns</h2>{turns}</html>"
    )


def _metric_row(name: str, metric: Metric, has_fallen: bool) -> str:
    mark = " class=worse" if has_fallen else ""
    plot = _interval_plot(metric) if metric.n else ""
    return (
        f"<tr{mark}><td>{html.escape(name)}<td class=n>{_value(metric)}"
        f"<td>{plot} {_range(metric)}<td class=n>{metric.n}<td class=n>{metric.unscored}</tr>"
    )


def _interval_plot(metric: Metric) -> str:
    """The value as a dot on its interval, on a scale from 0 to 1."""
    low, high, at = (round(120 * x, 1) for x in (metric.low, metric.high, metric.value))
    return (
        f'<svg width=124 height=12 role=img aria-label="{metric.value:.3f}">'
        '<line x1=2 x2=122 y1=6 y2=6 stroke="currentColor" stroke-opacity=.2 />'
        f'<line x1={low + 2} x2={high + 2} y1=6 y2=6 stroke="currentColor" stroke-width=3 />'
        f"<circle cx={at + 2} cy=6 r=4 fill=currentColor /></svg>"
    )


def _turn(turn: TurnResult) -> str:
    mark = "" if is_perfect(turn) else "✗ "
    missed = [f"{name} {v:.2f}" for name, v in turn.scores.items() if v is not None and v < 1]
    return (
        f"<details><summary>{mark}{html.escape(turn.id)}: {html.escape(turn.question)}"
        f"{' (' + html.escape(', '.join(missed)) + ')' if missed else ''}</summary>"
        f"<p>Understood as: {html.escape(turn.standalone_question)}</p>"
        f"<p>{html.escape(turn.text)}</p>{_quotes('Cited', turn.citations)}"
        f"{_quotes('Retrieved', turn.passages)}</details>"
    )


def _quotes(title: str, lines: Sequence[str]) -> str:
    body = "".join(f"<blockquote>{html.escape(line)}</blockquote>" for line in lines)
    return f"<p>{title} ({len(lines)})</p>{body}" if lines else ""
