"""Judging an agent that does not do the same every time: shares and ratios with intervals."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from agentops_eval.chaos._kind import Kind
from agentops_eval.chaos.contracts import Contract
from agentops_eval.chaos.impact._judge import Judge
from agentops_eval.chaos.kinds import CATALOGUE
from agentops_eval.domain import DrawRequest, Estimate, FaultedRun, Impact, Impacts, Mode
from agentops_eval.stats import Interval, clopper_pearson, newcombe, paired_bootstrap, ratio_bootstrap
from agentops_eval.traces import Pricer, cost_of

_BETTER = (
    Mode.FULL,
    Mode.DEGRADED_AS_DECLARED,
    Mode.FAILED_SAFE,
    Mode.DEGRADED_UNDECLARED,
    Mode.UNKNOWN,
    Mode.HUNG,
    Mode.FAILED_UNSAFE,
)


def judge_many(
    bases: Sequence[FaultedRun],
    runs: Sequence[FaultedRun],
    contract: Contract | None = None,
    *,
    kinds: Mapping[str, Kind] = CATALOGUE,
    price: Pricer = cost_of,
    confidence: float = 0.95,
) -> Impacts:
    """What a schedule did over many runs, against many fault-free ones.

    Each run is judged by the fault-free run that speaks best for it: whatever the agent does without a fault
    is no fault's doing. The fault-free runs are judged the same way by the others, which shows how much an
    agent differs from itself. Raises ValueError without a run on either side.
    """
    if not bases or not runs:
        raise ValueError("an estimate needs runs with and without faults")
    judges = [Judge(base, contract, kinds=kinds, price=price) for base in bases]
    impacts = tuple(_best(judges, run) for run in runs)
    others = [[judge for judge in judges if judge is not own] for own in judges]
    noise = [_best(rest, base) for rest, base in zip(others, bases, strict=True) if rest]
    modes, usual = _modes(impacts), _modes(noise)
    return Impacts(
        runs=len(runs),
        bases=len(bases),
        modes={name: _rate(count, len(runs), confidence) for name, count in modes.items()},
        usual={name: _rate(count, len(noise), confidence) for name, count in usual.items()},
        differences={
            name: _estimate(newcombe(modes[name], len(runs), usual[name], len(noise), confidence=confidence))
            for name in sorted(modes.keys() | usual.keys())
            if noise
        },
        harms={
            name: _rate(count, len(runs), confidence)
            for name, count in sorted(Counter(name for one in impacts for name in one.harms).items())
        },
        ratios=dict(_ratios(bases, runs, judges, confidence)),
        changed=_mean([float(one.blast_radius.changed) for one in impacts], confidence),
        impacts=impacts,
    )


def _best(judges: Iterable[Judge], run: FaultedRun) -> Impact:
    """By the fault-free run that gives the best mode, and of those the least difference."""
    found = [judge(run) for judge in judges]
    return min(found, key=lambda one: (_BETTER.index(one.mode), one.blast_radius.changed))


def _modes(impacts: Iterable[Impact]) -> Counter[str]:
    return Counter(sorted(one.mode.value for one in impacts))


def _ratios(
    bases: Sequence[FaultedRun], runs: Sequence[FaultedRun], judges: Sequence[Judge], confidence: float
) -> Iterable[tuple[str, Estimate]]:
    reader = judges[0]
    sides: dict[str, list[list[float | None]]] = {"calls": [], "seconds": [], "cost": []}
    for group in (runs, bases):
        sides["calls"].append([float(_calls(run)) for run in group])
        sides["seconds"].append([run.elapsed_s for run in group])
        sides["cost"].append([reader.cost_usd(run) for run in group])
    for name, (after, before) in sides.items():
        values = [one for one in after if one is not None and math.isfinite(one) and one >= 0]
        usual = [one for one in before if one is not None and math.isfinite(one) and one >= 0]
        if len(values) < len(after) or len(usual) < len(before):
            continue
        found = ratio_bootstrap(values, usual, confidence=confidence)
        if found is not None:
            yield name, _estimate(found)


def _calls(run: FaultedRun) -> int:
    return sum(not isinstance(event.request, DrawRequest) for event in run.events)


def _rate(count: int, n: int, confidence: float) -> Estimate:
    return _estimate(clopper_pearson(count, n, confidence=confidence))


def _mean(values: Sequence[float], confidence: float) -> Estimate:
    found = paired_bootstrap(values, confidence=confidence, resamples=2_000)
    return Estimate(value=values[0], n=1) if found is None else _estimate(found)


def _estimate(found: Interval) -> Estimate:
    return Estimate(value=found.value, low=found.low, high=found.high, n=found.n, method=found.method)
