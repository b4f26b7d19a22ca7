"""From a run to its audit: one record for each action with an effect."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Json, Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._answered import AnsweredCall, answered_calls
from agentops_eval.traces._attributes import error_type, told_text
from agentops_eval.traces._attribution import Attribution, Told, told_by
from agentops_eval.traces._cost import Pricer, cost_of
from agentops_eval.traces._spans import took_ns
from agentops_eval.traces.audit._approval import Approvals
from agentops_eval.traces.audit._decision import Askers, Decisions, decision_of
from agentops_eval.traces.audit._gaps import effect_gap, gaps_of, logical_gap
from agentops_eval.traces.audit._model import BY_MESSAGES, BY_SPAN, Actor, AuditRecord, RunAudit
from agentops_eval.traces.audit._reads import Reads
from agentops_eval.traces.audit._scene import Action, Scene, actions, undeclared
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.dialects._values import loose

LONGEST = 65_536
"""Characters of arguments and results that a record holds."""


def audit(
    run: NormalTrace,
    *,
    effects: Collection[str] = (),
    calls: Sequence[AnsweredCall] | None = None,
    attribution: Attribution = Attribution(),  # noqa: B008  # frozen
    price: Pricer = cost_of,
) -> RunAudit:
    """Audit a run. ``effects`` names tools that change something although the trace does not say so.

    ``calls`` are those that only messages tell of, where they were looked for already.
    """
    scene = Scene.of(run, answered_calls(run.trace.spans) if calls is None else calls)
    found = actions(scene, effects)
    look = _Looks.of(scene, attribution, price) if found else None
    pairs = [_record(look, action) for action in found] if look else []
    logical = bool(pairs) and sc.is_logical(found[0].span.start_ns)
    gaps = [gap for record, llm in pairs for gap in gaps_of(record, llm, logical=logical)]
    gaps += [logical_gap(pairs[0][0])] if logical else []
    gaps += [effect_gap(name, scene.id_of(span)) for name, span in undeclared(scene, effects).items()]
    return RunAudit(
        trace_id=run.trace.trace_id,
        records=tuple(record for record, _ in pairs),
        gaps=tuple(gaps),
        tools=scene.tools,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looks:
    """What is looked up for every action, prepared once."""

    scene: Scene
    askers: Askers
    decisions: Decisions
    approvals: Approvals
    authorities: Mapping[str, Told]
    reads: Reads
    price: Pricer

    @classmethod
    def of(cls, scene: Scene, attribution: Attribution, price: Pricer) -> _Looks:
        return cls(
            scene=scene,
            askers=Askers(scene),
            decisions=Decisions(scene),
            approvals=Approvals(scene),
            authorities=told_by(scene.run, attribution.of("authority")),
            reads=Reads(scene),
            price=price,
        )


def _record(look: _Looks, action: Action) -> tuple[AuditRecord, Span | None]:
    """The record of an action, and the llm call behind it."""
    scene, span = look.scene, action.span
    authority = look.authorities.get(scene.id_of(span))
    llm = look.askers.of(action)
    told = look.decisions.of(action, llm)
    if llm is None and told is not None:
        llm = look.askers.before(told, action)
    cost = None if llm is None else look.price(llm)
    root = scene.run.trace.root
    touched, more = look.reads.before(span)
    call = scene.answered.get(span.span_id)
    record = AuditRecord(
        trace_id=span.trace_id,
        span_id=scene.id_of(span),
        told_by=BY_SPAN if call is None else BY_MESSAGES,
        kind=scene.kinds[span.span_id],
        action=told_text(span, sc.TOOL_NAME) or span.name,
        effect=action.effect,
        effect_told_by=action.told_by,
        root=None if root is None else root.name,
        chain=tuple(map(_actor, scene.agents(span))),
        authority=None if authority is None else authority.value,
        authority_told_by=None if authority is None else authority.name,
        decision=decision_of(told, action, llm, scene.agent(span)),
        arguments=_json(span, sc.TOOL_CALL_ARGUMENTS, sc.AGENTOPS_HTTP_REQUEST_BODY),
        touched=touched,
        touched_more=more,
        approval=look.approvals.of(action),
        result=_json(span, sc.TOOL_CALL_RESULT, sc.HTTP_RESPONSE_STATUS_CODE),
        error=error_type(span),
        idempotency_key=told_text(span, sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY),
        started_ns=_started(span, call),
        took_ns=took_ns(span) if call is None else None,
        cost=None if cost is None else cost.amount,
        cost_source=None if cost is None else cost.source,
    )
    return record, llm


def _started(span: Span, call: AnsweredCall | None) -> int | None:
    """When it began; of a call that only messages tell of, when it was asked for."""
    if sc.is_logical(span.start_ns):
        return None
    if call is None:
        return span.start_ns
    return None if call.asked_by is None else max(call.asked_by.start_ns, call.asked_by.end_ns)


def _actor(span: Span) -> Actor:
    return Actor(
        name=told_text(span, sc.AGENT_NAME),
        agent_id=told_text(span, sc.AGENT_ID),
        sender=told_text(span, sc.AGENTOPS_HANDOFF_SENDER),
        span_id=span.span_id,
    )


def _json(span: Span, *keys: str) -> Json:
    """The first of these attributes as JSON; of a very long one its digest, which still proves it."""
    for key in keys:
        value = span.attributes.get(key)
        if isinstance(value, str) and len(value) > LONGEST:
            digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
            return {"$sha256": digest, "$characters": len(value)}
        if value is not None:
            return loose(value)
    return None
