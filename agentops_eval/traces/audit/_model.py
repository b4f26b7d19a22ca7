"""What an audit tells of an action. What the trace does not tell is None, and a gap."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from agentops_eval.domain import Json

BY_SPAN, BY_MESSAGES = "span", "llm messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that the trace does not tell of an action: which field, why, and how to have it told."""

    field: str
    span_id: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """An agent on the way from the run's root to the action. ``sender`` handed the work over to it."""

    name: str | None
    agent_id: str | None
    sender: str | None
    span_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDecision:
    """Why the action was taken, as told.

    ``stated_by`` says where the reason stands: ``decision`` (agentops.decision.*), ``llm text`` (what the
    llm said with its call) or ``llm reasoning``. ``span_id`` is the span of the decision, or of the llm
    call that asked for the action.
    """

    type: str | None = None
    options: tuple[str, ...] = ()
    chosen: str | None = None
    reason: str | None = None
    confidence: float | None = None
    stated_by: str | None = None
    span_id: str | None = None
    llm: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a person answered before the action.

    ``joined`` says how the question belongs to it: ``name`` (it names the tool), ``inside`` (the tool
    asked it) or ``before`` (it came last before the action, and names another). ``details`` are what the
    person was shown, with what a modifying answer changed in them.
    """

    span_id: str
    asked: str | None
    details: Json
    status: str | None
    approver: str | None
    reason: str | None
    policy: str | None
    wait_ms: float | None
    joined: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Data that the run had read before: a ``tool``, a ``resource`` or a ``data source``, and its name."""

    kind: str
    name: str
    span_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One action with an effect on the world.

    ``told_by`` is ``span``, or ``llm messages`` where an llm asked for the call and was told its answer, and
    no span tells of it: then ``span_id`` is that of the llm call which asked, and ``started_ns`` its end.
    ``effect_told_by`` is ``trace``, ``user`` or ``http method``. ``chain`` leads from the root to the
    agent that acted, its last. ``cost`` is that of the llm call that asked for the action, in US dollars.
    ``touched_more`` counts what was read beyond the first hundred.
    """

    trace_id: str
    span_id: str
    told_by: str
    kind: str
    action: str
    effect: str
    effect_told_by: str
    root: str | None
    chain: tuple[Actor, ...]
    authority: str | None
    authority_told_by: str | None
    decision: AgentDecision
    arguments: Json
    touched: tuple[Touched, ...]
    touched_more: int
    approval: Approval | None
    result: Json
    error: str | None
    idempotency_key: str | None
    started_ns: int | None
    took_ns: int | None
    cost: Decimal | None
    cost_source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAudit:
    """The actions of one run in the order in which they began, and everything that is not told of them.

    ``tools`` are the names of all tools that ran, those without an effect too.
    """

    trace_id: str
    records: tuple[AuditRecord, ...]
    gaps: tuple[Gap, ...]
    tools: frozenset[str] = frozenset()
