"""Audit records as JSON: times in ISO 8601, money as decimal text, what is not told null."""

from __future__ import annotations

from agentops_eval.domain import Json
from agentops_eval.traces._moment import moment_of
from agentops_eval.traces._money import usd_text
from agentops_eval.traces.audit._model import AgentDecision, Approval, AuditRecord, Gap


def record_json(record: AuditRecord) -> dict[str, Json]:
    """The keys are those of docs/reference/cli.md, ``trace audit``."""
    return {
        "trace_id": record.trace_id,
        "span_id": record.span_id,
        "told_by": record.told_by,
        "kind": record.kind,
        "action": record.action,
        "effect": record.effect,
        "effect_told_by": record.effect_told_by,
        "root": record.root,
        "chain": [
            {"name": one.name, "agent_id": one.agent_id, "sender": one.sender, "span_id": one.span_id}
            for one in record.chain
        ],
        "authority": record.authority,
        "authority_told_by": record.authority_told_by,
        "decision": _decision(record.decision),
        "arguments": record.arguments,
        "touched": [{"kind": one.kind, "name": one.name, "span_id": one.span_id} for one in record.touched],
        "touched_more": record.touched_more,
        "approval": None if record.approval is None else _approval(record.approval),
        "result": record.result,
        "error": record.error,
        "idempotency_key": record.idempotency_key,
        "started": iso(record.started_ns),
        "took_ms": None if record.took_ns is None else record.took_ns / 1e6,
        "cost_usd": usd_text(record.cost),
        "cost_source": record.cost_source,
    }


def gap_json(gap: Gap) -> dict[str, Json]:
    """A gap as JSON."""
    return {"field": gap.field, "span_id": gap.span_id, "why": gap.why, "fix": gap.fix}


def iso(time_ns: int | None) -> str | None:
    """A time in ISO 8601, UTC; None where it is unknown, or beyond this century."""
    moment = None if time_ns is None else moment_of(time_ns)
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _decision(found: AgentDecision) -> Json:
    return {
        "type": found.type,
        "options": list(found.options),
        "chosen": found.chosen,
        "reason": found.reason,
        "confidence": found.confidence,
        "stated_by": found.stated_by,
        "span_id": found.span_id,
        "llm": found.llm,
    }


def _approval(found: Approval) -> Json:
    return {
        "span_id": found.span_id,
        "asked": found.asked,
        "details": found.details,
        "status": found.status,
        "approver": found.approver,
        "reason": found.reason,
        "policy": found.policy,
        "wait_ms": found.wait_ms,
        "joined": found.joined,
    }
