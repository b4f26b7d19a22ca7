"""One run as it is compared: its calls without draws, and what each of them asked and was answered."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from agentops_eval.chaos._sites import sites_of, task_of
from agentops_eval.chaos._texts import json_text
from agentops_eval.chaos.impact._values import Llms, body_of, scalars, told_apart, values_of
from agentops_eval.domain import (
    ApprovalRequest,
    DrawRequest,
    Event,
    Failure,
    FaultedRun,
    HandoffRequest,
    HttpReply,
    HttpRequest,
    Json,
    KeptBody,
    LlmRequest,
    Outcome,
    Request,
    Seam,
    ToolRequest,
    ValueReply,
    to_json,
)

VOLATILE = re.compile(
    rb"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    rb"|\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([zZ]|[+-]\d\d:?\d\d)?"
    rb'|(?<="created":)\s*\d{10}|(?<="created_at":)\s*\d{10}'
)
"""What differs from run to run in an HTTP body: uuids, moments, and when an answer was made."""


_KEPT_BODY = 65_536
ASKING = frozenset({"GET", "HEAD", "OPTIONS"})
"""HTTP methods that change nothing."""


class Side:
    """A run made ready to be compared. Made once for the fault-free run.

    ``calls`` are the events that are no draws, ``sites`` their execution indexes. ``by_index`` gives the
    position of each event's number, ``hit`` how often the faulted calls landed, by position.
    """

    def __init__(self, run: FaultedRun, llms: Llms | None = None) -> None:
        self.run = run
        self._llms = llms or Llms()
        events = run.events
        sites = run.sites if len(run.sites) == len(events) else sites_of(events)
        calls, found = [], []
        for event, site in zip(events, sites, strict=True):
            if not isinstance(event.request, DrawRequest):
                calls.append(event)
                found.append(site)
        self.calls: list[Event] = calls
        self.sites: list[str] = found
        self.by_index = {call.index: at for at, call in enumerate(calls)}
        self.hit = {
            self.by_index[one.index]: one.landed  # of several faults of one call the last stands innermost
            for one in run.injections
            if one.index in self.by_index
        }
        self._asked: dict[int, str] = {}
        self._told: dict[int, str] = {}
        self._values: dict[int, frozenset[str]] = {}
        self._scalars: dict[int, frozenset[str]] = {}
        self.twins: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.calls)

    @cached_property
    def by_site(self) -> dict[str, int]:
        """The position of each site; a call that was ended before it got one has none."""
        return {site: at for at, site in enumerate(self.sites) if site}

    @cached_property
    def lost_within(self) -> frozenset[int]:
        """The calls inside which a changing HTTP call was done, and its answer lost to a fault."""
        found: set[int] = set()
        for at, landed in self.hit.items():
            call = self.calls[at]
            lost = landed and isinstance(call.outcome, Failure)
            if lost and isinstance(call.request, HttpRequest) and call.request.method.upper() not in ASKING:
                found.update(self.above(at))
        return frozenset(found)

    def asked(self, at: int) -> str:
        """What a call asked, as text: equal texts ask the same."""
        known = self._asked.get(at)
        if known is None:
            call = self.calls[at]
            known = self._asked[at] = f"{call.boundary} {asked_text(call.request)}"
        return known

    def like(self, at: int, other: Side, there: int) -> None:
        """Take over what is known of an equal call of another run."""
        self.twins[at] = there
        known = other._asked.get(there)  # a side of the same kind
        if known is not None:
            self._asked[at] = known

    def told(self, at: int) -> str:
        """What a call was answered, as text."""
        known = self._told.get(at)
        if known is None:
            known = self._told[at] = told_text(self.calls[at].outcome)
        return known

    def values(self, at: int) -> frozenset[str]:
        """The values that a call answered and was not asked with."""
        known = self._values.get(at)
        if known is None:
            found = values_of(self.calls[at], self._llms) - self.scalars(at)
            known = self._values[at] = found
        return known

    def scalars(self, at: int) -> frozenset[str]:
        """The single values with which a call was asked; none of an HTTP call, which is searched as text."""
        known = self._scalars.get(at)
        if known is None:
            request = self.calls[at].request
            asked = () if isinstance(request, HttpRequest) else scalars(_argument(request))
            known = self._scalars[at] = told_apart(asked)
        return known

    def cost(self, at: int) -> float | None:
        """What a call cost in US dollars; None where an llm answered and it is not known."""
        read = self._llms.read(self.calls[at])
        return 0.0 if read is None else read.cost_usd

    def above(self, at: int) -> tuple[int, ...]:
        """The calls inside which this one was made, the nearest first."""
        found: list[int] = []
        call = self.calls[at]
        while call.parent is not None:
            up = self.by_index.get(call.parent)
            if up is None or up in found or up == at:
                break
            found.append(up)
            call = self.calls[up]
        return tuple(found)

    def agent(self, at: int, root: str) -> str:
        """The agent that made a call: whom the nearest hand-off went to, else the run's own."""
        calls = self.calls
        return next((calls[up].boundary for up in self.above(at) if calls[up].seam is Seam.AGENT), root)

    def lane(self, at: int) -> tuple[str, str]:
        """The agent and the task that made a call."""
        call = self.calls[at]
        return "" if call.parent is None else self.agent(at, ""), task_of(call.lane) if call.lane else ""


