"""Which llm call asked for an action, and what is told of why."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from agentops_eval.domain import Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import number_of, text_of, told_text
from agentops_eval.traces._cost import llm_of
from agentops_eval.traces._parts import parts_of
from agentops_eval.traces._spans import LLM
from agentops_eval.traces.audit._model import AgentDecision
from agentops_eval.traces.audit._scene import SCANNED, Action, Scene
from agentops_eval.traces.llm import _parts as p

_LONGEST = 4_000
_DECISION = (
    sc.AGENTOPS_DECISION_CHOSEN,
    sc.AGENTOPS_DECISION_REASON,
    sc.AGENTOPS_DECISION_TYPE,
    sc.AGENTOPS_DECISION_OPTIONS,
)


class Askers:
    """The llm calls of a run by the tool calls that they asked for."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._by_id: dict[str, list[Span]] = {}
        self._by_name: dict[tuple[str, str], list[Span]] = {}
        for span in scene.in_time:
            if scene.kinds[span.span_id] == LLM:
                self._add(span)

    def _add(self, llm: Span) -> None:
        for part in parts_of(text_of(llm, sc.OUTPUT_MESSAGES), "tool_call"):
            call_id, name = part.get("id"), part.get("name")
            if isinstance(call_id, str):
                self._by_id.setdefault(call_id, []).append(llm)
            if isinstance(name, str):
                self._by_name.setdefault((self._scene.agent_of[llm.span_id], name), []).append(llm)

    def of(self, action: Action) -> Span | None:
        """The call that asked for the action: the one with its id, else the agent's latest that names it."""
        call_id, name = told_text(action.span, sc.TOOL_CALL_ID), told_text(action.span, sc.TOOL_NAME)
        agent = self._scene.agent_of[action.span.span_id]
        known = self._by_id.get(call_id, []) if call_id is not None else []
        for calls in (known, self._by_name.get((agent, name or ""), [])):
            for call in calls[: bisect_right(calls, action.span.start_ns, key=_start)][-SCANNED:][::-1]:
                if call.end_ns <= action.span.start_ns:
                    return call
        return None

    def before(self, decision: Span, action: Action) -> Span | None:
        """The agent's latest call before a decision that the action stands on."""
        apart = decision.end_ns <= action.span.start_ns
        agents = {self._scene.agent_of[decision.span_id], self._scene.agent_of[action.span.span_id]}
        for one in self._scene.before(decision if apart else action.span):
            if self._scene.kinds[one.span_id] == LLM and self._scene.agent_of[one.span_id] in agents:
                return one
        return None


def _start(span: Span) -> int:
    return span.start_ns


class Decisions:
    """The decisions that a run tells: spans with agentops.decision.*."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._choices = [
            one for one in scene.in_time if told_text(one, sc.AGENTOPS_DECISION_CHOSEN) is not None
        ]

    def of(self, action: Action, llm: Span | None) -> Span | None:
        """The span that tells the decision behind an action.

        The action's own; the llm call's; one above up to the agent; else the latest before it under the
        same agent that names the action as what was chosen.
        """
        near = [action.span, *([] if llm is None else [llm]), *self._scene.up_to_agent(action.span)]
        found = next((one for one in near if _decides(one)), None)
        return found or self._before(action)

    def _before(self, action: Action) -> Span | None:
        agent = self._scene.agent_of[action.span.span_id]
        name = (told_text(action.span, sc.TOOL_NAME) or action.span.name).lower()
        last = bisect_right(self._choices, action.span.start_ns, key=_start)
        for one in self._choices[max(0, last - SCANNED) : last][::-1]:
            chosen = (told_text(one, sc.AGENTOPS_DECISION_CHOSEN) or "").lower()
            same = agent in {self._scene.agent_of[one.span_id], one.span_id}
            if one.end_ns <= action.span.start_ns and same and (name in chosen or chosen in name):
                return one
        return None


def decision_of(told: Span | None, action: Action, llm: Span | None, agent: Span | None) -> AgentDecision:
    """The decision that is told, else what the llm said when it asked for the action."""
    name = None if llm is None else llm_of(llm) or None
    reason = None if told is None else told_text(told, sc.AGENTOPS_DECISION_REASON)
    by = None if reason is None else "decision"
    if reason is None and llm is not None:
        reason, by = _said(llm)
    at = told or llm
    return AgentDecision(
        type=None if told is None else told_text(told, sc.AGENTOPS_DECISION_TYPE),
        options=() if told is None else _options(told),
        chosen=None if told is None else told_text(told, sc.AGENTOPS_DECISION_CHOSEN),
        reason=None if reason is None else reason[:_LONGEST],
        confidence=_confidence([one for one in (told, action.span, llm, agent) if one is not None]),
        stated_by=by,
        span_id=None if at is None else at.span_id,
        llm=name,
    )


def _decides(span: Span) -> bool:
    return any(key in span.attributes for key in _DECISION)


def _options(span: Span) -> tuple[str, ...]:
    value = span.attributes.get(sc.AGENTOPS_DECISION_OPTIONS)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, tuple) else ()


def _confidence(spans: Iterable[Span]) -> float | None:
    for span in spans:
        for key in (sc.AGENTOPS_DECISION_CONFIDENCE, sc.AGENTOPS_CONFIDENCE):
            value = number_of(span, key)
            if value is not None and 0 <= value <= 1:
                return float(value)
    return None


def _said(llm: Span) -> tuple[str | None, str | None]:
    for kind, name in (("text", "llm text"), ("reasoning", "llm reasoning")):
        said = [p.text(part.get("content")) for part in parts_of(text_of(llm, sc.OUTPUT_MESSAGES), kind)]
        whole = "\n".join(one.strip() for one in said if one is not None).strip()
        if whole:
            return whole, name
    return None, None
