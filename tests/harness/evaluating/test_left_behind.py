"""Threads that outlive their trial: nothing they do reaches the world, a recording, or another trial."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval import tool
from agentops_eval.domain import Ending, Expectation, ReplayMiss, Scenario, VerdictValue
from agentops_eval.harness import RecordMode, Settings
from agentops_eval.harness.evaluating import Bounds, Choice, Orders, Session
from tests.harness.evaluating._kit import HOME, run_suite, suite

HERE = "tests.harness.evaluating.test_left_behind"
REACHED: list[str] = []
GO_ON, OVER = threading.Event(), threading.Event()


@tool(effect="write")
def pay(what: str) -> str:
    """A tool that does something."""
    REACHED.append(what)
    return what


def slow(text: str, *, first: str = "first") -> str:
    """An agent that takes too long between two calls."""
    pay(first)
    GO_ON.wait(30)
    try:
        pay("second")
    finally:
        OVER.set()
    return text


def swallowing(text: str) -> str:
    """An agent that asks for what was not recorded, takes no notice, and never comes back."""
    try:
        pay("another")
    except BaseException:
        GO_ON.wait(30)
    return text


def leaving(text: str) -> str:
    """An agent that leaves a thread behind, which calls a tool when the next trial is at work."""

    def late() -> None:
        GO_ON.wait(30)
        try:
            pay("late")
        except ReplayMiss as miss:
            REACHED.append(miss.reason)
        finally:
            OVER.set()

    threading.Thread(target=late, daemon=True).start()
    return f"you said {text}"


def next_one(text: str) -> str:
    """The agent of the next trial, in the middle of which the thread wakes up."""
    GO_ON.set()
    OVER.wait(30)
    return f"you said {text}"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    REACHED.clear()
    GO_ON.clear()
    OVER.clear()
    yield
    GO_ON.set()


SAYS = Expectation(evaluator=f"{HOME}:says", arguments="you said")
ECHO = Scenario(id="echo", suite="scenarios/shop", agent=f"{HOME}:echo", turns=("a",), expect=(SAYS,))
SLOW = replace(ECHO, id="slow", agent=f"{HERE}:slow", timeout_s=0.3)


def test_a_trial_that_is_given_up_records_nothing_more_and_reaches_nobody(tmp_path: Path) -> None:
    """Its second call is blocked, and what it leaves is no recording that a replay could pass."""
    (found,) = run_suite(tmp_path, suite(SLOW), record="once")
    GO_ON.set()
    assert OVER.wait(30)
    assert (found.value, REACHED) == (VerdictValue.FAIL, ["first"])
    assert run_suite(tmp_path, suite(SLOW))[0].ending is Ending.NEEDS_RECORDING


def test_a_replay_that_is_given_up_blocks_nobody_else(tmp_path: Path) -> None:
    """What is called outside any run goes on as if the trial had ended."""
    GO_ON.set()
    run_suite(tmp_path, suite(replace(SLOW, timeout_s=30)), record="once")
    GO_ON.clear()
    run_suite(tmp_path, suite(SLOW))
    assert pay("outside") == "outside"


def test_a_miss_that_an_agent_swallows_is_no_failure_of_its_time(tmp_path: Path) -> None:
    """The recording had no answer: it needs a recording, however long the agent takes then."""
    GO_ON.set()
    run_suite(tmp_path, suite(replace(SLOW, timeout_s=30)), record="once")
    GO_ON.clear()
    (found,) = run_suite(tmp_path, suite(replace(SLOW, agent=f"{HERE}:swallowing")))
    assert (found.ending, found.passed) == (Ending.NEEDS_RECORDING, None)
    assert "--record" in found.remedy


def test_a_thread_that_an_agent_leaves_behind_is_not_the_next_trials_problem(tmp_path: Path) -> None:
    """Its late call is blocked, where it is made; the trial that is at work has its own verdict."""
    many = suite(replace(ECHO, id="first", agent=f"{HERE}:leaving"), replace(ECHO, agent=f"{HERE}:next_one"))
    GO_ON.set()
    run_suite(tmp_path, many, record="once")
    assert OVER.wait(30)
    _clear()
    found = run_suite(tmp_path, many)
    assert [one.value for one in found] == [VerdictValue.PASS, VerdictValue.PASS]
    assert REACHED == ["blocked"]


def _clear() -> None:
    REACHED.clear()
    GO_ON.clear()
    OVER.clear()


@pytest.mark.parametrize("processes", [False, True], ids=["thread", "process"])
def test_what_a_live_trial_cost_that_was_given_up_nobody_knows(tmp_path: Path, processes: bool) -> None:
    """Where there is a bound, nothing more begins behind it."""
    orders = Orders(root=tmp_path, settings=Settings(record=RecordMode.ONCE))
    session = Session(orders, Bounds(processes=processes), max_cost_usd=1.0)
    prepared = session.prepare([suite(SLOW, ECHO)], Choice())
    assert [one.case for one in session.results(prepared)] == ["slow"]
    assert "not known" in session.purse.stopped
