"""How many more units would suffice, were all as it is now."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from agentops_eval.gate._scores import Factors

_SURE = 0.8416212335729143  # the normal quantile of 0.8: four times in five
_MOST = 10_000_000
FEWEST = 5
"""With fewer units nothing is said of those to come."""


def units_needed(
    seen: Iterable[tuple[Factors, int]], held: Sequence[float], *, log_target: float
) -> int | None:
    """More units until the wealth reaches its target with a chance of four in five; None for never.

    ``seen`` has the factors of the units so far, with how many were so. ``held`` are the logarithms of what
    each strategy holds. A strategy's logarithm is taken for a random walk with the mean and the spread of the
    units so far; the strategy that is there first counts, on its own, so that the number errs upwards.
    None too where fewer than five units were seen: they tell nothing of those to come.
    """
    rows = [(factors, times) for factors, times in seen if factors]
    count = sum(times for _, times in rows)
    if count < FEWEST:
        return None
    found = [
        walk
        for at in range(len(held))
        if (walk := _walk([(row[at], times) for row, times in rows], count, log_target - held[at]))
        is not None
    ]
    return min(found, default=None)


def _walk(factors: list[tuple[float, int]], count: int, gap: float) -> int | None:
    """Units until a random walk has risen by ``gap``: n d - z s sqrt(n) = gap, solved for n."""
    if gap <= 0:
        return 0
    if any(factor <= 0 for factor, _ in factors):
        return None
    drift = math.fsum(math.log(factor) * times for factor, times in factors) / count
    if drift <= 0:
        return None
    spread = math.sqrt(
        math.fsum((math.log(factor) - drift) ** 2 * times for factor, times in factors) / count
    )
    root = (_SURE * spread + math.sqrt((_SURE * spread) ** 2 + 4 * drift * gap)) / (2 * drift)
    needed = math.ceil(root * root)
    return needed if needed <= _MOST else None
