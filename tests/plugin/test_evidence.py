"""A session of pytest writes evidence of what its tests have shown, a shard for each worker."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
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


SUITE = """
agent: shop:again
scenarios:
  - {id: one, input: "1", expect: {answer_contains: refunded}}
  - {id: two, input: "2", expect: {answer_contains: refunded}}
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of ours with recorded tests and a recorded suite, and what recording has shown."""
    root = tmp_path_factory.mktemp("recorded")
    (root / "pyproject.toml").write_text("[tool.agentops]\n")
    (root / "shop.py").write_text(
        AGENT + "\n\ndef again(order: str) -> str:\n    return refund(int(order))\n"
    )
    (root / "test_shop.py").write_text(TESTS)
    (root / "scenarios").mkdir()
    (root / "scenarios/refunds.yaml").write_text(SUITE)
    words = ("--agentops-record=once", "--agentops-approve", "-p", "no:xdist", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", "-q", "test_shop.py", "scenarios", *words]
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return root


@pytest.fixture
def project(recorded: Path, pytester: pytest.Pytester) -> Path:
    """The same without what recording has shown."""
    shutil.copytree(recorded, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".agentops"))
    return pytester.path


def items(root: Path) -> list[Evidence]:
    """The items that count."""
    found = list(Reading(root))
    assert all(one.counts for one in found)
    return [one.evidence for one in found if one.evidence is not None]


def test_recording_shows_no_replay(recorded):
    """What was recorded and approved just now was not replayed; that the suite passes was seen."""
    assert [one.kind for one in items(recorded)] == ["eval.suite"]


def test_each_golden_that_was_replayed_is_an_item(project, pytester):
    """With the agent of the mark, the golden's path, and the share that the recording answered."""
    pytester.runpytest_subprocess("test_shop.py").assert_outcomes(passed=3)
    found = items(project)
    assert [(one.agent, one.kind, one.verdict.value) for one in found] == [("refund", "replay", "pass")] * 3
    assert all(one.measures.items() >= {"calls": 2.0, "recorded_share": 1.0}.items() for one in found)
    assert all(0 <= one.measures["age_days"] < 1 for one in found)
    assert all((project / f"{one.subject}.otlp.jsonl").exists() for one in found)
    assert len(list((project / ".agentops/evidence").glob("*.jsonl"))) == 1


def test_workers_write_side_by_side(project, pytester):
    """Each worker has a shard of its own, no item is lost, and all know that the suite ran whole."""
    pytester.runpytest_subprocess("-p", "xdist.plugin", "-n2").assert_outcomes(passed=5)
    found = items(project)
    assert len({one.subject for one in found if one.kind == "replay"}) == 3
    (suite,) = [one for one in found if one.kind == "eval.suite"]
    assert (suite.verdict.value, suite.measures["trials"]) == ("pass", 2)


def test_a_golden_that_diverged_failed(project, pytester):
    """The latest item of the golden says so."""
    shop = project / "shop.py"
    shop.write_text(shop.read_text().replace('"total"])', '"total"] * 100)'))
    pytester.runpytest_subprocess("test_shop.py").assert_outcomes(failed=3)
    assert {one.verdict.value for one in items(project)} == {"fail"}


def test_runs_under_faults_are_items(project, pytester):
    """Impacts and checks of the fixture chaos, with what proves them."""
    pytester.makepyfile(test_chaos=CHAOS)
    pytester.runpytest_subprocess("test_chaos.py")
    found = {one.kind: one for one in items(project)}
    assert (found["chaos.fault"].agent, found["chaos.check"].subject) == ("again", "budget")
    proof = json.loads((project / found["chaos.fault"].source).read_text())
    assert proof["impacts"][0]["mode"] in found["chaos.fault"].says


BLOCK = """
import pytest
from agentops_eval import faults
from shop import refund

@pytest.mark.cassette("test_shop/test_refund[1]", agent="refund")
def test_a_block(chaos, cassette):
    with chaos.inject(faults.tool_error("get_order", nth=1)) as impact:
        try:
            impact.answered(refund(1))
        except OSError:
            impact.answered("Sorry, please try later.")
"""


def test_faults_in_a_block_are_an_item(project, pytester):
    """What chaos.inject did counts as what chaos.run did; the agent is that of the recording."""
    pytester.makepyfile(test_block=BLOCK)
    pytester.runpytest_subprocess("test_block.py").assert_outcomes(passed=1)
    (found,) = items(project)
    assert (found.kind, found.agent, found.subject) == (
        "chaos.fault",
        "refund",
        "tool_error(permanent=false) @get_order #1",
    )
    assert found.measures["injected"] == 1


def test_a_suite_that_ran_whole_is_an_item(project, pytester):
    """It is called after its file, and of the agent that its scenarios name."""
    pytester.runpytest_subprocess("scenarios").assert_outcomes(passed=2)
    (found,) = items(project)
    assert (found.kind, found.subject, found.agent) == ("eval.suite", "scenarios/refunds", "again")
    assert (found.verdict.value, found.measures["trials"], found.measures["judged_share"]) == ("pass", 2, 1)


def test_a_part_of_a_suite_shows_only_that_it_fails(project, pytester):
    """One case that passes is no suite that passes; one that fails is one that does not."""
    pytester.runpytest_subprocess("scenarios", "-k", "one").assert_outcomes(passed=1)
    assert items(project) == []
    shop = project / "shop.py"
    shop.write_text(
        shop.read_text().replace("return refund(int(order))", "return refund(int(order)).upper()")
    )
    pytester.runpytest_subprocess("scenarios", "-k", "one").assert_outcomes(failed=1)
    (found,) = items(project)
    assert (found.kind, found.verdict.value, found.measures["trials"]) == ("eval.suite", "fail", 2)


def test_evidence_can_be_turned_off(project, pytester, monkeypatch):
    """AGENTOPS_EVIDENCE=0 leaves no folder behind."""
    monkeypatch.setenv("AGENTOPS_EVIDENCE", "0")
    pytester.runpytest_subprocess("test_shop.py").assert_outcomes(passed=3)
    assert not (project / ".agentops").exists()


def test_a_store_in_the_way_fails_no_test(project, pytester):
    """What cannot be written is said once, and the session ends as it would."""
    (project / ".agentops").write_text("in the way")
    done = pytester.runpytest_subprocess("test_shop.py")
    done.assert_outcomes(passed=3)
    assert sum("no evidence was written" in line for line in done.stderr.lines) == 1
