"""What the cassette tests share: a redactor that redacts nothing, and events to write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_eval.domain import Event, HttpRequest
from agentops_eval.replay._cassette import CassetteHeader
from agentops_eval.replay._writer import CassetteWriter
from tests import _events

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER = CassetteHeader(
    case="test_case",
    agent="agent",
    recorded_at="2026-03-01T12:00:00+00:00",
    tool="agentops-eval 0.1.0",
    wall_start_s=1772366400.0,
    rules="0123",
)


class Verbatim:
    """Redacts nothing, so that what is read can be compared with what was written."""

    learnt = 0

    def learnt_since(self, count: int) -> tuple[()]:
        return ()

    def event(self, event: Event) -> Event:
        return event

    def events(self, events: Iterable[Event]) -> tuple[Event, ...]:
        return tuple(events)

    def find(self, text: str) -> tuple[()]:
        return ()


def kept_key(event: Event) -> str:
    """The key that the event has already."""
    return event.key


def http(
    index: int = 0, *, body: bytes = b'{"q": 1}', reply: bytes = b'{"a": 1}', parent: int | None = None
) -> Event:
    """An HTTP call with a reply of one chunk."""
    request = HttpRequest(method="POST", url="https://h/v1", body=body)
    answer = replace(_events.reply(reply, at_s=0.25), reason="OK")
    return _events.event(index, request, answer, parent=parent, key=f"{index:032x}")


def write(path: Path, events: Iterable[Event], header: CassetteHeader = HEADER) -> Path:
    """A committed cassette of these events."""
    writer = CassetteWriter(path, header, redactor=Verbatim(), key=kept_key)
    for event in events:
        writer.append(event)
    writer.commit()
    return path
