"""Calls of a recording that differ only in what redaction hides: a replay cannot know which is which."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

from agentops_eval.domain import (
    Event,
    Failure,
    HttpReply,
    HttpRequest,
    KeptBody,
    Outcome,
)
from agentops_eval.replay._canonical import request_key
from agentops_eval.replay._headers import told
from agentops_eval.replay._numbers import Numbered, numbered
from agentops_eval.replay._rules import MatchRules
from agentops_eval.traces.redaction import RedactionRules, Redactor

# Who asks is a difference between two calls, although matching leaves it out: a replay is made with any
# key. Signatures, cookies and tokens of a session are none: they differ in every call by themselves.
_IDENTITY = re.compile(r"authorization|.*api-?key", re.IGNORECASE)
_SIGNED = re.compile(r"\s*(aws4-|digest\b|signature\b|hawk\b|oauth\b|hmac)", re.IGNORECASE)
_OPEN = RedactionRules(allow=("(?s).*",))  # hides nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Calls in one span that differ only in secrets, and were answered differently.

    ``calls`` are redacted.
    """

    calls: tuple[Numbered, ...]

    def __str__(self) -> str:
        """Name the calls, for people."""
        first = self.calls[0].event
        numbers = ", ".join(call.name for call in self.calls)
        return (
            f"{numbers}, {first.seam.value} {first.boundary}, differ only in what redaction hides; "
            "a replay tells them apart by their order alone"
        )


def alike(events: Iterable[Event], *, rules: MatchRules, redactor: Redactor) -> tuple[Alike, ...]:
    """Find them among the events of a run, which must not be redacted yet."""
    groups: dict[Hashable, list[tuple[Event, Numbered]]] = {}
    for call in numbered(events):
        event = call.event
        if event.outcome is None or not call.number:  # what happened inside a tool is never asked for
            continue
        redacted = redactor.event(event)
        key = request_key(event.seam, event.boundary, redacted.request, rules=rules, redactor=redactor)
        seen = tuple(sorted(told(redacted.request, rules.ignore_headers).items()))
        groups.setdefault((event.seam, event.span, key, seen), []).append(
            (event, replace(call, event=redacted))
        )
    identity = _Identity(rules)
    found = (_alike(group, identity) for group in groups.values() if len(group) > 1)
    return tuple(one for one in found if one is not None)


def _alike(group: list[tuple[Event, Numbered]], identity: _Identity) -> Alike | None:
    if len({_answer(event.outcome) for event, _ in group}) == 1:
        return None  # whichever answer is given, it is the right one
    if len({identity(event, call.event) for event, call in group}) == 1:
        return None
    return Alike(calls=tuple(call for _, call in group))


class _Identity:
    """What a request is with its secrets in it."""

    def __init__(self, rules: MatchRules) -> None:
        self._rules = rules
        self._open = Redactor(_OPEN)

    def __call__(self, event: Event, redacted: Event) -> Hashable:
        request = event.request
        key = request_key(event.seam, event.boundary, request, rules=self._rules, redactor=self._open)
        if not isinstance(request, HttpRequest) or not isinstance(redacted.request, HttpRequest):
            return key
        kept, shown = told(request), set(redacted.request.headers)
        hidden = [(name, value) for name, value in request.headers if (name, value) not in shown]
        return key, tuple(
            (name.lower(), value)
            for name, value in hidden
            if name.lower() in kept or (_IDENTITY.fullmatch(name) and not _SIGNED.match(value))
        )


def _answer(outcome: Outcome | None) -> Hashable:
    if isinstance(outcome, HttpReply):
        body = outcome.body.data if isinstance(outcome.body, KeptBody) else b""
        return outcome.status, body
    if isinstance(outcome, Failure):
        return outcome.kind, outcome.message
    return repr(outcome and outcome.value)
