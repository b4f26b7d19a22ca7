"""From the events of a run to its trace: what it did, without what differs from run to run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from agentops_eval.domain import (
    ANY_LANE,
    SHUT_ON_REPLAY,
    Attribute,
    DrawRequest,
    Event,
    HttpReply,
    HttpRequest,
    Json,
    KeptBody,
    Label,
    Span,
    SpanKind,
    StatusCode,
    ToolRequest,
    Trace,
)
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._draft import Draft, Ordinals, draft, json_attribute, messages_json
from agentops_eval.traces._ids import restructure
from agentops_eval.traces._order import Interval, Timing, in_order
from agentops_eval.traces._text import well_formed


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was true of one span in one run only; never part of a golden.

    ``started_s`` counts from the start of the recording. ``time_to_first_chunk_s`` is None for calls
    that were not streamed. ``server`` is host and port.
    """

    duration_ms: float
    started_s: float = 0.0
    label: Label | None = None
    time_to_first_chunk_s: float | None = None
    response_id: str | None = None
    server: str = ""


def derive(
    events: Iterable[Event], *, agent: str, case: str, recorded: Mapping[int, Event] | None = None
) -> Trace:
    """Make the trace of a run from its events.

    The root is ``invoke_agent {agent}``; llm calls, tool calls, hand-offs, approvals and other HTTP
    calls hang below it. What happened inside a tool is left out, because a replay does not run
    tools; the clock and entropy leave no spans. Ids and times depend on ``case`` and the tree only.

    Give events as redacted for the cassette, so that a recording and its replay derive the same
    trace. ``recorded`` maps the index of a replayed event to the event that answered it: what was
    parallel is then ordered as in the recording, although a replay has times of its own.
    """
    nodes = _nodes(_roots(events, recorded or {}))
    return restructure(_trace(nodes, agent, case))


def observe(
    events: Iterable[Event], *, agent: str, case: str, recorded: Mapping[int, Event] | None = None
) -> Mapping[str, Observation]:
    """What was true of this run only, by span id: durations, labels, response ids."""
    nodes = _nodes(_roots(events, recorded or {}))
    spans = restructure(_trace(nodes, agent, case)).spans
    first = min((node.event.started_s for node in nodes), default=0.0)
    last = max((node.event.ended_s for node in nodes), default=0.0)
    found = {spans[0].span_id: Observation(duration_ms=(last - first) * 1000, started_s=first)}
    for node, span in zip(nodes, spans[1:], strict=True):
        found[span.span_id] = _observation(node)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A run's trace and how it hangs together with its events.

    ``spans`` leads from the index of an event to the id of its span, ``seen`` has what was true of this
    run only, by span id. ``calls`` leads from the ids of tool calls on the wire to those in the trace.
    """

    trace: Trace
    spans: Mapping[int, str]
    seen: Mapping[str, Observation]
    calls: Mapping[str, str]


def derived(
    events: Sequence[Event], *, agent: str, case: str, recorded: Mapping[int, Event] | None = None
) -> Derived:
    """What ``derive`` and ``observe`` give, with what joins it to other tellings of the same run."""
    nodes = _nodes(_roots(events, recorded or {}))
    renamed = _Renamed()
    trace = restructure(_trace(nodes, agent, case, renamed))
    return Derived(
        trace=trace,
        spans={node.event.index: span.span_id for node, span in zip(nodes, trace.spans[1:], strict=True)},
        seen=observe(events, agent=agent, case=case, recorded=recorded),
        calls=renamed.calls.known,
    )


@dataclass(slots=True, kw_only=True)
class _Node:
    """An event in the tree. ``offered`` is its position among the calls that an llm asked for."""

    event: Event
    draft: Draft
    timing: Timing
    depth: int = 0
    offered: tuple[int, int] | None = None
    children: list[_Node] = field(default_factory=list)

    @property
    def key(self) -> tuple[object, ...]:
        """Decides between calls that overlapped: the llm's own order, else what they are."""
        position = self.offered or (-1, -1)
        made = self.draft
        return (self.offered is None, position, made.operation, made.title, made.argument_hash, self._result)

    @property
    def _result(self) -> str:
        return str(self.draft.attributes.get(sc.TOOL_CALL_RESULT, "")) + str(self.draft.error)


