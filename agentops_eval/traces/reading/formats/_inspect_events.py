"""The events of an inspect_ai sample: llm calls, tools, agents and approvals, each where it belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from agentops_eval.domain import Json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.llm import LlmCall, Usage
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.reading.formats._inspect_messages import Pool, error_name, failure
from agentops_eval.traces.reading.formats._script import Approval, Execution, Failed, Script, Times

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STOPS = {
    "stop": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_call",
    "content_filter": "content_filter",
}
_DECISIONS = {"approve": "approved", "modify": "modified", "reject": "rejected", "terminate": "rejected"}
_PARAMETERS = {
    "temperature": sc.REQUEST_TEMPERATURE,
    "max_tokens": sc.REQUEST_MAX_TOKENS,
    "top_p": sc.REQUEST_TOP_P,
    "top_k": sc.REQUEST_TOP_K,
    "seed": sc.REQUEST_SEED,
    "stop_seqs": sc.REQUEST_STOP_SEQUENCES,
    "frequency_penalty": sc.REQUEST_FREQUENCY_PENALTY,
    "presence_penalty": sc.REQUEST_PRESENCE_PENALTY,
    "num_choices": sc.REQUEST_CHOICE_COUNT,
    "reasoning_effort": sc.AGENTOPS_REQUEST + "reasoning_effort",
}
_ASIDE = {"init", "scorers", "scorer"}
"""What prepares a sample and what judges it is no work of the agent's."""


@dataclass(slots=True)
class _Place:
    """A span of the log: the step under which its events are written, or that they are not."""

    above: str
    aside: bool


@dataclass(slots=True, kw_only=True)
class Events:
    """Plays the events of one sample into its script."""

    script: Script
    pool: Pool
    _places: dict[str, _Place] = field(default_factory=dict)
    _agents: dict[str, str] = field(default_factory=dict)
    _waiting: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _steps: list[bool] = field(default_factory=list)
    _seen: list[int] = field(default_factory=list)

    def play(self, events: Sequence[Json]) -> None:
        """Play all of them. Times are the log's where every call has one."""
        called = [p.obj(one) for one in events if p.text(p.obj(one).get("event")) in {"model", "tool"}]
        self.script.timed = all(moment_ns(one.get("timestamp")) is not None for one in called)
        self._walk(events, self.script.root_id)
        if self.script.timed and self._seen:
            self.script.times = Times(start_ns=min(self._seen), end_ns=max(self._seen))

    def _walk(self, events: Sequence[Json], above: str) -> None:
        for value in events:
            event = p.obj(value)
            kind = p.text(event.get("event")) or ""
            if kind in {"span_begin", "span_end", "step"}:
                self._structure(event, kind, above)
                continue
            place = self._places.get(str(event.get("span_id")), _Place(above, aside=False))
            if place.aside or any(self._steps):
                continue
            under = place.above
            if kind == "model":
                self._model(event, under)
            elif kind == "tool":
                self._tool(event, under)
            elif kind == "subtask":
                self._walk(p.arr(event.get("events")), under)
            elif kind == "approval":
                self._approval(event, under)

    def _structure(self, event: Mapping[str, Json], kind: str, above: str) -> None:
        if kind == "step":  # how logs of 2024 bracket their events
            if event.get("action") == "begin":
                self._steps.append(p.text(event.get("type")) in _ASIDE)
            elif self._steps:
                self._steps.pop()
        elif kind == "span_begin":
            self._begin(event, above)
        else:
            written = self._agents.get(str(event.get("id")))
            if written is not None:
                self.script.close(written, Times(end_ns=moment_ns(event.get("timestamp"))))

    def _begin(self, event: Mapping[str, Json], above: str) -> None:
        name, kind = str(event.get("id")), p.text(event.get("type")) or ""
        outer = self._places.get(str(event.get("parent_id")), _Place(above, aside=False))
        place = _Place(outer.above, aside=outer.aside or kind in _ASIDE)
        if name in self._places:
            return
        self._places[name] = place
        title = p.text(event.get("name")) or ""
        if kind == "tool":
            self._waiting.setdefault((str(event.get("parent_id")), title), []).append(name)
        elif kind == "agent" and not place.aside:
            times = Times(start_ns=moment_ns(event.get("timestamp")))
            place.above = self._agents[name] = self.script.agent(title, parent=outer.above, times=times)

    # -- what happened ----------------------------------------------------------------------

    def _model(self, event: Mapping[str, Json], above: str) -> None:
        call = model_call(event, self.pool)
        message = p.text(event.get("error")) or ""
        self.script.call(call, parent=above, times=self._times(event), message=message)

    def _tool(self, event: Mapping[str, Json], above: str) -> None:
        arguments = self.pool.resolved(event.get("arguments"))
        failed = failure(event.get("error"))
        if failed is None and event.get("failed") is True:
            failed = Failed(type="_OTHER")
        name = p.text(event.get("function")) or ""
        pending = event.get("pending") is True
        if pending and failed is None:
            failed = Failed(type="cancelled", message="the run ended before the tool did")
        written = self.script.tool(
            Execution(
                name=name or "unknown",
                arguments=p.obj(arguments) if isinstance(arguments, Mapping) else None,
                call_id=p.text(event.get("id")) or "",
                result=self.pool.result(event.get("result")),
                answered="result" in event and failed is None,
                failed=failed,
            ),
            parent=above,
            times=self._times(event),
        )
        self._hang_below(event, name, written)
        self._walk(p.arr(event.get("events")), written)

    def _hang_below(self, event: Mapping[str, Json], name: str, written: str) -> None:
        """What a tool does inside stands in a span of the log that begins just before the tool's event."""
        told = event.get("agent_span_id")
        waiting = self._waiting.get((str(event.get("span_id")), name), [])
        inner = told if isinstance(told, str) and told in self._places else None
        if inner is None and waiting:
            inner = waiting.pop(0)
        if inner is not None and inner not in self._agents:
            self._places[inner].above = written

    def _approval(self, event: Mapping[str, Json], above: str) -> None:
        if event.get("approver") != "human":
            return  # a policy's decision is no person's
        call = p.obj(event.get("call"))
        decision = p.text(event.get("decision")) or ""
        asked = Approval(
            action=p.text(call.get("function")) or "unknown",
            status=_DECISIONS.get(decision, "pending"),
            details=self.pool.resolved(call.get("arguments")),
            reason=self.pool.text(p.text(event.get("explanation")) or ""),
        )
        self.script.approval(asked, parent=above, times=self._times(event))

    def _times(self, event: Mapping[str, Json]) -> Times:
        """``timestamp`` is the start where ``completed`` is told, and the end in logs that are older."""
        at, completed = moment_ns(event.get("timestamp")), moment_ns(event.get("completed"))
        self._seen += [one for one in (at, completed) if one is not None]
        if at is None or completed is not None or event.get("pending") is True:
            return Times(start_ns=at, end_ns=completed)
        took = p.number(p.obj(event.get("output")).get("time"))
        if took is None or not 0 < took < 1e6:
            return Times(start_ns=at)  # whether it is the start or the end: how long it took is unknown
        return Times(start_ns=at - int(took * 1e9), end_ns=at)


