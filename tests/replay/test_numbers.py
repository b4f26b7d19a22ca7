"""Calls are counted from 1, by one rule, wherever people read of them."""

from __future__ import annotations

from agentops_eval.domain import DrawRequest
from agentops_eval.replay import describe, numbered
from tests.replay._kit import call, chat, event, shelf, use

EVENTS = [
    event(0, DrawRequest(source="time.time"), 1.0),
    event(4, chat("last")),
    event(1, use("lookup"), span="/desk#0"),
    event(2, chat("inside"), span="/lookup#0", parent=1),
    event(3, DrawRequest(source="time.time"), 1.0, parent=2),
]


def test_calls_are_counted_from_one_as_they_started() -> None:
    """Readings and what happens inside a tool have no number; the latter say whose body it was."""
    found = [(one.event.index, one.number, one.inside) for one in numbered(EVENTS)]
    assert found == [(0, 0, 0), (1, 1, 0), (2, 0, 1), (3, 0, 1), (4, 2, 0)]
    assert [one.number for one in numbered(EVENTS, first=5)] == [0, 5, 0, 0, 6]


def test_calls_are_described_by_their_number() -> None:
    """A line names the call, its seam and boundary, and the span unless it is the root."""
    reading, tool, inside, deeper, last = map(describe, numbered(EVENTS))
    assert tool == "call 1, tool lookup, in /desk#0"
    assert last == "call 2, http POST https://api.example.test/v1/chat/completions"
    assert inside.startswith("a call inside call 1, http POST ")
    assert reading == "a reading, clock time.time"
    assert deeper.startswith("a reading inside call 1, ")


def test_the_shelf_counts_alike() -> None:
    """What is left on the shelf has the same numbers, readings before it or not."""
    shelved = shelf(EVENTS)
    assert [one.name for one in shelved.left] == ["call 1", "call 2"]
    shelved.take(call(use("lookup"), span="/desk#0"))
    assert [one.name for one in shelved.left] == ["call 2"]
