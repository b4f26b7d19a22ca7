"""Spans of their own: a run of an agent, a decision, the wait for a person."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span

from agentops_eval.telemetry import _values as v
from agentops_eval.telemetry._current import attribution
from agentops_eval.traces import semconv as sc

PENDING, TIMEOUT = "pending", "timeout"
ANSWERS = ("approved", "rejected", "modified", TIMEOUT)


@contextmanager
def agent(
    name: str,
    *,
    team: str | None = None,
    tenant: str | None = None,
    task: str | None = None,
    use_case: str | None = None,
    authority: str | None = None,
    conversation: str | None = None,
) -> Iterator[None]:
    """A run of an agent, or a part of one: everything in the body hangs below it.

    Leave it out where your framework's instrumentation makes such a span; then use ``attribute``.
    """
    given = attribution(team=team, tenant=tenant, task=task, use_case=use_case, authority=authority)
    told = v.merged(
        {sc.OPERATION_NAME: sc.INVOKE_AGENT},
        v.text(sc.AGENT_NAME, name),
        v.text(sc.CONVERSATION_ID, conversation),
        given,
    )
    with _span(f"{sc.INVOKE_AGENT} {name}", told):
        yield


def decision(
    kind: str,
    *,
    chosen: str,
    options: Iterable[str] = (),
    reason: str = "",
    confidence: float | None = None,
    agent: str = "",
) -> None:
    """A decision that was just made: of which kind, what was open, what was chosen, why, how surely.

    It is a span of its own below the current one, so that a run may hold several.
    """
    told = v.merged(
        {sc.OPERATION_NAME: sc.PLAN},
        v.text(sc.AGENT_NAME, agent),
        v.text(sc.AGENTOPS_DECISION_TYPE, kind),
        v.texts(sc.AGENTOPS_DECISION_OPTIONS, options),
        v.text(sc.AGENTOPS_DECISION_CHOSEN, chosen),
        v.text(sc.AGENTOPS_DECISION_REASON, reason),
        v.number(sc.AGENTOPS_DECISION_CONFIDENCE, confidence, least=0, most=1),
    )
    trace.get_tracer(sc.SCOPE).start_span(f"{sc.PLAN} {agent or ''}".rstrip(), attributes=told).end()


@contextmanager
def checkpoint(
    action: str, *, details: object = None, required: bool = True, policy: str = ""
) -> Iterator[Checkpoint]:
    """The wait for a person who decides whether ``action`` may go ahead; the body is the wait.

    Say in the body what came of it, with ``answer``. Without an answer the status stays ``pending``, or
    is ``timeout`` where the body raised a TimeoutError: silence never looks like approval.
    """
    told = v.merged(
        v.flag(sc.AGENTOPS_HITL_REQUIRED, required),
        v.text(sc.AGENTOPS_HITL_ACTION, action),
        v.json_text(sc.AGENTOPS_HITL_DETAILS, details),
        v.text(sc.AGENTOPS_HITL_POLICY, policy),
        v.text(sc.AGENTOPS_HITL_STATUS, PENDING),
    )
    with _span(sc.HITL_CHECKPOINT, told) as span:
        asked = Checkpoint(span)
        try:
            yield asked
        except TimeoutError:
            if asked.status == PENDING:
                asked.answer(TIMEOUT)
            raise


class Checkpoint:
    """A question that a person was asked. ``status`` is what has come of it so far."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._since_s = time.perf_counter()
        self.status = PENDING

    def __repr__(self) -> str:
        return f"<Checkpoint {self.status}>"

    def answer(
        self,
        status: str,
        *,
        reason: str = "",
        details: object = None,
        approver: str = "",
        salt: str = "",
    ) -> None:
        """What the person said: ``approved``, ``rejected``, ``modified`` or ``timeout``.

        ``details`` is what was changed. Of the ``approver`` a hash is kept, with your ``salt``; anyone
        who knows both can tell who it was. Of several answers the last counts.
        """
        if str(status) not in ANSWERS:
            v.warn("%s left out: %.40r is none of %s", sc.AGENTOPS_HITL_STATUS, status, ", ".join(ANSWERS))
            return
        self.status = str(status)
        told = v.merged(
            {sc.AGENTOPS_HITL_STATUS: self.status},
            {sc.AGENTOPS_HITL_WAIT_MS: round((time.perf_counter() - self._since_s) * 1000, 3)},
            v.text(sc.AGENTOPS_HITL_REASON, reason),
            v.json_text(sc.AGENTOPS_HITL_ANSWER, details),
            v.text(sc.AGENTOPS_HITL_APPROVER_HASH, _hash(approver, salt)),
        )
        self._span.set_attributes(told)


def _hash(approver: str, salt: str) -> str:
    if not approver:
        return ""
    return hashlib.sha256(f"{salt}\0{approver}".encode("utf-8", "replace")).hexdigest()[:16]


@contextmanager
def _span(name: str, attributes: Mapping[str, v.Value]) -> Iterator[Span]:
    """A current span whose failure has a type, as the conventions ask."""
    with trace.get_tracer(sc.SCOPE).start_as_current_span(v.clipped(name), attributes=attributes) as span:
        try:
            yield span
        except Exception as error:
            span.set_attribute(sc.ERROR_TYPE, type(error).__qualname__)
            raise