def _roots(events: Iterable[Event], recorded: Mapping[int, Event]) -> list[_Node]:
    """The tree below the root, in order."""
    known: dict[int, Event] = {}
    ranks: Counter[str] = Counter()
    nodes: dict[int, _Node] = {}
    roots: list[_Node] = []
    for event in sorted(events, key=lambda event: event.index):
        known[event.index] = event
        if _shut_away(event, known):
            continue
        ranks[event.lane] += not isinstance(event.request, DrawRequest)
        made = draft(event)
        if made is None:
            continue
        source = recorded.get(event.index)
        node = nodes[event.index] = _Node(
            event=event, draft=made, timing=_timing(event, source, ranks[event.lane] - 1, made)
        )
        parent = nodes.get(event.parent) if event.parent is not None else None
        (roots if parent is None else parent.children).append(node)
    _join(roots, [])
    return _sort(roots)


def _timing(event: Event, source: Event | None, rank: int, made: Draft) -> Timing:
    turns = 0 if made.llm is None else len(made.llm.input_messages)
    timing = Timing(ran=_interval(event), lane=event.lane, rank=rank, turns=turns)
    if source is None:
        return timing
    # What another process made has no lane, there or here: the recording's decides, as its golden has it.
    lane = source.lane if ANY_LANE in (event.lane, source.lane) else event.lane
    return replace(timing, lane=lane, recorded=_interval(source), recorded_index=source.index)


def _interval(event: Event) -> Interval:
    """When it ran. Another process has its answer with the last chunk, whenever the end is noticed."""
    last = None
    if event.lane == ANY_LANE and isinstance(event.outcome, HttpReply):
        body = event.outcome.body
        last = body.chunks[-1].at_s if isinstance(body, KeptBody) and body.chunks else None
    end_s = event.ended_s if last is None else min(event.ended_s, event.started_s + last)
    return Interval(start_s=event.started_s, end_s=end_s)


def _shut_away(event: Event, known: Mapping[int, Event]) -> bool:
    """Whether it happened in a body that does not run on replay."""
    index, parent = event.index, event.parent
    while parent is not None and parent < index:  # parents begin before their children
        above = known.get(parent)
        if above is None:
            return False
        if isinstance(above.request, ToolRequest) or above.seam in SHUT_ON_REPLAY:
            return True
        index, parent = above.index, above.parent
    return False


@dataclass(slots=True, kw_only=True)
class _Offer:
    """A tool call that an llm asked for and that no execution has been joined to yet."""

    position: tuple[int, int]
    call_id: str | None
    name: str
    arguments: Json


def _join(nodes: Sequence[_Node], outer: list[_Offer]) -> None:
    """Give executions the id of the call they answer: the latest of that name and those arguments."""
    offers = outer[:]
    for node in nodes:
        if node.draft.llm is not None:
            offers += _offers(node)
        elif node.draft.operation == sc.EXECUTE_TOOL:
            match = _match(node.draft, offers)
            if match is not None:
                offers.remove(match)
                node.offered, node.draft.call_id = match.position, match.call_id
        _join(node.children, offers)


def _offers(node: _Node) -> list[_Offer]:
    assert node.draft.llm is not None
    parts = (part for message in node.draft.llm.output_messages for part in message.parts)
    calls = (part for part in parts if part.get("type") == "tool_call")
    return [
        _Offer(
            position=(node.event.index, number),
            call_id=str(part["id"]) if "id" in part else None,
            name=str(part.get("name", "")),
            arguments=part.get("arguments"),
        )
        for number, part in enumerate(calls)
    ]


def _match(made: Draft, offers: Sequence[_Offer]) -> _Offer | None:
    """Equal arguments first; else those that the function's defaults only added to."""
    latest = sorted(
        (o for o in offers if o.name == made.title), key=lambda o: (-o.position[0], o.position[1])
    )
    exact = (offer for offer in latest if (offer.arguments or {}) == made.argument)
    return next(exact, None) or next((o for o in latest if _adds_to(made.argument, o.arguments)), None)


