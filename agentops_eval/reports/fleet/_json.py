"""A project as JSON, for scripts and for whoever publishes reports."""

from __future__ import annotations

from agentops_eval.domain import Json, to_json
from agentops_eval.reports.fleet._nouns import AgentView, Fleet, ItemView, ObjectiveView, RunView

FORMAT, VERSION = "agentops-report", 1


def fleet_json(fleet: Fleet) -> dict[str, Json]:
    """Everything but what the index page leaves to others. Keys may be added to; what is unknown is null.

    ``version`` grows where a key is renamed or removed. Addresses are relative to the index page.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "project": fleet.project,
        "at": fleet.at,
        "agents": [_agent(one) for one in fleet.agents],
        "findings": [
            {**_item(one.item), "page": one.page, "details": list(one.details)} for one in fleet.findings
        ],
        "suites": [_item(one) for one in fleet.suites],
        "runs": [_run(one) for one in fleet.runs],
        "evidence": fleet.count,
        "refused": list(fleet.refused),
        "missing": [{"what": one.what, "command": one.command} for one in fleet.missing],
        "left_out": dict(fleet.left_out),
    }


def _agent(one: AgentView) -> Json:
    return {
        "name": one.name,
        "known": one.known,
        "health": str(one.health),
        "owner": one.owner,
        "purpose": one.purpose,
        "level": one.level,
        "page": one.page,
        "findings": one.findings,
        "unsafe": one.unsafe,
        "objectives": [_objective(each) for each in one.objectives],
        "cost_per_success_usd": one.cost_usd,
        "cost_evidence": one.cost_address,
        "evidence": one.items,
        "last": one.last,
    }


def _objective(one: ObjectiveView) -> Json:
    return {
        "name": one.name,
        "verdict": one.verdict,
        "burn_rate": one.burn_rate,
        "budget_left_share": one.budget_left,
        "value": one.value,
        "target": one.target,
        "evidence": one.address,
    }


def _item(one: ItemView) -> dict[str, Json]:
    return {
        "agent": one.agent,
        "kind": one.kind,
        "subject": one.subject,
        "at": one.at,
        "verdict": one.verdict,
        "says": one.says,
        "measures": to_json(one.measures),
        "harms": list(one.harms),
        "doubt": one.doubt,
        "digest": one.digest,
        "evidence": one.address,
    }


def _run(one: RunView) -> Json:
    return {
        "kind": str(one.kind),
        "name": one.name,
        "source": one.source,
        "outcome": one.word,
        "told": one.told,
        "at": one.at,
        "page": one.page,
        "problem": one.problem,
        "going": one.going,
    }
