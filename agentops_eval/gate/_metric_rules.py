"""Which fields of one metric go together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from agentops_eval.gate._bounds import (
    ALMOST_ALL,
    MANIFOLD,
    MANY_TIMES,
    RAREST,
    GateProblem,
    Path,
    check_name,
    check_part,
    is_number,
)
from agentops_eval.gate._gate import RELATIVE, Direction, Kind, Metric, Role, RollbackNull

_Finding: TypeAlias = tuple[str, str, str]
"""A field, what is wrong with it, and what to write instead."""

_PLAIN = Metric(name="plain")
_ENDLESS = frozenset({Kind.UNBOUNDED, Kind.COUNT, Kind.LIMIT})


def check_metric(metric: Metric, path: Path) -> Iterator[GateProblem]:
    """What is wrong with a metric. Fields are held against each other once each of them can be meant."""
    own = [*check_name(metric.name, (*path, "name")), *check_part(metric, path)]
    if own:
        yield from own
        return
    for rule in _RULES:
        for field, message, remedy in rule(metric):
            yield GateProblem(path=(*path, field), message=message, remedy=remedy)


def _range(metric: Metric) -> Iterator[_Finding]:
    if metric.kind is not Kind.BOUNDED:
        if metric.range != _PLAIN.range:
            message = f"only a bounded metric has a range, and {metric.name} is {metric.kind}"
            yield "range", message, "kind: bounded, or leave range out"
    elif _width(metric) is None:
        message = f"a range goes from a finite number to a greater one, not {list(metric.range)}"
        yield "range", message, "range: [0, 1]"


def _width(metric: Metric) -> float | None:
    """How far a metric with ends goes; None for ends that cannot be."""
    ends = metric.range if metric.kind is Kind.BOUNDED else _PLAIN.range
    if len(ends) != 2 or not all(map(is_number, ends)):
        return None
    width = ends[1] - ends[0]
    return width if is_number(width) and width > 0 else None


def _margin(metric: Metric) -> Iterator[_Finding]:
    """Cases: a limit's; none; a guardrail's below 0; no room where both ways are harm; past what can be."""
    margin, example = metric.margin, f"margin: {_example(metric):g}"
    if metric.kind is Kind.LIMIT:
        if margin is not None and not (metric.limit < margin < 1 and margin >= RAREST):
            message = (
                "the margin of a limit is the rate that has to be ruled out before promotion: "
                f"above the limit, {metric.limit:g}, and below 1, not {margin:g}"
            )
            yield "margin", message, example
    elif margin is None:
        message = f"{metric.name} has no margin: that there is no loss at all cannot be shown, a margin can"
        yield "margin", message, example
    elif margin < 0 and metric.role is Role.GUARDRAIL:
        message = f"the margin of a guardrail is the loss that is let pass, 0 or more, not {margin:g}"
        yield "margin", message, f"margin: {-margin:g}, or role: goal for a gain that has to be reached"
    elif margin <= 0 and metric.better is Direction.SAME:
        message = (
            f"a metric that must stay the same needs room on both sides: a margin above 0, not {margin:g}"
        )
        yield "margin", message, example
    else:
        yield from _reach(metric, margin, example)


def _reach(metric: Metric, margin: float, example: str) -> Iterator[_Finding]:
    """A margin that leaves nothing to be shown, or asks for more than there is."""
    if metric.kind in RELATIVE:
        lower = metric.better is Direction.LOWER
        said = f"the margin of {metric.name} is relative"
        percent = f"20 % is 0.2:  {_as_percentage(margin, example)}" if margin > MANIFOLD else example
        if lower and margin > MANIFOLD:
            message = (
                f"{said}: {MANIFOLD} lets {MANIFOLD + 1} times as much pass, and is the most, not {margin:g}"
            )
            yield "margin", message, percent
        elif lower and margin < -ALMOST_ALL:
            yield "margin", f"{said}: no gain is all of it, so -{ALMOST_ALL} or more, not {margin:g}", example
        elif not lower and margin > ALMOST_ALL:
            message = f"{said}: 1 lets it fall to nothing, so {ALMOST_ALL} at most, not {margin:g}"
            yield "margin", message, percent
        elif margin < -MANY_TIMES:
            message = f"{said}: -1 asks for twice as much, and -{MANY_TIMES:,} for the most, not {margin:g}"
            yield "margin", message, example
        return
    width = _width(metric)
    if width is not None and abs(margin) >= width:
        message = (
            f"no two values of {metric.name} are further apart than {width:g}: its margin is less than that"
        )
        yield "margin", f"{message}, not {margin:g}", example


def _as_percentage(margin: float, example: str) -> str:
    """What 20 was probably meant to be; 1.5 may have been meant in several ways."""
    return f"margin: {margin / 100:g}" if 2 <= margin <= 100 else example


def _example(metric: Metric) -> float:
    """A margin to begin with: five points, a fifth, or for a limit a rate that few units can rule out."""
    if metric.kind is Kind.LIMIT:
        return min(metric.limit + 0.01, (metric.limit + 1) / 2)
    if metric.kind in RELATIVE:
        return 0.2
    return 0.05 * (_width(metric) or 1.0)


def _rollback(metric: Metric) -> Iterator[_Finding]:
    if metric.rollback is not RollbackNull.MARGIN:
        return
    if metric.role is Role.GOAL:
        yield "rollback", "a goal rolls nothing back, by whichever margin", "leave rollback out"
    elif metric.kind is Kind.LIMIT:
        message = "a limit is rolled back beyond its limit, not beyond its margin"
        yield "rollback", message, f"leave rollback out; limit: {metric.limit:g} says where"
    elif metric.margin == 0:
        message = "a rollback beyond the margin needs a margin above 0, not 0"
        yield "rollback", message, f"rollback: baseline, or margin: {_example(metric):g}"


def _limit(metric: Metric) -> Iterator[_Finding]:
    if metric.kind is not Kind.LIMIT:
        if metric.limit != _PLAIN.limit:
            message = f"only a metric of kind limit has a limit, and {metric.name} is {metric.kind}"
            yield "limit", message, "kind: limit, or leave limit out"
        return
    if 0 < metric.limit < RAREST:
        message = f"a limit is 0, for none ever, or {RAREST:.6f} or more, not {metric.limit:g}"
        yield "limit", message, "limit: 0"
    if metric.role is Role.GOAL:
        yield "role", "a hard limit is a guardrail: as a goal it would stop nothing", "leave role out"
    if metric.direction is not None:
        message = "a hard limit has no direction: it counts events that should not be"
        yield "direction", message, "leave direction out"


def _quantile(metric: Metric) -> Iterator[_Finding]:
    if metric.quantile is None:
        return
    if metric.kind is not Kind.UNBOUNDED:
        message = f"only the tail of an unbounded metric is compared, and {metric.name} is {metric.kind}"
        yield "quantile", message, "kind: unbounded, or leave quantile out"
    elif metric.better is not Direction.LOWER:
        message = f"the tail is compared where less is better, and of {metric.name} it is {metric.better}"
        yield "quantile", message, "direction: lower, or leave quantile out"


def _without_effect(metric: Metric) -> Iterator[_Finding]:
    if metric.most != _PLAIN.most and metric.kind not in _ENDLESS:
        message = f"{metric.name} is {metric.kind} and has its ends already, so that most says nothing"
        yield "most", message, "leave most out"
    if metric.weight != _PLAIN.weight and metric.role is Role.GOAL:
        message = "a weight parts alpha among guardrails, and a goal has no part of it"
        yield "weight", message, "leave weight out"


def _numbers(metric: Metric) -> Iterator[_Finding]:
    if metric.max_n is not None and metric.min_n > metric.max_n:
        message = f"min_n, {metric.min_n}, is more than max_n, {metric.max_n}, so that it is never reached"
        yield "min_n", message, f"min_n: {metric.max_n}"


_RULES: tuple[Callable[[Metric], Iterator[_Finding]], ...] = (
    _range,
    _margin,
    _rollback,
    _limit,
    _quantile,
    _without_effect,
    _numbers,
)
