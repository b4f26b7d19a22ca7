"""Whether traffic was split as it was meant to be."""

from __future__ import annotations

import math

_PRIOR_WEIGHT = 200.0


def log_assignment_evidence(candidate: int, n: int, *, share: float) -> float:
    """The logarithm of the evidence that the candidate's share of ``n`` units is not ``share``.

    The wealth of a bet on all shares at once, with a Beta prior of the weight of 200 units around the one
    that was meant; it may be read after every unit (Lindon and Malek 2022, section 3). With a share of 0 or
    1, one unit on the other side settles it: infinity.
    """
    others = n - candidate
    if not 0 < share < 1:
        wrong = candidate if share <= 0 else others
        return math.inf if wrong else 0.0
    a, b = _PRIOR_WEIGHT * share, _PRIOR_WEIGHT * (1 - share)
    return (
        _log_beta(a + candidate, b + others)
        - _log_beta(a, b)
        - candidate * math.log(share)
        - others * math.log1p(-share)
    )


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
