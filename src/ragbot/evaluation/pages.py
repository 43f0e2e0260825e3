"""HTML pages of a run and of a comparison: one self-contained file each, which loads nothing.

The charts are drawn by Vega, whose code is in the page once. A content security policy forbids the
page every request, so that a report of a patient's question stays where it is opened.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache

from ragbot.evaluation import charts
from ragbot.evaluation.charts import Spec
from ragbot.evaluation.comparing import Change, Comparison, Kept
from ragbot.evaluation.gate import Baseline, GateResult
from ragbot.evaluation.history import RunSummary
from ragbot.evaluation.measures import Difference, Metric
from ragbot.evaluation.reports import (
    difference,
    fall_line,
    is_perfect,
    judge_line,
    spread,
    stamp_line,
    value,
)
from ragbot.evaluation.runs import JudgeReport, RunReport, StatedClaim, TurnResult

ALIKE = 0.5
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:70rem;margin:0 auto;padding:1.5rem 1rem;overflow-wrap:anywhere}
h1{line-height:1.2}h2{margin-top:2.5rem}
.wide{overflow-x:auto}.wide table{min-width:46rem}
table{border-collapse:collapse;width:100%;overflow-wrap:normal}
td,th{padding:.3rem .6rem;text-align:left;border-bottom:1px solid #8884;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
details{border-bottom:1px solid #8884;padding:.4rem 0}summary{cursor:pointer}
table.figures td{white-space:nowrap}tr.worse td{font-weight:700}
.chart{min-width:0;width:100%;min-height:3rem}
figure{margin:1.5rem 0}figcaption{font-weight:600;margin-bottom:.5rem}
.chart svg{max-width:100%}
blockquote{margin:.3rem 0 .3rem 1rem;padding-left:.6rem;border-left:3px solid #8886}
ins{background:#2f855a44;text-decoration:none;border-bottom:2px solid #2f855a}
del{background:#c5303044;text-decoration-color:#c53030}
.tag{border:1px solid #8888;border-radius:.6rem;padding:0 .5rem;font-size:.85rem}
body:has(#missed:checked) details.perfect{display:none}
"""
DRAW = """
const ink='currentColor',line='#8a8f9866',axis={labelColor:ink,titleColor:ink,tickColor:line,
domainColor:line,gridColor:line,labelLimit:170};
for(const place of document.querySelectorAll('.chart')){
const spec=JSON.parse(place.nextElementSibling.textContent);
vegaEmbed(place,spec,{actions:false,renderer:'svg',logLevel:1,config:{background:'transparent',axis,
view:{stroke:null},legend:{labelColor:ink,titleColor:ink},rule:{color:ink}}});}
"""


def run_page(
    report: RunReport,
    result: GateResult | None = None,
    baseline: Baseline | None = None,
    history: Sequence[RunSummary] = (),
) -> str:
    """One page with all of a run: verdict, charts, metrics, and every turn with what led to it."""
    verdict = "" if result is None else (": passes" if result.passes else ": does not pass")
    kept = baseline.turns if baseline else {}
    alike = [run for run in history if (run.mode, run.suites) == (report.mode, report.suites)]
    drawn = [
        ("Metrics with their 95% intervals; the orange mark is the baseline",
         charts.metrics(report, baseline.metrics if baseline else {})),
        ("Where points are lost: means by suite", charts.suites(report)),
        ("Time of each step of a turn", charts.latency(report)),
    ]  # fmt: skip
    if len(alike) > 1:
        drawn.append(("Past runs of the same suites", charts.trend(alike)))
    parts = [
        f"<h1>Evaluation{html.escape(verdict)}</h1>",
        f"<p>{html.escape(_stamp(report))}</p>",
        _list(_told(report, result)),
        *(_figure(caption, spec) for caption, spec in drawn),
        _metrics(report, result),
        _judge(report.judge) if report.judge else "",
        _turns(report, kept),
    ]
    return _page("ragbot eval", parts)


