"""What is decided of each metric by its evidence, and how much more of it is needed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from agentops_eval.domain import DecisionValue, MetricDecision
from agentops_eval.gate._gate import Asks, Gate, Kind, Metric, Role, Stage
from agentops_eval.gate._planned import Looked, look
from agentops_eval.gate._track import Track
from agentops_eval.stats import e_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """What a metric's evidence has to reach, as logarithms, and units; None is never asked."""

    rollback: float | None
    promote: float | None
    fewest: int

    @classmethod
    def of(cls, gate: Gate, stage: Stage, metric: Metric) -> Bars:
        """The bars of a metric in a stage, without planned looks."""
        guarded = metric.role is Role.GUARDRAIL
        asked = _is_asked(metric) and not (guarded and stage.asks is Asks.NO_HARM)
        return cls(
            rollback=-math.log(gate.rollback_alpha(metric)) if guarded else None,
            promote=-math.log(gate.alpha_promote) if asked else None,
            fewest=max(metric.min_n, 1),
        )

    def value(self, track: Track) -> DecisionValue:
        """What follows from the evidence now: harm that was shown once stays shown."""
        if self.rollback is not None and track.log_peak >= self.rollback:
            return DecisionValue.ROLLBACK
        if track.n >= self.fewest and (self.promote is None or track.log_promote >= self.promote):
            return DecisionValue.PROMOTE
        return DecisionValue.HOLD


def decide_metric(gate: Gate, stage: Stage, track: Track) -> MetricDecision:
    """The decision about one metric, and the size of its effect."""
    metric = track.metric
    guarded = metric.role is Role.GUARDRAIL
    alpha = gate.rollback_alpha(metric) if guarded else None
    asked = _is_asked(metric)
    shown = track.shown(alpha or gate.alpha_promote)
    arms = track.arms
    limit = metric.kind is Kind.LIMIT
    found = MetricDecision(
        name=metric.name,
        kind=metric.kind.value,
        role=metric.role.value,
        value=DecisionValue.HOLD,
        direction="" if limit else metric.better.value,
        scale=shown.scale,
        unit="block" if stage.share is not None else "case" if limit else "pair",
        margin=metric.margin,
        estimate=shown.estimate,
        low=shown.low,
        high=shown.high,
        baseline=None if arms is None or limit else arms[0],
        candidate=None if arms is None else arms[1],
        e_promote=e_value(track.log_promote),
        e_rollback=e_value(track.log_rollback),
        peak_rollback=e_value(track.log_peak),
        promote_at=1 / gate.alpha_promote if asked else None,
        rollback_at=None if alpha is None else 1 / alpha,
        alpha_promote=gate.alpha_promote if asked else None,
        alpha_rollback=alpha,
        alpha_spent=alpha if alpha is not None and track.n else 0.0,
        n=track.n,
        discordance=shown.discordance,
        path=track.path,
    )
    if gate.planned is not None and not limit:
        return _by_plan(gate, track, found)
    return _by_evidence(gate, stage, track, found)


def _is_asked(metric: Metric) -> bool:
    """Whether promotion rests on evidence: a limit without a margin asks for nothing but no event."""
    return metric.kind is not Kind.LIMIT or metric.margin is not None


def _by_evidence(gate: Gate, stage: Stage, track: Track, found: MetricDecision) -> MetricDecision:
    bars = Bars.of(gate, stage, track.metric)
    value = bars.value(track)
    if value is not DecisionValue.HOLD:
        return replace(found, value=value, n_needed=0, needed_for=value.value)
    fewest = max(track.metric.min_n - track.n, 0)
    if bars.promote is None or track.log_promote >= bars.promote:
        return replace(found, n_needed=fewest or None, needed_for="promote")
    to_promote = track.to_promote(bars.promote)
    to_roll = None if bars.rollback is None else track.to_rollback(bars.rollback)
    if to_promote is not None and (to_roll is None or to_promote <= to_roll):
        return replace(found, n_needed=max(to_promote, fewest, 1), needed_for="promote")
    if to_roll is not None:
        return replace(found, n_needed=max(to_roll, 1), needed_for="rollback")
    return found


def _by_plan(gate: Gate, track: Track, found: MetricDecision) -> MetricDecision:
    looked = looked_at(gate, track)
    found = replace(
        found,
        z_promote=looked.z_promote,
        z_rollback=looked.z_rollback,
        bound_promote=looked.bound_promote,
        bound_rollback=looked.bound_rollback,
        alpha_spent=looked.spent,
        path=looked.path,
    )
    value = looked.value
    if value is not DecisionValue.HOLD:
        return replace(found, value=value, n_needed=0, needed_for=value.value)
    more = None if looked.next_n is None else looked.next_n - track.n
    return replace(found, n_needed=more, needed_for="" if more is None else "look")


def looked_at(gate: Gate, track: Track) -> Looked:
    """What the planned looks that there are units for show of a metric."""
    assert gate.planned is not None
    guarded = track.metric.role is Role.GUARDRAIL
    return look(
        track.plain,
        gate.planned,
        nulls=track.nulls,
        alpha_promote=gate.alpha_promote,
        alpha_rollback=gate.rollback_alpha(track.metric) if guarded else None,
    )
