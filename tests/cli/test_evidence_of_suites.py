"""What suites, gates, judges, game days and the project's own files show is written as evidence."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli._kit import Commands, process
from tests.cli.test_eval_run import AGENT, SUITE
from tests.cli.test_gate_decide import SMALLEST, rows
from tests.cli.test_judge import told, write

DAY = """
title: Orders without a shop
roles: {lead: role:desk}
experiments:
  - experiment: outage.yaml
"""
OUTAGE = """
title: The shop is down
steady-state-hypothesis:
  title: nothing is refunded twice
  probes:
    - type: probe
      name: no refund twice
      tolerance: true
      provider: {type: impact, of: the order cannot be read, harms: []}
method:
  - type: action
    name: the order cannot be read
    provider:
      type: agent
      agent: shop:refund
      arguments: [Refund order 7.]
      faults: [{fault: tool_error, target: get_order}]
"""


def items(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The items that count, by kind and subject; of several the latest."""
    found = json.loads(process(folder, "evidence", "list", "--json").out)["items"]
    assert all(one["counts"] for one in found), found
    return {(one["kind"], one["subject"]): one for one in found}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of ours with one suite, of which the baseline is recorded; that alone showed nothing yet."""
    root = tmp_path_factory.mktemp("shop")
    (root / "pyproject.toml").write_text("[tool.agentops]\nevidence = false\n")
    (root / "scenarios").mkdir()
    (root / "shop.py").write_text(AGENT)
    (root / "scenarios/refunds.yaml").write_text(SUITE)
    assert process(root, "eval", "run", "--record").code == 0
    (root / "pyproject.toml").write_text("[tool.agentops]\n")
    return root


def test_a_suite_is_an_item(shop):
    """With its cases, pass^k and the agent that the scenarios name; a part of it is none."""
    assert process(shop, "eval", "run", "--case", "whole").code == 0
    assert json.loads(process(shop, "evidence", "list", "--json").out)["count"] == 0
    assert process(shop, "eval", "run").code == 0
    suite = items(shop)["eval.suite", "scenarios/refunds"]
    assert (suite["agent"], suite["verdict"]) == ("refund", "pass")
    assert suite["measures"]["cases"] == suite["measures"]["trials"] == 2
    assert suite["measures"]["pass_hat_1"] == suite["measures"]["judged_share"] == 1
    assert "pass_hat_3" not in suite["measures"]


def test_trials_are_held_against_objectives(shop):
    """Results do not tell when they were; where the user says it, they count, and are no evidence."""
    assert process(shop, "eval", "run", "--out", "res/r.jsonl", AGENTOPS_EVIDENCE="0").code == 0
    told = "objectives: [{name: a, indicator: task-success, target: 0.9, min_events: 2}]"
    (shop / "objectives.yaml").write_text(told)
    words = ("ops", "slo", "res", "--objectives", "objectives.yaml", "--at", "2025-07-13", "--json")
    unsaid = json.loads(process(shop, *words, AGENTOPS_EVIDENCE="0").out)
    assert (unsaid["kept"], unsaid["without_clock"]) == (0, 2)
    said = json.loads(process(shop, *words, "--results-at", "2025-07-12", AGENTOPS_EVIDENCE="0").out)
    assert (said["kept"], said["without_clock"], said["objectives"][0]["good"]) == (1, 0, 2)
    before = json.loads(process(shop, "evidence", "list", "--json").out)
    assert process(shop, *words, "--results-at", "2025-07-12").code == 0
    assert json.loads(process(shop, "evidence", "list", "--json").out) == before


def test_a_suite_that_fails_says_so(shop):
    """The later item is the worse one."""
    before = (shop / "shop.py").read_text()
    (shop / "shop.py").write_text(before.replace("was refunded", "was not"))
    try:
        assert process(shop, "eval", "run").code == 1
    finally:
        (shop / "shop.py").write_text(before)
    assert items(shop)["eval.suite", "scenarios/refunds"]["verdict"] == "fail"


def test_results_that_are_judged_again_are_of_their_day(shop):
    """eval decide shows what results show today, as of when they were written; of other scenarios nothing."""
    assert process(shop, "eval", "run", "--out", "res/d.jsonl", AGENTOPS_EVIDENCE="0").code == 0
    os.utime(shop / "res/d.jsonl", (1_790_000_000, 1_790_000_000))
    listed = ("evidence", "list", "--kind", "eval.suite", "--json")
    before = json.loads(process(shop, *listed).out)["count"]
    assert process(shop, "eval", "decide", "res/d.jsonl").code == 0
    found = json.loads(process(shop, *listed).out)["items"]
    assert len(found) == before + 1
    assert (found[-1]["at"], found[-1]["verdict"]) == ("2026-09-21T14:13:20Z", "pass")
    assert found[-1]["measures"]["trials"] == 2
    suite = shop / "scenarios/refunds.yaml"
    text = suite.read_text()
    suite.write_text(text.replace("whole", "other"))
    try:
        assert process(shop, "eval", "decide", "res/d.jsonl").code == 0
    finally:
        suite.write_text(text)
    assert json.loads(process(shop, *listed).out)["count"] == before + 1


def test_a_game_day_and_its_runs_under_faults(shop):
    """The day is one item of each agent that took part, and each run under faults another."""
    (shop / "day.yaml").write_text(DAY)
    (shop / "outage.yaml").write_text(OUTAGE)
    process(shop, "gameday", "run", "day.yaml", "--dry-run")
    assert ("gameday", "Orders without a shop") not in items(shop)
    process(shop, "gameday", "run", "day.yaml", "--plain")
    found = items(shop)
    day = found["gameday", "Orders without a shop"]
    assert (day["agent"], day["measures"]["experiments"], day["measures"]["roles"]) == ("refund", 1, 1)
    assert any(kind == "chaos.fault" for kind, _ in found)
    process(shop, "chaos", "run", "outage.yaml")
    assert json.loads(process(shop, "evidence", "verify", "--json").out)["doubts"] == {}


@pytest.mark.parametrize(("candidate", "verdict"), [("c", "pass"), ("worse", "fail")])
def test_a_gate_that_decided(ae: Commands, candidate, verdict):
    """Promote passes and rollback fails; the subject is the gate's file where it has no name."""
    for name, text in {"b": rows(0.95, seed=1), "c": rows(0.97, seed=2), "worse": rows(0.8, seed=3)}.items():
        (ae.folder / f"{name}.jsonl").write_text(text)
    (ae.folder / "gate.yaml").write_text(SMALLEST)
    (ae.folder / "pyproject.toml").write_text("[tool.agentops]\n")
    ae("gate", "decide", "--baseline", "b.jsonl", "--candidate", f"{candidate}.jsonl")
    (gate,) = ae("evidence", "list", "--json").document["items"]
    assert (gate["kind"], gate["subject"], gate["verdict"]) == ("gate", "gate", verdict)
    assert gate["measures"] == {"units": 300, "metrics": 1, "stages": 1}
    ae("gate", "watch", "--baseline", "b.jsonl", "--candidate", f"{candidate}.jsonl", "--once")
    assert [one["verdict"] for one in ae("evidence", "list", "--json").document["items"]] == [verdict] * 2


