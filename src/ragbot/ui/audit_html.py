"""The audit of an article on its page: marks on statements that their sources do not carry."""

from __future__ import annotations

from collections.abc import Sequence

from ragbot.audit.report import BROKEN, VERDICTS, AuditedStatement, AuditReport
from ragbot.audit.review import Step
from ragbot.ui.markup import STATUS_NAMES, Insertion, element, scrolled, text

AWAITED = "Comparing the statements with their sources …"
SAID = {
    "contradicted": "its source says otherwise",
    "unsupported": "not supported by its source",
}


def marks(report: AuditReport) -> list[Insertion]:
    """A mark behind each statement whose sources say otherwise, or do not carry it.

    A missing source is named by its own chip.
    """
    return [Insertion(one.offset, _mark(one)) for one in report.statements if one.verdict in BROKEN]


def _mark(statement: AuditedStatement) -> str:
    reason = text("span", f": {statement.reason}", class_="rb-hidden")
    said = text("span", SAID[statement.verdict])
    return element(
        "span", said + reason, class_="rb-flag rb-mark", tabindex="0", data_tip=statement.reason
    )


def summary_html(report: AuditReport) -> str:
    """How many statements are marked, and why, in one line."""
    counts = report.counts
    total = len(report.statements)
    broken = sum(counts[verdict] for verdict in BROKEN)
    parts = [f"{counts['supported']} of {total} cited statements agree with their sources"]
    if broken:
        parts.append(f"{broken} marked with ⚠")
    if counts["missing"]:
        parts.append(f"{counts['missing']} could not be checked: a source is not in the library")
    return _line("Compared by code, not by a person: " + "; ".join(parts) + ".")


def table_html(report: AuditReport) -> str:
    """Every citing statement with its verdict and why, what is wrong first; then the references."""
    order = sorted(report.statements, key=lambda one: one.verdict == "supported")
    rows = [[one.verdict, one.text, ", ".join(map(str, one.markers)), one.reason] for one in order]
    drawn = _table(("Verdict", "Statement", "Cites", "Why"), rows, [one.verdict for one in order])
    faults = [
        text("li", f"Reference {reference.number}: {problem.detail}")
        for reference in report.references
        for problem in reference.problems
    ]
    drawn += element("ul", "".join(faults)) if faults else ""
    return summary_html(report) + element("div", drawn, class_="rb-audit-table")


def steps_html(steps: Sequence[Step]) -> str:
    """The steps of a review so far, the latest first."""
    if not steps:
        return text("p", "No step of this review is logged yet.", class_="rb-muted")
    rows = [
        [
            step.when.replace("T", " ").removesuffix("Z"),
            f"{STATUS_NAMES[step.before]} → {STATUS_NAMES[step.after]}",
            step.name,
            ", ".join(f"{step.figures.get(v, 0)} {v}" for v in VERDICTS),
            "; ".join(part for part in (step.note, step.accepted) if part),
        ]
        for step in reversed(steps)
    ]
    return _table(("Time (UTC)", "Step", "By", "Audit", "Remark"), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], classes: Sequence[str] = ()) -> str:
    lines = [element("tr", "".join(text("th", head, scope="col") for head in heads))]
    for at, row in enumerate(rows):
        kind = f"rb-verdict-{classes[at]}" if classes else None
        first = text("td", row[0], class_=kind)
        lines.append(element("tr", first + "".join(text("td", cell) for cell in row[1:])))
    return scrolled(element("table", "".join(lines)))


def awaited_html(*, failed: bool) -> str:
    """The line that stands where the summary will, or says that there is none."""
    return _line("Not compared with its sources: that failed." if failed else AWAITED)


def _line(said: str) -> str:
    return text("p", said, class_="rb-muted rb-audit")
