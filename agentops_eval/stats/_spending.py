"""How much of alpha may be spent by when, where results are looked at more than once."""

from __future__ import annotations

import math
from typing import Literal

from agentops_eval.stats._special import normal_quantile, normal_tail

Spending = Literal["obrien-fleming", "pocock", "linear"]
"""How alpha is spent: late, early, or evenly."""


def spending(kind: Spending, fraction: float, alpha: float) -> float:
    """So much of the one-sided ``alpha`` is spent once ``fraction`` of the planned information is in.

    ``obrien-fleming``: 2 (1 - Phi(z(1 - alpha/2) / sqrt t)), all but nothing at first. ``pocock``:
    alpha ln(1 + (e - 1) t). ``linear``: alpha t. All three are of Lan and DeMets (1983), Biometrika 70,
    659-663. Nothing is spent at 0, all of alpha at 1. Raises ValueError for another kind, for a fraction
    outside 0 to 1, or for an alpha that is not between 0 and 1.
    """
    if not 0 <= fraction <= 1:
        raise ValueError(f"a fraction of the planned information is between 0 and 1, not {fraction}")
    if not 0 < alpha < 1:
        raise ValueError(f"an alpha is between 0 and 1, not {alpha}")
    match kind:
        case "obrien-fleming":
            # At 0 the boundary is infinite.
            return 2 * normal_tail(-normal_quantile(alpha / 2) / math.sqrt(fraction)) if fraction else 0.0
        case "pocock":
            return alpha * math.log1p((math.e - 1) * fraction)
        case "linear":
            return alpha * fraction
    raise ValueError(f"alpha is spent as obrien-fleming, pocock or linear, not as {kind}")
