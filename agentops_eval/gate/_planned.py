"""Looks that were planned: evidence counts at these numbers of units alone, and needs fewer of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentops_eval.domain import DecisionValue, EvidencePoint
from agentops_eval.gate._bets import Plain
from agentops_eval.gate._gate import Planned
from agentops_eval.stats import boundaries, sequential_z, spending

_FEW = 3

APART = 20
"""Looks at fewer new units than that cost more power than they save time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the planned looks so far have shown, at the last of them, ``n`` units (0 before the first).

    ``promoted`` and ``rolled_back`` say whether a bound was reached at any look.
    """

    n: int = 0
    next_n: int | None = None
    z_promote: float | None = None
    z_rollback: float | None = None
    bound_promote: float | None = None
    bound_rollback: float | None = None
    promoted: bool = False
    rolled_back: bool = False
    spent: float = 0.0
    path: tuple[EvidencePoint, ...] = ()

    @property
    def value(self) -> DecisionValue:
        """What follows: harm counts before fitness."""
        if self.rolled_back:
            return DecisionValue.ROLLBACK
        return DecisionValue.PROMOTE if self.promoted else DecisionValue.HOLD


def looks_of(plan: Planned) -> tuple[int, ...]:
    """The numbers of units at which somebody looks, no nearer than units can tell anything new."""
    looks = min(plan.looks, max(plan.n // APART, 1))
    return tuple(math.ceil(plan.n * at / looks) for at in range(1, looks + 1))


def look(
    plain: Sequence[Plain],
    plan: Planned,
    *,
    nulls: tuple[float, float],
    alpha_promote: float,
    alpha_rollback: float | None,
) -> Looked:
    """Walk the looks that there are units for. More looks than planned change nothing."""
    looks, shape = looks_of(plan), plan.spending
    fractions = [at / plan.n for at in looks]
    to_promote = boundaries(fractions, alpha=alpha_promote, spending=shape)
    to_roll = None
    if alpha_rollback is not None:
        to_roll = boundaries(fractions, alpha=alpha_rollback, spending=shape)
    found = Looked(next_n=looks[0])
    for at, n in enumerate(looks):
        if n > len(plain):
            break
        promote = _z([values for _, values in plain[:n]], nulls[1], guarded=True)
        harm = [[-one for one in values] for values, _ in plain[:n]]
        bound = None if to_roll is None else to_roll[at]
        rollback = None if bound is None else _z(harm, -nulls[0], guarded=False)
        spent = 0.0 if alpha_rollback is None else spending(shape, fractions[at], alpha_rollback)
        here = Looked(
            n=n,
            next_n=looks[at + 1] if at + 1 < len(looks) else None,
            z_promote=promote,
            z_rollback=rollback,
            bound_promote=to_promote[at],
            bound_rollback=bound,
            promoted=promote is not None and promote >= to_promote[at],
            rolled_back=rollback is not None and bound is not None and rollback >= bound,
            spent=spent,
        )
        found = _after(found, here)
    return found


def _after(before: Looked, here: Looked) -> Looked:
    """A look, with what was reached at those before it."""
    return replace(
        here,
        promoted=before.promoted or here.promoted,
        rolled_back=before.rolled_back or here.rolled_back,
        path=(*before.path, _point(here)),
    )


def _point(here: Looked) -> EvidencePoint:
    return EvidencePoint(
        n=here.n,
        promote=here.z_promote or 0.0,
        rollback=here.z_rollback or 0.0,
        bound_promote=here.bound_promote,
        bound_rollback=here.bound_rollback,
    )


def _z(rows: Sequence[Sequence[float]], null: float, *, guarded: bool) -> float | None:
    """The statistic of the mean, for promotion ``guarded``: one case in twenty may be lost, and none seen.

    However often each case was tried, t would then believe how little the others differ. Of several
    directions it is the least for promotion, and for harm the greatest.
    """
    if not rows or not rows[0]:
        return None
    columns = [[row[at] for row in rows] for at in range(len(rows[0]))]
    found = [
        sequential_z(column, null=null, least=_least(column) if guarded or _is_coarse(column) else None)
        for column in columns
    ]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return None
    return min(known) if guarded else max(known)


def _least(values: Sequence[float]) -> float:
    """What a value can be at least."""
    return min(-1.0, *values)


def _is_coarse(values: Sequence[float]) -> bool:
    """Whether they are single trials, or without a spread, so that t sees too little of the spread."""
    return len(set(values)) <= _FEW
