"""A run in the making: what is read from another format, written as spans of the conventions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from agentops_eval.domain import Attribute, Json, Span, SpanKind, StatusCode, shorten
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._draft import json_attribute
from agentops_eval.traces._text import well_formed
from agentops_eval.traces.llm import LlmCall, Message, Part
from agentops_eval.traces.reading._model import Origin, SourceSpan

MAX_CALL = 8 * 1024 * 1024
"""Characters of messages that one llm call is shown with; beyond, its messages are left out."""

MAX_RUN = 32 * 1024 * 1024
"""Characters of messages in all calls of one run: a history is repeated by every call."""

MAX_SPANS = 50_000
_STEP_NS = 1_000_000
_MESSAGE = 2_000

Complain = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When something began and ended, in nanoseconds since the epoch; None is unknown."""

    start_ns: int | None = None
    end_ns: int | None = None


UNTIMED = Times()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """How something went wrong: a type for scripts, a message for people."""

    type: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """A tool that ran. ``result`` is told where ``answered``; arguments are None where they are not told."""

    name: str
    arguments: Json = None
    call_id: str = ""
    result: Json = None
    answered: bool = False
    failed: Failed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a person was asked to allow, and what they said."""

    action: str
    status: str
    details: Json = None
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class _Drafted:
    name: str
    span_id: str
    parent_id: str
    times: Times
    attributes: dict[str, Attribute]
    failed: Failed | None = None
    kind: SpanKind = SpanKind.INTERNAL
    order: int = 0


@dataclass(slots=True, kw_only=True)
class Script:
    """One run: its root is made with it, everything else hangs below. Ids follow from ``trace_id``.

    Where the format tells no times (``timed`` is False), a logical clock counts steps from the epoch,
    one millisecond each, so that durations are unknown and not invented.
    """

    scope: str
    trace_id: str
    complain: Complain
    case: str = ""
    agent_name: str = ""
    timed: bool = False
    failed: Failed | None = None
    times: Times = UNTIMED
    _drafted: list[_Drafted] = field(default_factory=list)
    _by_id: dict[str, _Drafted] = field(default_factory=dict)
    _encoded: dict[int, tuple[Message, str]] = field(default_factory=dict)
    _room: int = MAX_RUN
    _unshown: int = 0
    _dropped: int = 0

    @property
    def root_id(self) -> str:
        """The id of the root's span."""
        return self._id(0)

    def call(self, call: LlmCall, *, parent: str = "", times: Times = UNTIMED, message: str = "") -> str:
        """Write an llm call; its span's id."""
        found: dict[str, Attribute] = {
            sc.OPERATION_NAME: sc.CHAT,
            sc.PROVIDER_NAME: call.provider,
            sc.REQUEST_MODEL: call.request_model,
            sc.RESPONSE_MODEL: call.response_model,
            sc.RESPONSE_ID: call.response_id,
            sc.RESPONSE_FINISH_REASONS: call.finish_reasons,
            sc.USAGE_INPUT_TOKENS: call.usage.input_tokens,
            sc.USAGE_OUTPUT_TOKENS: call.usage.output_tokens,
            sc.USAGE_CACHE_READ: call.usage.cache_read_tokens,
            sc.USAGE_CACHE_CREATION: call.usage.cache_creation_tokens,
            sc.USAGE_REASONING: call.usage.reasoning_tokens,
            **call.parameters,
            **self._messages(call),
        }
        if call.tool_definitions:
            found[sc.TOOL_DEFINITIONS] = json_attribute(call.tool_definitions)
        name = f"{sc.CHAT} {call.request_model}" if call.request_model else sc.CHAT
        failed = Failed(type=call.error_type, message=message) if call.error_type else None
        return self._add(name, found, parent, times, failed, SpanKind.CLIENT)

    def tool(self, run: Execution, *, parent: str = "", times: Times = UNTIMED) -> str:
        """Write an execution of a tool; its span's id."""
        found: dict[str, Attribute] = {
            sc.OPERATION_NAME: sc.EXECUTE_TOOL,
            sc.TOOL_NAME: run.name,
            sc.TOOL_CALL_ID: run.call_id,
        }
        if run.arguments is not None:
            found[sc.TOOL_CALL_ARGUMENTS] = json_attribute(run.arguments, sort_keys=False)
        if run.answered:
            text = isinstance(run.result, str)
            found[sc.TOOL_CALL_RESULT] = str(run.result) if text else json_attribute(run.result)
        return self._add(f"{sc.EXECUTE_TOOL} {run.name}", found, parent, times, run.failed)

    def agent(self, name: str, *, parent: str = "", times: Times = UNTIMED) -> str:
        """Write an agent below the root; its span's id."""
        found: dict[str, Attribute] = {sc.OPERATION_NAME: sc.INVOKE_AGENT, sc.AGENT_NAME: name}
        return self._add(f"{sc.INVOKE_AGENT} {name}", found, parent, times)

    def approval(self, asked: Approval, *, parent: str = "", times: Times = UNTIMED) -> str:
        """Write a question to a person; its span's id."""
        found: dict[str, Attribute] = {
            sc.AGENTOPS_HITL_REQUIRED: True,
            sc.AGENTOPS_HITL_ACTION: asked.action,
            sc.AGENTOPS_HITL_STATUS: asked.status,
            sc.AGENTOPS_HITL_REASON: asked.reason,
        }
        if asked.details is not None:
            found[sc.AGENTOPS_HITL_DETAILS] = json_attribute(asked.details)
        return self._add(sc.HITL_CHECKPOINT, found, parent, times)

    def close(self, span_id: str, times: Times) -> None:
        """Give a span that was written its end."""
        one = self._by_id.get(span_id)
        if one is not None and self.timed:
            one.times = Times(start_ns=one.times.start_ns, end_ns=times.end_ns)

    def spans(self) -> list[SourceSpan]:
        """The run, root first; empty where nothing happened in it."""
        if self._unshown:
            limit = f"{MAX_CALL} characters for a call and {MAX_RUN} for a run"
            self.complain(f"the messages of {self._unshown} llm calls are left out: more than {limit}")
        if self._dropped:
            self.complain(f"{self._dropped} further steps are left out: more than {MAX_SPANS}")
        if not self._drafted and self.failed is None:
            return []
        origin = Origin(
            resource={sc.AGENTOPS_CASE: self.case} if self.case else {},
            scope=self.scope,
            schema_url=sc.SCHEMA_URL,
        )
        drafted = [self._root(), *self._drafted]
        return [SourceSpan(span=span, origin=origin) for span in map(self._span, drafted)]

    # -- parts ------------------------------------------------------------------------------

    def _root(self) -> _Drafted:
        named = f"{sc.INVOKE_AGENT} {self.agent_name}" if self.agent_name else sc.INVOKE_AGENT
        found: dict[str, Attribute] = {
            sc.OPERATION_NAME: sc.INVOKE_AGENT,
            sc.AGENT_NAME: self.agent_name,
            sc.CONVERSATION_ID: self.case,
        }
        return _Drafted(
            name=named,
            span_id=self.root_id,
            parent_id="",
            times=self._clock(0, len(self._drafted)) if not self.timed else self.times,
            attributes=_told(found),
            failed=self.failed,
        )

    def _add(
        self,
        name: str,
        attributes: dict[str, Attribute],
        parent: str,
        times: Times,
        failed: Failed | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
    ) -> str:
        order = len(self._drafted) + 1
        if order > MAX_SPANS:
            self._dropped += 1
            return parent or self.root_id
        made = _Drafted(
            name=well_formed(name),
            span_id=self._id(order),
            parent_id=parent or self.root_id,
            times=times if self.timed else self._clock(order, 0),
            attributes=_told(attributes),
            failed=failed,
            kind=kind,
            order=order,
        )
        self._drafted.append(made)
        self._by_id[made.span_id] = made
        return made.span_id

    def _clock(self, order: int, below: int) -> Times:
        """The logical clock: a step begins when the one before has ended, and holds those below it."""
        return Times(start_ns=(order + 1) * _STEP_NS, end_ns=(order + 2 + below) * _STEP_NS)

    def _id(self, order: int) -> str:
        return hashlib.sha256(f"{self.trace_id}/{order}".encode()).hexdigest()[:16]

    def _span(self, one: _Drafted) -> Span:
        failed, attributes = one.failed, one.attributes
        if failed is not None:
            attributes = {**attributes, sc.ERROR_TYPE: well_formed(failed.type) or "_OTHER"}
        start = one.times.start_ns if one.times.start_ns is not None else self.times.start_ns or 0
        return Span(
            name=one.name,
            trace_id=self.trace_id,
            span_id=one.span_id,
            parent_id=one.parent_id,
            kind=one.kind,
            start_ns=start,
            end_ns=one.times.end_ns or 0,
            attributes=attributes,
            status=StatusCode.UNSET if failed is None else StatusCode.ERROR,
            status_message="" if failed is None else well_formed(shorten(failed.message, _MESSAGE)),
        )

    def _messages(self, call: LlmCall) -> dict[str, Attribute]:
        """What was said, unless it is too much; instructions at the start stand apart."""
        asked = call.input_messages
        first = next(
            (n for n, one in enumerate(asked) if one.role not in {"system", "developer"}), len(asked)
        )
        system: Sequence[Part] = [part for one in asked[:first] for part in one.parts]
        system = [*call.system_instructions, *system]
        found = {
            sc.SYSTEM_INSTRUCTIONS: json_attribute(system) if system else "",
            sc.INPUT_MESSAGES: self._joined(asked[first:]),
            sc.OUTPUT_MESSAGES: self._joined(call.output_messages),
        }
        length = sum(map(len, found.values()))
        if length > min(MAX_CALL, self._room):
            self._unshown += 1
            return {}
        self._room -= length
        return {key: text for key, text in found.items() if text}

    def _joined(self, messages: Iterable[Message]) -> str:
        texts = [self._text(message) for message in messages]
        return f"[{','.join(texts)}]" if texts else ""

    def _text(self, message: Message) -> str:
        """A message as JSON, made once: it is repeated by every later call."""
        known = self._encoded.get(id(message))
        if known is None:
            known = message, json_attribute(message.to_json())
            self._encoded[id(message)] = known
        return known[1]


def _told(found: dict[str, Attribute]) -> dict[str, Attribute]:
    """What is known of it, as strings that UTF-8 can hold."""
    return {
        key: well_formed(value) if isinstance(value, str) else value
        for key, value in found.items()
        if value is not None and value not in ("", ())
    }
