"""What is not told of an action, why that may be, and how to have it told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agentops_eval.domain import Span
from agentops_eval.traces._cost import EXTRA, find_prices, llm_of, tokens_of
from agentops_eval.traces._text import printable
from agentops_eval.traces.audit._approval import GRANTED
from agentops_eval.traces.audit._model import AuditRecord, Gap

_MOST_CHANGED = 10
_MISSING = {
    "initiator": (
        "no agent's span is above it",
        "wrap the agent's work in a span with gen_ai.operation.name = invoke_agent and gen_ai.agent.name",
    ),
    "authority": (
        "no attribute tells on whose authority it was done",
        "set agentops.authority (or enduser.id) on the run's first span",
    ),
    "reason": (
        "neither a decision nor the llm's own words say why",
        "set agentops.decision.reason on the action, or capture the llm's messages",
    ),
    "arguments": ("what it was given is not told", "capture gen_ai.tool.call.arguments"),
    "result": ("what it gave back is not told", "capture gen_ai.tool.call.result"),
    "approval": (
        "no person was asked before it",
        "ask with approve(...), or emit a span agentops.hitl_checkpoint with agentops.hitl.action",
    ),
    "idempotency_key": (
        "nothing makes a repetition harmless",
        "set agentops.tool.idempotency_key, or @tool(idempotency_key=...)",
    ),
    "started": (
        "only a conversation that went on tells of it",
        "have the tool traced: a span with gen_ai.operation.name = execute_tool",
    ),
}
_NOT_IN_GOLDENS = frozenset({"authority", "started", "cost"})


def gaps_of(record: AuditRecord, llm: Span | None, *, logical: bool) -> Iterator[Gap]:
    """The gaps of one action. Of a ``logical`` clock's, what such a file never holds is not asked."""
    told = {
        "initiator": bool(record.chain),
        "authority": record.authority is not None,
        "reason": record.decision.reason is not None,
        "arguments": record.arguments is not None,
        "result": record.result is not None or record.error is not None,
        "approval": record.approval is not None,
        "idempotency_key": record.idempotency_key is not None,
        "started": record.started_ns is not None,
        "cost": record.cost is not None,
    }
    for field, known in told.items():
        if not known and not (logical and field in _NOT_IN_GOLDENS):
            why, fix = _unpriced(llm) if field == "cost" else _MISSING[field]
            yield Gap(field=field, span_id=record.span_id, why=why, fix=fix)
    yield from _approval_gaps(record)


def _unpriced(llm: Span | None) -> tuple[str, str]:
    """Why the cost of the llm call behind an action is not known, and what helps."""
    if llm is None:
        return (
            "no llm call was found behind it",
            "capture the llm's messages, or tell the decision with agentops.decision.chosen",
        )
    name = printable(llm_of(llm)[:80])
    if not name or tokens_of(llm) is None:
        return (
            f"the llm call behind it tells {'no tokens' if name else 'no llm'}",
            "capture gen_ai.request.model and gen_ai.usage.*, or tell it with agentops.cost.amount",
        )
    if find_prices() is None:
        return f"no table of prices is installed to price {name}", f"name your own: --prices FILE; or {EXTRA}"
    return f"no table has a price for {name}", "name a file with its price: --prices FILE"


def logical_gap(record: AuditRecord) -> Gap:
    """Told once of a run: what goldens leave out, since it differs from run to run."""
    return Gap(
        field="golden",
        span_id=record.span_id,
        why="a golden keeps no authority, approver, attribution, told cost or time",
        fix="audit the recording or the export",
    )


def _approval_gaps(record: AuditRecord) -> Iterator[Gap]:
    approval = record.approval
    if approval is None:
        return
    if approval.status not in GRANTED:
        yield Gap(
            field="approval",
            span_id=record.span_id,
            why=f"it was done although the answer was {approval.status or 'not told'}",
            fix="act only where agentops.hitl.status is approved or modified",
        )
    for name in changed_since_approval(record):
        yield Gap(
            field="approval",
            span_id=record.span_id,
            why=f"the person was shown another {name} than it was done with",  # values may be secret
            fix="ask again where what was approved changes, or answer modified with what was changed",
        )
    if approval.joined == "before":
        yield Gap(
            field="approval",
            span_id=record.span_id,
            why=f"the person was asked about {approval.asked or 'nothing that is told'}",
            fix=f"set agentops.hitl.action = {record.action} on the checkpoint",
        )


def changed_since_approval(record: AuditRecord) -> tuple[str, ...]:
    """The arguments of which the person was shown another value under the same name; the first ten."""
    shown, done = None if record.approval is None else record.approval.details, record.arguments
    if not isinstance(shown, Mapping) or not isinstance(done, Mapping):
        return ()
    common = sorted(shown.keys() & done.keys())[:_MOST_CHANGED]
    return tuple(printable(name[:80]) for name in common if shown[name] != done[name])


def effect_gap(name: str, span_id: str) -> Gap:
    """The gap of a tool of which nothing tells whether it changes anything."""
    return Gap(
        field="effect",
        span_id=span_id,
        why=f"nothing tells whether the tool {name} changes anything",
        fix=f"set agentops.tool.effect (read, write, external), or audit with --effect {name}",
    )
