"""Samples made for tests: pairs of cases and live traffic, with known truths."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import TypeAlias

from agentops_eval.domain import Arm, Decision, MetricDecision, Sample

Draw: TypeAlias = Callable[[random.Random, Arm], float]


def pairs(
    n: int,
    *,
    baseline: float = 0.95,
    candidate: float = 0.95,
    seed: int = 1,
    trials: int = 1,
    **metrics: Draw,
) -> list[Sample]:
    """Both arms of ``n`` cases, with these pass rates, independent of each other."""
    draw = random.Random(seed)
    return [
        Sample(
            case=f"case-{at}",
            trial=trial,
            arm=arm,
            passed=draw.random() < rate,
            metrics={name: one(draw, arm) for name, one in metrics.items()},
        )
        for at in range(n)
        for trial in range(1, trials + 1)
        for arm, rate in ((Arm.BASELINE, baseline), (Arm.CANDIDATE, candidate))
    ]


def outcomes(losses: int, wins: int, ties: int = 0) -> list[Sample]:
    """Pairs of which the candidate lost and won so many, and of which both passed so many."""
    told = [(True, False)] * losses + [(False, True)] * wins + [(True, True)] * ties
    return [
        Sample(case=f"case-{at}", arm=arm, passed=passed)
        for at, both in enumerate(told)
        for arm, passed in zip((Arm.BASELINE, Arm.CANDIDATE), both, strict=True)
    ]


def traffic(
    n: int, *, share: float, baseline: float = 0.05, candidate: float = 0.05, seed: int = 1, stage: str = ""
) -> list[Sample]:
    """Sessions with these rates of failure, split at random, a second apart."""
    draw, found = random.Random(seed), []
    for at in range(n):
        mine = draw.random() < share
        failed = draw.random() < (candidate if mine else baseline)
        arm = Arm.CANDIDATE if mine else Arm.BASELINE
        found.append(Sample(case=f"session-{at}", arm=arm, passed=not failed, at_s=float(at), stage=stage))
    return found


def codes(decision: Decision) -> list[str]:
    """The codes of its reasons."""
    return [reason.code for reason in decision.reasons]


def wrong(decision: Decision) -> list[str]:
    """The codes of what is wrong with its evidence, without what there is too little of."""
    return [code for code in codes(decision) if code not in {"too-few", "evidence"}]


def metric(decision: Decision, name: str = "passed") -> MetricDecision:
    """The decision about one metric."""
    return next(one for one in decision.metrics if one.name == name)


def of_arm(samples: Iterable[Sample], arm: Arm) -> list[Sample]:
    """The samples of one arm."""
    return [one for one in samples if one.arm is arm]
