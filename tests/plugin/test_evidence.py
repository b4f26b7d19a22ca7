"""A session of pytest writes evidence of what its tests have shown, a shard for each worker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentops_eval.domain import Evidence
from agentops_eval.harness.evidencing import Reading

AGENT = """
from agentops_eval import tool

@tool
def get_order(order: int) -> dict:
    return {"total": 59.9}

@tool(effect="write")
def issue_refund(order: int, amount: float) -> str:
    return "refunded"

def refund(order: int) -> str:
    return issue_refund(order, get_order(order)["total"])
"""
TESTS = """
import pytest
from shop import refund

@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.cassette(agent="refund")
def test_refund(cassette, golden, order):
    '''It replays.'''
    assert refund(order) == "refunded"
    assert cassette.trace == golden
"""
CHAOS = """
import pytest
from agentops_eval import faults

@pytest.mark.chaos("shop:again", "5")
def test_under_faults(chaos):
    '''Whatever comes of it.'''
    chaos.run(faults.tool_error("get_order"))
    chaos.check("budget")
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> Path:
    """A project of ours with recorded tests."""
    pytester.makepyprojecttoml("[tool.agentops]\n")
    pytester.makepyfile(shop=AGENT + "\n\ndef again(order: str) -> str:\n    return refund(int(order))\n")
    pytester.makepyfile(test_shop=TESTS)
    done = pytester.runpytest_subprocess("--agentops-record=once", "--agentops-approve")
    done.assert_outcomes(passed=3)
    return pytester.path


def items(root: Path) -> list[Evidence]:
    """The items that count."""
    found = list(Reading(root))
    assert all(one.counts for one in found)
    return [one.evidence for one in found if one.evidence is not None]


def test_recording_shows_nothing(project):
    """What was recorded and approved just now was not replayed."""
    assert items(project) == []


def test_each_golden_that_was_replayed_is_an_item(project, pytester):
    """With the agent of the mark, the golden's path, and the share that the recording answered."""
    pytester.runpytest_subprocess().assert_outcomes(passed=3)
    found = items(project)
    assert [(one.agent, one.kind, one.verdict.value) for one in found] == [("refund", "replay", "pass")] * 3
    assert all(one.measures == {"calls": 2.0, "recorded_share": 1.0} for one in found)
    assert all((project / f"{one.subject}.otlp.jsonl").exists() for one in found)
    assert len(list((project / ".agentops/evidence").glob("*.jsonl"))) == 1


def test_workers_write_side_by_side(project, pytester):
    """Under pytest-xdist each worker has a shard of its own, and no item is lost."""
    pytester.runpytest_subprocess("-p", "xdist.plugin", "-n2").assert_outcomes(passed=3)
    assert len({one.subject for one in items(project)}) == 3


def test_a_golden_that_diverged_failed(project, pytester):
    """The latest item of the golden says so."""
    shop = project / "shop.py"
    shop.write_text(shop.read_text().replace('"total"])', '"total"] * 100)'))
    pytester.runpytest_subprocess().assert_outcomes(failed=3)
    assert {one.verdict.value for one in items(project)} == {"fail"}


def test_runs_under_faults_are_items(project, pytester):
    """Impacts and checks of the fixture chaos, with what proves them."""
    pytester.makepyfile(test_chaos=CHAOS)
    pytester.runpytest_subprocess("test_chaos.py")
    found = {one.kind: one for one in items(project)}
    assert (found["chaos.fault"].agent, found["chaos.check"].subject) == ("again", "budget")
    proof = json.loads((project / found["chaos.fault"].source).read_text())
    assert proof["impacts"][0]["mode"] in found["chaos.fault"].says


def test_evidence_can_be_turned_off(project, pytester, monkeypatch):
    """AGENTOPS_EVIDENCE=0 leaves no folder behind."""
    monkeypatch.setenv("AGENTOPS_EVIDENCE", "0")
    pytester.runpytest_subprocess().assert_outcomes(passed=3)
    assert not (project / ".agentops").exists()


def test_a_store_in_the_way_fails_no_test(project, pytester):
    """What cannot be written is said once, and the session ends as it would."""
    (project / ".agentops").write_text("in the way")
    done = pytester.runpytest_subprocess()
    done.assert_outcomes(passed=3)
    assert sum("no evidence was written" in line for line in done.stderr.lines) == 1
