"""A decision as JSON, and back. The same decision gives the same bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from agentops_eval.domain import (
    CaseEffect,
    Decision,
    EvidencePoint,
    Json,
    MetricDecision,
    Reason,
    ResultsInvalid,
    to_json,
)

FORMAT, VERSION = "agentops-decision", 1
DIGITS = 9
"""Significant digits that are kept: more than is known, and fewer than differ between machines."""
_E_VALUES = ("e_promote", "e_rollback", "peak_rollback")


def decision_json(decision: Decision) -> dict[str, Json]:
    """The decision for scripts: every field, in a fixed order, numbers with nine significant digits.

    What is infinite or no number is null: of an interval's end no limit, of an e-value more than a number
    holds. Keys may be added to; ``version`` grows where one is renamed or removed.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "value": str(decision.value),
        "gate": decision.gate,
        "mode": decision.mode,
        "stage": decision.stage,
        "next_stage": decision.next_stage,
        "n": decision.n,
        "n_needed": decision.n_needed,
        "needed_for": decision.needed_for,
        "reasons": [_plain(reason) for reason in decision.reasons],
        "metrics": [_metric(metric) for metric in decision.metrics],
        "worst": [_plain(case) for case in decision.worst],
        "left_out": dict(decision.left_out),
        "seed": decision.seed,
        "order": decision.order,
        "digest": decision.digest,
    }


def _metric(metric: MetricDecision) -> Json:
    found: dict[str, Json] = {}
    for key, value in _plain(metric, but="path").items():
        if key == "low":
            found["interval"] = [value, _number(metric.high)]
        elif key != "high":
            found[key] = value
    return {**found, "path": [_plain(point) for point in metric.path]}


def _plain(value: Reason | CaseEffect | EvidencePoint | MetricDecision, *, but: str = "") -> dict[str, Json]:
    given = ((field.name, getattr(value, field.name)) for field in fields(value) if field.name != but)
    return {name: _number(one) if isinstance(one, float) else to_json(one) for name, one in given}


def _number(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}") or 0.0  # minus zero is zero


def decision_from_json(document: object, *, where: str = "") -> Decision:
    """The decision that ``decision_json`` wrote; ``where`` names the file in errors.

    Raises ResultsInvalid (AE502) where it is something else. Keys that are not known are passed over.
    """
    import msgspec

    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        found = document.get("format") if isinstance(document, Mapping) else type(document).__name__
        raise _invalid("This is not a decision of a gate.", where, f'format: {found!r}, wanted "{FORMAT}"')
    if document.get("version") != VERSION:
        found = document.get("version")
        raise _invalid("The decision has another version.", where, f"version: {found!r}, wanted {VERSION}")
    try:
        return msgspec.convert(_arranged(document), Decision)
    except (msgspec.ValidationError, TypeError, ValueError, AttributeError) as problem:
        raise _invalid("The decision cannot be read.", where, str(problem)) from None


def _invalid(what: str, where: str, difference: str) -> ResultsInvalid:
    remedy = "agentops-eval gate decide --json > decision.json"
    return ResultsInvalid(what, where=where, difference=difference, remedy=remedy)


def _arranged(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with intervals as two fields, and nulls as the infinities that they stand for."""
    left_out = dict(document.get("left_out") or {})
    metrics = [_arranged_metric(metric) for metric in document.get("metrics") or ()]
    return {**document, "left_out": list(left_out.items()), "metrics": metrics}


def _arranged_metric(metric: Mapping[str, Any]) -> dict[str, Any]:
    low, high = metric.get("interval") or (None, None)
    found = {**metric, "low": low, "high": high}
    for name in _E_VALUES:
        if name in metric and metric[name] is None:
            found[name] = math.inf
    found["path"] = [_arranged_point(point) for point in metric.get("path") or ()]
    return found


def _arranged_point(point: Mapping[str, Any]) -> dict[str, Any]:
    """Logarithms that no number holds: a limit of zero that was broken, and evidence that is all gone."""
    gone = {"promote": -math.inf, "rollback": math.inf}
    return {**point, **{side: value for side, value in gone.items() if point.get(side) is None}}
