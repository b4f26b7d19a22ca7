"""What follows from the evidence about all metrics, and what is still needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentops_eval.domain import DecisionValue, MetricDecision, Reason, counted
from agentops_eval.gate._gate import Gate, Kind, Role
from agentops_eval.gate._needed import FEWEST
from agentops_eval.gate._unusable import CONSTANT_ARM
from agentops_eval.gate._walk import Walked


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """A decision's value, the reasons that evidence gives for it, and what would decide what is held."""

    value: DecisionValue
    reasons: tuple[Reason, ...]
    n_needed: int | None = 0
    needed_for: str = ""


def conclude(
    gate: Gate, walked: Sequence[Walked], metrics: Sequence[MetricDecision], reasons: Sequence[Reason]
) -> Conclusion:
    """What follows, where the reasons so far tell what is wrong with the evidence."""
    unusable = [one for one in reasons if one.blocks]
    harmful = [one for one in metrics if one.value is DecisionValue.ROLLBACK]
    beyond = [one for one in harmful if one.kind == Kind.LIMIT.value]
    telling = all(one.code == CONSTANT_ARM for one in unusable)
    if beyond or (harmful and telling):
        told = [_harm(one) for one in (harmful if telling else beyond)]
        return Conclusion(value=DecisionValue.ROLLBACK, reasons=(*reasons, *told))
    named = {reason.metric for reason in unusable if reason.metric}
    open_ones = [one for one in metrics if one.value is DecisionValue.HOLD]
    short = [*_too_few(gate, walked), *(_lacking(one) for one in open_ones if one.name not in named)]
    if unusable:
        return Conclusion(value=DecisionValue.HOLD, reasons=(*reasons, *short), n_needed=None)
    if short:
        needed, why = _needed(gate, walked[-1], metrics)
        return Conclusion(
            value=DecisionValue.HOLD, reasons=(*reasons, *short), n_needed=needed, needed_for=why
        )
    return Conclusion(value=DecisionValue.PROMOTE, reasons=(*reasons, *map(_fit, metrics)))


def _too_few(gate: Gate, walked: Sequence[Walked]) -> Iterator[Reason]:
    """Whether the stage, and all up to it together, have the units that they ask for.

    What an earlier stage lacks can be made up for later: its own time is over.
    """
    last = walked[-1]
    fewest = max(gate.min_n, last.stage.min_n)
    before = sum(max(gate.min_n, one.stage.min_n) - one.n for one in walked[:-1])
    lacks = max(fewest - last.n, before + fewest - last.n)
    if lacks > 0:
        unit = "block" if last.stage.share is not None else "pair"
        where = f"stage {last.stage.name} has" if len(gate.stages) > 1 else "there are"
        asked = f"{fewest:,}" if before <= 0 else f"{fewest:,} and {before:,} that earlier stages lack"
        yield Reason(
            code="too-few",
            message=f"{where} {counted(last.n, unit)}, and {asked} are asked for",
            remedy=f"{counted(lacks, f'more {unit}')} will do",
        )


def _harm(found: MetricDecision) -> Reason:
    if found.kind == Kind.LIMIT.value:
        share = f"{found.candidate or 0:.4g} of the candidate's {found.unit}s"
        message = f"{found.name}: {share} have an event beyond the limit"
        return Reason(code="limit", message=message, metric=found.name, remedy="see the worst cases")
    if found.bound_rollback is not None:
        told = "a planned look reached its bound"
    else:
        told = f"evidence {found.peak_rollback:.3g}, where {found.rollback_at or 0:.3g} suffices"
    within = found.promote_at is not None and found.e_promote >= found.promote_at
    if within:
        message = f"{found.name} is worse than the baseline ({told}), though within its margin"
        remedy = "where a loss within the margin is let pass, write rollback: margin"
    else:
        message, remedy = f"{found.name} is worse than is let pass: {told}", "see the worst cases"
    return Reason(code="harm", message=message, metric=found.name, remedy=remedy)


def _fit(found: MetricDecision) -> Reason:
    what = "is as good as the goal asks" if found.role == Role.GOAL.value else "is no worse than its margin"
    return Reason(code="fit", message=f"{found.name} {what}", metric=found.name, blocks=False)


def _lacking(found: MetricDecision) -> Reason:
    """Why a metric neither promotes nor rolls back, and how many units would change that."""
    units = counted(found.n_needed, f"more {found.unit}") if found.n_needed else ""
    if found.needed_for == "look":
        message = f"{found.name} is looked at next after {units}"
    elif found.needed_for == "rollback":
        message = f"{found.name} points to harm; {units} would show it, were all as now"
    elif units:
        message = f"{found.name} needs {units}, were all as now"
    elif not found.n:
        message = f"{found.name} has no evidence yet"
    elif found.n < FEWEST:
        message = f"{found.name} has {counted(found.n, found.unit)}, too few to say how many more are needed"
    else:
        message = f"{found.name} would not be decided by more of the same"
    return Reason(code="evidence", message=message, metric=found.name)


def _needed(gate: Gate, last: Walked, metrics: Sequence[MetricDecision]) -> tuple[int | None, str]:
    """The units until the next decision, and which: the first harm's, or a promotion by all metrics."""
    fewest = max(gate.min_n, last.stage.min_n) - last.n
    harm = [one.n_needed for one in metrics if one.needed_for == "rollback" and one.n_needed]
    if harm:
        return min(harm), "rollback"
    open_ones = [one for one in metrics if one.value is DecisionValue.HOLD]
    known = [one.n_needed for one in open_ones if one.n_needed is not None]
    if len(known) < len(open_ones):
        return None, ""
    look = any(one.needed_for == "look" for one in open_ones)
    return max(0, fewest, *known), "look" if look else "promote"
