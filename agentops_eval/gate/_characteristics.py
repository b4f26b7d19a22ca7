"""How often a gate decides what, and how soon: the operating characteristics of a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.domain import DecisionValue
from agentops_eval.gate._truth import Scenario, Truth
from agentops_eval.stats import Interval, clopper_pearson

_CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """One simulated rollout: what was decided after ``n`` pairs and sessions, and what peeking did."""

    value: DecisionValue
    n: int
    peeked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """What a gate does to one kind of candidate. Shares have exact intervals at 99 %.

    ``median_n`` is how many pairs or sessions half of all rollouts were decided by, ``n80`` four in five;
    None where so many were never decided. ``median_rollback`` and ``median_promote`` are the medians of those
    that were decided so. ``peeking`` is the share that a z-test, read again and again, rolls back.
    """

    scenario: Scenario
    promote: Interval
    hold: Interval
    rollback: Interval
    median_n: int | None
    n80: int | None
    median_promote: int | None
    median_rollback: int | None
    peeking: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingCharacteristics:
    """What a gate does to candidates of which the ``truth`` is known, by simulation up to ``n``."""

    gate: str
    n: int
    repetitions: int
    seed: int
    truth: Truth
    scenarios: tuple[Characteristic, ...]


def summed_up(scenario: Scenario, rollouts: Sequence[Rollout], *, peeking: bool) -> Characteristic:
    """What rollouts of one scenario come to."""
    total = len(rollouts)

    def share(count: int) -> Interval:
        return clopper_pearson(count, total, confidence=_CONFIDENCE)

    after = {value: sorted(one.n for one in rollouts if one.value is value) for value in DecisionValue}
    promoted, rolled = after[DecisionValue.PROMOTE], after[DecisionValue.ROLLBACK]
    decided = sorted([*promoted, *rolled])
    return Characteristic(
        scenario=scenario,
        promote=share(len(promoted)),
        hold=share(len(after[DecisionValue.HOLD])),
        rollback=share(len(rolled)),
        median_n=_by(decided, total, 0.5),
        n80=_by(decided, total, 0.8),
        median_promote=_by(promoted, len(promoted), 0.5),
        median_rollback=_by(rolled, len(rolled), 0.5),
        peeking=share(sum(one.peeked for one in rollouts)) if peeking else None,
    )


def _by(ns: Sequence[int], total: int, part: float) -> int | None:
    """By which n this part of all was decided; None where it never was."""
    at = max(-int(-part * total // 1), 1)
    return ns[at - 1] if 0 < at <= len(ns) else None
