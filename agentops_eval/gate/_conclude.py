"""What follows from the evidence about all metrics, and what is still needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentops_eval.domain import DecisionValue, MetricDecision, Reason
from agentops_eval.gate._checks import CONSTANT_ARM
from agentops_eval.gate._gate import Gate, Kind, Role
from agentops_eval.gate._needed import FEWEST
from agentops_eval.gate._walk import Walked


def conclude(
    gate: Gate,
    walked: Sequence[Walked],
    metrics: Sequence[MetricDecision],
    unusable: Sequence[Reason],
) -> tuple[DecisionValue, list[Reason]]:
    """The decision, and the reasons that evidence gives for it."""
    harmful = [one for one in metrics if one.value is DecisionValue.ROLLBACK]
    beyond = [one for one in harmful if one.kind == Kind.LIMIT.value]
    telling = all(one.code == CONSTANT_ARM for one in unusable)
    if beyond or (harmful and telling):
        return DecisionValue.ROLLBACK, [_harm(one) for one in (harmful if telling else beyond)]
    if unusable:
        return DecisionValue.HOLD, []
    short = [*_too_few(gate, walked), *(_lacking(one) for one in metrics if one.value is DecisionValue.HOLD)]
    if short:
        return DecisionValue.HOLD, short
    return DecisionValue.PROMOTE, [_fit(one) for one in metrics]


def _too_few(gate: Gate, walked: Sequence[Walked]) -> Iterator[Reason]:
    for one in walked:
        fewest = max(gate.min_n, one.stage.min_n)
        if one.n < fewest:
            unit = "units of traffic" if one.stage.share is not None else "pairs"
            yield Reason(
                code="too-few",
                message=f"stage {one.stage.name} has {one.n} {unit}, and asks for {fewest}",
                remedy=f"{fewest - one.n} more are needed",
            )


def _harm(found: MetricDecision) -> Reason:
    if found.kind == Kind.LIMIT.value:
        message = (
            f"{found.name}: {found.candidate or 0:.4g} of the candidate's {found.unit}s are beyond the limit"
        )
        return Reason(code="limit", message=message, metric=found.name)
    if found.bound_rollback is not None:
        told = "a planned look reached its bound"
    else:
        told = f"evidence {found.peak_rollback:.3g}, where {found.rollback_at or 0:.3g} suffices"
    message = f"{found.name} is worse than is let pass: {told}"
    return Reason(code="harm", message=message, metric=found.name)


def _fit(found: MetricDecision) -> Reason:
    what = "is as good as the goal asks" if found.role == Role.GOAL.value else "is no worse than its margin"
    return Reason(code="fit", message=f"{found.name} {what}", metric=found.name, blocks=False)


def _lacking(found: MetricDecision) -> Reason:
    """Why a metric neither promotes nor rolls back, and how many units would change that."""
    units = f"{found.n_needed:,} more {found.unit}s" if found.n_needed else ""
    if found.needed_for == "look":
        message = f"{found.name} is looked at next after {units}"
    elif found.needed_for == "rollback":
        message = f"{found.name} points to harm; {units} would show it, were all as now"
    elif units:
        message = f"{found.name} needs {units}, were all as now"
    elif not found.n:
        message = f"{found.name} has no evidence yet"
    elif found.n < FEWEST:
        message = f"{found.name} has {found.n} {found.unit}s, too few to say how many more are needed"
    else:
        message = f"{found.name} would not be decided by more of the same"
    return Reason(code="evidence", message=message, metric=found.name)


def more_needed(gate: Gate, walked: Sequence[Walked], metrics: Sequence[MetricDecision]) -> int | None:
    """The units until the next decision: all metrics' for a promotion, or the first harm's."""
    last = walked[-1]
    fewest = max(gate.min_n, last.stage.min_n) - last.n
    harm = [one.n_needed for one in metrics if one.needed_for == "rollback" and one.n_needed]
    if harm:
        return min(harm)
    open_ones = [one.n_needed for one in metrics if one.value is DecisionValue.HOLD]
    if None in open_ones:
        return None
    return max(0, fewest, *(one for one in open_ones if one is not None))
