"""An audit as one HTML page that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ragbot.audit.report import VERDICTS, AuditedStatement, AuditReport

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:1rem 0 2rem}
th,td{border:1px solid #c8c8c8;padding:.4rem .6rem;text-align:left;vertical-align:top}
th{background:#f2f2f2}
.supported{color:#12602b}.contradicted{color:#9b1c1c;font-weight:600}
.unsupported{color:#8a4b00;font-weight:600}.missing{color:#4a4a4a;font-style:italic}
"""


def audit_html(reports: Sequence[AuditReport]) -> str:
    """The reports as a page; everything from articles and sources is escaped."""
    body = "\n".join(_article(report) for report in reports)
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>Audit of citations</title>\n<style>{_STYLE}</style></head>\n"
        f"<body>\n<h1>Audit of citations</h1>\n{body}\n</body>\n</html>\n"
    )


def _article(report: AuditReport) -> str:
    counts = ", ".join(f"{report.counts[verdict]} {verdict}" for verdict in VERDICTS)
    return (
        f"<h2>{escape(report.title)}</h2>\n"
        f"<p>{escape(report.slug)}, file {report.sha256[:12]}: {counts}. "
        f"{report.share_supported:.1%} of what could be checked is supported.</p>\n"
        "<table><thead><tr><th>Statement</th><th>Cites</th><th>Verdict</th><th>Why</th></tr>"
        f"</thead><tbody>\n{_rows(report.statements)}\n</tbody></table>\n{_references(report)}"
    )


def _rows(statements: Sequence[AuditedStatement]) -> str:
    return "\n".join(
        f"<tr><td>{escape(one.text)}</td><td>{', '.join(map(str, one.markers))}</td>"
        f'<td class="{one.verdict}">{one.verdict}</td><td>{escape(one.reason)}</td></tr>'
        for one in statements
    )


def _references(report: AuditReport) -> str:
    rows = "\n".join(
        f"<tr><td>{one.number}</td><td>{escape(one.title or one.source_id or '')}</td>"
        f"<td>{one.cited}</td><td>{escape('; '.join(p.detail for p in one.problems))}</td></tr>"
        for one in report.references
    )
    return (
        "<table><thead><tr><th>Reference</th><th>Title</th><th>Cited</th><th>Problems</th></tr>"
        f"</thead><tbody>\n{rows}\n</tbody></table>"
    )
