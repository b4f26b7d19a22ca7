"""For each action with an effect: who did it, on whose authority, why, and what it changed."""

from agentops_eval.traces.audit._audit import audit
from agentops_eval.traces.audit._export import COLUMNS, Sealed, cells, csv_line, seal
from agentops_eval.traces.audit._gaps import changed_since_approval
from agentops_eval.traces.audit._json import gap_json, record_json
from agentops_eval.traces.audit._model import (
    BY_SPAN,
    Actor,
    AgentDecision,
    Approval,
    AuditRecord,
    Gap,
    RunAudit,
    Touched,
)

__all__ = [
    "BY_SPAN",
    "COLUMNS",
    "Actor",
    "AgentDecision",
    "Approval",
    "AuditRecord",
    "Gap",
    "RunAudit",
    "Sealed",
    "Touched",
    "audit",
    "cells",
    "changed_since_approval",
    "csv_line",
    "gap_json",
    "record_json",
    "seal",
]
