"""How often a gate decides what, and how soon: the operating characteristics of a simulation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.domain import DecisionValue
from agentops_eval.gate._peeking import Peeking
from agentops_eval.gate._truth import MadeUp, Truth
from agentops_eval.stats import Interval, clopper_pearson, normal_quantile

_CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """One simulated rollout: what was decided after ``n`` pairs and sessions, and what peeking found."""

    value: DecisionValue
    n: int
    peeking: Peeking | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """What a gate does to one kind of candidate. Shares have exact intervals at 99 %.

    ``median_n`` is how many pairs or sessions half of all rollouts were decided by, ``median_interval`` what
    it lies in at 99 % by order statistics, ``n80`` four in five; None where so many were never decided.
    ``median_rollback`` and ``median_promote`` are the medians of those that were decided so.
    ``peeking_promote`` and ``peeking_rollback`` are the shares in which a z-test, read again and again,
    claimed either at any time; None where that was not asked for.
    """

    candidate: MadeUp
    promote: Interval
    hold: Interval
    rollback: Interval
    median_n: int | None
    median_interval: tuple[int | None, int | None]
    n80: int | None
    median_promote: int | None
    median_rollback: int | None
    peeking_promote: Interval | None
    peeking_rollback: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingCharacteristics:
    """What a gate does to candidates of which the ``truth`` is known, by simulation up to ``n``."""

    gate: str
    n: int
    repetitions: int
    seed: int
    truth: Truth
    candidates: tuple[Characteristic, ...]


def summed_up(candidate: MadeUp, rollouts: Sequence[Rollout]) -> Characteristic:
    """What rollouts of one candidate come to."""
    total = len(rollouts)

    def share(count: int) -> Interval:
        return clopper_pearson(count, total, confidence=_CONFIDENCE)

    after = {value: sorted(one.n for one in rollouts if one.value is value) for value in DecisionValue}
    reach = -normal_quantile((1 - _CONFIDENCE) / 2) / (2 * math.sqrt(total))
    peeked = [one.peeking for one in rollouts if one.peeking is not None]
    promoted, rolled = after[DecisionValue.PROMOTE], after[DecisionValue.ROLLBACK]
    decided = sorted([*promoted, *rolled])
    return Characteristic(
        candidate=candidate,
        promote=share(len(promoted)),
        hold=share(len(after[DecisionValue.HOLD])),
        rollback=share(len(rolled)),
        median_n=_by(decided, total, 0.5),
        median_interval=(_by(decided, total, 0.5 - reach), _by(decided, total, 0.5 + reach)),
        n80=_by(decided, total, 0.8),
        median_promote=_by(promoted, len(promoted), 0.5),
        median_rollback=_by(rolled, len(rolled), 0.5),
        peeking_promote=share(sum(one.promoted for one in peeked)) if peeked else None,
        peeking_rollback=share(sum(one.rolled_back for one in peeked)) if peeked else None,
    )


def _by(ns: Sequence[int], total: int, part: float) -> int | None:
    """By which n this part of all was decided; None where it never was."""
    at = max(math.ceil(part * total), 1)
    return ns[at - 1] if at <= len(ns) else None
