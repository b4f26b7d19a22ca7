"""From a normalised trace to the events of a recording: what the world answered, as far as it tells."""

from __future__ import annotations

import builtins
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agentops_eval.domain import (
    ApprovalRequest,
    Effect,
    Event,
    Failure,
    Json,
    Label,
    LlmRequest,
    Outcome,
    Request,
    Seam,
    Span,
    ToolRequest,
    ValueReply,
)
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._answered import AnsweredCall, answered_calls
from agentops_eval.traces._attributes import count_of, failed, text_of
from agentops_eval.traces._http_status import http_status
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.llm import Message, Part, Usage, conversation, plain_response
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.llm._wire import load_json
from agentops_eval.traces.llm.writing import Finish, LlmReply, ToolAsk, error_json, reply_json

LLM_BOUNDARY = "llm"
"""The boundary of llm calls that were made from a trace."""

_CODE = re.compile(r"^Error code: \d{3} - ")
_TIMEOUT = re.compile(r"time.?d?.?out", re.IGNORECASE)
_FINISHES: Mapping[str, Finish] = {"length": "length", "content_filter": "content_filter"}


@dataclass(slots=True)
class Synthesis:
    """The events of a run, and what the trace does not tell of it, for people."""

    events: list[Event] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def synthesise(normal: NormalTrace) -> Synthesis:
    """Make events of llm calls, tool calls and approvals, each labelled ``synthesised``.

    Llm calls are matched by their conversation when they are replayed, and answered in the dialect in
    which they are asked. A tool that no span tells of, or whose span tells no result, is known from what
    the llm was told of it. Calls inside a tool are left out: a replay does not run tools.
    """
    made = Synthesis()
    spans = sorted(_outside_tools(normal.trace.spans), key=lambda span: span.start_ns)
    began = spans[0].start_ns if spans else 0
    tools = [span for span in spans if _operation(span) == sc.EXECUTE_TOOL]
    silent = [span for span in tools if not _tells_its_end(span)]
    unheard = {span.span_id for span in silent}
    told: dict[str, list[AnsweredCall]] = {}
    for call in answered_calls(span for span in spans if span.span_id not in unheard):
        told.setdefault(call.told_to.span_id, []).append(call)
    for span in spans:
        for request, outcome, seam, boundary in _crossings(span, told.get(span.span_id, ()), made.gaps):
            made.events.append(
                Event(
                    index=len(made.events),
                    seam=seam,
                    boundary=boundary,
                    request=request,
                    outcome=_labelled(outcome),
                    label=Label.SYNTHESISED,
                    started_s=max(0, span.start_ns - began) / 1e9,
                    ended_s=max(0, max(span.start_ns, span.end_ns) - began) / 1e9,
                )
            )
    made.events = _last_refusals(made.events)
    known = {call.call_id for calls in told.values() for call in calls} | {
        _id(span) for span in tools if _tells_its_end(span)
    }
    made.gaps += [
        f"{span.name} ({span.span_id}): the trace does not hold its result"
        for span in silent
        if _id(span) not in known - {""}
    ]
    return made


def _last_refusals(events: Sequence[Event]) -> list[Event]:
    """Tell clients not to repeat a refused call by themselves, where the trace has no repetition of it.

    A span covers the repetitions that a client made of its own accord.
    """
    if not any(_refuses(event) for event in events):
        return list(events)
    asked: set[bytes] = set()
    found: list[Event] = []
    for event in reversed(events):
        told = event
        if isinstance(event.request, LlmRequest):
            digest = _digest(event.request)
            if _refuses(event) and digest not in asked:
                told = replace(event, outcome=_final(event.outcome))
            asked.add(digest)
        found.append(told)
    return found[::-1]


def _refuses(event: Event) -> bool:
    value = event.outcome.value if isinstance(event.outcome, ValueReply) else None
    return isinstance(event.request, LlmRequest) and isinstance(value, dict) and "status" in value