def same_asked(one: Event, other: Event) -> bool:
    """Whether two calls of one site ask the same."""
    a, b = one.request, other.request
    if one.boundary != other.boundary or type(a) is not type(b):
        return False
    if isinstance(a, ToolRequest) and isinstance(b, ToolRequest):  # most calls are
        return bool(a.arguments == b.arguments)
    if isinstance(a, HttpRequest) and isinstance(b, HttpRequest):
        return a.url == b.url and (a.body == b.body or plain_body(a.body) == plain_body(b.body))
    return bool(_argument(a) == _argument(b))


def same_told(one: Outcome | None, other: Outcome | None) -> bool:
    """Whether two calls were answered the same, whoever answered."""
    if one is other:
        return True
    if isinstance(one, ValueReply) and isinstance(other, ValueReply):
        return bool(one.value == other.value)
    if isinstance(one, HttpReply) and isinstance(other, HttpReply):
        if one.status != other.status:
            return False
        a, b = body_of(one), body_of(other)
        return (a == b or plain_body(a) == plain_body(b)) and cut_of(one) == cut_of(other)
    if isinstance(one, Failure) and isinstance(other, Failure):
        return (one.kind, one.message) == (other.kind, other.message)
    return one is None and other is None


def cut_of(reply: HttpReply) -> str:
    """What cut a reply's body off; empty where nothing did."""
    failure = reply.body.end.failure if isinstance(reply.body, KeptBody) else None
    return "" if failure is None else failure.kind


def plain_body(body: bytes) -> bytes:
    """A body without what differs from run to run."""
    return _plain_body(body) if len(body) <= _KEPT_BODY else VOLATILE.sub(b"~", body)


@lru_cache(maxsize=2_048)
def _plain_body(body: bytes) -> bytes:
    """Kept, because under faults most bodies were seen before."""
    return VOLATILE.sub(b"~", body)


def asked_text(request: Request) -> str:
    """A request as text, in which nothing stands that differs from run to run for no reason."""
    if isinstance(request, HttpRequest):
        return f"{request.url} {plain_body(request.body).decode('utf-8', 'replace')}"
    return json_text(_argument(request))


def told_text(outcome: Outcome | None) -> str:
    """An outcome as text."""
    if isinstance(outcome, ValueReply):
        return json_text(outcome.value)
    if isinstance(outcome, HttpReply):
        return body_of(outcome).decode("utf-8", "replace")
    return "" if outcome is None else outcome.message


def _argument(request: Request) -> Json:
    if isinstance(request, ToolRequest):
        return request.arguments
    if isinstance(request, HandoffRequest):
        return request.message
    if isinstance(request, ApprovalRequest):
        return request.details
    if isinstance(request, LlmRequest):
        return list(request.conversation)
    return to_json(getattr(request, "params", None))
