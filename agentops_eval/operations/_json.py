"""Operational measures as the documented JSON objects. What is not known is null."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec

from agentops_eval.domain import (
    Burn,
    CalibrationReport,
    ChangePoint,
    CostForecast,
    Drift,
    Estimate,
    Incident,
    Json,
    ObjectiveStatus,
    ReliabilityBin,
    Threshold,
    TierDecision,
)
from agentops_eval.operations._objectives import Indicator


def estimate_json(found: Estimate) -> dict[str, Json]:
    """A value with its limits."""
    return {"value": found.value, "low": found.low, "high": found.high}


def status_json(one: ObjectiveStatus) -> dict[str, Json]:
    """How an objective stands. A degraded share is told as that of runs that were degraded."""
    level, target = one.level, one.target
    value, low, high = level.value, level.low, level.high
    if one.indicator == Indicator.DEGRADED_SHARE:
        target = round(1 - target, 12)
        value, low, high = _turned(value), _turned(high), _turned(low)
    return {
        "name": one.name,
        "indicator": one.indicator,
        "verdict": one.verdict.value,
        "target": target,
        "value": value,
        "low": low,
        "high": high,
        "good": one.good,
        "events": one.events,
        "unknown": one.unknown,
        "window_days": one.window_days,
        "budget_left_share": one.budget_left,
        "burns": [_burn_json(burn) for burn in one.burns],
        "n_needed": one.n_needed,
        "why": one.why,
    }


def _turned(share: float | None) -> float | None:
    return None if share is None else 1 - share


def _burn_json(one: Burn) -> dict[str, Json]:
    return {
        "severity": one.severity,
        "threshold": one.threshold,
        "long_s": one.long_s,
        "short_s": one.short_s,
        "long": one.long,
        "short": one.short,
        "fires": one.fires,
    }


def calibration_json(found: CalibrationReport) -> dict[str, Json]:
    """How far confidence can be taken at its word, bin by bin, and the thresholds."""
    return {
        "verdict": found.verdict.value,
        "n": found.n,
        "n_needed": found.n_needed,
        "ece": estimate_json(found.ece),
        "ece_equal_mass": estimate_json(found.ece_equal_mass),
        "noise": found.noise,
        "mce": found.mce,
        "brier": found.brier,
        "reliability": found.reliability,
        "resolution": found.resolution,
        "uncertainty": found.uncertainty,
        "bins": [_bin_json(one) for one in found.bins],
        "thresholds": [_threshold_json(one) for one in found.thresholds],
    }


def calibration_from_json(document: Json) -> CalibrationReport:
    """The report that ``calibration_json`` told. Raises ValueError for what is none."""
    try:
        told = msgspec.convert(document, dict[str, Any])
        some = [msgspec.convert(one, dict[str, Any]) for one in told.pop("thresholds", ())]
        thresholds = [{**one, "covered": one.get("covered_share", 0.0)} for one in some]
        return msgspec.convert({**told, "thresholds": thresholds}, CalibrationReport)
    except (msgspec.ValidationError, TypeError) as error:
        raise ValueError(f"this is no calibration: {error}") from error


def _bin_json(one: ReliabilityBin) -> dict[str, Json]:
    told: dict[str, Json] = asdict(one)
    return {**told, "gap": one.gap}


def _threshold_json(one: Threshold) -> dict[str, Json]:
    return {
        "action": one.action,
        "verdict": one.verdict.value,
        "target": one.target,
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "error": estimate_json(one.error),
        "covered_share": one.covered,
        "n": one.n,
        "n_needed": one.n_needed,
        "why": one.why,
    }


def drift_json(one: Drift) -> dict[str, Json]:
    """What became of a measure, and on which days."""
    return {
        "measure": one.measure,
        "verdict": one.verdict.value,
        "before": one.before,
        "after": one.after,
        "change": estimate_json(one.change),
        "tolerance": one.tolerance,
        "n_needed": one.n_needed,
        "why": one.why,
        "points": [_point_json(point) for point in one.points],
    }


def _point_json(one: ChangePoint) -> dict[str, Json]:
    return {"day": one.label, "before": one.before, "after": one.after, "p_value": one.p_value}


def forecast_json(found: CostForecast) -> dict[str, Json]:
    """What the next weeks will cost, and what drives it."""
    return {
        "verdict": found.verdict.value,
        "weeks": found.weeks,
        "history_weeks": found.cost.n,
        "cost_usd": estimate_json(found.cost),
        "trend_usd": estimate_json(found.trend_usd),
        "weekdays": list(found.weekdays),
        "correlation": found.correlation,
        "drivers": [
            {
                "group": one.group,
                "before_usd": one.before_usd,
                "after_usd": one.after_usd,
                "volume_usd": one.volume_usd,
                "price_usd": one.price_usd,
            }
            for one in found.drivers
        ],
        "n_needed": found.n_needed,
        "why": found.why,
    }


def incident_json(one: Incident) -> dict[str, Json]:
    """What went wrong in a run. An agent that cannot be told is null, and so is a step."""
    return {
        "kind": one.kind.value,
        "mast": list(one.mast),
        "agent": one.agent or None,
        "step": one.step,
        "rule": one.suspects[0].rule if one.suspects and one.step is not None else None,
        "confidence": one.confidence,
        "reason": one.reason,
    }


def tier_json(one: TierDecision) -> dict[str, Json]:
    """In which tier a class of actions stands, and why."""
    return {
        "before": one.before.value,
        "tier": one.tier.value,
        "moved": one.moved,
        "why": one.why,
        "success": estimate_json(one.success),
        "e_value": one.e_value,
        "n_needed": one.n_needed,
        "measures": dict(one.measures),
    }
