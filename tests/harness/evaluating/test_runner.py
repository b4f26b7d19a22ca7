"""Many trials: time limits, budgets, processes, and what stops what."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval.domain import Ending, Expectation, Result, Scenario, Spend, Trace, Variant, VerdictValue
from agentops_eval.harness.evaluating import Bounds, Done, Trial
from agentops_eval.harness.evaluating._runner import Purse, run_trials
from tests.harness.evaluating._kit import HOME, PAY, run_suite, suite

HERE = "tests.harness.evaluating.test_runner"
ECHO = Scenario(
    id="echo",
    suite="scenarios/shop",
    agent=f"{HOME}:echo",
    turns=("a",),
    expect=(Expectation(evaluator=f"{HOME}:says", arguments="you said"),),
)
FOREVER = threading.Event()


def hanging(text: str) -> str:
    """An agent that never answers."""
    FOREVER.wait()
    return text


def dying(text: str) -> str:
    """An agent that takes its process with it."""
    os._exit(9)


def printing(text: str) -> str:
    """An agent that prints."""
    sys.stdout.write("noise\n")
    return f"you said {text}"


def _trials(count: int) -> list[Trial]:
    return [
        Trial(scenario=replace(ECHO, id=f"c{number}"), variant=Variant(), number=1, cassette=Path("x"))
        for number in range(count)
    ]


def _done(trial: Trial, cost_usd: float | None, *, live: bool = True) -> Done:
    result = Result(
        suite="s", case=trial.scenario.id, value=VerdictValue.PASS, spend=Spend(cost_usd=cost_usd)
    )
    return Done(result=result, trace=Trace(), live=live)


def test_the_budget_stops_before_the_next_trial() -> None:
    """What is under way is finished; nothing more begins once the money is spent, and it is said why."""
    purse = Purse(1.0)
    done = list(run_trials(_trials(10), lambda trial: _done(trial, 0.4), purse))
    assert len(done) == 3
    assert purse.stopped == "1.2000 USD are spent, of at most 1"


def test_replayed_trials_cost_nothing() -> None:
    """Only what was asked for real is paid."""
    purse = Purse(1.0)
    done = list(run_trials(_trials(10), lambda trial: _done(trial, 0.4, live=False), purse))
    assert (len(done), purse.spent_usd, purse.stopped) == (10, 0.0, "")


def test_a_cost_that_nobody_knows_stops_as_well() -> None:
    """A bound that cannot be kept is not passed in silence."""
    purse = Purse(1.0)
    done = list(run_trials(_trials(10), lambda trial: _done(trial, None), purse))
    assert len(done) == 1
    assert "not known" in purse.stopped


@pytest.mark.parametrize("concurrency", [1, 3, 50])
def test_every_trial_runs_once(concurrency: int) -> None:
    """However many run at once, each is done exactly once."""
    trials = _trials(20)
    done = run_trials(trials, lambda trial: _done(trial, 0.0), Purse(None), concurrency=concurrency)
    assert sorted(one.result.case for one in done) == sorted(trial.scenario.id for trial in trials)


def test_an_error_of_the_command_itself_reaches_the_caller() -> None:
    """What is no result is raised, not lost in a thread."""

    def perform(trial: Trial) -> Done:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(run_trials(_trials(2), perform, Purse(None)))


@pytest.mark.parametrize("processes", [False, True], ids=["thread", "process"])
def test_an_agent_that_hangs_has_failed_and_the_others_still_run(tmp_path: Path, processes: bool) -> None:
    """After its time is over the next case runs; the verdict names the limit."""
    hangs = replace(ECHO, id="hangs", agent=f"{HERE}:hanging", timeout_s=0.3)
    bounds = Bounds(processes=processes)
    first, second = run_suite(tmp_path, suite(hangs, ECHO), record="once", bounds=bounds)
    assert (first.value, first.verdicts[0].reason) == (VerdictValue.FAIL, "no answer within 0.3 s")
    assert second.value is VerdictValue.PASS


def test_an_agent_that_kills_its_process_takes_nothing_else_along(tmp_path: Path) -> None:
    """The trial has no verdict, its exit code is told, and the others run."""
    dies = replace(ECHO, id="dies", agent=f"{HERE}:dying")
    first, second = run_suite(tmp_path, suite(dies, ECHO), record="once", bounds=Bounds(processes=True))
    assert first.ending is Ending.ERROR
    assert first.error is not None
    assert first.error.message == "its process died (exit code 9)"
    assert second.value is VerdictValue.PASS


def test_processes_give_the_verdicts_of_threads(tmp_path: Path) -> None:
    """The same suite, replayed either way, gives equal results."""
    many = suite(replace(PAY, repeat=4), replace(ECHO, agent=f"{HERE}:printing"))
    run_suite(tmp_path, many, record="once")
    threads = run_suite(tmp_path, many, bounds=Bounds(concurrency=2))
    processes = run_suite(tmp_path, many, bounds=Bounds(concurrency=2, processes=True))
    key = lambda one: (one.case, one.trial)  # noqa: E731
    plain = lambda one: replace(one, spend=Spend())  # noqa: E731
    assert sorted(map(plain, threads), key=key) == sorted(map(plain, processes), key=key)
