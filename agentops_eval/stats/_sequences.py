"""Confidence sequences: intervals that hold at every n, made of the same bets as decisions.

A value stays in the interval while the wealth that bets against it is below 1 / alpha. So an interval
excludes a null exactly where the evidence against it suffices.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from agentops_eval.stats._model import Interval
from agentops_eval.stats._wealth import BOLD, GRID, RATIOS, CountBets, MeanBets, Side, falls_to_candidate

_STEPS = 40
_FURTHEST = math.log(1e6)
_EDGE = 1e-9

Histogram = Mapping[float, float]
"""How often each value was seen. One unit may be spread over several values, which makes intervals wider."""


def bounded_ratio(log_value: float, log_ratio: float = 0.0) -> float:
    """How far a ratio is from another, within -1 and 1: (q^4 - r^4) / (q^4 + r^4), from their logarithms.

    The fourth power makes a fifth more weigh a third of what any number of times more does.
    """
    return math.tanh(2 * (log_value - log_ratio))


def mean_sequence(seen: Histogram, *, alpha: float) -> Interval:
    """The mean of values in [-1, 1]; each limit is wrong, at any n, with probability ``alpha`` at most.

    Nothing seen, nothing known: from -1 to 1.
    """
    count = sum(seen.values())
    value = math.fsum(one * times for one, times in seen.items()) / count if count else 0.0

    def log_wealth(null: float, side: Side) -> float:
        return _log_mean_wealth(seen, null, side)

    low = _limit(lambda null: log_wealth(null, "above"), inside=value, outside=-1 + _EDGE, alpha=alpha)
    high = _limit(lambda null: log_wealth(null, "below"), inside=value, outside=1 - _EDGE, alpha=alpha)
    return Interval(
        value=value,
        low=-1.0 if low <= -1 + _EDGE else low,
        high=1.0 if high >= 1 - _EDGE else high,
        n=round(count),
        method="betting confidence sequence",
        confidence=1 - 2 * alpha,
    )


def ratio_sequence(seen: Histogram, *, alpha: float) -> Interval | None:
    """The typical ratio of positive quantities, from how often each logarithm of a ratio was seen.

    It is the r at which ``bounded_ratio`` is 0 on average: between the median and the geometric mean, and a
    heavy tail moves it no further than one value can. Infinite logarithms are those of a zero on one side.
    None without any; limits of 0 and infinity where nothing is known.
    """
    count = sum(seen.values())
    if not count:
        return None

    def mean_at(log_ratio: float) -> float:
        return math.fsum(bounded_ratio(one, log_ratio) * times for one, times in seen.items()) / count

    def log_wealth(log_ratio: float, side: Side) -> float:
        moved: dict[float, float] = {}
        for one, times in seen.items():
            at = bounded_ratio(one, log_ratio)
            moved[at] = moved.get(at, 0.0) + times
        return _log_mean_wealth(moved, 0.0, side, grid=BOLD)

    method = "betting confidence sequence of the typical ratio"
    return _ratio_interval(_root(mean_at), log_wealth, method, n=round(count), alpha=alpha)


def rate_ratio_sequence(events: Mapping[float, tuple[int, int]], *, alpha: float) -> Interval | None:
    """The ratio of two rates of events, from (baseline's, candidate's) events at each traffic share.

    None where neither arm had an event.
    """
    count = sum(map(sum, events.values()))
    if not count:
        return None

    def excess(log_ratio: float) -> float:
        ratio = math.exp(log_ratio)
        expected = math.fsum(sum(two) * falls_to_candidate(share, ratio) for share, two in events.items())
        return sum(candidate for _, candidate in events.values()) - expected

    def log_wealth(log_ratio: float, side: Side) -> float:
        bets = CountBets(math.exp(log_ratio), side)
        totals = [0.0] * len(RATIOS)
        for share, two in events.items():
            for times, mine in zip(two, (False, True), strict=True):
                factors = bets.factors(share, candidate=mine)
                totals = [t + times * math.log(f) for t, f in zip(totals, factors, strict=True)]
        return _log_mean(totals)

    method = "confidence sequence of a ratio of rates"
    return _ratio_interval(_root(excess), log_wealth, method, n=count, alpha=alpha)


def _ratio_interval(
    centre: float, log_wealth: Callable[[float, Side], float], method: str, *, n: int, alpha: float
) -> Interval:
    """The ratios around ``centre`` against which the wealth is below 1 / alpha; all as logarithms."""
    low = _limit(lambda at: log_wealth(at, "above"), inside=centre, outside=-_FURTHEST, alpha=alpha)
    high = _limit(lambda at: log_wealth(at, "below"), inside=centre, outside=_FURTHEST, alpha=alpha)
    return Interval(
        value=math.exp(centre),
        low=0.0 if low <= -_FURTHEST else math.exp(low),
        high=math.inf if high >= _FURTHEST else math.exp(high),
        n=n,
        method=method,
        confidence=1 - 2 * alpha,
    )


def _log_mean_wealth(seen: Histogram, null: float, side: Side, *, grid: Sequence[float] = GRID) -> float:
    bets = MeanBets(null, side, grid=grid)
    totals = [0.0] * len(grid)
    for value, times in seen.items():
        factors = bets.factors(value)
        totals = [total + times * math.log(one) for total, one in zip(totals, factors, strict=True)]
    return _log_mean(totals)


def _log_mean(logs: list[float]) -> float:
    high = max(logs)
    return high + math.log(math.fsum(math.exp(one - high) for one in logs) / len(logs))


def _limit(log_wealth: Callable[[float], float], *, inside: float, outside: float, alpha: float) -> float:
    """Where the wealth reaches 1 / alpha on the way from a value that is inside to the end of the range."""
    needed = -math.log(alpha)
    if log_wealth(outside) < needed:
        return outside
    held = max(min(inside, 1e9), -1e9)
    for _ in range(_STEPS):
        middle = (held + outside) / 2
        if log_wealth(middle) < needed:
            held = middle
        else:
            outside = middle
    return outside


def _root(falling: Callable[[float], float]) -> float:
    """Where a function of the logarithm of a ratio that falls as it grows is 0, or the nearer end."""
    low, high = -_FURTHEST, _FURTHEST
    for _ in range(2 * _STEPS):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
