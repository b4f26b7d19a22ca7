"""What the matching tests are made of: requests, events and a recording in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from agentops_eval.domain import (
    Call,
    Chunk,
    DrawRequest,
    Effect,
    Event,
    HandoffRequest,
    Headers,
    HttpReply,
    HttpRequest,
    KeptBody,
    Outcome,
    Request,
    Seam,
    ToolRequest,
    ValueReply,
)
from agentops_eval.replay._canonical import request_key
from agentops_eval.replay._cassette import Cassette, CassetteHeader
from agentops_eval.replay._rules import MatchRules
from agentops_eval.replay._shelf import Shelf
from agentops_eval.traces.redaction import Redactor

CHAT = "https://api.example.test/v1/chat/completions"
RULES = MatchRules()


def key(request: Request, rules: MatchRules = RULES) -> str:
    """The key of a request."""
    seam, boundary = _stands(request)
    return request_key(seam, boundary, request, rules=rules, redactor=Redactor())


def post(
    body: Any, url: str = CHAT, headers: Headers = (("content-type", "application/json"),)
) -> HttpRequest:
    """A POST of JSON, or of bytes as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpRequest(method="POST", url=url, headers=headers, body=raw)


def chat(*said: str, system: str = "Be brief.", **more: Any) -> HttpRequest:
    """A chat request with a history of user messages."""
    messages = [{"role": "system", "content": system}, *({"role": "user", "content": text} for text in said)]
    return post({"model": "m", "messages": messages, **more})


def use(name: str, effect: Effect = Effect.READ, signature: str = "", **arguments: Any) -> ToolRequest:
    """A tool call."""
    return ToolRequest(name=name, arguments=arguments, effect=effect, signature=signature)


def reply(text: str) -> HttpReply:
    """A 200 with a body."""
    return HttpReply(status=200, body=KeptBody(chunks=(Chunk(text.encode()),)))


def call(request: Request, span: str = "/", index: int = -1, site: str = "") -> Call:
    """The call that carries a request."""
    seam, boundary = _stands(request)
    return Call(seam=seam, boundary=boundary, request=request, span=span, index=index, site=site)


def event(index: int, request: Request, answer: Any = None, span: str = "/", **more: Any) -> Event:
    """A recorded event that took half a second; ``answer`` defaults to the index."""
    seam, boundary = _stands(request)
    outcome: Outcome | None
    if isinstance(answer, (HttpReply, ValueReply)):
        outcome = answer
    else:
        text = f"answer {index}" if answer is None else answer
        outcome = reply(str(text)) if seam is Seam.HTTP else ValueReply(value=text)
    times = {"started_s": float(index), "ended_s": index + 0.5}
    made = Event(
        index=index, seam=seam, boundary=boundary, request=request, outcome=outcome, span=span, **times
    )
    return replace(made, **more)


def kept(events: Iterable[Event] = (), *, prefix: tuple[int, ...] = (), **header: str) -> Cassette:
    """A cassette in memory; its digest is ``parent-digest``."""
    return Cassette(
        path=Path("goldens/case.cassette.jsonl"),
        header=CassetteHeader(case="case", **header),
        events=tuple(events),
        prefix=prefix,
        digest="parent-digest",
    )


def shelf(events: Iterable[Event], rules: MatchRules = RULES) -> Shelf:
    """A shelf over events whose keys are not known."""
    return Shelf(kept(events), rules=rules, redactor=Redactor())


def told(outcome: object) -> str:
    """What an answer says."""
    if isinstance(outcome, Event):
        outcome = outcome.outcome
    if isinstance(outcome, HttpReply):
        assert isinstance(outcome.body, KeptBody)
        return outcome.body.data.decode()
    assert isinstance(outcome, ValueReply)
    return str(outcome.value)


def _stands(request: Request) -> tuple[Seam, str]:
    if isinstance(request, HttpRequest):
        return Seam.HTTP, f"{request.method} {request.url.partition('?')[0]}"
    if isinstance(request, ToolRequest):
        return Seam.TOOL, request.name
    if isinstance(request, HandoffRequest):
        return Seam.AGENT, request.recipient
    if isinstance(request, DrawRequest):
        return Seam.CLOCK if request.source.startswith("time.") else Seam.ENTROPY, request.source
    return Seam.HUMAN, request.action