def comparison_page(comparison: Comparison) -> str:
    """One page with the difference of two runs, and every changed turn with both answers."""
    rows = "".join(_difference_row(one) for one in comparison.differences)
    parts = [
        "<h1>Two runs compared</h1>",
        _list(
            [
                f"before: {stamp_line(comparison.before)}",
                f"now: {stamp_line(comparison.now)}",
                f"{comparison.shared} turns in both; {comparison.test}; "
                "interval: paired bootstrap over conversations",
            ]
        ),
        _figure("Differences; right of zero is better", charts.differences(comparison)),
        "<div class=wide><table class=figures><tr><th>metric<th class=n>before<th class=n>now"
        "<th class=n>difference<th>95% interval<th class=n>p<th class=n>p (Holm)"
        f"<th class=n>conversations that differ</tr>{rows}</table></div>",
        f"<h2>Turns whose scores changed ({len(comparison.changes)})</h2>",
        *(_change(change) for change in comparison.changes),
        _names("Answers that read otherwise with the same scores", comparison.reworded),
        _names("Only in the first run", comparison.only_before),
        _names("Only in the second run", comparison.only_now),
    ]
    return _page("ragbot eval compare", parts)


def _page(title: str, parts: Iterable[str]) -> str:
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>"
        f'<meta http-equiv=Content-Security-Policy content="{POLICY}">'
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style></head><body>{''.join(parts)}"
        f"<script>{_vega()}</script><script>{DRAW}</script></body></html>"
    )


@cache
def _vega() -> str:
    """The code of Vega, Vega-Lite and Vega-Embed, safe within a script element."""
    import altair
    import vl_convert

    version = ".".join(altair.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    code: str = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed", version)
    return code.replace("</script", "<\\/script")


def _figure(caption: str, spec: Spec) -> str:
    data = json.dumps(spec, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f"<figure><figcaption>{html.escape(caption)}</figcaption><div class=chart></div>"
        f"<script type=application/json>{data}</script></figure>"
    )


def _stamp(report: RunReport) -> str:
    return (
        f"{len(report.turns)} turns · {report.mode} · {report.model} · verifier "
        f"{report.verifier} · settings {report.settings_digest} · revision {report.revision} · "
        f"{report.seconds:.0f} s · {report.finished}"
    )


def _told(report: RunReport, result: GateResult | None) -> list[str]:
    told = list(report.remarks)
    if result is None:
        return [*told, "There is no baseline for this run."]
    tested = {one.metric: one for one in result.differences}
    told += result.remarks
    told += [fall_line(fall, tested.get(fall.metric)) for fall in result.falls]
    told += [f"gone: {name} is no longer measured" for name in result.gone]
    return told


def _list(lines: Sequence[str]) -> str:
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _metrics(report: RunReport, result: GateResult | None) -> str:
    fallen = {fall.metric for fall in result.falls} if result else set()
    tested = {one.metric: one for one in result.differences} if result else {}
    rows = [
        _metric_row(name, metric, name in fallen, tested.get(name))
        for name, metric in report.metrics.items()
    ]
    times = [
        f"<tr><td>{name}<td class=n>{m.value:.1f}<td>{m.low:.1f} - {m.high:.1f}"
        f"<td class=n>{m.n}<td class=n>{m.unscored}<td></tr>"
        for name, m in report.latency.items()
    ]
    return (
        "<h2>Metrics</h2><div class=wide><table class=figures><tr><th>metric<th class=n>value"
        "<th>95% interval<th class=n>n<th class=n>unscored<th>against the baseline (paired)"
        f"</tr>{''.join(rows + times)}</table></div>"
    )


def _metric_row(name: str, metric: Metric, has_fallen: bool, tested: Difference | None) -> str:
    mark = " class=worse" if has_fallen else ""
    is_same = tested is not None and (tested.difference, tested.low, tested.high) == (0, 0, 0)
    against = "same" if is_same else difference(tested) if tested else ""
    return (
        f"<tr{mark}><td>{html.escape(name)}<td class=n>{value(metric)}"
        f"<td>{spread(metric) if metric.n else ''}<td class=n>{metric.n}"
        f"<td class=n>{metric.unscored}<td>{against}</tr>"
    )


def _difference_row(one: Difference) -> str:
    mark = " class=worse" if one.difference < 0 and one.p < 0.05 else ""
    return (
        f"<tr{mark}><td>{html.escape(one.metric)}<td class=n>{one.before:.3f}"
        f"<td class=n>{one.now:.3f}<td class=n>{one.difference:+.3f}"
        f"<td>{one.low:+.3f} to {one.high:+.3f}<td class=n>{one.p:.4f}"
        f"<td class=n>{one.p_holm:.4f}<td class=n>{one.changed}</tr>"
    )


def _judge(judge: JudgeReport) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(pair.statement)}<td>{html.escape(pair.passage)}"
        f"<td>{html.escape(pair.label)}<td>{html.escape(pair.said)}</tr>"
        for pair in judge.disagreements
    )
    table = (
        "<div class=wide><table><tr><th>statement<th>passage<th>people<th>judge</tr>"
        f"{rows}</table></div>"
    )
    return (
        f"<h2>The judge and people</h2><p>{html.escape(judge_line(judge))}</p>"
        f"<details><summary>{len(judge.disagreements)} disagreements</summary>{table}</details>"
    )


