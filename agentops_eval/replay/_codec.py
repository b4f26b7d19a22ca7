"""Events as lines of JSON, and back. The lines are made to be read in a diff.

A body that is UTF-8 stands as a text, any other as ``{"b64": ...}``, a large one as ``{"blob":
...}``. What equals its default is left out; keys that this release does not know are passed over.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec

from agentops_eval.domain import (
    ApprovalRequest,
    Chunk,
    DrawRequest,
    Effect,
    EndKind,
    Event,
    Failure,
    HandoffRequest,
    HttpReply,
    HttpRequest,
    Json,
    KeptBody,
    Label,
    LlmRequest,
    McpRequest,
    Outcome,
    Request,
    Seam,
    StreamEnd,
    ToolRequest,
    ValueReply,
    to_json,
)
from agentops_eval.replay._blobs import INLINE_LIMIT, get_blob, put_blob

_Type = TypeVar("_Type")
_Pairs: TypeAlias = tuple[tuple[str, str], ...]


# msgspec leaves a field out where it holds the very object that is its default.
_START = 0.0
_HTTP_VERSION = "HTTP/1.1"


class _Binary(msgspec.Struct, omit_defaults=True):
    b64: bytes | None = None
    blob: str = ""


_Data: TypeAlias = str | _Binary


class _Http(msgspec.Struct, tag="http", omit_defaults=True):
    method: str
    url: str
    headers: _Pairs = ()
    body: _Data = ""


class _Llm(msgspec.Struct, tag="llm", omit_defaults=True):
    llm: str = ""
    conversation: list[Any] = []
    provider: str = ""


class _Tool(msgspec.Struct, tag="tool", omit_defaults=True):
    name: str
    arguments: dict[str, Any]
    effect: Effect | None = Effect.READ
    idempotency_key: str | None = None
    signature: str = ""
    server: str = ""


class _Mcp(msgspec.Struct, tag="mcp", omit_defaults=True):
    server: str
    method: str
    params: dict[str, Any] = {}


class _Handoff(msgspec.Struct, tag="handoff"):
    sender: str
    recipient: str
    message: Any


class _Approval(msgspec.Struct, tag="approval", omit_defaults=True):
    action: str
    details: Any = None
    deadline_s: float | None = None


class _Draw(msgspec.Struct, tag="draw", omit_defaults=True):
    source: str
    argument: int | None = None


class _Failure(msgspec.Struct, tag="failure", omit_defaults=True):
    kind: str
    module: str
    message: str
    arguments: list[Any] = []
    label: Label | None = None


class _Reply(msgspec.Struct, tag="http", omit_defaults=True):
    status: int
    reason: str = ""
    http_version: str = _HTTP_VERSION
    headers: _Pairs = ()
    chunks: list[tuple[float, _Data]] = []
    end: EndKind = EndKind.EOF
    failure: _Failure | None = None
    label: Label | None = None


class _Value(msgspec.Struct, tag="value", omit_defaults=True):
    value: Any
    label: Label | None = None


_Request: TypeAlias = _Http | _Llm | _Tool | _Mcp | _Handoff | _Approval | _Draw


class _Line(msgspec.Struct, omit_defaults=True):
    index: int
    seam: Seam
    boundary: str
    request: _Request
    outcome: _Reply | _Value | _Failure | None = None
    span: str = "/"
    parent: int | None = None
    label: Label = Label.LIVE
    started_s: float = _START
    ended_s: float = _START
    key: str = ""
    site: str = ""
    lane: Annotated[str, msgspec.Meta(pattern=r"^(\*|\d{1,9}:\d{1,9}(\.\d{1,9}:\d{1,9})*)?$")] = ""


_DECODER = msgspec.json.Decoder(_Line)


def encode_event(event: Event, folder: Path) -> bytes:
    """One event as a line without its end. Large bodies become blobs below ``folder`` (OSError)."""
    line = _Line(
        index=event.index,
        seam=event.seam,
        boundary=event.boundary,
        request=_request_out(event.request, folder),
        outcome=_outcome_out(event.outcome, event.label, folder),
        span=event.span,
        parent=event.parent,
        label=event.label,
        started_s=_finite(event.started_s),
        ended_s=_finite(event.ended_s),
        key=event.key,
        site=event.site,
        lane=event.lane,
    )
    return encode(line)


def encode(value: object) -> bytes:
    """JSON in UTF-8; lone surrogates, which UTF-8 cannot hold, as escapes."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode("ascii")


def decode_event(line: bytes, folder: Path, where: str) -> Event:
    """The event on a line. Raises MsgspecError, UnicodeDecodeError, RecursionError, CassetteCorrupt."""
    wire = decode(line, _DECODER)
    return Event(
        index=wire.index,
        seam=wire.seam,
        boundary=wire.boundary,
        request=_request_in(wire.request, folder, where),
        outcome=_outcome_in(wire.outcome, wire.label, folder, where),
        span=wire.span,
        parent=wire.parent,
        label=wire.label,
        started_s=wire.started_s,
        ended_s=wire.ended_s,
        key=wire.key,
        site=wire.site,
        lane=wire.lane,
    )


def decode(line: bytes, decoder: msgspec.json.Decoder[_Type]) -> _Type:
    """Decode a line, the escapes of lone surrogates included, which msgspec refuses."""
    try:
        return decoder.decode(line)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if b"\\ud" not in line.lower():
            raise
        try:
            document = json.loads(line)
        except ValueError as error:
            raise msgspec.DecodeError(str(error)) from error
        made: _Type = msgspec.convert(document, decoder.type)
        return made


