"""A run made ready for questions about its actions: who is above a span, what came before it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Span, SpanKind
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._answered import AnsweredCall, spans_of
from agentops_eval.traces._attributes import told_text
from agentops_eval.traces._spans import LLM, step_type
from agentops_eval.traces.dialects import NormalTrace

SCANNED = 1_024
"""So far is looked back from an action, so that a run of many actions is not searched again for each."""

MOST_AGENTS = 64
"""Agents that a record names, the nearest to the action."""

_READS = frozenset({"get", "head", "options", "trace"})
_HANDS_OVER = ("transfer", "handoff", "delegate")
_HARMLESS = frozenset({"read", "none", "readonly", "read-only", "read_only"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The spans of a run by id, by kind and in time, and for each the nearest agent and tool above it.

    Among them are tool calls that only messages tell of; ``answered`` has these by the ids of their spans.
    """

    run: NormalTrace
    spans: tuple[Span, ...]
    answered: Mapping[str, AnsweredCall]
    by_id: Mapping[str, Span]
    kinds: Mapping[str, str]
    in_time: tuple[Span, ...]
    starts: tuple[int, ...]
    agent_of: Mapping[str, str]
    tool_of: Mapping[str, str]

    @classmethod
    def of(cls, run: NormalTrace, calls: Sequence[AnsweredCall] = ()) -> Scene:
        """Make a run ready; ``calls`` are those that only messages tell of."""
        answered = {f"{call.teller.span_id}#{number}": call for number, call in enumerate(calls, 1)}
        spans = (*run.trace.spans, *spans_of(answered, run.trace.spans))
        kinds = {span.span_id: step_type(span) for span in spans}
        in_time = tuple(sorted(spans, key=lambda span: span.start_ns))  # at one instant the tree's order
        return cls(
            run=run,
            spans=spans,
            answered=answered,
            by_id={span.span_id: span for span in spans},
            kinds=kinds,
            in_time=in_time,
            starts=tuple(span.start_ns for span in in_time),
            agent_of=_nearest(spans, kinds, "agent"),
            tool_of=_nearest(spans, kinds, "tool"),
        )

    @property
    def tools(self) -> frozenset[str]:
        """The names of all tools that ran."""
        told = (one for one in self.spans if self.kinds[one.span_id] == "tool")
        return frozenset(told_text(one, sc.TOOL_NAME) or one.name for one in told)

    def id_of(self, span: Span) -> str:
        """The span's id; of a call that only messages tell of, that of the llm call that asked for it."""
        call = self.answered.get(span.span_id)
        return span.span_id if call is None else call.teller.span_id

    def agents(self, span: Span) -> tuple[Span, ...]:
        """The agents above a span, the root's first; of a very long chain the nearest."""
        found: list[Span] = []
        at = self.agent_of[span.span_id]
        while at and len(found) < MOST_AGENTS:
            found.append(self.by_id[at])
            at = self.agent_of[at]
        return tuple(reversed(found))

    def agent(self, span: Span) -> Span | None:
        """The nearest agent above a span."""
        return self.by_id.get(self.agent_of[span.span_id])

    def up_to_agent(self, span: Span) -> Iterator[Span]:
        """The spans above one, up to its agent; of a very long chain the nearest."""
        at = self.by_id.get(span.parent_id)
        for _ in range(SCANNED):
            if at is None:
                return
            yield at
            if self.kinds[at.span_id] == "agent":
                return
            at = self.by_id.get(at.parent_id)

    def before(self, span: Span) -> Iterator[Span]:
        """The last SCANNED spans that had begun when the span did, and had ended; the latest first."""
        last = bisect_right(self.starts, span.start_ns)
        for one in self.in_time[max(0, last - SCANNED) : last][::-1]:
            if one.end_ns <= span.start_ns and one is not span:
                yield one


def _nearest(spans: Sequence[Span], kinds: Mapping[str, str], kind: str) -> dict[str, str]:
    """For every span the id of the nearest span of a kind above it, or an empty text."""
    found: dict[str, str] = {}
    for span in spans:  # depth first: a parent comes before its children
        above = span.parent_id
        found[span.span_id] = above if kinds.get(above) == kind else found.get(above, "")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A span that does something to the world, what, and who says so."""

    span: Span
    effect: str
    told_by: str


def actions(scene: Scene, effects: Collection[str]) -> list[Action]:
    """The actions of a run in the order of their start; ``effects`` names tools that have one.

    A request below an action is that action. So are requests below an llm call, or a call over MCP: they
    only carry it.
    """
    found: list[Action] = []
    carriers: set[str] = set()  # spans that carry what is below them, and everything below those
    for span in scene.spans:  # depth first
        kind, carried = scene.kinds[span.span_id], span.parent_id in carriers
        action = _tool(span, effects) if kind == "tool" else None
        if kind == "http" and not carried:
            action = _http(span)
        if action is not None:
            found.append(action)
        if action is not None or carried or kind == LLM or sc.MCP_METHOD_NAME in span.attributes:
            carriers.add(span.span_id)
    return sorted(found, key=lambda action: action.span.start_ns)


def undeclared(scene: Scene, effects: Collection[str]) -> Mapping[str, Span]:
    """Tools of which nothing tells whether they change anything, by name, with their first call."""
    found: dict[str, Span] = {}
    agents = {_folded(told_text(span, sc.AGENT_NAME) or "") for span in scene.spans} - {""}
    for span in scene.in_time:
        if scene.kinds[span.span_id] == "tool" and sc.AGENTOPS_TOOL_EFFECT not in span.attributes:
            name = told_text(span, sc.TOOL_NAME) or span.name
            if name not in effects and not (span.span_id in scene.answered and _hands_over(name, agents)):
                found.setdefault(name, span)
    return found


def _hands_over(name: str, agents: Collection[str]) -> bool:
    """Whether a call is how frameworks spell a hand-off to one of the run's agents."""
    folded = _folded(name)
    return folded in agents or (folded.startswith(_HANDS_OVER) and any(one in folded for one in agents))


def _folded(name: str) -> str:
    return "".join(one for one in name.lower() if one.isalnum())


def is_read_only(span: Span) -> bool:
    """Whether a tool says that it changes nothing."""
    return (told_text(span, sc.AGENTOPS_TOOL_EFFECT) or "").lower() in _HARMLESS


def _tool(span: Span, effects: Collection[str]) -> Action | None:
    if told_text(span, sc.TOOL_NAME) in effects:
        told = told_text(span, sc.AGENTOPS_TOOL_EFFECT)
        return Action(
            span=span, effect="write" if told is None or is_read_only(span) else told, told_by="user"
        )
    effect = told_text(span, sc.AGENTOPS_TOOL_EFFECT)
    if effect is None or is_read_only(span):
        return None
    return Action(span=span, effect=effect, told_by="trace")


def _http(span: Span) -> Action | None:
    method = told_text(span, sc.HTTP_REQUEST_METHOD)
    if method is None or method.lower() in _READS or span.kind is SpanKind.SERVER:
        return None  # a server's span is what somebody asked of the agent
    return Action(span=span, effect="write", told_by="http method")
