"""How much an agent may do alone, by what it was seen to do: slowly up, quickly down."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agentops_eval.domain import Estimate, Tier, TierDecision
from agentops_eval.stats import GRID, MeanBets, Restarts, Wealth, mean_sequence

_ORDER = tuple(Tier)
DEFAULT_UP: Mapping[Tier, float] = {Tier.ASSISTED: 0.8, Tier.SUPERVISED: 0.95, Tier.FULL_AUTO: 0.99}
DEFAULT_KEEP: Mapping[Tier, float] = {Tier.ASSISTED: 0.7, Tier.SUPERVISED: 0.9, Tier.FULL_AUTO: 0.97}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action of a class, and what came of it.

    ``right`` is whether it was right, None where nobody can say; ``overridden``, that a reviewer did
    otherwise, which makes it wrong. ``harms`` are names of ``Harm``: any is unsafe.
    """

    right: bool | None
    overridden: bool = False
    harms: tuple[str, ...] = ()

    @property
    def outcome(self) -> bool | None:
        """Whether it counts as right."""
        return False if self.overridden or self.harms else self.right


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRule:
    """When a class of actions moves between tiers.

    ``up`` is the success rate that the lower limit has to reach to enter a tier; ``keep`` the rate below
    which a tier is left, lower than ``up``, so that an agent between them stays where it is (hysteresis).
    ``alpha`` is the chance, for each stay in a tier, of moving up though the rate is below ``up``, and of
    moving down though it is kept, however often somebody looks. ``least`` actions are needed in a tier
    before it is left upwards. Raises ValueError for rates that do not leave room between them.
    """

    up: Mapping[Tier, float] = field(default_factory=lambda: DEFAULT_UP)
    keep: Mapping[Tier, float] = field(default_factory=lambda: DEFAULT_KEEP)
    alpha: float = 0.05
    least: int = 30

    def __post_init__(self) -> None:
        for tier in _ORDER[1:]:
            up, keep = self.up.get(tier, 1.0), self.keep.get(tier, 0.0)
            if not 0 < keep < up < 1:
                raise ValueError(f"{tier} is kept from {keep} and entered from {up}: 0 < keep < up < 1")
        if not 0 < self.alpha < 1:
            raise ValueError(f"alpha is between 0 and 1, not {self.alpha}")


def tier_history(
    action: str,
    actions: Iterable[Action],
    *,
    start: Tier = Tier.MANUAL,
    rule: TierRule | None = None,
    unsafe: Iterable[str] = (),
) -> tuple[TierDecision, ...]:
    """Every move of a class of actions between tiers, and at last where it stands.

    ``actions`` are in the order in which they were taken; in a lower tier what counts is what the agent
    proposed. After each, evidence is looked at: bets that the rate of the tier is not kept, which begin anew
    every 20 actions and for which what is unknown does not count, and bets that the rate of the next is
    exceeded, for which what is unknown is wrong.
    A harm leads to manual at once, and nothing leads up after it, nor while there is anything ``unsafe``
    that others have shown: whoever has mended it begins a new history.
    """
    stay = _Stay(action, start, rule or TierRule(), unsafe=sorted({*unsafe}))
    moves = []
    for one in actions:
        moved = stay.take(one)
        if moved is not None:
            moves.append(moved)
            stay = _Stay(action, moved.tier, stay.rule, unsafe=stay.unsafe)
    return (*moves, stay.decided(stay.tier, stay.standing))


