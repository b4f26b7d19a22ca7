"""A decision in words and figures, the same ones in every format."""

from __future__ import annotations

import math

from agentops_eval.domain import CaseEffect, Decision, DecisionValue, MetricDecision, Reason, counted
from agentops_eval.reports._text import figure, finite, one_line, points, signed_percent, unit_of

SAID_BY_DATA = frozenset({"evidence", "fit", "harm", "limit", "too-few"})
"""Codes of reasons that tell what the data say, or that there are too few of them; others find fault."""
BEYOND = "share beyond"
"""The scale of a tail: how much more often the candidate lies beyond the baseline's quantile."""
_KINDS_BETTER_HIGHER = frozenset({"binary", "bounded"})
_NO_ROLLOUT = "offline"
"""The only stage of a gate that names none: there is nothing to stand at."""
_NEEDED_FOR = {"promote": " to promote", "rollback": " to roll back", "look": " to the next look"}
_LEAST, _MOST = 1e-4, 1e6
NAME, MESSAGE = 100, 600


def title_of(decision: Decision) -> str:
    """What the gate is called."""
    name = one_line(decision.gate, NAME)
    return f"Gate {name}" if name else "Gate"


def headline(decision: Decision) -> str:
    """The value first, where the rollout stands, and what is missing: ``hold at shadow, 9 more needed``."""
    stage, after = (one_line(name, NAME) for name in (decision.stage, decision.next_stage))
    if stage == _NO_ROLLOUT and not after:
        stage = ""
    if decision.value is DecisionValue.PROMOTE:
        return f"promote from {stage or 'here'} to {after}" if after else "promote"
    if decision.value is DecisionValue.ROLLBACK:
        return f"roll back from {stage}" if stage else "roll back"
    what = _NEEDED_FOR.get(decision.needed_for, "")
    needed = f", {decision.n_needed:,} more {_units(decision)} needed{what}" if decision.n_needed else ""
    return f"hold{f' at {stage}' if stage else ''}{needed}"


def asked(decision: Decision) -> str:
    """What evidence is compared with, in a line; empty for planned looks, which have bounds of their own."""
    promote = sorted({one.promote_at for one in decision.metrics if one.promote_at is not None})
    rollback = sorted({one.rollback_at for one in decision.metrics if one.rollback_at is not None})
    if any(is_planned(metric) for metric in decision.metrics) or not promote:
        return ""
    said = f"evidence is what a bet of 1 has become: {threshold(promote[0])} promotes"
    if not rollback:
        return said
    ends = " to ".join(threshold(one) for one in dict.fromkeys((rollback[0], rollback[-1])))
    guardrails = sum(one.rollback_at is not None for one in decision.metrics)
    shared = f" ({guardrails} guardrails share the level)" if guardrails > 1 else ""
    return f"{said}, {ends} rolls back{shared}"


def basis(decision: Decision) -> str:
    """What it rests on: how evidence is read, how much there is, and the seed of its order."""
    number = f"{decision.n:,} {_units(decision, decision.n)}"
    return f"{one_line(decision.mode, NAME)}, {number}, seed {decision.seed}"


def _units(decision: Decision, number: int | None = None) -> str:
    units = {metric.unit for metric in decision.metrics}
    unit = one_line(units.pop(), NAME) if len(units) == 1 else "unit"
    return unit if (decision.n_needed if number is None else number) == 1 else f"{unit}s"


def left_out(decision: Decision) -> str:
    """The samples that are no evidence, by reason; empty where all are."""
    return ", ".join(f"{number:,} {one_line(reason, NAME)}" for reason, number in decision.left_out)


def is_data_problem(reason: Reason) -> bool:
    """Whether the data cannot be used, and more of the same would not help."""
    return reason.blocks and reason.code not in SAID_BY_DATA


def about(reason: Reason) -> str:
    """The metric that a reason is about; empty where it is about all, or says so itself."""
    return "" if reason.message.startswith(reason.metric) else one_line(reason.metric, NAME)


def reasons_for(decision: Decision, metric: str) -> list[Reason]:
    """What is said of a metric; of the empty name, what is said of all."""
    return [reason for reason in decision.reasons if reason.metric == metric]


# -- one metric ---------------------------------------------------------------------------------


def better_of(metric: MetricDecision) -> str:
    """``higher``, ``lower`` or ``same``: its direction, or that of its kind where none is told."""
    if metric.direction:
        return str(metric.direction)
    return "higher" if metric.kind in _KINDS_BETTER_HIGHER else "lower"


def limits_of(metric: MetricDecision) -> tuple[float, ...]:
    """Where its margin lies on the scale of its estimate: on the worse side of zero, or on both."""
    margin = finite(metric.margin)
    if margin is None or metric.scale == BEYOND:
        return ()
    if metric.scale == "rate" or better_of(metric) == "lower":
        return (margin,)
    return (-margin,) if better_of(metric) == "higher" else (-margin, margin)


