"""Operational measures as evidence: what they are called and measure, and that unknown stays unknown."""

from __future__ import annotations

import pytest

from agentops_eval.domain import (
    EVIDENCE_KINDS,
    CostForecast,
    Drift,
    Ending,
    ErrorSource,
    Estimate,
    Incident,
    IncidentClass,
    Result,
    RunError,
    RunFacts,
    Spend,
    VerdictValue,
)
from agentops_eval.operations import (
    Confident,
    Indicator,
    Objective,
    calibrate,
    calibration_evidence,
    drift_evidence,
    facts_of_result,
    forecast_evidence,
    incident_evidence,
    measure,
    objective_evidence,
)

WHERE = {"agent": "refunds", "at": "2026-11-27T07:00:00Z"}
NOW = 1_800_000_000.0
PASS, FAIL, UNKNOWN = VerdictValue.PASS, VerdictValue.FAIL, VerdictValue.UNKNOWN


def test_objectives_are_evidence_by_their_indicator():
    """Each is an item of kind slo; two on one indicator keep their names; what is unknown has no value."""
    runs = [RunFacts(at_s=NOW, succeeded=at > 0, degraded=at < 2, took_s=1.0) for at in range(20)]
    latency = {"indicator": Indicator.LATENCY, "target": 0.9, "below_s": 2.0}
    statuses = measure(
        [
            Objective(name="ok", indicator=Indicator.TASK_SUCCESS, target=0.9),
            Objective(name="whole", indicator=Indicator.DEGRADED_SHARE, target=0.8),
            Objective(name="fast", **latency),
            Objective(name="quick", **latency),
            Objective(name="people", indicator=Indicator.HUMAN_WAIT, target=0.9, below_s=9.0),
        ],
        runs,
        now_s=NOW,
    )
    success, degraded, fast, quick, people = objective_evidence(statuses, **WHERE)
    assert (success.kind, success.subject, success.verdict) == ("slo", "task-success", PASS)
    assert success.measures == pytest.approx(
        {
            "events": 20, "target": 0.9, "value": 0.95, "window_days": 30,
            "budget_left_share": 0.5, "burn_rate": 0.5,
        }
    )  # fmt: skip
    assert (degraded.measures["value"], degraded.measures["target"]) == pytest.approx((1 / 19, 0.2))
    assert [one.subject for one in (fast, quick)] == ["latency-run/fast", "latency-run/quick"]
    assert (people.verdict, "value" in people.measures) == (UNKNOWN, False)


def test_calibration_is_evidence_of_confidence_and_of_each_class():
    """Few runs are unknown and tell how many more are needed; a class tells its threshold once it has one."""
    runs = [Confident(confidence=1.0, correct=True, action="get_order") for _ in range(400)]
    whole, get_order = calibration_evidence(calibrate(runs), **WHERE)
    assert (whole.subject, whole.verdict, whole.measures) == ("confidence", UNKNOWN, {"runs": 400})
    assert whole.says == "600 more runs are needed"
    assert (get_order.subject, get_order.verdict, get_order.measures["threshold"]) == ("get_order", PASS, 1.0)


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [([PASS, PASS], PASS), ([PASS, UNKNOWN], UNKNOWN), ([UNKNOWN, FAIL], FAIL), ([], UNKNOWN)],
)
def test_drift_is_as_bad_as_its_worst_measure(verdicts: list[VerdictValue], verdict: VerdictValue):
    """It passes only where all measures are known not to have drifted."""
    drifts = [Drift(measure="m", verdict=one, why="so") for one in verdicts]
    found = drift_evidence(drifts, runs=9, periods=2, **WHERE)
    assert (found.subject, found.verdict) == ("drift", verdict)
    assert found.measures == {"runs": 9, "periods": 2, "changes": 0}


def test_forecasts_and_incidents_are_evidence():
    """A forecast tells its relative width, incidents how many have a class; without either nothing passes."""
    cost = Estimate(value=100.0, low=80.0, high=130.0, n=12)
    made = forecast_evidence(CostForecast(verdict=PASS, weeks=13, cost=cost), runs=5, **WHERE)
    assert made.measures == {"runs": 5, "periods": 12, "relative_width": 0.5}
    none = forecast_evidence(CostForecast(verdict=UNKNOWN, weeks=13, why="no run"), runs=0, **WHERE)
    assert (none.verdict, "relative_width" in none.measures) == (UNKNOWN, False)
    some = [Incident(kind=IncidentClass.HUMAN), Incident()]
    found = incident_evidence(some, runs=7, **WHERE)
    assert found.measures == {"runs": 7, "failures": 2, "classified_share": 0.5}
    assert incident_evidence([], runs=0, **WHERE).verdict is UNKNOWN
    assert {made.kind, found.kind} <= set(EVIDENCE_KINDS)


def test_where_no_run_failed_no_failure_lacks_a_class():
    """A month without failures leaves no class open; a month without runs says nothing."""
    assert incident_evidence([], runs=7, **WHERE).measures["classified_share"] == 1
    assert "classified_share" not in incident_evidence([], runs=0, **WHERE).measures


def error(source: ErrorSource) -> RunError:
    return RunError(source=source, kind="x")


@pytest.mark.parametrize(
    ("said", "succeeded", "broken"),
    [
        ({"value": PASS}, True, False),
        ({"value": FAIL}, False, False),
        ({"value": UNKNOWN}, None, False),
        ({"error": error(ErrorSource.AGENT)}, False, False),
        ({"error": error(ErrorSource.INFRASTRUCTURE), "ending": Ending.ERROR}, None, True),
        ({"ending": Ending.NEEDS_RECORDING}, None, False),
    ],
)
def test_results_become_facts(said: dict, succeeded: bool | None, broken: bool):
    """Who is to blame decides whether a trial counts; what it spent is kept as it is told."""
    result = Result(suite="s", case="c", spend=Spend(cost_usd=0.5, latency_s=2.0), **said)
    found = facts_of_result(result, at_s=NOW)
    assert (found.succeeded, found.infrastructure) == (succeeded, broken)
    assert (found.cost_usd, found.took_s, found.at_s) == (0.5, 2.0, NOW)
