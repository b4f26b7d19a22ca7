"""Where values went: results that come back in later arguments, and in the answer."""

from __future__ import annotations

from collections.abc import Iterable

from agentops_eval.chaos.impact._side import Side
from agentops_eval.chaos.impact._values import in_text


def ways_from(side: Side, starts: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Each call that values of these calls reached: how far it is, in calls, and from which call it got one.

    A call is as far as the shortest way to it: what an llm is told with the whole history is one hop from
    all of it.
    """
    found: dict[int, tuple[int, int]] = {}
    seen, frontier, far = set(starts), sorted(set(starts)), 0
    while frontier:
        far += 1
        reached: set[int] = set()
        for at in frontier:
            if not side.values(at):
                continue
            for later in range(at + 1, len(side)):
                if later not in seen and flows(side, at, later):
                    seen.add(later)
                    reached.add(later)
                    found[later] = (far, at)
        frontier = sorted(reached)
    return found


def flows(side: Side, at: int, later: int) -> bool:
    """Whether a value that one call answered is asked with by a later one."""
    values = side.values(at)
    if not values:
        return False
    return not values.isdisjoint(side.scalars(later)) or in_text(side.asked(later), values)


def feeding(side: Side, text: str) -> frozenset[int]:
    """The calls whose values came, by whatever way, into this text."""
    found = {at for at in range(len(side)) if in_text(text, side.values(at))}
    frontier = sorted(found)
    while frontier:
        at = frontier.pop()
        for before in range(at):
            if before not in found and flows(side, before, at):
                found.add(before)
                frontier.append(before)
    return frozenset(found)
