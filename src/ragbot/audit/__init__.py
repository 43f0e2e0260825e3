"""Whether an article's own citations hold: every citing statement against its sources."""

from __future__ import annotations

from ragbot.audit.auditor import audit_article
from ragbot.audit.report import (
    AuditedReference,
    AuditedStatement,
    AuditReport,
    AuditVerdict,
    Problem,
    SourceCheck,
)

__all__ = [
    "AuditReport",
    "AuditVerdict",
    "AuditedReference",
    "AuditedStatement",
    "Problem",
    "SourceCheck",
    "audit_article",
]
