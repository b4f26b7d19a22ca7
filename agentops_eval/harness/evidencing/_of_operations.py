"""What operational measures show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_eval.domain import (
    CalibrationReport,
    CostForecast,
    Drift,
    Evidence,
    Incident,
    Json,
    ObjectiveStatus,
    VerdictValue,
    moment_text,
)
from agentops_eval.harness._settings import Settings
from agentops_eval.harness.evidencing._agents import agents_called
from agentops_eval.harness.evidencing._note import RUN_DAYS, Noted
from agentops_eval.harness.evidencing._of_traces import Witness, files_json
from agentops_eval.operations import (
    calibration_evidence,
    calibration_json,
    drift_evidence,
    drift_json,
    forecast_evidence,
    forecast_json,
    incident_evidence,
    incident_json,
    objective_evidence,
    status_json,
    tier_json,
)

if TYPE_CHECKING:
    from agentops_eval.harness.operating import Standing

_MOST_FILES, _MOST_INCIDENTS = 200, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """Of what something was measured: the runs that were seen, in which files, of whom.

    ``agent`` is whose they are where that was said, ``moment`` when it was so, where that is not now.
    """

    seen: Witness
    settings: Settings
    files: Sequence[Path]
    runs: int
    agent: str = ""
    moment: datetime | None = None

    @property
    def at(self) -> str:
        """The moment as evidence writes it; empty for now."""
        return "" if self.moment is None else moment_text(self.moment)

    @property
    def agents(self) -> tuple[str, ...]:
        """What evidence calls them."""
        return (self.agent,) if self.agent else agents_called(self.settings, self.seen.agents)

    def noted(self, facts: Iterable[Evidence], **proof: Json) -> Noted:
        """Facts, with what proves them. They count as long from their moment as others from now."""
        expires = "" if self.moment is None else moment_text(self.moment + timedelta(days=RUN_DAYS))
        files: dict[str, Json] = {
            "files": files_json(self.files[:_MOST_FILES]),
            "file_count": len(self.files),
        }
        return Noted(
            facts=[replace(fact, expires=expires) for fact in facts],
            proof={**files, "runs": self.runs, **proof},
        )


def noted_of_objectives(statuses: Collection[ObjectiveStatus], of: Operations) -> Noted:
    """How objectives stand. Of no run nothing is said."""
    facts = (
        fact
        for agent in of.agents
        for fact in objective_evidence(statuses if of.runs else (), agent=agent, at=of.at)
    )
    return of.noted(facts, objectives=[status_json(one) for one in statuses])


def noted_of_calibrated(found: CalibrationReport, of: Operations) -> Noted:
    """Whether confidence can be taken at its word, and from where on an agent may act alone."""
    facts = (
        fact
        for agent in of.agents
        for fact in (calibration_evidence(found, agent=agent, at=of.at) if found.n else ())
    )
    return of.noted(facts, calibration=calibration_json(found))


def noted_of_drift(drifts: Collection[Drift], of: Operations, *, periods: int) -> Noted:
    """Whether quality, cost or latency moved, over so many days with runs."""
    facts = (
        drift_evidence(drifts, agent=agent, at=of.at, runs=of.runs, periods=periods) for agent in of.agents
    )
    return of.noted(facts if of.runs else (), drift=[drift_json(one) for one in drifts], days=periods)


def noted_of_forecast(forecast: CostForecast, of: Operations) -> Noted:
    """Whether the next quarter could be foretold."""
    facts = (forecast_evidence(forecast, agent=agent, at=of.at, runs=of.runs) for agent in of.agents)
    return of.noted(facts if of.runs else (), forecast=forecast_json(forecast))


def noted_of_incidents(incidents: Sequence[Incident], of: Operations) -> Noted:
    """Into which classes failures were sorted."""
    facts = (incident_evidence(incidents, agent=agent, at=of.at, runs=of.runs) for agent in of.agents)
    first = [incident_json(one) for one in incidents[:_MOST_INCIDENTS]]
    return of.noted(facts if of.runs else (), first_incidents=first)


def noted_of_tiers(standings: Sequence[Standing], of: Operations) -> Noted:
    """Whether classes of actions stand no lower than their tiers. Of no run nothing is said."""
    facts = (_tier_fact(one, agent, of.at) for agent in of.agents for one in standings)
    proof: list[Json] = [
        {"action": one.action, "start": one.start.value, **tier_json(one.now)} for one in standings
    ]
    return of.noted(facts if of.runs else (), tiers=proof)


def _tier_fact(one: Standing, agent: str, at: str) -> Evidence:
    """Unknown where nobody gave it a tier, or none of its actions was seen."""
    told = one.declared and one.now.measures.get("actions", 0) > 0
    kept = VerdictValue.PASS if told else VerdictValue.UNKNOWN
    success = {"right_share": one.now.success.value, "right_share_low": one.now.success.low}
    return Evidence(
        agent=agent,
        kind="tier",
        subject=one.action,
        at=at,
        verdict=VerdictValue.FAIL if one.fell else kept,
        says=f"{one.start} was given, {one.now.tier} it is: {one.now.why}",
        measures={
            "actions": one.now.measures.get("actions", 0),
            **{name: value for name, value in success.items() if value is not None},
        },
    )
