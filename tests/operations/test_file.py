"""Files of objectives: what they say, and what is wrong with them."""

from __future__ import annotations

import json

import jsonschema
import pytest

from agentops_eval.domain import ObjectivesInvalid, Tier
from agentops_eval.operations import Escalation, Indicator, Objective, objectives_schema, read_objectives

WHOLE = """
agent: refunds
window: 4w
objectives:
  - {name: success, indicator: task-success, target: 0.95}
  - {name: whole, indicator: degraded-share, at_most: 0.1, window: 36h}
  - {name: quick, indicator: latency, step: llm, below_s: 5, target: 0.99}
  - {name: orders, indicator: tool-reliability, tool: "get_*", errors: [permanent], target: 0.999}
  - {name: people, indicator: human-wait, below_s: 900, target: 0.95}
  - {name: cost, indicator: cost-per-success, at_most_usd: 0.25, min_events: 50}
  - {name: reviewers, indicator: reviewer-agreement, target: 0.6}
autonomy:
  tiers: {issue_refund: supervised, get_order: full-auto}
  up: {full-auto: 0.995}
  least: 50
"""


def test_a_file_says_what_is_promised():
    """Every indicator is read, windows as days, and what is not said has its default."""
    found = read_objectives(WHOLE.encode(), "objectives.yaml")
    assert found.agent == "refunds"
    by_name = {one.name: one for one in found.objectives}
    assert {one.indicator for one in found.objectives} == set(Indicator)
    assert by_name["success"] == Objective(
        name="success", indicator=Indicator.TASK_SUCCESS, target=0.95, window_days=28.0
    )
    assert (by_name["whole"].window_days, by_name["whole"].target) == (1.5, 0.9)
    assert by_name["quick"].subject == "latency-llm"
    assert (by_name["cost"].target, by_name["cost"].needed) == (0.25, 50)
    assert by_name["orders"].errors == ("permanent",)
    assert [one.needed for one in found.objectives] == [20, 10, 100, 1000, 20, 50, 30]


def test_a_file_says_how_much_is_done_alone():
    """Tiers are read by class of actions; the rule for moving keeps its defaults where nothing is said."""
    found = read_objectives(WHOLE.encode(), "objectives.yaml")
    assert found.tiers == {"issue_refund": Tier.SUPERVISED, "get_order": Tier.FULL_AUTO}
    assert (found.rule.up[Tier.FULL_AUTO], found.rule.up[Tier.ASSISTED]) == (0.995, 0.8)
    assert (found.rule.least, found.rule.alpha) == (50, 0.05)
    wrong = WHOLE.replace("up: {full-auto: 0.995}", "keep: {supervised: 0.97}")
    with pytest.raises(ObjectivesInvalid, match=r"supervised is kept from 0\.97"):
        read_objectives(wrong.encode(), "objectives.yaml")


@pytest.mark.parametrize(
    ("one", "says"),
    [
        ("{name: a, indicator: task-success, target: 1}", "target"),
        ("{name: a, indicator: task-succes, target: 0.9}", "task-success"),
        ("{name: a, indicator: task-success}", "lacks target"),
        ("{name: a, indicator: latency, target: 0.9}", "lacks below_s"),
        ("{name: a, indicator: degraded-share, target: 0.9}", "lacks at_most"),
        ("{name: a, indicator: cost-per-success, target: 0.9}", "lacks at_most_usd"),
        ("{name: a, indicator: reviewer-agreement, target: 0.6, tool: x}", "has no tool"),
        ("{name: a, indicator: task-success, target: 0.9, window: 28}", "window"),
        ("{name: a, indicator: task-success, target: 0.9, window: 0d}", "holds no event"),
        ("{name: a, indicator: task-success, slo: 0.9}", "write target"),
        ("{name: a, indicator: cost-per-success, at_most_usd: .inf}", "at_most_usd"),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_line(one: str, says: str):
    """The error names the file, the line, the field and what could be written."""
    with pytest.raises(ObjectivesInvalid) as caught:
        read_objectives(f"objectives:\n  - {one}\n".encode(), "objectives.yaml")
    text = f"{caught.value.where} {caught.value}"
    assert says in text
    assert "objectives.yaml:2" in text


def test_two_objectives_have_two_names():
    """A name that is there twice would hide one of them."""
    one = "{name: a, indicator: task-success, target: 0.9}"
    with pytest.raises(ObjectivesInvalid, match="two objectives are called"):
        read_objectives(f"objectives: [{one}, {one}]".encode(), "objectives.yaml")


@pytest.mark.parametrize("text", ["", "[]", "objectives: []", "objectives: 3", "agent: x"])
def test_a_file_without_objectives_promises_nothing(text: str):
    """Nothing to be held is an error, not a file that always passes."""
    with pytest.raises(ObjectivesInvalid):
        read_objectives(text.encode(), "objectives.yaml")


def test_the_schema_knows_the_fields():
    """The JSON Schema is one, takes the whole example and refuses a field that does not exist."""
    import yaml

    schema = objectives_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(json.loads(json.dumps(schema)))
    document = yaml.safe_load(WHOLE)
    check.validate(document)
    document["objectives"][0]["slo"] = 1
    assert list(check.iter_errors(document))


def test_a_file_says_who_is_asked_when_nobody_answers():
    """A deadline and a role, never a person."""
    text = (
        "objectives: [{{name: a, indicator: task-success, target: 0.9}}]\n"
        "autonomy: {{tiers: {{}}, escalation: {{issue_refund: {{after_s: 900, to: {to}}}}}}}\n"
    )
    found = read_objectives(text.format(to="'role:lead'").encode(), "o.yaml")
    assert found.escalation == {"issue_refund": Escalation(after_s=900, to="role:lead")}
    with pytest.raises(ObjectivesInvalid, match="role:on-call"):
        read_objectives(text.format(to="Maria").encode(), "o.yaml")
