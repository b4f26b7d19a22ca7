"""What a gate asks of a candidate: metrics, stages, and what makes evidence unusable."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from agentops_eval.stats import Spending


class Kind(StrEnum):
    """What values a metric has, and with that how evidence about it is gathered."""

    BINARY = "binary"
    BOUNDED = "bounded"
    UNBOUNDED = "unbounded"
    COUNT = "count"
    LIMIT = "limit"


class Direction(StrEnum):
    """Which change is for the better. With ``same`` no change is."""

    HIGHER = "higher"
    LOWER = "lower"
    SAME = "same"


class Role(StrEnum):
    """A guardrail may roll a candidate back and must not be harmed; a goal must be reached."""

    GUARDRAIL = "guardrail"
    GOAL = "goal"


class RollbackNull(StrEnum):
    """What a rollback disproves: that it is no worse than the baseline, or no worse than the margin."""

    BASELINE = "baseline"
    MARGIN = "margin"


class Asks(StrEnum):
    """What a stage asks: that all metrics are shown to be within their margins, or that no harm is seen."""

    NON_INFERIOR = "non-inferior"
    NO_HARM = "no-harm"


RELATIVE = frozenset({Kind.UNBOUNDED, Kind.COUNT})
"""Kinds whose margin is a share of the baseline's value; the others' is in their own units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One thing that must not get worse, or must get better.

    ``margin`` is the loss that is let pass: in the metric's units for binary and bounded ones (0.05 is five
    points), relative for unbounded ones and counts (0.2 is 20 % more). A goal's may be negative: it must be
    better by so much then. Of a ``limit`` metric ``limit`` is the rate of events that is allowed, 0 for none
    ever, and ``margin`` the rate that must be ruled out before promotion. ``quantile`` compares the tail
    of an unbounded metric (0.95) in place of what is typical. ``range`` has the ends of a bounded one.
    ``most`` is the largest value that can be meant. ``judge`` names the judge whose calibration it rests on.
    """

    name: str
    kind: Kind = Kind.BINARY
    direction: Direction | None = None
    margin: float | None = None
    role: Role = Role.GUARDRAIL
    weight: float = 1.0
    rollback: RollbackNull = RollbackNull.BASELINE
    range: tuple[float, float] = (0.0, 1.0)
    quantile: float | None = None
    limit: float = 0.0
    most: float = 1e9
    judge: str = ""
    may_be_constant: bool = False
    min_n: int = 0
    max_n: int | None = None

    @property
    def better(self) -> Direction:
        """Its direction; unless it is said, more passes and scores are better, and less of all else."""
        if self.direction is not None:
            return self.direction
        return Direction.HIGHER if self.kind in {Kind.BINARY, Kind.BOUNDED} else Direction.LOWER


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of a rollout. ``share`` is the candidate's part of the traffic; None for pairs of cases."""

    name: str
    share: float | None = None
    min_n: int = 0
    max_n: int | None = None
    asks: Asks = Asks.NON_INFERIOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan of looks: evidence counts at these numbers of units alone, and needs fewer of them.

    ``n`` is the last look; the others are spread evenly before it, ``looks`` in all, or as many as are 20
    units apart.
    """

    n: int
    looks: int = 5
    spending: Spending = "obrien-fleming"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What makes evidence unusable. Shares are of an arm's samples.

    ``most_missing`` may lack a metric, or their case in the other arm. ``most_errors`` may have ended
    in errors that are not the agent's. Arms may not differ in either beyond chance at ``alpha``, which is
    also the level at which traffic counts as split otherwise than meant. ``max_age_h`` is how old the
    newest sample may be, ``disorder_s`` how far times may run backwards. ``most_alike`` is the share of
    one answer among the candidate's to different cases from which a judged metric is refused.
    """

    most_missing: float = 0.05
    most_errors: float = 0.2
    alpha: float = 0.001
    max_age_h: float | None = None
    disorder_s: float = 0.0
    most_alike: float = 0.5


OFFLINE = Stage(name="offline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A rule that turns the samples of two versions into a decision.

    ``alpha`` is the chance of rolling back a candidate that is no worse, over all guardrails together;
    ``alpha_promote`` that of promoting one that is worse than a margin. ``min_n`` units are asked for in
    every stage. ``block`` merges so many successive units of traffic into one, where they depend on each
    other. ``seed`` fixes the order of pairs.
    """

    metrics: tuple[Metric, ...]
    name: str = ""
    alpha: float = 0.05
    alpha_promote: float = 0.05
    min_n: int = 20
    max_n: int | None = None
    block: int = 1
    seed: int = 0
    stages: tuple[Stage, ...] = (OFFLINE,)
    planned: Planned | None = None
    quality: Quality = field(default_factory=Quality)

    @property
    def guardrails(self) -> tuple[Metric, ...]:
        """The metrics that may roll back."""
        return tuple(one for one in self.metrics if one.role is Role.GUARDRAIL)

    def rollback_alpha(self, metric: Metric) -> float:
        """The part of ``alpha`` that falls to a guardrail by its weight."""
        return self.alpha * metric.weight / sum(one.weight for one in self.guardrails)