def test_a_judge_that_was_measured(ae: Commands):
    """It is of every agent, and passes where it is trusted."""
    (ae.folder / "pyproject.toml").write_text("[tool.agentops]\n")
    write(ae.folder / "told.jsonl", told())
    assert ae("judge", "calibrate", "told.jsonl").code == 0
    (judge,) = ae("evidence", "list", "--json").document["items"]
    assert (judge.get("agent", ""), judge["subject"], judge["verdict"]) == ("", "told", "pass")
    assert {"kappa", "agreement_low", "labels"} == judge["measures"].keys()


FILES = {
    "pyproject.toml": '[tool.agentops]\nagent_name = "desk"\n'
    '[tool.agentops.agents.desk]\npurpose = "refunds"\nowner = "role:desk"\n',
    ".github/workflows/ci.yml": "steps:\n - run: pytest\n - run: agentops-eval gate decide\n",
    "runbooks/outage.md": "# Outage\nOwner: role:desk\n## Detection\n...\n## Rollback\n...\n",
    "requirements.txt": "click==8.2 --hash=sha256:00\n",
    "gate.yaml": SMALLEST,
    "chaos/day.yaml": DAY,
    "chaos/outage.yaml": OUTAGE,
}


def test_the_projects_files_are_looked_at(ae: Commands):
    """Scoring looks at them: what is whole passes, what is broken fails, of the rest nothing is known."""
    for name, text in FILES.items():
        (ae.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (ae.folder / name).write_text(text)
    ae("scorecard")
    listed = ae("evidence", "list", "--kind", "project", "--json").document["items"]
    found = {one["subject"]: one["verdict"] for one in listed}
    whole = "agents ci gate-in-ci runbooks owners pinned gate-file experiments settings".split()
    assert {name: found[name] for name in whole} == dict.fromkeys(whole, "pass")
    assert (found["labels"], found["budget"]) == ("unknown", "unknown")
    assert found["gameday-plan"] == "fail"  # it has no kill switch
    assert {one["agent"] for one in listed} == {"desk"}
    (ae.folder / "runbooks/other.md").write_text("# Nobody's\n")
    ae("scorecard")
    last = ae("evidence", "list", "--kind", "project", "--json").document["items"][-len(listed) :]
    assert {one["subject"]: one["verdict"] for one in last}["runbooks"] == "fail"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('desk = "Maria"', "an agent has a purpose, an owner and a payer"),
        ('desk = {owner = "Maria"}', "is no role: people are not named"),
        ('desk = {ownr = "role:desk"}', "an agent has no 'ownr'"),
    ],
)
def test_an_inventory_names_roles(ae: Commands, table, told):
    """A person, or a misspelt key, is an error that the look at the settings tells."""
    (ae.folder / "pyproject.toml").write_text(f"[tool.agentops.agents]\n{table}\n")
    assert ae("scorecard").code == 0
    (look,) = [
        one
        for one in ae("evidence", "list", "--kind", "project", "--json").document["items"]
        if one["subject"] == "settings"
    ]
    assert (look["verdict"], told in look["says"]) == ("fail", True)
