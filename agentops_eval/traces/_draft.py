"""One event as a span in the making: name, kind and attributes, before order, ids and ticks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from agentops_eval.domain import (
    ApprovalRequest,
    Attribute,
    DrawRequest,
    EndKind,
    Event,
    Failure,
    HandoffRequest,
    HttpReply,
    HttpRequest,
    Json,
    KeptBody,
    LlmRequest,
    McpRequest,
    Outcome,
    Seam,
    SpanKind,
    ToolRequest,
    ValueReply,
    canonical_json,
    header,
    shorten,
)
from agentops_eval.domain.mcp import named_in, without_said
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._draft_mcp import error_of, request_attributes, tool_attributes
from agentops_eval.traces._text import stable_message, well_formed
from agentops_eval.traces.llm import LlmCall, Message, parse_llm_call, told_call
from agentops_eval.traces.llm._wire import decode_content, load_json

MAX_MESSAGE = 500
Rename = Callable[[str], str]

_DRAWN = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{16,}", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class Draft:
    """A span in the making. ``error`` is its error.type, ``message`` says more for people.

    ``argument`` is what the call was given, for ordering and joining; ids that a provider drew
    stay in ``llm`` until all drafts are in order and can be renamed together.
    """

    operation: str
    title: str
    name: str
    kind: SpanKind = SpanKind.INTERNAL
    attributes: dict[str, Attribute] = field(default_factory=dict)
    argument: Json = None
    llm: LlmCall | None = None
    call_id: str | None = None
    drawn_key: str | None = None
    error: str | None = None
    message: str = ""

    @property
    def argument_hash(self) -> str:
        """A hash of the argument that is the same in every recording of the same call."""
        argument = self.argument
        if self.llm is not None:
            ordinals = Ordinals("call")
            argument = [messages_json(self.llm.input_messages, ordinals.of), str(self.llm.request_model)]
        return hashlib.sha256(canonical_json(argument).encode("utf-8", "surrogatepass")).hexdigest()


class Ordinals:
    """Ids drawn anew in every run become ``call_1``, ``call_2``, in the order of their first use."""

    def __init__(self, stem: str) -> None:
        self._stem = stem
        self._known: dict[str, str] = {}

    def of(self, drawn: str) -> str:
        """The stable name of a drawn id."""
        return self._known.setdefault(drawn, f"{self._stem}_{len(self._known) + 1}")

    @property
    def known(self) -> Mapping[str, str]:
        """The stable names so far, by what was drawn."""
        return dict(self._known)


def draft(event: Event) -> Draft | None:
    """The span that an event becomes; None for the clock and entropy."""
    request = event.request
    if isinstance(request, DrawRequest):
        return None
    if isinstance(request, HttpRequest):
        made = _http(request, event.outcome)
    elif isinstance(request, LlmRequest):
        made = _chat(told_call(request, event.outcome), event.outcome)
    elif isinstance(request, ToolRequest):
        made = _tool(request, event.outcome)
    elif isinstance(request, McpRequest):
        made = _mcp(request, event.outcome)
    elif isinstance(request, HandoffRequest):
        made = _handoff(request, event.outcome)
    else:
        made = _human(request, event.outcome)
    _note_failure(made, event.outcome)
    if event.seam is Seam.MCP:
        made.error = error_of(event.outcome) or made.error
    return made


def _note_failure(made: Draft, outcome: Outcome | None) -> None:
    """Errors, in this order: no answer, no connection, an error status, a cut body, an error told in it."""
    if outcome is None:
        made.error = "cancelled"
    elif isinstance(outcome, Failure):
        made.error = outcome.kind
        made.message = shorten(stable_message(outcome.message), MAX_MESSAGE)
    elif isinstance(outcome, ValueReply) and made.llm is not None:  # a call that is known from a trace
        made.error = made.llm.error_type
    elif isinstance(outcome, HttpReply):
        cut = outcome.body.end if isinstance(outcome.body, KeptBody) else None
        told = made.llm.error_type if made.llm is not None else None
        if outcome.status >= 400:
            made.error, made.message = str(outcome.status), told or ""
        elif cut is not None and cut.kind is EndKind.CUT:
            made.error = cut.failure.kind if cut.failure is not None else "cut"
        else:
            made.error = told


def _tool(request: ToolRequest, outcome: Outcome | None) -> Draft:
    attributes: dict[str, Attribute] = {
        sc.OPERATION_NAME: sc.EXECUTE_TOOL,
        sc.TOOL_NAME: well_formed(request.name),
        sc.TOOL_TYPE: "function",
        # The order of parameters is the signature's, which reads better than the alphabet's.
        sc.TOOL_CALL_ARGUMENTS: json_attribute(request.arguments, sort_keys=False),
    }
    if request.effect is not None:
        attributes[sc.AGENTOPS_TOOL_EFFECT] = request.effect.value
    if request.server:
        attributes.update(tool_attributes(request))
    if isinstance(outcome, ValueReply):
        answer = without_said(outcome.value) if request.server else outcome.value
        attributes[sc.TOOL_CALL_RESULT] = json_attribute(answer)
    key = request.idempotency_key
    drawn = key is not None and _DRAWN.fullmatch(key) is not None
    if key is not None and not drawn:
        attributes[sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY] = well_formed(key)
    return Draft(
        operation=sc.EXECUTE_TOOL,
        title=request.name,
        name=f"{sc.EXECUTE_TOOL} {request.name}",
        attributes=attributes,
        argument=dict(request.arguments),
        drawn_key=key if drawn else None,
    )


def _mcp(request: McpRequest, outcome: Outcome | None) -> Draft:
    title = f"{request.method} {named_in(request.method, request.params)}".rstrip()
    return Draft(
        operation="mcp",
        title=title,
        name=title,
        kind=SpanKind.CLIENT,
        attributes=request_attributes(request, outcome),
        argument=[request.server, dict(request.params)],
    )


def _handoff(request: HandoffRequest, outcome: Outcome | None) -> Draft:
    attributes: dict[str, Attribute] = {
        sc.OPERATION_NAME: sc.INVOKE_AGENT,
        sc.AGENT_NAME: well_formed(request.recipient),
        sc.AGENTOPS_HANDOFF_MESSAGE: json_attribute(request.message),
    }
    if request.sender:
        attributes[sc.AGENTOPS_HANDOFF_SENDER] = well_formed(request.sender)
    if isinstance(outcome, ValueReply):
        attributes[sc.AGENTOPS_HANDOFF_REPLY] = json_attribute(outcome.value)
    return Draft(
        operation=sc.INVOKE_AGENT,
        title=request.recipient,
        name=f"{sc.INVOKE_AGENT} {request.recipient}",
        attributes=attributes,
        argument=request.message,
    )


def _human(request: ApprovalRequest, outcome: Outcome | None) -> Draft:
    attributes: dict[str, Attribute] = {
        sc.AGENTOPS_HITL_REQUIRED: True,
        sc.AGENTOPS_HITL_ACTION: well_formed(request.action),
        sc.AGENTOPS_HITL_STATUS: _status(outcome),
    }
    if request.details is not None:
        attributes[sc.AGENTOPS_HITL_DETAILS] = json_attribute(request.details)
    if request.deadline_s is not None:
        attributes[sc.AGENTOPS_HITL_DEADLINE_S] = float(request.deadline_s)
    if isinstance(outcome, ValueReply) and isinstance(outcome.value, Mapping):
        reason, details = outcome.value.get("reason"), outcome.value.get("details")
        if isinstance(reason, str) and reason:
            attributes[sc.AGENTOPS_HITL_REASON] = well_formed(reason)
        if details is not None and details != request.details:
            attributes[sc.AGENTOPS_HITL_ANSWER] = json_attribute(details)
    return Draft(
        operation=sc.HITL_CHECKPOINT,
        title=request.action,
        name=sc.HITL_CHECKPOINT,
        attributes=attributes,
        argument=[request.action, request.details],
    )


def _status(outcome: Outcome | None) -> str:
    """Of approved, rejected, modified, timeout and pending, the one that the outcome says."""
    if isinstance(outcome, Failure):
        return "timeout" if "timeout" in outcome.kind.lower() else "rejected"
    value = outcome.value if isinstance(outcome, ValueReply) else None
    if isinstance(value, Mapping):
        value = value.get("status")
    if isinstance(value, bool):
        return "approved" if value else "rejected"
    return str(value) if isinstance(value, str) else "pending"


def _http(request: HttpRequest, outcome: Outcome | None) -> Draft:
    call = parse_llm_call(request, outcome)
    return _plain_http(request, outcome) if call is None else _chat(call, outcome)


def _chat(call: LlmCall, outcome: Outcome | None) -> Draft:
    attributes: dict[str, Attribute] = {
        sc.OPERATION_NAME: call.operation,
        **call.parameters,
    }
    usage = call.usage
    optional: dict[str, Attribute] = {
        sc.PROVIDER_NAME: call.provider or None,
        sc.REQUEST_MODEL: call.request_model,
        sc.RESPONSE_MODEL: call.response_model,
        sc.REQUEST_STREAM: True if call.streamed else None,
        sc.RESPONSE_FINISH_REASONS: call.finish_reasons or None,
        sc.USAGE_INPUT_TOKENS: usage.input_tokens,
        sc.USAGE_OUTPUT_TOKENS: usage.output_tokens,
        sc.USAGE_CACHE_READ: usage.cache_read_tokens,
        sc.USAGE_CACHE_CREATION: usage.cache_creation_tokens,
        sc.USAGE_REASONING: usage.reasoning_tokens,
        sc.TOOL_DEFINITIONS: json_attribute(list(call.tool_definitions)) if call.tool_definitions else None,
        sc.SYSTEM_INSTRUCTIONS: (
            json_attribute(list(call.system_instructions)) if call.system_instructions else None
        ),
    }
    attributes.update({key: value for key, value in optional.items() if value is not None})
    if isinstance(outcome, HttpReply) and outcome.status >= 400:
        attributes[sc.HTTP_RESPONSE_STATUS_CODE] = outcome.status
    title = call.request_model or call.response_model or ""
    return Draft(
        operation=call.operation,
        title=title,
        name=f"{call.operation} {title}".rstrip(),
        kind=SpanKind.CLIENT,
        attributes=attributes,
        llm=call,
    )


def _plain_http(request: HttpRequest, outcome: Outcome | None) -> Draft:
    try:
        parts = urlsplit(request.url)
        host, path, query = parts.hostname or "", parts.path or "/", parts.query
    except ValueError:
        host, path, query = "", request.url, ""
    method = request.method.upper()
    attributes: dict[str, Attribute] = {
        sc.HTTP_REQUEST_METHOD: method,
        sc.SERVER_ADDRESS: host,
        sc.URL_PATH: well_formed(path),
    }
    if query:
        attributes[sc.URL_QUERY] = well_formed(query)
    if isinstance(outcome, HttpReply):
        attributes[sc.HTTP_RESPONSE_STATUS_CODE] = outcome.status
    body = _body(request)
    if body is not None:
        attributes[sc.AGENTOPS_HTTP_REQUEST_BODY] = json_attribute(body)
    title = f"{method} {path}"
    return Draft(
        operation="http",
        title=title,
        name=title,
        kind=SpanKind.CLIENT,
        attributes=attributes,
        argument=[host, query, body],
    )


def _body(request: HttpRequest) -> Json:
    """The request's body: JSON as such, other text as a string, anything else by its hash."""
    if not request.body:
        return None
    data, whole = decode_content(request.body, header(request.headers, "content-encoding"))
    found = load_json(data) if whole else None
    if found is not None:
        return found
    if "multipart/" in header(request.headers, "content-type").lower():
        return {"bytes": len(request.body)}  # its boundary is drawn anew every time
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def json_attribute(value: Json, *, sort_keys: bool = True) -> str:
    """A JSON value as the string in which an attribute holds it."""
    return well_formed(canonical_json(value, sort_keys=sort_keys))


def messages_json(messages: tuple[Message, ...], rename: Rename) -> list[Json]:
    """Messages with the ids of tool calls renamed, wherever the history quotes them."""
    shown: list[Json] = []
    for message in messages:
        parts: list[Json] = []
        for part in message.parts:
            drawn = part.get("id")
            call = part.get("type") in ("tool_call", "tool_call_response")
            parts.append({**part, "id": rename(drawn)} if call and isinstance(drawn, str) else part)
        whole = message.to_json()
        assert isinstance(whole, dict)
        shown.append({**whole, "parts": parts})
    return shown
