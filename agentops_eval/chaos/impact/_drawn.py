"""Which effects of two runs are the same: drawn keys are, other arguments under the same key are not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agentops_eval.chaos.impact._effects import Landed, Ledger
from agentops_eval.chaos.impact._side import Side
from agentops_eval.domain import EffectKey

_DRAWN = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([zZ]|[+-]\d\d:?\d\d)?"
    r"|\b[0-9a-fA-F]{16,}\b|\b1[5-9]\d{8}\.\d+\b"
)


def under_usual_keys(side: Side, ledger: Ledger, usual: Ledger) -> Ledger:
    """The ledger with each effect under the fault-free run's key where only drawn values tell them apart.

    A retry that draws its key anew has the same effect again, and is no other one. What an answer brought
    in was not drawn: an effect on another order is another effect, though orders have uuids. So is one with
    other arguments under the same key, such as another price.
    """
    known = {(one.key, one.body) for one in usual.standing}
    if all((one.key, one.body) in known for one in ledger.standing):
        return ledger
    keys = {one.key for one in usual.standing}
    present = {one.key for one in ledger.standing}
    free = [one for one in usual.standing if one.key not in present]
    named: list[Landed] = []
    for one in ledger.standing:
        if (one.key, one.body) in known:
            named.append(one)
            continue
        found = next(
            (key for others in (free, usual.standing, named) if (key := _alike(side, one, others))), None
        )
        if found is None and one.key in keys:
            found = replace(one.key, key=f"{one.key.key} {one.body}")
        free = [other for other in free if other.key != found]
        named.append(one if found is None else replace(one, key=found))
    return replace(ledger, standing=tuple(named))


def _alike(side: Side, one: Landed, others: Sequence[Landed]) -> EffectKey | None:
    """The key of the first effect that differs from this one only in what the agent drew itself."""
    form = _form(one)
    for other in others:
        if (other.key.tool, other.key.tenant) != (one.key.tool, one.key.tenant) or _form(other) != form:
            continue
        if all(_was_drawn(side, one.at, value) for value in _values(one) - _values(other)):
            return other.key
    return None


def _form(one: Landed) -> str:
    """What is left when values that may be drawn are taken out; a key that is computed need not be kept."""
    return _DRAWN.sub("~", one.body)


def _values(one: Landed) -> set[str]:
    return {found.group() for found in _DRAWN.finditer(one.body)}


def _was_drawn(side: Side, at: int, value: str) -> bool:
    """Whether no call before this one was answered with the value."""
    return not any(value in side.told(before) for before in range(at))
