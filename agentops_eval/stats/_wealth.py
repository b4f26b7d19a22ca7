"""Evidence that may be read at any time: wealth that grows by bets against a null hypothesis.

A process of this kind starts at 1 and, while its null is true, is expected to be no higher after any
step. So the chance that it ever reaches 1 / alpha is at most alpha, however often somebody looks
(Ville 1939; Ramdas, Gruenwald, Vovk and Shafer 2023). Several strategies bet side by side, each with its
share of the capital; the wealth is their sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul
from typing import Literal

Side = Literal["above", "below"]
"""Where the truth is suspected: above the null's mean, or below it."""

GRID = (0.05, 0.1, 0.2, 0.4, 0.75)
"""What share of the capital each strategy puts at risk. The small ones find small effects.

Larger ones would be sooner where all agrees, and let a lucky start of twenty pairs pass for proof more often.
"""

BOLD = (0.05, 0.1, 0.15, 0.25, 0.4, 0.55, 0.75, 0.95)
"""The same for bounded ratios: they are small where costs are alike, so that no start is that lucky."""

RARE = (0.4, 0.7, 0.9, 0.99)
"""The same for events that hardly ever happen, of which seeing none is the evidence."""

RATIOS = (1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""How many times more events than the null allows each strategy of counts bets on."""

_FAR = 1e100


class Wealth:
    """Strategies that bet side by side, through the stages of a rollout.

    ``reserves`` has for each stage the share of the starting capital that is kept until then and joins
    what the stages before have left. They sum to 1. With all of it in the first stage, evidence of
    stages multiplies. With some held back, a stage in which nothing was wrong does not hide for long what
    is wrong in the next: a mixture of processes that start at different times is such a process again.
    """

    __slots__ = ("_cash", "_log_scale", "_most", "_parts", "_reserves", "log_peak", "n")

    def __init__(self, strategies: int, *, reserves: Sequence[float] = (1.0,)) -> None:
        self._reserves = list(reserves[1:])
        self._cash = math.fsum(self._reserves)
        self._log_scale = 0.0
        self._parts = [reserves[0] / strategies] * strategies
        self._most = 0.0  # the greatest total at this scale: logarithms are dear, and peaks are rare
        self.log_peak = 0.0
        self.n = 0

    def multiply(self, factors: Sequence[float]) -> None:
        """Take one observation: what each strategy's bet has made of one unit of money.

        Raises ValueError for other than one factor for each strategy.
        """
        if len(factors) != len(self._parts):
            raise ValueError(f"{len(factors)} factors for {len(self._parts)} strategies")
        self._parts = parts = list(map(mul, self._parts, factors))
        total = sum(parts)
        self.n += 1
        if not 1 / _FAR < total < _FAR:
            self._rescale(total)
        elif total <= self._most:
            return
        else:
            self._most = total
        self.log_peak = max(self.log_peak, self.log_value)

    @property
    def log_value(self) -> float:
        """The logarithm of the wealth now; minus infinity where everything was lost."""
        total = sum(self._parts)
        log_bets = math.log(total) + self._log_scale if total > 0 else -math.inf
        if not self._cash:
            return log_bets
        log_cash = math.log(self._cash)
        high = max(log_bets, log_cash)
        return high + math.log1p(math.exp(min(log_bets, log_cash) - high))

    @property
    def log_parts(self) -> tuple[float, ...]:
        """The logarithm of what each strategy holds."""
        return tuple(math.log(part) + self._log_scale if part > 0 else -math.inf for part in self._parts)

    def next_stage(self, strategies: int) -> None:
        """Begin a stage: its strategies start even, with what is left and what was held back for it."""
        held = self._reserves.pop(0) if self._reserves else 0.0
        self._cash = math.fsum(self._reserves)
        total = sum(self._parts)
        if total > 0:
            log_left = math.log(total) + self._log_scale
            high = max(log_left, 0.0)
            self._log_scale = high
            capital = math.exp(log_left - high) + held * math.exp(-high)
        else:
            self._log_scale, capital = 0.0, held
        self._parts = [capital / strategies] * strategies
        self._most = 0.0

    def _rescale(self, total: float) -> None:
        """Keep the numbers in the range of floats: with nothing left there is nothing to scale."""
        if total <= 0:
            return
        self._log_scale += math.log(total)
        self._most = 0.0
        self._parts = [part / total for part in self._parts]


class MeanBets:
    """Factors for values in [-1, 1] whose mean, given what went before, the null puts at ``null``.

    With ``side="below"`` the null is that the mean is at least ``null``, with ``"above"`` that it is at
    most that. The factor of a strategy that risks the share b is 1 + b (null - x) / (1 - null), or
    1 + b (x - null) / (1 + null): never negative, and 1 at most in expectation (Waudby-Smith and Ramdas
    2024, section 4). Raises ValueError for a null at the edge that it suspects.
    """

    def __init__(self, null: float, side: Side, *, grid: Sequence[float] = GRID) -> None:
        room = 1 - null if side == "below" else 1 + null
        if room <= 0:
            raise ValueError(f"a mean that is {side} {null} cannot be")
        sign = -1.0 if side == "below" else 1.0
        self._null = null
        self._bets = tuple(sign * risked / room for risked in grid)
        self._known: dict[float, tuple[float, ...]] = {}

    def factors(self, value: float) -> tuple[float, ...]:
        """What each strategy makes of a value."""
        known = self._known.get(value)
        if known is None:
            known = self._made(value)
            if len(self._known) < 1_024:  # outcomes and shares of trials repeat; other values need no memory
                self._known[value] = known
        return known

    def _made(self, value: float) -> tuple[float, ...]:
        off = value - self._null
        return tuple(1 + bet * off for bet in self._bets)


class CountBets:
    """Factors for events that fall to the candidate or to the baseline, as its traffic share has it.

    With the candidate's share s of all traffic and r times as many events per unit, an event is the
    candidate's with probability s r / (s r + 1 - s). The null is that r is at most ``ratio`` (``side``
    "above") or at least that; the strategies bet on RATIOS times more, or fewer (Lindon and Malek 2022
    condition on events in the same way). The share may differ from event to event.
    """

    def __init__(self, ratio: float, side: Side) -> None:
        if not 0 < ratio < math.inf:
            raise ValueError(f"a ratio of rates is above 0 and finite, not {ratio}")
        self._ratio, self._side = ratio, side
        self._known: dict[tuple[float, bool], tuple[float, ...]] = {}

    def factors(self, share: float, *, candidate: bool) -> tuple[float, ...]:
        """What each strategy makes of one event; ``share`` is the candidate's, above 0 and below 1."""
        known = self._known.get((share, candidate))
        if known is None:
            known = self._known[share, candidate] = self._made(share, candidate=candidate)
        return known

    def _made(self, share: float, *, candidate: bool) -> tuple[float, ...]:
        if not 0 < share < 1:
            raise ValueError(f"a share of traffic is above 0 and below 1, not {share}")
        base = falls_to_candidate(share, self._ratio)
        suspected = (
            self._ratio * times if self._side == "above" else self._ratio / times for times in RATIOS
        )
        alternatives = [falls_to_candidate(share, one) for one in suspected]
        if candidate:
            return tuple(one / base for one in alternatives)
        return tuple((1 - one) / (1 - base) for one in alternatives)


def falls_to_candidate(share: float, ratio: float) -> float:
    """The probability that an event is the candidate's, with its share of all trials and a ratio of rates."""
    return share * ratio / (share * ratio + 1 - share)


def reserves(stages: int) -> tuple[float, ...]:
    """Half of the capital for all stages together, and half spread over the starts of the later ones."""
    return (1.0,) if stages <= 1 else (0.5, *[0.5 / (stages - 1)] * (stages - 1))


def e_value(log_value: float) -> float:
    """The value of a logarithm, kept where floats are finite."""
    return math.exp(min(log_value, 690.0))