def change(metric: MetricDecision, value: float | None) -> str:
    """A value on the scale of its estimate, with unit: points, percent, or the metric's own unit."""
    if finite(value) is None:
        return "?"
    if metric.scale == "relative":
        return f"{signed_percent(value)} %"
    if metric.scale == "rate":
        return rate(value)
    if metric.kind == "binary" or metric.scale == BEYOND:
        return points(value)
    return figure(value, unit_of(metric.name), signed=True)


def level(metric: MetricDecision, value: float | None) -> str:
    """The mean of an arm: a share of passes, or a figure in the metric's own unit."""
    if metric.kind in {"binary", "limit"}:
        return rate(value)
    return figure(value, unit_of(metric.name))


def rate(value: float | None) -> str:
    """A share in percent with three digits, so that the rare is told from the never."""
    known = finite(value)
    return "?" if known is None else f"{known * 100:.3g} %"


def estimated(metric: MetricDecision) -> str:
    """The estimate with its interval; an end without a limit is told in words."""
    if finite(metric.estimate) is None:
        return "not known"
    low, high = finite(metric.low), finite(metric.high)
    told = change(metric, metric.estimate)
    if low is not None and high is not None:
        ends = ", ".join(change(metric, end).partition(" ")[0] for end in (low, high))
        return f"{told} [{ends}]"
    if low is not None:
        return f"{told}, at least {change(metric, low)}"
    return told if high is None else f"{told}, at most {change(metric, high)}"


def margin(metric: MetricDecision) -> str:
    """The worst change that is let pass; empty where none is set."""
    if metric.scale == BEYOND and finite(metric.margin) is not None:
        return f"{signed_percent(metric.margin)} % of the tail"
    return " or ".join(change(metric, limit) for limit in limits_of(metric))


def is_planned(metric: MetricDecision) -> bool:
    """Whether its evidence counts at planned looks, as z-values."""
    known = (metric.z_promote, metric.z_rollback, metric.bound_promote, metric.bound_rollback)
    return any(one is not None for one in known)


def evidence(metric: MetricDecision, side: str) -> str:
    """Evidence that is there of what is needed: ``3.1 of 20``. For a rollback the most that it has been.

    It is rounded down, and what suffices is called so: nothing seems reached that is not.
    """
    promote = side == "promote"
    if is_planned(metric):
        value = metric.z_promote if promote else metric.z_rollback
        asked = metric.bound_promote if promote else metric.bound_rollback
        kind = "z "
    else:
        value = metric.e_promote if promote else max(metric.e_rollback, metric.peak_rollback)
        asked = metric.promote_at if promote else metric.rollback_at
        kind = ""
    told = f"{kind}{strength(value)}"
    if asked is None:
        return "not asked" if not kind or value is None else f"{told}, no bound at this n"
    enough = ", enough" if value is not None and value >= asked else ""
    return f"{told} of {threshold(asked)}{enough}"


def strength(value: float | None) -> str:
    """An e-value or z-value, rounded down to three digits."""
    if value is None or math.isnan(value):
        return "?"
    if math.isinf(value):
        return "infinite" if value > 0 else "none"
    size = abs(value)
    if size == 0:
        return "0"
    step = 10.0 ** (math.floor(math.log10(size)) - 2)
    down = value if not step else math.floor(value / step + 1e-9) * step
    spelt = f"{down:.3g}" if _LEAST <= size < 1000 else f"{down:,.0f}" if 1 < size < _MOST else f"{down:.2e}"
    return spelt.replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")


def threshold(value: float) -> str:
    """What evidence is compared with."""
    return f"{value:,.4g}" if value < _MOST else strength(value)


def needs(metric: MetricDecision) -> str:
    """How many more units would suffice, and what for; empty where nothing is missing."""
    if not metric.n_needed:
        return ""
    what = _NEEDED_FOR.get(metric.needed_for, "")
    return f"needs {counted(metric.n_needed, 'more ' + one_line(metric.unit, NAME))}{what}"


def harm(metric: MetricDecision) -> str:
    """``worse`` or ``better`` where the whole interval is; else nothing."""
    sign = -1.0 if better_of(metric) == "lower" else 1.0
    if metric.scale == "rate" or better_of(metric) == "same":
        return ""
    ends = sorted(
        sign * (math.copysign(math.inf, side) if finite(end) is None else float(end or 0.0))
        for end, side in ((metric.low, -1.0), (metric.high, 1.0))
    )
    return "worse" if ends[1] < 0 else "better" if ends[0] > 0 else ""


def effect(case: CaseEffect, metric: MetricDecision | None) -> tuple[str, str]:
    """What a case came to in both arms, in the units of its metric."""
    if metric is None:
        return f"{case.baseline:.4g}", f"{case.candidate:.4g}"
    return level(metric, case.baseline), level(metric, case.candidate)


def value_of(decision: Decision, metric: MetricDecision) -> DecisionValue:
    """What is decided of a metric; hold where a reason about it keeps the whole from being promoted."""
    if decision.value is DecisionValue.PROMOTE or metric.value is not DecisionValue.PROMOTE:
        return metric.value
    blocked = any(reason.blocks for reason in reasons_for(decision, metric.name))
    return DecisionValue.HOLD if blocked else metric.value
