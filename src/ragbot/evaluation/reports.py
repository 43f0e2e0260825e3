"""A run and a comparison as text for the terminal, and a run as JUnit XML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as Xml

from ragbot.evaluation.comparing import Change, Comparison, Stamped
from ragbot.evaluation.gate import Fall, GateResult
from ragbot.evaluation.measures import Difference, Metric
from ragbot.evaluation.runs import JudgeReport, RunReport, TurnResult


def table(report: RunReport) -> str:
    """Metrics with n and 95% interval, a line each; then latency, and what was not measured."""
    width = max((len(name) for name in (*report.metrics, *report.latency)), default=6)
    lines = [f"{'metric':<{width}}  value    n   95% interval"]
    for name, metric in report.metrics.items():
        lines.append(f"{name:<{width}}  {value(metric):>5}  {metric.n:>3}   {spread(metric)}")
    for name, metric in report.latency.items():
        ends = f"{metric.low:.1f} - {metric.high:.1f}"
        lines.append(f"{name:<{width}}  {metric.value:>5.1f}  {metric.n:>3}   {ends}")
    turns = len(report.turns)
    lines.append(f"{turns} turns, {report.model}, {report.verifier}, {report.seconds:.0f} s")
    lines += report.remarks
    if report.judge is not None:
        lines.append(judge_line(report.judge))
    return "\n".join(lines)


def value(metric: Metric) -> str:
    """The figure, or a dash where nothing was scored."""
    return f"{metric.value:.3f}" if metric.n else "-"


def spread(metric: Metric) -> str:
    """The interval, and how many turns are unscored."""
    told = f"{metric.low:.3f} - {metric.high:.3f}" if metric.n else ""
    unscored = f"unscored {metric.unscored}" if metric.unscored else ""
    return "  ".join(part for part in (told, unscored) if part)


def judge_line(judge: JudgeReport) -> str:
    """How far the judge agrees with people, and whether its scores count."""
    kept = "its scores count" if judge.trusted else "its scores do not count (unscored)"
    unread = f", {judge.unread} unreadable" if judge.unread else ""
    return (
        f"judge {judge.name}: kappa {judge.kappa:.2f} (needed {judge.needed:.2f}), agreement "
        f"{judge.agreement:.2f}, balanced accuracy {judge.balanced_accuracy:.2f} on {judge.pairs} "
        f"labelled pairs{unread}: {kept}"
    )


def gate_lines(result: GateResult) -> list[str]:
    """What fell with its paired test, and which samples changed, with old and new answer."""
    tested = {one.metric: one for one in result.differences}
    lines = [f"note: {remark}" for remark in result.remarks]
    lines += [fall_line(fall, tested.get(fall.metric)) for fall in result.falls]
    lines += [f"gone: {name} is no longer measured" for name in result.gone]
    for change in result.changes:
        lines += change_lines(change)
    return lines


def fall_line(fall: Fall, tested: Difference | None) -> str:
    """A metric that fell, and how surely it did."""
    line = (
        f"fell: {fall.metric} from {fall.before:.3f} to {fall.now:.3f} "
        f"(tolerance {fall.tolerance:.3f}"
    )
    return f"{line}; {difference(tested)})" if tested else f"{line})"


def difference(one: Difference) -> str:
    """A difference with its interval and p."""
    return (
        f"{one.difference:+.3f}, 95% {one.low:+.3f} to {one.high:+.3f}, "
        f"p {one.p:.3f}, {one.changed} conversations differ"
    )


def change_lines(change: Change) -> list[str]:
    """A turn whose scores changed, with both answers."""
    named = (("worse", change.worse), ("better", change.better))
    told = "; ".join(f"{word}: {', '.join(metrics)}" for word, metrics in named if metrics)
    before, now = _windows(change.before, change.now)
    return [f"{change.id} ({told}): {change.question}", f"   before: {before}", f"   now:    {now}"]


def _windows(before: str, now: str, limit: int = 300) -> tuple[str, str]:
    """Both texts in one line each, from shortly before the first word in which they differ."""
    old, new = before.split(), now.split()
    same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)
    start = max(0, (min(len(old), len(new)) if same is None else same) - 12)
    return _cut(old, start, limit), _cut(new, start, limit)


def _cut(words: Sequence[str], start: int, limit: int) -> str:
    line = ("… " if start else "") + " ".join(words[start:])
    return line if len(line) <= limit else line[: limit - 1] + "…"


def comparison_table(comparison: Comparison) -> str:
    """Each metric in both runs, with its difference, interval and paired test."""
    width = max((len(one.metric) for one in comparison.differences), default=6)
    head = f"{'metric':<{width}}  before    now   diff   95% interval        p      p(Holm)  n"
    lines = [
        f"before: {stamp_line(comparison.before)}",
        f"now:    {stamp_line(comparison.now)}",
        f"{comparison.shared} turns in both; {comparison.test}",
        "",
        head,
    ]
    lines += [
        f"{one.metric:<{width}}   {one.before:.3f}  {one.now:.3f}  {one.difference:+.3f}  "
        f"{one.low:+.3f} to {one.high:+.3f}  {one.p:>6.4f}  {one.p_holm:>6.4f}   {one.n}"
        for one in comparison.differences
    ]
    return "\n".join([*lines, "", *_counts(comparison)])


def stamp_line(stamp: Stamped) -> str:
    """Which run it was, in one line."""
    return (
        f"{stamp.revision}, {stamp.mode}, {stamp.model}, {stamp.verifier}, settings "
        f"{stamp.settings_digest}, {stamp.turns} turns, {stamp.finished or 'no date'}"
    )


def _counts(comparison: Comparison) -> Iterable[str]:
    worse = sum(bool(change.worse) for change in comparison.changes)
    yield f"{worse} turns score worse, {len(comparison.changes) - worse} better"
    if comparison.reworded:
        yield f"{len(comparison.reworded)} answers read otherwise with the same scores"
    for side, names in (("before", comparison.only_before), ("now", comparison.only_now)):
        if names:
            yield f"only {side}, not compared: {', '.join(names)}"


def is_perfect(turn: TurnResult) -> bool:
    """Whether every score of the turn is full."""
    return all(score is None or score >= 1.0 for score in turn.scores.values())


def junit(report: RunReport, result: GateResult | None) -> str:
    """JUnit XML: a case a metric for the gate, and a case a turn that tells what it missed."""
    root = Xml.Element("testsuites", name="ragbot eval")
    gate = Xml.SubElement(root, "testsuite", name="gate", tests=str(len(report.metrics)))
    tested = {one.metric: one for one in result.differences} if result else {}
    fallen = {fall.metric: fall for fall in result.falls} if result else {}
    gone = set(result.gone) if result else set()
    for name in (*report.metrics, *sorted(gone - set(report.metrics))):
        case = Xml.SubElement(gate, "testcase", classname="gate", name=name)
        if name in fallen:
            told = fall_line(fallen[name], tested.get(name))
            Xml.SubElement(case, "failure", message=told)
        elif name in gone:
            Xml.SubElement(case, "failure", message="no longer measured")
        elif not report.metrics[name].n:
            Xml.SubElement(case, "skipped", message="no turn is scored")
    worse = {change.id: change for change in result.changes} if result else {}
    for suite in report.suites:
        turns = [turn for turn in report.turns if turn.suite == suite]
        node = Xml.SubElement(root, "testsuite", name=suite, tests=str(len(turns)))
        for turn in turns:
            seconds = f"{turn.milliseconds / 1000:.3f}"
            case = Xml.SubElement(node, "testcase", classname=suite, name=turn.id, time=seconds)
            if turn.id in worse:
                Xml.SubElement(case, "failure", message=", ".join(worse[turn.id].worse))
    return Xml.tostring(root, encoding="unicode", xml_declaration=True)
