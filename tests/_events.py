"""Requests, replies and events as they stand in a recording."""

from __future__ import annotations

import json
from typing import Any

from agentops_eval.domain import (
    Chunk,
    DrawRequest,
    Event,
    HandoffRequest,
    Headers,
    HttpReply,
    HttpRequest,
    KeptBody,
    Outcome,
    Request,
    Seam,
    StreamEnd,
    ToolRequest,
)

JSON: Headers = (("content-type", "application/json"),)
WHOLE = StreamEnd()


def raw(body: Any) -> bytes:
    """JSON as bytes; bytes stay as they are."""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def post(url: str, body: Any, headers: Headers = JSON) -> HttpRequest:
    """A POST of JSON, or of bytes as they are."""
    return HttpRequest(method="POST", url=url, headers=headers, body=raw(body))


def reply(
    *chunks: bytes, status: int = 200, headers: Headers = (), at_s: float = 0.0, end: StreamEnd = WHOLE
) -> HttpReply:
    """A reply whose body came in these chunks, the first of them after ``at_s``, then one a second."""
    kept = tuple(Chunk(data, at_s + number) for number, data in enumerate(chunks))
    return HttpReply(status=status, headers=headers, body=KeptBody(chunks=kept, end=end))


def seam_of(request: Request) -> tuple[Seam, str]:
    """The seam that a request crosses, and its boundary there."""
    if isinstance(request, HttpRequest):
        return Seam.HTTP, f"{request.method} {request.url.partition('?')[0]}"
    if isinstance(request, ToolRequest):
        return Seam.TOOL, request.name
    if isinstance(request, HandoffRequest):
        return Seam.AGENT, request.recipient
    if isinstance(request, DrawRequest):
        return Seam.CLOCK if request.source.startswith("time.") else Seam.ENTROPY, request.source
    return Seam.HUMAN, request.action


def event(index: int, request: Request, outcome: Outcome | None, **more: Any) -> Event:
    """The event that a request and its outcome make."""
    seam, boundary = seam_of(request)
    return Event(index=index, seam=seam, boundary=boundary, request=request, outcome=outcome, **more)
