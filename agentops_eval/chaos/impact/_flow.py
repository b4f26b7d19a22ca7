"""Where values went: results that come back in later arguments, and in the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agentops_eval.chaos.impact._side import Side, body_of
from agentops_eval.domain import Failure, HttpReply, Json, Outcome, ValueReply

_LEAST = 4
"""Shorter values are found everywhere and tell nothing."""
_MOST = 200
_WORD = re.compile(r"[^\W_][\w.@:+/-]{2,}[^\W_]")
_ESCAPED = re.compile(r"\\+[nrtu\"/]")


def values_in(outcome: Outcome | None) -> tuple[str, ...]:
    """The values of an outcome by which it is recognised elsewhere: texts, numbers, words of a body."""
    found: set[str] = set()
    if isinstance(outcome, ValueReply):
        _collect(outcome.value, found)
    elif isinstance(outcome, Failure):
        found.add(outcome.message)
    elif isinstance(outcome, HttpReply):
        found.update(_words(outcome))
    return tuple(sorted(one for one in found if len(one) >= _LEAST))[:_MOST]


def _words(reply: HttpReply) -> Iterable[str]:
    text = body_of(reply)[:65_536].decode("utf-8", "replace")
    return {word for word in _WORD.findall(_ESCAPED.sub(" ", text)) if any(map(str.isdigit, word))}


def _collect(value: Json, found: set[str]) -> None:
    if isinstance(value, str):
        found.add(value.strip())
    elif isinstance(value, Mapping):
        for item in value.values():
            _collect(item, found)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _collect(item, found)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        found.add(str(value))


def hops_from(side: Side, starts: Iterable[int]) -> tuple[int, frozenset[int]]:
    """How far values went from these calls, in calls; and the calls that they reached.

    A call is as far as the shortest way to it: what an llm is told with the whole history is one hop from
    all of it.
    """
    seen, frontier, far = set(starts), sorted(set(starts)), 0
    begun = frozenset(seen)
    while frontier:
        reached: set[int] = set()
        for at in frontier:
            values = values_in(side.calls[at].outcome)
            if not values:
                continue
            for later in range(at + 1, len(side)):
                if later not in seen and later not in reached and holds(side.asked(later), values):
                    reached.add(later)
        seen |= reached
        far += bool(reached)
        frontier = sorted(reached)
    return far, frozenset(seen - begun)


def feeding(side: Side, text: str) -> frozenset[int]:
    """The calls whose values came, by whatever way, into this text."""
    values = [values_in(call.outcome) for call in side.calls]
    found = {at for at, mine in enumerate(values) if mine and holds(text, mine)}
    frontier = sorted(found)
    while frontier:
        at = frontier.pop()
        for before in range(at):
            if before not in found and values[before] and holds(side.asked(at), values[before]):
                found.add(before)
                frontier.append(before)
    return frozenset(found)


def holds(text: str, values: Iterable[str]) -> bool:
    """Whether a text holds any of the values."""
    return any(value in text for value in values)
