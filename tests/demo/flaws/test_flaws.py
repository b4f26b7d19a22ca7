"""Each planted flaw is found, made small, and written as a test: red before the fix, green after."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_eval.demo.flaws import FLAWS, Flaw
from tests.demo.flaws._kit import Project, harms_under, smaller, stem

if TYPE_CHECKING:
    from agentops_eval.domain import ChaosFinding

Found = dict[str, tuple["ChaosFinding", ...]]

pytest.importorskip("openai")


def by_name(flaw: Flaw) -> str:
    """How a flaw is called in the names of tests."""
    return flaw.module


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with the flawed agents."""
    made = Project(root=tmp_path_factory.mktemp("planted"))
    for flaw in FLAWS:
        made.lay_out(flaw, "flawed")
    return made


@pytest.fixture(scope="module")
def found(project: Project) -> Found:
    """What is found of each flawed agent, with its tests in the project."""
    return {flaw.module: project.find(flaw) for flaw in FLAWS}


@pytest.fixture(scope="module")
def reports(project: Project, found: Found) -> tuple[dict[str, str], dict[str, str]]:
    """The project's tests run twice: with the flawed agents, and with the mended ones."""
    assert found
    red = project.run_tests()
    for flaw in FLAWS:
        project.lay_out(flaw, "mended")
    return red, project.run_tests()


def test_there_are_at_least_fifteen_flaws() -> None:
    """Each has a name and a text of its own."""
    assert len({flaw.module for flaw in FLAWS}) == len({flaw.what for flaw in FLAWS}) == len(FLAWS) >= 15


@pytest.mark.parametrize("flaw", FLAWS, ids=by_name)
def test_the_flaw_alone_is_found(flaw: Flaw, found: Found) -> None:
    """There is one finding: the expected harm, under the expected smallest schedule."""
    (finding,) = found[flaw.module]
    assert str(finding.impact.run.schedule) == flaw.under
    harms = {(one.harm.value, one.subject) for one in finding.impact.reasons}
    assert (flaw.harm.value, flaw.subject) in harms


@pytest.mark.parametrize("flaw", [one for one in FLAWS if not one.check], ids=by_name)
def test_nothing_smaller_shows_it(flaw: Flaw, found: Found) -> None:
    """With a fault less, or any smaller parameter, the flaw no longer does its harm."""
    (finding,) = found[flaw.module]
    schedules = smaller(finding.impact.run.schedule)
    assert schedules
    wanted = (flaw.harm.value, flaw.subject)
    shown = harms_under(flaw, schedules)
    assert [str(one) for one, harms in zip(schedules, shown, strict=True) if wanted in harms] == []


@pytest.mark.parametrize("flaw", FLAWS, ids=by_name)
def test_its_test_is_red_for_the_same_reason(
    flaw: Flaw, found: Found, reports: tuple[dict[str, str], dict[str, str]]
) -> None:
    """The generated regression fails, and says the harm, or that the check did not pass."""
    (finding,) = found[flaw.module]
    why = reports[0][stem(finding.test)]
    if flaw.check:
        assert f"where False = CheckResult(name='{flaw.check}'" in why
    else:
        told = re.search(r"assert '([a-z-]+)' not in frozenset", why)
        assert told is not None
        assert told[1] in finding.impact.harms
        assert f'assert "{flaw.harm}" not in impact.harms' in Path(finding.test).read_text()


@pytest.mark.parametrize("flaw", FLAWS, ids=by_name)
def test_its_test_is_green_when_it_is_mended(
    flaw: Flaw, found: Found, reports: tuple[dict[str, str], dict[str, str]]
) -> None:
    """The same test, with the same faults, passes as soon as the agent behind it is the mended one."""
    (finding,) = found[flaw.module]
    assert reports[1][stem(finding.test)] == ""


def test_every_test_of_the_project_is_one_of_a_finding(
    found: Found, reports: tuple[dict[str, str], dict[str, str]]
) -> None:
    """One test a finding, no more and no less."""
    assert set(reports[0]) == {stem(one.test) for findings in found.values() for one in findings}
