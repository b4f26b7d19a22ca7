"""What evidence of a metric means, in words: what was bet, what it takes, and when it was reached."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.domain import EvidencePoint, MetricDecision, counted
from agentops_eval.reports._text import one_line
from agentops_eval.reports.gate._words import NAME, is_planned, margin, strength, threshold

SIDES = ("promote", "rollback")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One side's bet: what it is on, what it must come to, what came of it; ``there`` if it suffices."""

    side: str
    bet: str
    asks: str
    came: str
    there: bool = False


def of_side(point: EvidencePoint, side: str) -> float:
    """The evidence of a point for a side."""
    return point.promote if side == "promote" else point.rollback


def bound_of(point: EvidencePoint, side: str) -> float | None:
    """What a planned look asks for; None without a plan."""
    return point.bound_promote if side == "promote" else point.bound_rollback


def stories(metric: MetricDecision) -> list[Story]:
    """Both sides, the promotion first; without a path it is not told when."""
    path = sorted(metric.path, key=lambda point: point.n)
    return [
        Story(
            side=side,
            bet=_bet(metric, side),
            asks=_asks(metric, side),
            came=_came(metric, path, side),
            there=crossing(metric, path, side) is not None and _kept(metric, path, side),
        )
        for side in SIDES
    ]


def _kept(metric: MetricDecision, path: Sequence[EvidencePoint], side: str) -> bool:
    """Whether what was reached still counts: a rollback and a planned look do, a promotion as it is now."""
    return side == "rollback" or is_planned(metric) or crossing(metric, path[-1:], side) is not None


def crossing(metric: MetricDecision, path: Sequence[EvidencePoint], side: str) -> EvidencePoint | None:
    """The first point of a path at which the evidence suffices; None where none does."""
    asked = _asked(metric, side)
    for point in path:
        bound = bound_of(point, side) if is_planned(metric) else asked
        if bound is not None and of_side(point, side) >= bound:
            return point
    return None


def _asked(metric: MetricDecision, side: str) -> float | None:
    """The one threshold, on the scale of the path."""
    at = metric.promote_at if side == "promote" else metric.rollback_at
    return math.log(at) if at is not None and at > 0 else None


def _bet(metric: MetricDecision, side: str) -> str:
    worst = margin(metric)
    if metric.scale == "rate":
        return (
            f"events stay rarer than {worst}"
            if side == "promote"
            else "events are more frequent than allowed"
        )
    if side == "promote":
        return f"the change stays within its margin of {worst}" if worst else "the candidate is no worse"
    return "the candidate is worse than it may be"


def _asks(metric: MetricDecision, side: str) -> str:
    if is_planned(metric):
        return "its z-value must reach the bound of a planned look"
    at = metric.promote_at if side == "promote" else metric.rollback_at
    return "nobody asks for it" if at is None else f"a stake of 1 must become {threshold(at)}"


def _came(metric: MetricDecision, path: Sequence[EvidencePoint], side: str) -> str:
    if not path or (_asked(metric, side) is None and not is_planned(metric)):
        return ""
    last = path[-1]
    now = of_side(last, side)
    if not is_planned(metric):
        now = math.inf if now > 709 else math.exp(now) if not math.isnan(now) else now
    there = crossing(metric, path, side)
    if there is None:
        return f"not reached by n = {last.n:,}, where it is {strength(now)}{_needed(metric, side)}"
    told = f"reached by n = {there.n:,}"
    if side == "rollback":
        return f"{told}; once proven, it stays"
    if _kept(metric, path, side):
        return told
    return f"{told}, and lost again: now it is {strength(now)}{_needed(metric, side)}"


def _needed(metric: MetricDecision, side: str) -> str:
    if not metric.n_needed or metric.needed_for not in (side, "look"):
        return ""
    units = counted(metric.n_needed, f"more {one_line(metric.unit, NAME)}")
    if metric.needed_for == "look":
        return f"; the next look is {units} away"
    return f"; about {units} would do, were all as it is now"