def _finite(seconds: float) -> float:
    return seconds if seconds != 0 and math.isfinite(seconds) else _START


def _data_out(data: bytes, folder: Path) -> _Data:
    if len(data) > INLINE_LIMIT:
        return _Binary(blob=put_blob(folder, data))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _Binary(b64=data)


def _data_in(data: _Data, folder: Path, where: str) -> bytes:
    if isinstance(data, str):
        # Surrogates can only have come from a file edited by hand.
        return data.encode("utf-8", "surrogatepass")
    if data.blob:
        return get_blob(folder, data.blob, where=where)
    return data.b64 or b""


def _request_out(request: Request, folder: Path) -> _Request:
    if isinstance(request, HttpRequest):
        body = _data_out(request.body, folder)
        return _Http(method=request.method, url=request.url, headers=request.headers, body=body)
    if isinstance(request, ToolRequest):
        return _Tool(
            name=request.name,
            arguments=_object(request.arguments),
            effect=request.effect,
            idempotency_key=request.idempotency_key,
            signature=request.signature,
            server=request.server,
        )
    if isinstance(request, McpRequest):
        return _Mcp(server=request.server, method=request.method, params=_object(request.params))
    if isinstance(request, LlmRequest):
        said = [to_json(item) for item in request.conversation]
        return _Llm(llm=request.llm, conversation=said, provider=request.provider)
    if isinstance(request, HandoffRequest):
        message = to_json(request.message)
        return _Handoff(sender=request.sender, recipient=request.recipient, message=message)
    if isinstance(request, ApprovalRequest):
        deadline_s = None if request.deadline_s is None else _finite(request.deadline_s)
        return _Approval(action=request.action, details=to_json(request.details), deadline_s=deadline_s)
    return _Draw(source=request.source, argument=request.argument)


def _object(value: Mapping[str, Json]) -> dict[str, Any]:
    rendered = to_json(value)
    assert isinstance(rendered, dict)
    return rendered


def _request_in(wire: _Request, folder: Path, where: str) -> Request:
    if isinstance(wire, _Http):
        body = _data_in(wire.body, folder, where) if wire.body else b""
        return HttpRequest(method=wire.method, url=wire.url, headers=wire.headers, body=body)
    if isinstance(wire, _Tool):
        return ToolRequest(
            name=wire.name,
            arguments=wire.arguments,
            effect=wire.effect,
            idempotency_key=wire.idempotency_key,
            signature=wire.signature,
            server=wire.server,
        )
    if isinstance(wire, _Mcp):
        return McpRequest(server=wire.server, method=wire.method, params=wire.params)
    if isinstance(wire, _Llm):
        return LlmRequest(llm=wire.llm, conversation=tuple(wire.conversation), provider=wire.provider)
    if isinstance(wire, _Handoff):
        return HandoffRequest(sender=wire.sender, recipient=wire.recipient, message=wire.message)
    if isinstance(wire, _Approval):
        return ApprovalRequest(action=wire.action, details=wire.details, deadline_s=wire.deadline_s)
    return DrawRequest(source=wire.source, argument=wire.argument)


def _outcome_out(outcome: Outcome | None, label: Label, folder: Path) -> _Reply | _Value | _Failure | None:
    if outcome is None:
        return None
    own = None if outcome.label is label else outcome.label
    if isinstance(outcome, ValueReply):
        return _Value(value=to_json(outcome.value), label=own)
    if isinstance(outcome, Failure):
        return _failure_out(outcome, label)
    body = outcome.body
    kept = body if isinstance(body, KeptBody) else KeptBody(end=StreamEnd(kind=EndKind.CLOSED))
    return _Reply(
        status=outcome.status,
        reason=outcome.reason,
        http_version=_HTTP_VERSION if outcome.http_version == _HTTP_VERSION else outcome.http_version,
        headers=outcome.headers,
        chunks=[(_finite(chunk.at_s), _data_out(chunk.data, folder)) for chunk in kept.chunks],
        end=kept.end.kind,
        failure=None if kept.end.failure is None else _failure_out(kept.end.failure, label),
        label=own,
    )


def _failure_out(failure: Failure, label: Label) -> _Failure:
    return _Failure(
        kind=failure.kind,
        module=failure.module,
        message=failure.message,
        arguments=[to_json(item) for item in failure.arguments],
        label=None if failure.label is label else failure.label,
    )


_WHOLE = StreamEnd()


def _outcome_in(
    wire: _Reply | _Value | _Failure | None, label: Label, folder: Path, where: str
) -> Outcome | None:
    if wire is None:
        return None
    if isinstance(wire, _Value):
        return ValueReply(value=wire.value, label=wire.label or label)
    if isinstance(wire, _Failure):
        return _failure_in(wire, label)
    end = _WHOLE
    if wire.end is not EndKind.EOF or wire.failure is not None:
        failure = None if wire.failure is None else _failure_in(wire.failure, label)
        end = StreamEnd(kind=wire.end, failure=failure)
    chunks = tuple([Chunk(_data_in(data, folder, where), at_s) for at_s, data in wire.chunks])
    return HttpReply(
        status=wire.status,
        reason=wire.reason,
        headers=wire.headers,
        http_version=wire.http_version,
        body=KeptBody(chunks=chunks, end=end),
        label=wire.label or label,
    )


def _failure_in(wire: _Failure, label: Label) -> Failure:
    return Failure(
        kind=wire.kind,
        module=wire.module,
        message=wire.message,
        arguments=tuple(wire.arguments),
        label=wire.label or label,
    )
