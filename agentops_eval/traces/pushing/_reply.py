"""What a receiver says: spans that it did not keep, and why it refused."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from agentops_eval.domain import Json, header
from agentops_eval.traces._excerpt import clipped
from agentops_eval.traces._text import printable
from agentops_eval.traces.otlp import _protobuf as wire
from agentops_eval.traces.pushing._model import Reply

_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """A reply's partial success: how many spans were rejected, and the receiver's words, not yet safe."""

    rejected: int = 0
    message: str = ""


def partial_success(reply: Reply) -> Partial:
    """What of the batch was not kept; a body that cannot be read says nothing."""
    try:
        return _from_json(reply.body) if _is_json(reply) else _from_protobuf(reply.body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Partial()


def is_page(reply: Reply) -> bool:
    """Whether the answer is a page for people, which no receiver of spans gives."""
    return header(reply.headers, "content-type").lower().startswith("text/html")


def said(reply: Reply) -> str:
    """The beginning of what an error's body says, on one line; not yet freed of secrets."""
    text = ""
    if not _is_json(reply) and "protobuf" in header(reply.headers, "content-type"):
        try:
            status = wire.last(reply.body, 2)  # google.rpc.Status: code, message, details
            text = status.decode("utf-8", "replace") if isinstance(status, bytes) else ""
        except ValueError:
            text = ""
    return text or reply.body.decode("utf-8", "replace")


def shown(text: str) -> str:
    """Hostile text on one line, its length bounded."""
    return clipped(printable(" ".join(text[: _LONGEST * 4].split())), _LONGEST)


def _is_json(reply: Reply) -> bool:
    return "json" in header(reply.headers, "content-type").lower()


def _from_json(body: bytes) -> Partial:
    document: Json = msgspec.json.decode(body) if body else None
    found = _either(document, "partialSuccess", "partial_success")
    count, message = (
        _either(found, "rejectedSpans", "rejected_spans"),
        _either(found, "errorMessage", "error_message"),
    )
    if isinstance(count, str) and count.isascii() and count.isdigit():
        count = int(count[:18])
    return Partial(
        rejected=max(0, count) if isinstance(count, int) else 0,
        message=message if isinstance(message, str) else "",
    )


def _either(holder: Json, camel: str, snake: str) -> Json:
    return holder.get(camel, holder.get(snake)) if isinstance(holder, dict) else None


def _from_protobuf(body: bytes) -> Partial:
    found = wire.last(body, 1)
    if not isinstance(found, bytes):
        return Partial()
    count, message = wire.last(found, 1), wire.last(found, 2)
    return Partial(
        rejected=count if isinstance(count, int) and count < 2**63 else 0,
        message=message.decode("utf-8", "replace") if isinstance(message, bytes) else "",
    )