def _final(outcome: Outcome | None) -> ValueReply:
    assert isinstance(outcome, ValueReply)
    return ValueReply(value={**p.obj(outcome.value), "final": True}, label=outcome.label)


def _digest(request: LlmRequest) -> bytes:
    text = json.dumps([request.llm, request.conversation], sort_keys=True, default=repr)
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


_Crossing = tuple[Request, Outcome, Seam, str]


def _crossings(span: Span, told: Iterable[AnsweredCall], gaps: list[str]) -> Iterator[_Crossing]:
    operation = _operation(span)
    if operation in sc.INFERENCE_OPERATIONS:
        messages = _messages(span, sc.INPUT_MESSAGES)
        yield from map(_told, told)
        if messages:
            yield _asked(span, messages), _answered(span), Seam.HTTP, LLM_BOUNDARY
        else:
            gaps.append(f"{span.name} ({span.span_id}): the trace holds no messages of it")
    elif operation == sc.EXECUTE_TOOL:
        name = text_of(span, sc.TOOL_NAME)
        arguments = load_json(text_of(span, sc.TOOL_CALL_ARGUMENTS))
        if not isinstance(arguments, Mapping):
            gaps.append(f"{span.name} ({span.span_id}): the trace does not hold its arguments")
        elif _tells_its_end(span):
            key = text_of(span, sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY) or None
            asked = ToolRequest(name=name, arguments=arguments, effect=_effect(span), idempotency_key=key)
            yield asked, _result(span), Seam.TOOL, name
    elif operation == sc.HITL_CHECKPOINT:
        action = text_of(span, sc.AGENTOPS_HITL_ACTION) or span.name
        details = load_json(text_of(span, sc.AGENTOPS_HITL_DETAILS) or "null")
        yield ApprovalRequest(action=action, details=details), _approval(span, details), Seam.HUMAN, action


def _outside_tools(spans: Sequence[Span]) -> Iterator[Span]:
    """Spans are depth first: a tool's whole subtree follows it."""
    inside: set[str] = set()
    for span in spans:
        if span.parent_id in inside:
            inside.add(span.span_id)
            continue
        if _operation(span) == sc.EXECUTE_TOOL:
            inside.add(span.span_id)
        yield span


# -- llm calls --------------------------------------------------------------------------------


def _asked(span: Span, messages: Sequence[Message]) -> LlmRequest:
    system = [p.obj(part) for part in p.arr(load_json(text_of(span, sc.SYSTEM_INSTRUCTIONS) or "[]"))]
    return LlmRequest(
        llm=text_of(span, sc.REQUEST_MODEL),
        conversation=conversation(system, messages),
        provider=text_of(span, sc.PROVIDER_NAME),
    )


def _answered(span: Span) -> Outcome:
    if failed(span):
        return _failed_llm(span)
    parts = [part for message in _messages(span, sc.OUTPUT_MESSAGES) for part in message.parts]
    finishes = span.attributes.get(sc.RESPONSE_FINISH_REASONS)
    finish = finishes[0] if isinstance(finishes, tuple) and finishes else ""
    reply = LlmReply(
        id=text_of(span, sc.RESPONSE_ID) or f"synthesised-{span.span_id}",
        llm=text_of(span, sc.RESPONSE_MODEL) or text_of(span, sc.REQUEST_MODEL),
        text="".join(str(part.get("content") or "") for part in parts if part.get("type") == "text"),
        asks=tuple(
            _ask(part, f"call_{span.span_id}_{number}")
            for number, part in enumerate(parts)
            if part.get("type") == "tool_call"
        ),
        finish=_FINISHES.get(str(finish), "stop"),
        usage=Usage(
            input_tokens=count_of(span, sc.USAGE_INPUT_TOKENS),
            output_tokens=count_of(span, sc.USAGE_OUTPUT_TOKENS),
            cache_read_tokens=count_of(span, sc.USAGE_CACHE_READ),
            cache_creation_tokens=count_of(span, sc.USAGE_CACHE_CREATION),
            reasoning_tokens=count_of(span, sc.USAGE_REASONING),
        ),
    )
    return ValueReply(value=reply_json(reply))


