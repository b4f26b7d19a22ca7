"""HTTP replies made from what a trace tells of an llm's answer."""

from __future__ import annotations

from agentops_eval.domain import Failure, HttpRequest, Outcome, ValueReply
from agentops_eval.traces.llm.writing import answer


def synthesised(request: HttpRequest, outcome: Outcome) -> Outcome:
    """The reply to ``request``, in the dialect that its client speaks; failures stay as they are."""
    if not isinstance(outcome, ValueReply):
        return outcome
    reply = answer(request, outcome.value)
    if reply is None:  # such a request has no conversation, and would not have been found
        return Failure(kind="ValueError", module="builtins", message="the request asks no llm")
    return reply
