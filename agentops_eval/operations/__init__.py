"""Operational measures of agents: objectives, incidents, calibration, tiers, forecasts, drift; pure.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.operations._audited import actions_by_class, confident_actions
    from agentops_eval.operations._calibration import MIN_RUNS, Confident, approval_threshold, calibrate
    from agentops_eval.operations._drift import MEASURES, Measured, daily_changes, drift, drift_between
    from agentops_eval.operations._evidence import (
        calibration_evidence,
        drift_evidence,
        forecast_evidence,
        incident_evidence,
        objective_evidence,
    )
    from agentops_eval.operations._facts import facts_of_result
    from agentops_eval.operations._file import OBJECTIVES_FILE, objectives_schema, read_objectives
    from agentops_eval.operations._forecast import MIN_WEEKS, QUARTER_WEEKS, cost_drivers, forecast_cost
    from agentops_eval.operations._incidents import LEAST_CONFIDENCE, Localisation, incident_of, localise
    from agentops_eval.operations._json import (
        calibration_from_json,
        calibration_json,
        drift_json,
        forecast_json,
        incident_json,
        status_json,
        tier_json,
    )
    from agentops_eval.operations._measure import Reviewed, measure
    from agentops_eval.operations._objectives import Escalation, Indicator, Objective, Objectives
    from agentops_eval.operations._review import (
        ReviewFacts,
        last_whole_month,
        month_of,
        month_start_s,
        next_month,
        review_month,
    )
    from agentops_eval.operations._review_json import review_json
    from agentops_eval.operations._review_sheet import REVIEW, review_headline, review_sheet
    from agentops_eval.operations._runbooks import FailureMode, failure_mode, runbook_title, runbooks_of
    from agentops_eval.operations._spend import spend_changes, split_change, usd_of
    from agentops_eval.operations._tiers import Action, TierRule, tier_history

_HOMES = {
    "_audited": "actions_by_class confident_actions",
    "_calibration": "MIN_RUNS Confident approval_threshold calibrate",
    "_drift": "MEASURES Measured daily_changes drift drift_between",
    "_evidence": "calibration_evidence drift_evidence forecast_evidence incident_evidence objective_evidence",
    "_facts": "facts_of_result",
    "_file": "OBJECTIVES_FILE objectives_schema read_objectives",
    "_forecast": "MIN_WEEKS QUARTER_WEEKS cost_drivers forecast_cost",
    "_incidents": "LEAST_CONFIDENCE Localisation incident_of localise",
    "_json": "calibration_from_json calibration_json drift_json forecast_json incident_json status_json"
    " tier_json",
    "_measure": "Reviewed measure",
    "_objectives": "Escalation Indicator Objective Objectives",
    "_review": "ReviewFacts last_whole_month month_of month_start_s next_month review_month",
    "_review_json": "review_json",
    "_review_sheet": "REVIEW review_headline review_sheet",
    "_runbooks": "FailureMode failure_mode runbook_title runbooks_of",
    "_spend": "spend_changes split_change usd_of",
    "_tiers": "Action TierRule tier_history",
}
"""Where each public name lives, by module."""

__all__ = [
    "LEAST_CONFIDENCE",
    "MEASURES",
    "MIN_RUNS",
    "MIN_WEEKS",
    "OBJECTIVES_FILE",
    "QUARTER_WEEKS",
    "REVIEW",
    "Action",
    "Confident",
    "Escalation",
    "FailureMode",
    "Indicator",
    "Localisation",
    "Measured",
    "Objective",
    "Objectives",
    "ReviewFacts",
    "Reviewed",
    "TierRule",
    "actions_by_class",
    "approval_threshold",
    "calibrate",
    "calibration_evidence",
    "calibration_from_json",
    "calibration_json",
    "confident_actions",
    "cost_drivers",
    "daily_changes",
    "drift",
    "drift_between",
    "drift_evidence",
    "drift_json",
    "facts_of_result",
    "failure_mode",
    "forecast_cost",
    "forecast_evidence",
    "forecast_json",
    "incident_evidence",
    "incident_json",
    "incident_of",
    "last_whole_month",
    "localise",
    "measure",
    "month_of",
    "month_start_s",
    "next_month",
    "objective_evidence",
    "objectives_schema",
    "read_objectives",
    "review_headline",
    "review_json",
    "review_month",
    "review_sheet",
    "runbook_title",
    "runbooks_of",
    "spend_changes",
    "split_change",
    "status_json",
    "tier_history",
    "tier_json",
    "usd_of",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