def _ask(part: Part, otherwise: str) -> ToolAsk:
    """One tool that is asked for; ``otherwise`` is its id where the trace tells none."""
    arguments = p.obj(part.get("arguments"))
    call_id = p.text(part.get("id")) or otherwise
    return ToolAsk(name=p.text(part.get("name")) or "", arguments=arguments, id=call_id)


def _failed_llm(span: Span) -> Outcome:
    told, message = text_of(span, sc.ERROR_TYPE), span.status_message
    status = http_status(span)
    if status is not None:
        return ValueReply(value=error_json(status, _CODE.sub("", message) or told))
    kind = "ReadTimeout" if _TIMEOUT.search(told) else "ConnectError"
    return Failure(kind=kind, module="httpx", message=message or told or "failed")


def _messages(span: Span, key: str) -> tuple[Message, ...]:
    said = (p.obj(item) for item in p.arr(load_json(text_of(span, key) or "[]")))
    return tuple(
        Message(
            role=p.text(message.get("role")) or "user",
            parts=tuple(p.obj(part) for part in p.arr(message.get("parts"))),
        )
        for message in said
    )


# -- tools and people -------------------------------------------------------------------------


def _told(call: AnsweredCall) -> _Crossing:
    """A tool that the agent ran without telling: the llm asked for it, and was told the answer."""
    request = ToolRequest(name=call.name, arguments=p.obj(call.arguments), effect=None)
    return request, ValueReply(value=plain_response(call.answer)), Seam.TOOL, call.name


def _effect(span: Span) -> Effect | None:
    told = text_of(span, sc.AGENTOPS_TOOL_EFFECT)
    return Effect(told) if told in set(Effect) else None


def _result(span: Span) -> Outcome:
    if failed(span):
        return _exception(text_of(span, sc.ERROR_TYPE), span.status_message)
    text = text_of(span, sc.TOOL_CALL_RESULT)
    return ValueReply(value=plain_response({"response": load_json(text) if text else None}))


def _exception(told: str, message: str) -> Failure:
    """A built-in exception comes back as itself, any other as RuntimeError: its class is not known here."""
    name = told.rpartition(".")[2]
    known = getattr(builtins, name, None)
    if isinstance(known, type) and issubclass(known, Exception):
        return Failure(kind=name, module="builtins", message=message, arguments=(message,))
    text = f"{told}: {message}" if told else message
    return Failure(kind="RuntimeError", module="builtins", message=text, arguments=(text,))


def _approval(span: Span, details: Json) -> Outcome:
    told = text_of(span, sc.AGENTOPS_HITL_STATUS)
    status = told if told in ("approved", "rejected", "modified") else "timeout"  # silence is no approval
    answer = text_of(span, sc.AGENTOPS_HITL_ANSWER)
    return ValueReply(
        value={
            "status": status,
            "reason": text_of(span, sc.AGENTOPS_HITL_REASON),
            "details": load_json(answer) if answer else details,
        }
    )


def _labelled(outcome: Outcome) -> Outcome:
    if isinstance(outcome, ValueReply):
        return ValueReply(value=outcome.value, label=Label.SYNTHESISED)
    assert isinstance(outcome, Failure)
    return Failure(
        kind=outcome.kind,
        module=outcome.module,
        message=outcome.message,
        arguments=outcome.arguments,
        label=Label.SYNTHESISED,
    )


# -- attributes -------------------------------------------------------------------------------


def _tells_its_end(span: Span) -> bool:
    return sc.TOOL_CALL_RESULT in span.attributes or failed(span)


def _operation(span: Span) -> str:
    return text_of(span, sc.OPERATION_NAME)


def _id(span: Span) -> str:
    return text_of(span, sc.TOOL_CALL_ID)
