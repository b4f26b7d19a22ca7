"""A trace laid out for the checks: its spans by kind, its tree, its order, what the llm asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agentops_eval.domain import Json, Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._answered import AnsweredCall, Told, answered_calls
from agentops_eval.traces._attributes import text_of
from agentops_eval.traces._parts import parts_of
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.reading import SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A tool call that an llm asked for."""

    span: Span
    call_id: str
    name: str


@dataclass(slots=True, kw_only=True)
class View:
    """One run. All lists are in order of time, and at one instant by id, never in that of the file.

    ``above`` leads from a span to its parent, where that is in the trace; ``downward`` has every span
    after its parent, but for those in a circle. ``logical`` says that times are steps, not durations.
    """

    normal: NormalTrace
    spans: Sequence[Span]
    by_id: dict[str, Span]
    sources: Sequence[SourceSpan]
    logical: bool
    operations: dict[str, str]
    llms: list[Span] = field(default_factory=list)
    tools: list[Span] = field(default_factory=list)
    agents: list[Span] = field(default_factory=list)
    humans: list[Span] = field(default_factory=list)
    plans: list[Span] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    told: Told | None = None
    _answered: tuple[AnsweredCall, ...] | None = None

    @property
    def answered(self) -> tuple[AnsweredCall, ...]:
        """The tool calls that only messages tell of."""
        if self._answered is None:
            self._answered = answered_calls(self.spans, told=self.told)
        return self._answered

    @property
    def ran(self) -> set[str]:
        """The tools that ran, as spans or messages tell."""
        told = {text_of(span, sc.TOOL_NAME) for span in self.tools}
        return (told | {call.name for call in self.answered}) - {""}

    @property
    def trace_id(self) -> str:
        """The id of the trace, empty without spans."""
        return self.spans[0].trace_id if self.spans else ""

    @property
    def where(self) -> str:
        """Where its first span stands."""
        return self.where_of(self.spans[0]) if self.spans else ""

    def where_of(self, span: Span) -> str:
        """The file of a span, with its line where that is known."""
        source = self.normal.sources.get(span.span_id)
        return "" if source is None else source.origin.where

    def source(self, span: Span) -> Span:
        """The span as it was emitted."""
        found = self.normal.sources.get(span.span_id)
        return span if found is None else found.span

    def above(self, span: Span) -> Span | None:
        """The parent, where it is in the trace."""
        return self.by_id.get(span.parent_id) if span.parent_id != span.span_id else None

    def downward(self) -> list[Span]:
        """Every span after its parent; spans in a circle of parents are left out."""
        below: dict[str, list[Span]] = {}
        roots: list[Span] = []
        for span in self.spans:
            (roots if self.above(span) is None else below.setdefault(span.parent_id, [])).append(span)
        order = roots
        for span in order:  # it grows while it is walked
            order += below.pop(span.span_id, [])
        return order


def view_of(normal: NormalTrace, *, told: Told | None = None) -> View:
    """Lay a trace out. One pass over its spans, and one look at every answer of an llm.

    ``told`` remembers the calls that earlier runs told of in messages.
    """
    spans = sorted(normal.trace.spans, key=_moment)
    view = View(
        normal=normal,
        spans=spans,
        by_id={span.span_id: span for span in reversed(spans)},
        sources=sorted(normal.sources.values(), key=lambda one: _moment(one.span)),
        logical=bool(spans) and sc.is_logical(spans[0].start_ns),
        operations={span.span_id: operation(span) for span in spans},
        told=told,
    )
    lists = {
        **dict.fromkeys(sc.INFERENCE_OPERATIONS, view.llms),
        sc.EXECUTE_TOOL: view.tools,
        sc.INVOKE_AGENT: view.agents,
        sc.HITL_CHECKPOINT: view.humans,
        sc.PLAN: view.plans,
    }
    for span in spans:
        kind = lists.get(operation(span))
        if kind is not None:
            kind.append(span)
    view.asked = [one for span in view.llms for one in _asked(span)]
    return view


def operation(span: Span) -> str:
    """What a span is; questions to people have no operation of the conventions."""
    if span.name == sc.HITL_CHECKPOINT:
        return sc.HITL_CHECKPOINT
    return text_of(span, sc.OPERATION_NAME)


def _moment(span: Span) -> tuple[int, int, str, str]:
    return span.start_ns, -span.end_ns, span.span_id, span.name


def _asked(span: Span) -> Iterator[Asked]:
    for part in parts_of(text_of(span, sc.OUTPUT_MESSAGES), "tool_call"):
        yield Asked(span=span, call_id=_string(part.get("id")), name=_string(part.get("name")))


def _string(value: Json) -> str:
    return value if isinstance(value, str) else ""
