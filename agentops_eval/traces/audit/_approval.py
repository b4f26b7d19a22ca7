"""Which question to a person an action stands on; one approval is good for one action."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentops_eval.domain import Json, Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import number_of, told_text
from agentops_eval.traces._spans import took_ns
from agentops_eval.traces.audit._model import Approval
from agentops_eval.traces.audit._scene import SCANNED, Action, Scene
from agentops_eval.traces.dialects._values import loose

MODIFIED = "modified"
GRANTED = frozenset({"approved", MODIFIED})
_Key = tuple[str, str | None]


class Approvals:
    """Gives out the approvals of a run, to actions in the order in which they began."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._used: dict[str, _Key] = {}
        self._asked = sorted(
            (one for one in scene.in_time if scene.kinds[one.span_id] == "human"), key=lambda one: one.end_ns
        )
        self._ends = [one.end_ns for one in self._asked]
        self._inside = {scene.tool_of[one.span_id]: one for one in self._asked}

    def of(self, action: Action) -> Approval | None:
        """What the tool's own span tells, else what it asked; the latest question that names it; the latest.

        A question that another action stood on already is passed over, unless that one had the same
        name and arguments, as a retry has.
        """
        if sc.AGENTOPS_HITL_STATUS in action.span.attributes:
            return replace(_approval(action.span, "inside"), wait_ms=_waited(action.span))
        inside = self._inside.get(action.span.span_id)
        if inside is not None:
            return _approval(inside, "inside")
        key = (
            told_text(action.span, sc.TOOL_NAME) or action.span.name,
            told_text(action.span, sc.TOOL_CALL_ARGUMENTS),
        )
        last = bisect_right(self._ends, action.span.start_ns)
        asked = self._asked[max(0, last - SCANNED) : last][::-1]
        for one in asked:
            if self._used.get(one.span_id, key) == key and told_text(one, sc.AGENTOPS_HITL_ACTION) == key[0]:
                self._used[one.span_id] = key
                return _approval(one, "name")
        near = self._near([one for one in asked if one.span_id not in self._used], action)
        return None if near is None else _approval(near, "before")

    def _near(self, free: Sequence[Span], action: Action) -> Span | None:
        """The latest under the same agent, with no other tool between."""
        agent = self._scene.agent_of[action.span.span_id]
        found = next((one for one in free if self._scene.agent_of[one.span_id] == agent), None)
        if found is None:
            return None
        for one in self._scene.before(action.span):
            if self._scene.kinds[one.span_id] == "tool" and one.start_ns >= found.end_ns:
                return None
        return found


def _waited(span: Span) -> float | None:
    value = number_of(span, sc.AGENTOPS_HITL_WAIT_MS)
    return None if value is None else float(value)


def _details(span: Span) -> Json:
    """What the person was shown; a modifying answer replaces values in it."""
    shown = loose(told_text(span, sc.AGENTOPS_HITL_DETAILS))
    answer = loose(told_text(span, sc.AGENTOPS_HITL_ANSWER))
    if told_text(span, sc.AGENTOPS_HITL_STATUS) == MODIFIED and isinstance(answer, Mapping):
        return {**shown, **answer} if isinstance(shown, Mapping) else answer
    return shown


def _approval(span: Span, joined: str) -> Approval:
    waited, took = _waited(span), took_ns(span)
    measured = None if took is None else took / 1e6
    return Approval(
        span_id=span.span_id,
        asked=told_text(span, sc.AGENTOPS_HITL_ACTION),
        details=_details(span),
        status=told_text(span, sc.AGENTOPS_HITL_STATUS),
        approver=told_text(span, sc.AGENTOPS_HITL_APPROVER_HASH),
        reason=told_text(span, sc.AGENTOPS_HITL_REASON),
        policy=told_text(span, sc.AGENTOPS_HITL_POLICY),
        wait_ms=measured if waited is None else waited,
        joined=joined,
    )
