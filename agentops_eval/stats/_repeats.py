"""What repeats of one case say about trying k times: pass@k and pass^k, as exact fractions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from fractions import Fraction


def pass_at_k(passed: int, trials: int, k: int) -> Fraction:
    """The chance that at least one of ``k`` of these trials passed: 1 - C(n-c, k) / C(n, k).

    Without bias for the case's own chance (Chen et al. 2021, arXiv 2107.03374). Raises ValueError where
    ``k`` is not from 1 to ``trials``: what was not tried so often is not known.
    """
    return 1 - Fraction(math.comb(trials - _checked(passed, trials, k), k), math.comb(trials, k))


def pass_hat_k(passed: int, trials: int, k: int) -> Fraction:
    """The chance that all of ``k`` of these trials passed, pass^k: C(c, k) / C(n, k).

    Without bias for the case's own chance (Yao et al. 2024, tau-bench, arXiv 2406.12045). Raises
    ValueError where ``k`` is not from 1 to ``trials``.
    """
    return Fraction(math.comb(_checked(passed, trials, k), k), math.comb(trials, k))


def mean_over_cases(
    of: Callable[[int, int, int], Fraction], counts: Iterable[tuple[int, int]], k: int
) -> Fraction:
    """The mean of ``pass_at_k`` or ``pass_hat_k`` over cases, (passed, trials); each weighs the same.

    Raises ValueError where there is no case, or one has fewer than ``k`` trials.
    """
    alike = Counter(counts)
    if not alike:
        raise ValueError("no case has no mean")
    total = sum((times * of(passed, trials, k) for (passed, trials), times in alike.items()), Fraction())
    return total / alike.total()


def _checked(passed: int, trials: int, k: int) -> int:
    if not 0 <= passed <= trials:
        raise ValueError(f"{passed} of {trials} is no count of passes")
    if not 1 <= k <= trials:
        raise ValueError(f"k = {k} asks for as many trials; there are {trials}")
    return passed
