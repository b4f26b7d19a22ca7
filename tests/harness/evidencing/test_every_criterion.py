"""Every criterion that ships and is checked can be met: some capability writes what it asks for."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

import pytest

from agentops_eval.domain import Standing
from agentops_eval.harness.evidencing import Noted, noted_of_project
from agentops_eval.scorecard import Scoring, shipped_criteria
from tests.harness.evidencing._project import fail_safely, whole_project, write_a_runbook_each
from tests.harness.evidencing._writers import AGENT, again, everything

AT, LATER = "2026-11-27T00:00:00Z", "2027-01-01T00:00:00Z"
CHECKED = [one for one in shipped_criteria().criteria if one.check is not None]


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Noted:
    """What is found in the files of a project in which all is there, a runbook of how it fails among it."""
    root = tmp_path_factory.mktemp("whole")
    settings = whole_project(root)
    fail_safely(root, settings, "issue_refund", "get_order")
    write_a_runbook_each(root, settings)
    return noted_of_project(root, settings, AGENT)


def unmet(noted: Iterable[Noted], wanted: Collection[str]) -> dict[str, str]:
    """Those among criteria that such evidence does not show, each with the reason."""
    scoring = Scoring(shipped_criteria(), AGENT, at=AT)
    for number, fact in enumerate(fact for one in noted for fact in one.facts):
        scoring.add(replace(fact, at=fact.at or AT, expires=LATER), f"sha256:{number}")
    found = [one for each in scoring.scorecard().dimensions for one in each.criteria]
    return {one.id: one.reason for one in found if one.id in wanted and one.standing is not Standing.MET}


def test_some_capability_shows_each(looked):
    """Where all writers tell the best that they can, every criterion is met: none is beyond reach."""
    every = {one.id for one in CHECKED}
    assert unmet([*(noted for _, noted in everything()), looked], every) == {}


def test_the_command_of_each_shows_it():
    """What its command writes, where all is well, meets a criterion without help from any other command."""
    # Criteria about the project's files are left out: whatever their command makes, scorecard looks at it.
    by_command: dict[str, set[str]] = {}
    for one in CHECKED:
        if one.check is not None and one.check.kind != "project":
            by_command.setdefault(one.command, set()).add(one.id)
    written = [(call.split(), noted) for call, noted in (*everything(), *again())]
    lacking = {}
    for command, wanted in by_command.items():
        words = shlex.split(command)
        calls = [
            (len(call), noted)
            for call, noted in written
            if all(any(fnmatchcase(word, asked) for asked in words) for word in call)
        ]
        closest = max((length for length, _ in calls), default=0)
        lacking |= unmet((noted for length, noted in calls if length == closest), wanted)
    assert lacking == {}
