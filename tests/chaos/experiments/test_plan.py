"""Plans of game days."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from agentops_eval.chaos.experiments import gameday_schema, read_gameday
from agentops_eval.domain import Experiment, GamedayInvalid, GamedayPlan, Require
from tests.chaos.experiments._kit import action, experiment, probe

PLAN = {
    "title": "Outages of the desk",
    "hypothesis": "No outage costs money.",
    "roles": {"lead": "role:on-call", "scribe": "role:support"},
    "owner": "role:payments",
    "kill-switch": "stop.me",
    "allow-hosts": ["staging.example.org"],
    "abort-conditions": [{"type": "elapsed", "seconds": 600}],
    "experiments": [
        {
            "experiment": "one.json",
            "pauses": {"before": 1, "after": 2},
            "gate": {"require": "completed", "probes": [probe()]},
            "owner": "role:mail",
            "remedy": "ask for a key",
        },
        {"experiment": "two.json"},
    ],
}


def opened(name: str) -> Experiment:
    """The experiment that a plan names."""
    if name == "gone.json":
        raise FileNotFoundError(2, "no such file", name)
    return experiment(method=[action(name)])


def read(**more: Any) -> GamedayPlan:
    """The plan with changes."""
    return read_gameday(json.dumps({**PLAN, **more}).encode(), "days/plan.json", open_experiment=opened)


def test_a_plan_is_read_whole() -> None:
    """Order, pauses, gates, roles, conditions and the kill switch, which lies beside the plan."""
    plan = read()
    assert [step.experiment.method[0].name for step in plan.steps] == ["one.json", "two.json"]
    assert plan.steps[0].require is Require.COMPLETED
    assert plan.steps[1].require is Require.STEADY
    assert plan.kill_switch == "days/stop.me"
    assert plan.abort[0].seconds == 600


def test_editors_accept_it_too() -> None:
    """The schema says the same."""
    jsonschema.Draft202012Validator(gameday_schema()).validate(PLAN)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"roles": {"lead": "Jane Doe"}}, "a role"),
        ({"roles": {"lead": "role:Jane"}}, "a role"),
        ({"experiments": []}, "experiments"),
        ({"experiments": [{"experiment": "gone.json"}]}, "cannot be read"),
        ({"experiments": [{"experiment": "one.json", "gate": {"require": "well"}}]}, "no choice"),
        ({"experiments": [{"experiment": "one.json", "gate": {"probes": [action()]}}]}, "lacks tolerance"),
        ({"kill_switch": "x"}, "kill-switch"),
        ({"steps": []}, "write experiments"),
        ({"abort-conditions": [{"type": "probe", "name": "p"}]}, "lacks tolerance"),
    ],
)
def test_what_cannot_be_meant_is_refused(more: dict[str, Any], text: str) -> None:
    """People in place of roles, files that are not there, gates without tolerances."""
    with pytest.raises(GamedayInvalid, match=text):
        read(**more)