def _adds_to(given: Json, asked: Json) -> bool:
    wanted = asked or {}
    if not isinstance(given, Mapping) or not isinstance(wanted, Mapping):
        return False
    return all(key in given and given[key] == value for key, value in wanted.items())


def _sort(nodes: list[_Node]) -> list[_Node]:
    for node in nodes:
        node.children = _sort(node.children)
    return in_order(nodes, lambda node: node.timing, lambda node: node.key)


def _nodes(roots: Sequence[_Node]) -> list[_Node]:
    """All nodes depth first, each knowing its depth."""
    found: list[_Node] = []
    stack = [(node, 1) for node in reversed(roots)]
    while stack:
        node, depth = stack.pop()
        node.depth = depth
        found.append(node)
        stack += [(child, depth + 1) for child in reversed(node.children)]
    return found


def _trace(nodes: Sequence[_Node], agent: str, case: str, renamed: _Renamed | None = None) -> Trace:
    """The spans with ids that only say who hangs where; ``restructure`` gives the final ones."""
    agent = well_formed(agent)
    root = Span(
        name=f"{sc.INVOKE_AGENT} {agent}".rstrip(),
        trace_id="0",
        span_id="0",
        attributes={sc.OPERATION_NAME: sc.INVOKE_AGENT, sc.AGENT_NAME: agent},
    )
    spans, above = [root], ["0"]
    renamed = renamed or _Renamed()
    for number, node in enumerate(nodes, start=1):
        del above[node.depth :]
        spans.append(_span(node, str(number), above[-1], renamed))
        above.append(str(number))
    resource: dict[str, Attribute] = {
        sc.SERVICE_NAME: agent,
        sc.AGENTOPS_CASE: well_formed(case),
        sc.AGENTOPS_SCHEMA_VERSION: sc.SCHEMA_VERSION,
    }
    return Trace(spans=tuple(spans), resource=resource, schema_url=sc.SCHEMA_URL)


class _Renamed:
    """What is drawn anew in every run, renamed alike in all spans."""

    def __init__(self) -> None:
        self.calls = Ordinals("call")
        self.responses = Ordinals("response")
        self.keys = Ordinals("key")


def _span(node: _Node, span_id: str, parent_id: str, renamed: _Renamed) -> Span:
    made = node.draft
    attributes = dict(made.attributes)
    if made.llm is not None:
        asked = messages_json(made.llm.input_messages, renamed.calls.of)
        answered = messages_json(made.llm.output_messages, renamed.calls.of)
        if asked:
            attributes[sc.INPUT_MESSAGES] = json_attribute(asked)
        if answered:
            attributes[sc.OUTPUT_MESSAGES] = json_attribute(answered)
        if made.llm.previous_response_id is not None:
            attributes[sc.AGENTOPS_PREVIOUS_RESPONSE] = renamed.responses.of(made.llm.previous_response_id)
        if made.llm.response_id is not None:
            renamed.responses.of(made.llm.response_id)
    if made.call_id is not None:
        attributes[sc.TOOL_CALL_ID] = renamed.calls.of(made.call_id)
    if made.drawn_key is not None:
        attributes[sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY] = renamed.keys.of(made.drawn_key)
    if made.error is not None:
        attributes[sc.ERROR_TYPE] = well_formed(made.error)
    return Span(
        name=well_formed(made.name),
        trace_id="0",
        span_id=span_id,
        parent_id=parent_id,
        kind=made.kind if made.llm is None else SpanKind.CLIENT,
        attributes=attributes,
        status=StatusCode.UNSET if made.error is None else StatusCode.ERROR,
        status_message=made.message,
    )


def _observation(node: _Node) -> Observation:
    event, call = node.event, node.draft.llm
    server = ""
    if isinstance(event.request, HttpRequest):
        try:
            server = urlsplit(event.request.url).netloc.rpartition("@")[2]
        except ValueError:
            server = ""
    return Observation(
        duration_ms=max(0.0, event.ended_s - event.started_s) * 1000,
        started_s=event.started_s,
        label=event.label,
        time_to_first_chunk_s=None if call is None else call.time_to_first_chunk_s,
        response_id=None if call is None else call.response_id,
        server=server,
    )
