"""What a run cost over what the fault-free one did; what is not known is no zero."""

from __future__ import annotations

import math
from collections.abc import Sequence

from agentops_eval.chaos.impact._flow import feeding
from agentops_eval.chaos.impact._side import Side
from agentops_eval.domain import CostChange, Seam


def costs_of(side: Side) -> list[float | None]:
    """What each call cost in US dollars; None where an llm answered and it is not known."""
    return [side.cost(at) if call.seam is Seam.HTTP else 0.0 for at, call in enumerate(side.calls)]


def total(costs: Sequence[float | None]) -> float | None:
    """The sum; None where a part is not known."""
    known = [cost for cost in costs if cost is not None]
    return math.fsum(known) if len(known) == len(costs) else None


def cost_change(before: float | None, run: Side, output: str) -> CostChange:
    """The ratio to what the fault-free run cost, and the share that was spent on no path to the answer."""
    each = costs_of(run)
    spent = total(each)
    if spent is None or before is None:
        return CostChange()
    ratio = spent / before if before > 0 else None
    if not spent:
        return CostChange(ratio=ratio)
    useful = feeding(run, output)
    wasted = math.fsum(cost or 0.0 for at, cost in enumerate(each) if at not in useful)
    return CostChange(ratio=ratio, wasted=min(1.0, wasted / spent))
