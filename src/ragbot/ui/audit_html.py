"""The audit of an article on its page: marks on statements that their sources do not carry."""

from __future__ import annotations

from ragbot.audit.report import BROKEN, AuditedStatement, AuditReport
from ragbot.ui.markup import Insertion, element, text

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


def awaited_html(*, failed: bool) -> str:
    """The line that stands where the summary will, or says that there is none."""
    return _line("Not compared with its sources: that failed." if failed else AWAITED)


def _line(said: str) -> str:
    return text("p", said, class_="rb-muted rb-audit")
