"""Degradations that nothing meets: a rule for what is never called says nothing, and is easily misspelt."""

from __future__ import annotations

from collections.abc import Iterable

from agentops_eval.chaos._targets import is_target
from agentops_eval.chaos.contracts._contract import Contract
from agentops_eval.domain import Event, nearest, shorten

_SHOWN = 80


def rules_met(contract: Contract, events: Iterable[Event]) -> frozenset[int]:
    """The numbers, from 1, of the degradations whose dependency is among these calls."""
    calls = list(events) if contract.degradations else []
    return frozenset(
        number
        for number, rule in enumerate(contract.degradations, start=1)
        if rule.dependency == "*" or any(is_target(rule.dependency, call) for call in calls)
    )


def unmet_rules(
    contract: Contract, met: Iterable[int], called: Iterable[str], *, file: str
) -> tuple[str, ...]:
    """A line for each degradation of the file that is not ``met``; ``called`` names what was called."""
    names, known = sorted(called), frozenset(met)
    return tuple(
        f"{file}: rule {number} names {shorten(rule.dependency, _SHOWN)!r}, which the agent never called"
        + (f"; {hint}" if (hint := nearest(rule.dependency, names)) else "")
        for number, rule in enumerate(contract.degradations, start=1)
        if number not in known
    )
