"""What the matching tests are made of: requests, events and a recording in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from agentops_eval.domain import (
    Call,
    Effect,
    Event,
    Headers,
    HttpReply,
    HttpRequest,
    KeptBody,
    Outcome,
    Request,
    ToolRequest,
    ValueReply,
)
from agentops_eval.replay._canonical import request_key
from agentops_eval.replay._cassette import Cassette, CassetteHeader
from agentops_eval.replay._rules import MatchRules
from agentops_eval.replay._shelf import Shelf
from agentops_eval.traces.redaction import Redactor
from tests import _events
from tests._events import JSON, reply, seam_of

CHAT = "https://api.example.test/v1/chat/completions"
RULES = MatchRules()


def key(request: Request, rules: MatchRules = RULES) -> str:
    """The key of a request."""
    seam, boundary = seam_of(request)
    return request_key(seam, boundary, request, rules=rules, redactor=Redactor())


def post(body: Any, url: str = CHAT, headers: Headers = JSON) -> HttpRequest:
    """A POST of JSON, or of bytes as they are."""
    return _events.post(url, body, headers)


def chat(*said: str, system: str = "Be brief.", **more: Any) -> HttpRequest:
    """A chat request with a history of user messages."""
    messages = [{"role": "system", "content": system}, *({"role": "user", "content": text} for text in said)]
    return post({"model": "m", "messages": messages, **more})


def use(name: str, effect: Effect = Effect.READ, signature: str = "", **arguments: Any) -> ToolRequest:
    """A tool call."""
    return ToolRequest(name=name, arguments=arguments, effect=effect, signature=signature)


def call(request: Request, span: str = "/", index: int = -1, site: str = "") -> Call:
    """The call that carries a request."""
    seam, boundary = seam_of(request)
    return Call(seam=seam, boundary=boundary, request=request, span=span, index=index, site=site)


def event(index: int, request: Request, answer: Any = None, span: str = "/", **more: Any) -> Event:
    """A recorded event that took half a second; ``answer`` defaults to the index."""
    outcome: Outcome = answer
    if not isinstance(answer, (HttpReply, ValueReply)):
        text = f"answer {index}" if answer is None else answer
        http = isinstance(request, HttpRequest)
        outcome = reply(str(text).encode()) if http else ValueReply(value=text)
    made = _events.event(index, request, outcome, span=span, started_s=float(index), ended_s=index + 0.5)
    return replace(made, **more)


def kept(events: Iterable[Event] = (), *, prefix: tuple[int, ...] = (), **header: str) -> Cassette:
    """A cassette in memory; its digest is ``parent-digest``."""
    return Cassette(
        path=Path("goldens/case.cassette.jsonl"),
        header=CassetteHeader(case="case", **header),
        events=tuple(events),
        prefix=prefix,
        known_digest="parent-digest",
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
