"""Behaviour as one short text: runs with the same signature did the same, as far as it can be seen."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from agentops_eval.chaos._texts import json_text
from agentops_eval.domain import (
    ApprovalRequest,
    DrawRequest,
    Effect,
    EndedBy,
    Event,
    Failure,
    FaultedRun,
    HandoffRequest,
    HttpReply,
    HttpRequest,
    Json,
    LlmRequest,
    Request,
    ToolRequest,
    to_json,
)

_ASKING = frozenset({"GET", "HEAD", "OPTIONS"})


def signature(run: FaultedRun, *, also: Json = None) -> str:
    """What an agent did, hashed: equal where two runs behaved the same.

    It tells the site and arguments of each call, whether it was answered, the effects that landed, the
    output, the state of its world and how it ended. Left out: times, answers, and what the faults are called.
    ``also`` is what else sets runs apart, such as how they were judged, or faults that differ in time alone.
    """
    landed = _landed(run)
    log: list[Json] = [
        [site, asked(event.request), _how(event), landed.get(event.index, 1) if _effectful(event) else 0]
        for event, site in zip(run.events, run.sites, strict=False)
        if not isinstance(event.request, DrawRequest)
    ]
    error = None if run.error is None else [run.error.kind, run.error.message]
    ended = run.ended.value if run.ended is not EndedBy.HANG else f"{run.ended.value} {run.why}"
    told: Json = [log, ended, error, to_json(run.output), to_json(run.state), also]
    return sha256(json_text(told).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def asked(request: Request) -> Json:
    """What a request asks, without what only describes it; headers count retries and tell no behaviour."""
    if isinstance(request, HttpRequest):
        return [request.method, request.url, request.body.decode("utf-8", "backslashreplace")]
    if isinstance(request, ToolRequest):
        return [request.name, request.arguments, request.idempotency_key]
    if isinstance(request, HandoffRequest):
        return [request.sender, request.recipient, request.message]
    if isinstance(request, ApprovalRequest):
        return [request.action, request.details]
    if isinstance(request, LlmRequest):
        return [request.llm, list(request.conversation)]
    return to_json(request)


def _landed(run: FaultedRun) -> Mapping[int, int]:
    """How often each faulted call reached what it calls; outer faults say how often inner ones were met."""
    found: dict[int, int] = {}
    for one in run.injections:
        found[one.index] = min(found.get(one.index, one.landed), one.landed)
    return found


def _effectful(event: Event) -> bool:
    request = event.request
    if isinstance(request, HttpRequest):
        return request.method.upper() not in _ASKING
    if isinstance(request, ToolRequest):
        return request.effect is not Effect.READ
    return False


def _how(event: Event) -> int:
    """Whether the caller got an answer (1), an error (0), or is still waiting (2).

    An agent may keep to itself that a call failed (a breaker counts it): so failures are told apart from
    answers even where nothing else differs.
    """
    outcome = event.outcome
    if outcome is None:
        return 2
    if isinstance(outcome, HttpReply):
        return int(outcome.status < 400)
    return int(not isinstance(outcome, Failure))