def _turns(report: RunReport, kept: Mapping[str, Kept]) -> str:
    turns = "".join(_turn(turn, kept.get(turn.id)) for turn in report.turns)
    return (
        "<h2>Turns</h2><p><label><input type=checkbox id=missed> only turns that miss something"
        f"</label></p>{turns}"
    )


def _turn(turn: TurnResult, before: Kept | None) -> str:
    scored = [(name, score) for name, score in turn.scores.items()]
    missed = [f"{name} {score:.2f}" for name, score in scored if score is not None and score < 1]
    missed += [f"{name} unscored" for name, score in scored if score is None]
    kind = "perfect" if is_perfect(turn) and not missed else "missed"
    told = f" ({', '.join(missed)})" if missed else ""
    answer = html.escape(turn.text) or "<i>refused as unreadable</i>"
    diff = ""
    if before is not None and before.text != turn.text:
        diff = _diff("Against the baseline's answer", before.text, turn.text)
    return (
        f"<details class={kind}><summary>{'' if kind == 'perfect' else '✗ '}"
        f"{html.escape(f'{turn.id}: {turn.question}{told}')}</summary>"
        f"<p>Understood as: {html.escape(turn.standalone_question)}</p>"
        f"{_note(turn.note)}<p>{answer}</p>{diff}{_claims(turn.claims)}"
        f"{_quotes('Cited', turn.citations)}{_quotes('Retrieved', turn.passages)}</details>"
    )


def _diff(title: str, before: str, now: str) -> str:
    return f"<p>{title}:</p><blockquote>{word_diff(before, now)}</blockquote>"


def _note(note: str) -> str:
    return f"<p>Note of the suite: {html.escape(note)}</p>" if note else ""


def _claims(claims: Sequence[StatedClaim]) -> str:
    items = "".join(
        f"<li>{html.escape(claim.text)} <span class=tag>{html.escape(claim.verdict)}</span> "
        f"{html.escape(' '.join(f'[{marker}]' for marker in claim.citations))} "
        f"{html.escape(claim.note)}</li>"
        for claim in claims
    )
    return f"<p>Claims ({len(claims)})</p><ol>{items}</ol>" if claims else ""


def _change(change: Change) -> str:
    named = (("worse", change.worse), ("better", change.better))
    told = "; ".join(f"{word}: {', '.join(metrics)}" for word, metrics in named if metrics)
    return (
        f"<details open><summary>{html.escape(f'{change.id}: {change.question} ({told})')}"
        f"</summary><blockquote>{word_diff(change.before, change.now)}</blockquote></details>"
    )


def word_diff(before: str, now: str) -> str:
    """Both texts in one, as HTML: what went is struck out, what came is marked.

    Texts that share little are shown whole, one after the other.
    """
    old, new = before.split(), now.split()
    matched = SequenceMatcher(None, old, new, autojunk=False)
    if matched.ratio() < ALIKE:
        sides = ((before, "del"), (now, "ins"))
        return "<br>".join(f"<{t}>{html.escape(side)}</{t}>" for side, t in sides if side.strip())
    parts = []
    for what, a, b, c, d in matched.get_opcodes():
        if what == "equal":
            parts.append(html.escape(" ".join(old[a:b])))
            continue
        if b > a:
            parts.append(f"<del>{html.escape(' '.join(old[a:b]))}</del>")
        if d > c:
            parts.append(f"<ins>{html.escape(' '.join(new[c:d]))}</ins>")
    return " ".join(parts) or "<i>nothing</i>"


def _names(title: str, names: Sequence[str]) -> str:
    return f"<h2>{title} ({len(names)})</h2><p>{html.escape(', '.join(names))}</p>" if names else ""


def _quotes(title: str, lines: Sequence[str]) -> str:
    body = "".join(f"<blockquote>{html.escape(line)}</blockquote>" for line in lines)
    return f"<p>{title} ({len(lines)})</p>{body}" if lines else ""
