"""The fixture ``scorecard``: levels by all evidence, and what they lack where an assertion fails."""

from __future__ import annotations

import pytest

AGENT = """
from agentops_eval import tool

@tool
def get_order(order: int) -> dict:
    return {"total": 59.9}

def refund(order: str) -> str:
    return f"refunded {get_order(int(order))['total']}"
"""
TESTS = """
import pytest
from agentops_eval import faults

def test_ready(scorecard):
    '''It stands first, and runs last.'''
    found = {one.id: one for each in scorecard.card.dimensions for one in each.criteria}
    assert found["developer-experience.settings-right"].met
    assert found["finops.budget-enforced"].met
    assert scorecard.level("platform") == 0

def test_not_ready(scorecard):
    assert scorecard.level("developer-experience") >= 2

def test_the_whole_is_not_ready(scorecard):
    assert 3 <= scorecard.level()

def test_misspelt(scorecard):
    scorecard.level("secrity")

@pytest.mark.scorecard("refund", criterias="x.yaml")
def test_wrong_mark(scorecard):
    pass

@pytest.mark.scorecard(criteria="only.yaml")
def test_ours(scorecard):
    assert scorecard.level("platform") == 1

@pytest.mark.chaos("shop:refund", "5")
def test_budget(chaos):
    chaos.check("budget")
"""
ONLY = (
    "replace: true\ncriteria: [{id: platform.ours, title: t, level: 1, owner: role:desk, rationale: r,"
    " command: c, risk: 1, impact: 1, effort: 1, check: {kind: project, subject: settings}}]\n"
)


def test_a_test_asks_how_ready_the_agent_is(pytester: pytest.Pytester) -> None:
    """Of what this session has shown, too; a level that is too low tells what blocks it and what to do."""
    pytester.makepyprojecttoml('[tool.agentops]\nagent_name = "refund"\n')
    pytester.makepyfile(shop=AGENT, test_ready=TESTS)
    (pytester.path / "only.yaml").write_text(ONLY)
    done = pytester.runpytest_subprocess("-p", "no:xdist", "-rA")
    done.assert_outcomes(passed=3, failed=3, errors=1)
    done.stdout.fnmatch_lines_random(
        [
            "*'refund' is at level 0 in developer-experience, and 2 is asked for (>=)*",
            "*developer-experience.replays (level 1) is missing: there is no evidence replay*",
            "*    evidence  none*",
            "*    show it:  agentops-eval replay *",
            "*agentops-eval scorecard --agent refund*",
            "*'refund' is at level 0 in *, and 3 is asked for (<=)*",
            "*there is no dimension 'secrity'; did you mean 'security'?*",
            "*@pytest.mark.scorecard has no keyword 'criterias'*",
        ]
    )


def test_without_evidence_nothing_is_scored(pytester: pytest.Pytester) -> None:
    """A level of 0 that only says that nobody kept anything would be misread."""
    pytester.makepyfile("def test_ready(scorecard):\n    assert scorecard.level() == 0\n")
    done = pytester.runpytest_subprocess("-p", "no:xdist")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*nothing keeps evidence here*", "*AGENTOPS_EVIDENCE=1*"])
