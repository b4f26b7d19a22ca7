"""Operational measures as evidence, for scorecards to cite."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from agentops_eval.domain import (
    CalibrationReport,
    CostForecast,
    Drift,
    Evidence,
    Incident,
    IncidentClass,
    ObjectiveStatus,
    VerdictValue,
)

CONFIDENCE = "confidence"
"""The subject of an agent's calibration over all classes of actions."""
_OF_DEGRADED = "degraded-share"


def objective_evidence(statuses: Iterable[ObjectiveStatus], *, agent: str, at: str) -> tuple[Evidence, ...]:
    """One item for each objective. Of several on one indicator, each has its name behind a slash."""
    known = [*statuses]
    subjects = [one.indicator for one in known]
    return tuple(
        Evidence(
            agent=agent,
            kind="slo",
            at=at,
            verdict=one.verdict,
            subject=one.indicator if subjects.count(one.indicator) == 1 else f"{one.indicator}/{one.name}",
            says=one.why or f"{one.name}: kept over {one.window_days:g} days",
            measures=_told(_objective_measures(one)),
        )
        for one in known
    )


def _objective_measures(one: ObjectiveStatus) -> Iterator[tuple[str, float | None]]:
    yield "events", float(one.events)
    turned = one.indicator == _OF_DEGRADED  # the share of runs that were, not of those that were not
    yield "target", 1 - one.target if turned else one.target
    yield "value", None if one.level.value is None else 1 - one.level.value if turned else one.level.value
    yield "window_days", one.window_days
    yield "budget_left_share", one.budget_left
    yield "burn_rate", max((burn.long for burn in one.burns if burn.long is not None), default=None)


def calibration_evidence(report: CalibrationReport, *, agent: str, at: str) -> tuple[Evidence, ...]:
    """One item for confidence as a whole, and one for each class of actions with its threshold."""
    whole = Evidence(
        agent=agent,
        kind="calibration",
        at=at,
        verdict=report.verdict,
        subject=CONFIDENCE,
        says=f"{report.n_needed} more runs are needed" if report.n_needed else "",
        measures=_told([("runs", report.n), ("ece", report.ece.value), ("ece_high", report.ece.high)]),
    )
    classes = (
        Evidence(
            agent=agent,
            kind="calibration",
            at=at,
            verdict=one.verdict,
            subject=one.action,
            says=one.why,
            measures=_told([("runs", one.n), ("threshold", one.value), ("covered_share", one.covered)]),
        )
        for one in report.thresholds
        if one.action and one.action != CONFIDENCE
    )
    return (whole, *classes)


def drift_evidence(drifts: Collection[Drift], *, agent: str, at: str, runs: int, periods: int) -> Evidence:
    """One item for all measures: it fails where one drifted, and passes where all are known not to have."""
    verdicts = [one.verdict for one in drifts]
    told = "; ".join(f"{one.measure}: {one.why}" for one in drifts if one.why)
    changes = sum(len(one.points) for one in drifts)
    counts = {"runs": runs, "periods": periods, "changes": changes}
    return _stats("drift", _worst(verdicts), told, agent=agent, at=at, **counts)


def forecast_evidence(forecast: CostForecast, *, agent: str, at: str, runs: int) -> Evidence:
    """One item: it passes where a forecast could be made, whose relative width tells how good it is."""
    cost = forecast.cost
    width = None
    if cost.value and cost.low is not None and cost.high is not None:
        width = (cost.high - cost.low) / cost.value
    return _stats(
        "forecast",
        forecast.verdict,
        forecast.why,
        agent=agent,
        at=at,
        runs=runs,
        periods=cost.n,
        relative_width=width,
    )


def incident_evidence(incidents: Collection[Incident], *, agent: str, at: str, runs: int) -> Evidence:
    """One item: it passes where runs were looked at. Harm is for others to tell, who have shown it."""
    classified = sum(one.kind is not IncidentClass.UNKNOWN for one in incidents)
    return _stats(
        "incidents",
        VerdictValue.PASS if runs else VerdictValue.UNKNOWN,
        f"{len(incidents)} of {runs} runs failed, {classified} have a class",
        agent=agent,
        at=at,
        runs=runs,
        failures=len(incidents),
        classified_share=classified / len(incidents) if incidents else _all_of_none(runs),
    )


def _all_of_none(runs: int) -> float | None:
    """Where runs were looked at and none failed, nothing is without a class."""
    return 1.0 if runs else None


def _worst(verdicts: Collection[VerdictValue]) -> VerdictValue:
    if VerdictValue.FAIL in verdicts:
        return VerdictValue.FAIL
    return VerdictValue.PASS if {*verdicts} == {VerdictValue.PASS} else VerdictValue.UNKNOWN


def _stats(
    subject: str, verdict: VerdictValue, says: str, *, agent: str, at: str, **measures: float | None
) -> Evidence:
    return Evidence(
        agent=agent,
        kind="trace.stats",
        at=at,
        verdict=verdict,
        subject=subject,
        says=says,
        measures=_told(measures.items()),
    )


def _told(measures: Iterable[tuple[str, float | None]]) -> Mapping[str, float]:
    """Those that are known."""
    return {name: float(value) for name, value in measures if value is not None}
