"""Events that are counted: failures of live traffic, errors, retries; and events that must not be."""

from __future__ import annotations

import math
from dataclasses import replace

from agentops_eval.gate._bets import Bet, Factors, Histogram, Key, Shown, rounded
from agentops_eval.gate._differences import Differences, signs_of
from agentops_eval.gate._gate import Direction, Metric, RollbackNull
from agentops_eval.gate._ratios import bound_of
from agentops_eval.gate._units import Cluster, Unit
from agentops_eval.gate._values import cluster_values, mean, means
from agentops_eval.stats import (
    GRID,
    RARE,
    RATIOS,
    CountBets,
    MeanBets,
    Side,
    mean_sequence,
    rate_ratio_sequence,
)

_PROOF = 1e200
"""Evidence beyond any threshold that is still a number."""

_FEW_EVENTS = 64
_MOST_AT_ONCE = 300.0
"""The logarithm of what a unit may make of a bet, or leave of it: more is no number, and less is nothing."""


class Counts:
    """Bets on whose the next event is, given the candidate's share of all trials."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        margin = metric.margin or 0.0
        at_null = margin if metric.rollback is RollbackNull.MARGIN else 0.0
        signs = signs_of(metric)
        self._rollback = [_bets(bound_of(metric, sign, at_null), sign, harm=True) for sign in signs]
        self._promote = [_bets(bound_of(metric, sign, margin), sign, harm=False) for sign in signs]
        self._bounds = [(s, bound_of(metric, s, at_null), bound_of(metric, s, margin)) for s in signs]
        self.nulls = (0.0, 0.0)
        self.strategies: tuple[int, tuple[int, ...]] = (len(RATIOS) * len(signs), (len(RATIOS),) * len(signs))

    def bet(self, unit: Unit) -> Bet | None:
        """The events of a unit; None where an arm has no trial with a count."""
        before, trials = _total(self._metric, unit.baseline)
        after, mine = _total(self._metric, unit.candidate)
        if not mine or not trials:
            return None
        # Not the share that was meant: events of one session fall to one arm, all of them or none.
        return self._bet(mine / (mine + trials), before, after, (before / trials, after / mine))

    def again(self, key: Key) -> Bet:
        """The bet on a unit with as many events."""
        share, before, after = key
        return self._bet(share, before, after, None)

    def _bet(self, share: float, before: float, after: float, arms: tuple[float, float] | None) -> Bet:
        theirs, mine = arms or (before, after)
        plain = (
            tuple(sign * (mine - at_null * theirs) for sign, at_null, _ in self._bounds),
            tuple(sign * (mine - at_margin * theirs) for sign, _, at_margin in self._bounds),
        )
        return Bet(
            rollback=tuple(
                one for bets in self._rollback for one in events_factors(bets, share, before, after)
            ),
            promote=tuple(events_factors(bets, share, before, after) for bets in self._promote),
            key=(share, before, after),
            plain=plain,
            harm=-min(sign * (mine - theirs) for sign, _, _ in self._bounds),
            arms=arms,
        )

    def shown(self, seen: Histogram, alpha: float) -> Shown:
        """The ratio of rates less 1: 0.2 is 20 % more events."""
        return rates_shown(seen, alpha)


class LiveFailures:
    """A binary metric of live traffic: failures counted for a rollback, differences for promotion.

    Counting needs only the traffic's shares, and finds a doubled rate of failures in fewer requests than
    differences do; a margin in points is tested by differences.
    """

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._differences = Differences(metric)
        self._bets = CountBets(1.0, "above")
        self._none = (1.0,) * len(RATIOS)
        self.nulls = self._differences.nulls
        self.strategies: tuple[int, tuple[int, ...]] = (len(RATIOS), self._differences.strategies[1])

    def bet(self, unit: Unit) -> Bet | None:
        """Failures of both arms, and their difference where both have a session."""
        assert unit.share is not None
        before, after = self._failures(unit.baseline), self._failures(unit.candidate)
        found = self._differences.bet(unit)
        factors = events_factors(self._bets, unit.share, before, after) if before + after else self._none
        key = (unit.share, before, after, *(found.key if found else ()))
        if found is None:
            return Bet(factors, (), key)
        return Bet(factors, found.promote, key, found.plain, found.harm, found.arms)

    def _failures(self, clusters: tuple[Cluster, ...]) -> float:
        """Sessions in which any trial failed."""
        wanted = 0.0 if self._metric.better is Direction.LOWER else 1.0
        return float(sum(value != wanted for value in means(self._metric, clusters)))

    def again(self, key: Key) -> Bet:
        """The bet on a unit with the same failures and difference."""
        share, before, after, *difference = key
        promote = self._differences.again((difference[0],)).promote if difference else ()
        return Bet(events_factors(self._bets, share, before, after), promote, key)

    def shown(self, seen: Histogram, alpha: float) -> Shown:
        """The difference in points."""
        merged: dict[Key, int] = {}
        for key, times in seen.items():
            if len(key) > 3:
                merged[key[3:]] = merged.get(key[3:], 0) + times
        return replace(self._differences.shown(merged, alpha), discordance=None)


class Limits:
    """A hard limit on the candidate alone: a rate that must not be exceeded, or an event that must never be.

    One event is proof against a limit of zero: there is no null left to be true.
    """

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._never = metric.limit <= 0
        self._rollback = None if self._never else MeanBets(2 * metric.limit - 1, "above")
        margin = metric.margin
        self._promote = None if margin is None else MeanBets(2 * margin - 1, "below", grid=RARE)
        self.nulls = (0.0, 0.0)
        self.strategies: tuple[int, tuple[int, ...]] = (len(GRID), (len(RARE),) * (margin is not None))

    def bet(self, unit: Unit) -> Bet | None:
        """The candidate's trials with an event, as a share of those of the unit."""
        rates = [
            mean([float(value > 0) for value in values])
            for cluster in unit.candidate
            if (values := cluster_values(self._metric, cluster))
        ]
        return self._bet(mean(rates)) if rates else None

    def again(self, key: Key) -> Bet:
        """The bet on a unit with that share."""
        return self._bet(key[0])

    def _bet(self, rate: float) -> Bet:
        if self._rollback is not None:
            rollback = self._rollback.factors(2 * rate - 1)
        else:
            rollback = (_PROOF,) * len(GRID) if rate > 0 else (1.0,) * len(GRID)
        promote = (self._promote.factors(2 * rate - 1),) if self._promote is not None else ()
        return Bet(rollback, promote, (rounded(rate),), harm=rate, arms=(0.0, rate))

    def shown(self, seen: Histogram, alpha: float) -> Shown:
        """The rate of units with an event."""
        if not seen:
            return Shown(scale="rate")
        found = mean_sequence({2 * key[0] - 1: float(n) for key, n in seen.items()}, alpha=alpha)
        low, value, high = ((one + 1) / 2 for one in (found.low, found.value, found.high))
        return Shown(scale="rate", estimate=value, low=low, high=high)


