"""What the HTTP kinds share: which calls they fit, own replies."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache

from agentops_eval.domain import (
    Call,
    Chunk,
    Headers,
    HttpReply,
    HttpRequest,
    KeptBody,
    Label,
    Rewrite,
    header,
)
from agentops_eval.traces.llm import dialect_of

REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    408: "Request Timeout",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
_STREAM = re.compile(rb'"stream"\s*:\s*true')
_KEPT_BYTES = 256 * 1024
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def is_http(call: Call) -> bool:
    """Whether it is an HTTP call."""
    return isinstance(call.request, HttpRequest)


def dialect(call: Call) -> str:
    """The llm dialect in which an HTTP call asks; empty for any other call."""
    return dialect_of(call.request) if isinstance(call.request, HttpRequest) else ""


def is_llm(call: Call) -> bool:
    """Whether an HTTP call asks an llm."""
    return dialect(call) != ""


def is_streamed(call: Call) -> bool:
    """Whether an HTTP call asks for a stream of server-sent events."""
    request = call.request
    if not isinstance(request, HttpRequest):
        return False
    if "text/event-stream" in header(request.headers, "accept").lower():
        return True
    if request.url.partition("?")[0].endswith("streamGenerateContent"):
        return True
    if not _STREAM.search(request.body):
        return False
    find = _says_stream if len(request.body) <= _KEPT_BYTES else _says_stream.__wrapped__
    return find(request.body)


@lru_cache(maxsize=128)
def _says_stream(body: bytes) -> bool:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(asked, dict) and asked.get("stream") is True


def is_whole(call: Call) -> bool:
    """Whether an HTTP call asks for a reply that has a body and is no stream."""
    return isinstance(call.request, HttpRequest) and call.request.method != "HEAD" and not is_streamed(call)


def changes(call: Call) -> bool:
    """Whether an HTTP call may change something: no question to an llm, and no reading."""
    request = call.request
    return isinstance(request, HttpRequest) and request.method.upper() not in _SAFE and not is_llm(call)


def reply(status: int, body: bytes, *, kind: str = "application/json", headers: Headers = ()) -> HttpReply:
    """A reply that a fault gives in the place of the one that was asked for."""
    return HttpReply(
        status=status,
        reason=REASONS.get(status, ""),
        headers=(("content-type", kind), ("content-length", str(len(body))), *headers),
        body=KeptBody(chunks=(Chunk(body),) if body else ()),
        label=Label.SCRIPTED,
    )


def staged(outcome: HttpReply, *stages: Rewrite, label: Label | None = None) -> HttpReply:
    """The reply, its body passing these stages, too."""
    return replace(outcome, stages=(*outcome.stages, *stages), label=label or outcome.label)


def fewer(value: int, *, least: int = 0) -> tuple[int, ...]:
    """Numbers from ``least`` to below ``value``, each closer by half, for making a parameter small."""
    found: list[int] = []
    step = value - least
    while step > 0:
        found.append(value - step)
        step //= 2
    return tuple(found)
