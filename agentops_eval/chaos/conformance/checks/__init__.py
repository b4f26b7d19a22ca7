"""Every conformance check, by name."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.chaos.conformance._check import Check
from agentops_eval.chaos.conformance.checks._approval import approval
from agentops_eval.chaos.conformance.checks._backoff import backoff
from agentops_eval.chaos.conformance.checks._backpressure import backpressure
from agentops_eval.chaos.conformance.checks._breaker import breaker
from agentops_eval.chaos.conformance.checks._budget import budget
from agentops_eval.chaos.conformance.checks._fallback import fallback
from agentops_eval.chaos.conformance.checks._idempotency import idempotency
from agentops_eval.chaos.conformance.checks._neighbour import neighbour
from agentops_eval.chaos.conformance.checks._resume import resume
from agentops_eval.chaos.conformance.checks._saga import saga
from agentops_eval.chaos.conformance.checks._shedding import shedding
from agentops_eval.chaos.conformance.checks._timeouts import timeouts

CHECKS: Mapping[str, Check] = {
    one.name: one
    for one in (
        idempotency,
        backoff,
        timeouts,
        breaker,
        fallback,
        approval,
        saga,
        resume,
        budget,
        backpressure,
        neighbour,
        shedding,
    )
}
"""By name, in the order in which they are run."""

__all__ = ["CHECKS"]