def _bets(ratio: float, sign: float, *, harm: bool) -> CountBets:
    """Bets on more events where harm is more of them, or on fewer: and the other way for promotion."""
    side: Side = "above" if (sign < 0) == harm else "below"
    return CountBets(ratio, side)


def events_factors(bets: CountBets, share: float, before: float, after: float) -> Factors:
    """What all events of a unit make together: within it their order tells nothing."""
    mine, theirs = bets.factors(share, candidate=True), bets.factors(share, candidate=False)
    if before + after <= _FEW_EVENTS:
        return tuple(a**after * b**before for a, b in zip(mine, theirs, strict=True))
    logs = (after * math.log(a) + before * math.log(b) for a, b in zip(mine, theirs, strict=True))
    return tuple(math.exp(max(min(one, _MOST_AT_ONCE), -_MOST_AT_ONCE)) for one in logs)


def rates_shown(seen: Histogram, alpha: float) -> Shown:
    """The ratio of rates from keys that begin with a share and both arms' events."""
    events: dict[float, tuple[int, int]] = {}
    for (share, before, after, *_), times in seen.items():
        so_far = events.get(share, (0, 0))
        events[share] = (so_far[0] + round(before) * times, so_far[1] + round(after) * times)
    found = rate_ratio_sequence(events, alpha=alpha)
    if found is None:
        return Shown(scale="relative")
    high = None if math.isinf(found.high) else found.high - 1
    return Shown(scale="relative", estimate=found.value - 1, low=found.low - 1, high=high)


def _total(metric: Metric, clusters: tuple[Cluster, ...]) -> tuple[float, int]:
    """Events, and the trials that were counted."""
    values = [value for cluster in clusters for value in cluster_values(metric, cluster)]
    return sum(values), len(values)