def model_call(event: Mapping[str, Json], pool: Pool) -> LlmCall:
    """An llm call from its event."""
    output, sent = p.obj(event.get("output")), p.obj(event.get("call"))
    provider, _, named = (p.text(event.get("model")) or "").partition("/")
    choices = p.arr(output.get("choices"))[: p.MAX_ITEMS]
    messages = tuple(pool.line(p.obj(one).get("message")).message for one in choices)
    reasons = [_STOPS.get(str(p.obj(one).get("stop_reason")), "") for one in choices]
    error = p.text(event.get("error"))
    pending = event.get("pending") is True and not choices
    return LlmCall(
        provider=provider if named else "",
        request_model=p.text(p.obj(sent.get("request")).get("model")) or named or provider or None,
        response_model=p.text(output.get("model")) if choices else None,
        parameters={
            key: value
            for key, value in p.parameters(p.obj(event.get("config")), _PARAMETERS).items()
            if (key, value) != (sc.REQUEST_CHOICE_COUNT, 1)
        },
        input_messages=pool.input(event),
        output_messages=messages,
        tool_definitions=tuple(_tool(p.obj(one), pool) for one in p.arr(event.get("tools"))[: p.MAX_ITEMS]),
        finish_reasons=tuple(reason for reason in reasons if reason),
        usage=Usage() if event.get("cache") == "read" else usage(p.obj(output.get("usage"))),
        response_id=p.text(p.obj(sent.get("response")).get("id")),
        error_type=error_name(error) if error else "cancelled" if pending else None,
    )


def usage(told: Mapping[str, Json]) -> Usage:
    """Token counts; the total shows whether cached and reasoning tokens stand beside the others."""
    names = ("input_tokens", "output_tokens", "input_tokens_cache_read", "input_tokens_cache_write")
    asked, answered, read, written = (p.count(told.get(name)) for name in names)
    thought, total = p.count(told.get("reasoning_tokens")), p.count(told.get("total_tokens"))
    if not asked and not answered:
        return Usage()
    beside = (total or 0) - (asked or 0) - (answered or 0)
    cached = (read or 0) + (written or 0)
    if cached and beside in {cached, cached + (thought or 0)}:
        asked = (asked or 0) + cached
        beside -= cached
    if thought and beside == thought:
        answered = (answered or 0) + thought
    return Usage(
        input_tokens=asked,
        output_tokens=answered,
        cache_read_tokens=read,
        cache_creation_tokens=written,
        reasoning_tokens=thought,
    )


def moment_ns(value: Json) -> int | None:
    """A time in ISO 8601 as nanoseconds since the epoch; UTC where it names no zone."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        told = datetime.fromisoformat(value)
        told = told.replace(tzinfo=UTC) if told.tzinfo is None else told
        found = (told - _EPOCH) // timedelta(microseconds=1) * 1000
    except (ValueError, OverflowError):
        return None
    return found if 0 <= found < 2**63 else None


def _tool(told: Mapping[str, Json], pool: Pool) -> Json:
    described = p.text(told.get("description"))
    schema = told.get("parameters")
    return p.function_tool(told.get("name"), pool.text(described) if described else None, schema)
