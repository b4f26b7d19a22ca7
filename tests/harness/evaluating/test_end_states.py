"""End states in a replay: recorded ones answer for one world and one course of tool calls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval import tool
from agentops_eval.domain import Ending, Result, Scenario, VerdictValue, World
from tests.harness.evaluating._kit import PAY, Till, run_suite, suite

HERE = "tests.harness.evaluating.test_end_states"


@tool
def look_up(order: int) -> int:
    """A tool that only reads."""
    return order


def direct(text: str, *, till: Till, lazy: bool = False, looks: bool = False) -> str:
    """An agent that takes money past the tool seam, or only says so."""
    if looks:
        look_up(7)
    till.cents -= 0 if lazy else 5
    return "paid"


def failing(text: str, *, till: Till, lazy: bool = False) -> str:
    """An agent whose tool takes the money and then fails."""

    @tool(effect="write")
    def take() -> None:
        till.cents -= 5
        raise TimeoutError

    if not lazy:
        try:
            take()
        except TimeoutError:
            return "paid"
    return "paid"


def undeclared(text: str, *, till: Till) -> str:
    """An agent whose tool does not say that it writes."""

    @tool
    def take() -> None:
        till.cents -= 5

    take()
    return "paid"


def _asking(agent: str, **parameters: bool) -> Scenario:
    return replace(PAY, agent=f"{HERE}:{agent}", parameters=parameters)


def _recorded(tmp_path: Path, scenario: Scenario) -> Result:
    (found,) = run_suite(tmp_path, suite(scenario), record="once")
    assert found.value is VerdictValue.PASS
    return found


def test_a_change_past_the_seam_that_is_left_out_is_missed(tmp_path: Path) -> None:
    """The agent asks for nothing new and does nothing any more: the recorded end state is not its own."""
    _recorded(tmp_path, _asking("direct"))
    (found,) = run_suite(tmp_path, suite(_asking("direct", lazy=True)))
    assert (found.value, found.state) == (VerdictValue.FAIL, {"cents": 100})


def test_beside_tools_that_read_nobody_can_say_what_became_of_it(tmp_path: Path) -> None:
    """A tool that reads may have changed the world after all: unknown, with what to do about it."""
    _recorded(tmp_path, _asking("direct", looks=True))
    (found,) = run_suite(tmp_path, suite(_asking("direct", looks=True, lazy=True)))
    assert (found.passed, found.state, "effect=" in found.remedy) == (None, None, True)


def test_a_tool_that_does_not_say_that_it_writes_passes_nothing(tmp_path: Path) -> None:
    """Its effects cannot be told from none: the replay is unknown, with what to do about it."""
    _recorded(tmp_path, _asking("undeclared"))
    (found,) = run_suite(tmp_path, suite(_asking("undeclared")))
    assert (found.passed, "effect=" in found.remedy) == (None, True)


def test_a_tool_that_failed_may_have_done_its_part(tmp_path: Path) -> None:
    """What it left behind is in the recorded state, which a run without the call cannot have."""
    _recorded(tmp_path, _asking("failing"))
    (same,) = run_suite(tmp_path, suite(_asking("failing")))
    (less,) = run_suite(tmp_path, suite(_asking("failing", lazy=True)))
    assert (same.value, same.state) == (VerdictValue.PASS, {"cents": 95})
    assert (less.ending, less.passed) == (Ending.NEEDS_RECORDING, None)


@pytest.mark.parametrize("setup", [{"cents": 50}, {}], ids=["less", "nothing"])
def test_a_world_laid_out_otherwise_needs_a_recording(tmp_path: Path, setup: dict[str, int]) -> None:
    """What was recorded in one world tells nothing of another."""
    _recorded(tmp_path, PAY)
    assert PAY.world is not None
    other = replace(PAY, world=World(kind=PAY.world.kind, parameter="till", setup=setup))
    (found,) = run_suite(tmp_path, suite(other))
    assert (found.ending, found.passed) == (Ending.NEEDS_RECORDING, None)