class _Stay:
    """One stay in a tier: what was seen in it, and what is bet on it."""

    def __init__(self, action: str, tier: Tier, rule: TierRule, *, unsafe: list[str]) -> None:
        self.action, self.tier, self.rule, self.unsafe = action, tier, rule, unsafe
        at = _ORDER.index(tier)
        self.above = _ORDER[at + 1] if at + 1 < len(_ORDER) else None
        self.below = _ORDER[at - 1] if at else None
        self.right = self.n = self.unknown = self.overridden = 0
        self._up = None if self.above is None else _Better(self.rule.up[self.above])
        self._worse = Restarts(len(GRID))
        self._on_worse = None if self.below is None else MeanBets(2 * self.rule.keep[tier] - 1, "below")

    def take(self, one: Action) -> TierDecision | None:
        """Take an action; the move that it leads to, if any."""
        outcome = one.outcome
        self.n += 1
        self.right += outcome is True
        self.unknown += outcome is None
        self.overridden += one.overridden
        if one.harms:
            self.unsafe = sorted({*self.unsafe, *one.harms})
            if self.tier is not Tier.MANUAL:
                return self.decided(Tier.MANUAL, f"harm was shown: {', '.join(one.harms)}")
        if self._on_worse is not None and outcome is not None:
            self._worse.multiply(self._on_worse.factors(1.0 if outcome else -1.0))
        if self._up is not None:
            self._up.take(1.0 if outcome else -1.0)
        return self._move()

    def _move(self) -> TierDecision | None:
        if self.below is not None and self._worse.value >= 1 / self.rule.alpha:
            kept = self.rule.keep[self.tier]
            return self.decided(self.below, f"a success rate of {kept:g} is not kept")
        if self._up is None or self.above is None or self.unsafe or self.n < self.rule.least:
            return None
        if self._up.wealth.log_value >= -math.log(self.rule.alpha):
            rate = self.rule.up[self.above]
            return self.decided(self.above, f"the success rate is shown to exceed {rate:g}")
        return None

    @property
    def standing(self) -> str:
        """Why it stays where it is."""
        if self.unsafe:
            return f"nothing moves up after {', '.join(self.unsafe)}"
        return f"neither is shown, by {self.n} actions" if self.n else "no action was seen"

    def decided(self, tier: Tier, why: str) -> TierDecision:
        """What is decided now, with all it rests on."""
        return TierDecision(
            action=self.action,
            before=self.tier,
            tier=tier,
            why=why,
            success=self._success(),
            e_value=self._worse.value,
            n_needed=self._needed() if tier is self.tier else None,
            measures={
                "actions": self.n,
                "right": self.right,
                "unknown": self.unknown,
                "overridden": self.overridden,
            },
        )

    def _success(self) -> Estimate:
        """The rate with limits that hold however often somebody looks; what is unknown is wrong."""
        if not self.n:
            return Estimate()
        found = mean_sequence({1.0: self.right, -1.0: self.n - self.right}, alpha=self.rule.alpha)
        value, low, high = ((1 + one) / 2 for one in (found.value, found.low, found.high))
        return Estimate(value=value, low=low, high=high, n=self.n, method=found.method)

    def _needed(self) -> int | None:
        if self._up is None or self.unsafe:
            return None
        return max(self.rule.least - self.n, self._up.needed(-math.log(self.rule.alpha)), 0)


class _Better:
    """A bet that the success rate is above ``rate``; right is 1 and wrong is -1."""

    def __init__(self, rate: float) -> None:
        self._bets = MeanBets(2 * rate - 1, "above")
        self.wealth = Wealth(len(GRID))

    def take(self, value: float) -> None:
        self.wealth.multiply(self._bets.factors(value))

    def needed(self, enough: float) -> int:
        """How many more that are right make the wealth's logarithm ``enough``."""
        logs, gains = self.wealth.log_parts, [math.log(one) for one in self._bets.factors(1.0)]

        def suffice(count: int) -> bool:
            held = [log + count * gain for log, gain in zip(logs, gains, strict=True)]
            high = max(held)
            return high + math.log(math.fsum(math.exp(one - high) for one in held)) >= enough

        most = 1
        while not suffice(most):
            most *= 2
        least = 0 if suffice(0) else most // 2
        while most - least > 1:
            middle = (least + most) // 2
            least, most = (least, middle) if suffice(middle) else (middle, most)
        return 0 if suffice(0) else most
