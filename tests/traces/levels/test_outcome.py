"""How a run ended, as far as its trace tells."""

from __future__ import annotations

from typing import Any

import pytest

from agentops_eval.domain import SpanEvent
from agentops_eval.traces.levels import Outcome, outcome_of
from tests.traces._live import Live


def evaluated(name: str = "task_completion", **told: Any) -> SpanEvent:
    named = {f"gen_ai.evaluation.{key.replace('__', '.')}": value for key, value in told.items()}
    return SpanEvent(name="gen_ai.evaluation.result", attributes={"gen_ai.evaluation.name": name, **named})


def ended(**root: Any) -> Outcome:
    live = Live()
    live.agent(**root)
    return outcome_of(live.normal)


def test_a_run_without_an_error_is_completed():
    """The root has ended, nothing failed it, and nobody says otherwise."""
    assert ended() is Outcome.COMPLETED


def test_a_handled_error_does_not_fail_a_run():
    """What fails below a root that has no error was dealt with."""
    live = Live()
    live.tool("find", live.agent(), error="timeout")
    assert outcome_of(live.normal) is Outcome.COMPLETED


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([evaluated(score__label="pass")], Outcome.COMPLETED),
        ([evaluated("Task-Completion", score__label="Completed")], Outcome.COMPLETED),
        ([evaluated(score__label="fail")], Outcome.FAILED),
        ([evaluated(score__value=1)], Outcome.COMPLETED),
        ([evaluated(score__value=0.0)], Outcome.FAILED),
        ([evaluated(score__value=0.7)], Outcome.UNKNOWN),
        ([evaluated(score__value=float("nan"))], Outcome.UNKNOWN),
        ([evaluated()], Outcome.UNKNOWN),
        ([evaluated(score__label="pass"), evaluated(score__label="fail")], Outcome.FAILED),
        ([evaluated("politeness", score__label="fail")], Outcome.COMPLETED),
    ],
    ids="pass spelt fail one zero between nan nothing both other".split(),
)
def test_an_evaluation_of_the_task_decides(events: list[SpanEvent], outcome: Outcome):
    """Its label decides, else a score of 0 or 1; one between is undecided, other evaluations do not count."""
    assert ended(events=tuple(events)) is outcome


@pytest.mark.parametrize(
    ("told", "outcome"),
    [(True, Outcome.COMPLETED), ("true", Outcome.COMPLETED), (False, Outcome.FAILED), (7, Outcome.UNKNOWN)],
    ids=str,
)
def test_the_sender_may_say_whether_it_succeeded(told: object, outcome: Outcome):
    """``agent.step_success`` of the root is believed; a value that is neither is undecided."""
    assert ended(agent__step_success=told) is outcome


def test_hand_written_failures_are_failures():
    """A root in plain ``agent.*`` attributes that says it failed has failed."""
    live = Live()
    live.span("run", agent__step_type="agent", agent__id="desk", agent__step_success=False)
    assert outcome_of(live.normal) is Outcome.FAILED


def test_an_infrastructure_error_is_no_failure_of_the_agent():
    """A root that failed because nobody was reached is apart, also where a call below tells the reason."""
    assert ended(error="ConnectionError") is Outcome.INFRASTRUCTURE
    live = Live()
    root = live.agent(error="_OTHER")
    live.llm(root, error="httpx.ConnectError")
    assert outcome_of(live.normal) is Outcome.INFRASTRUCTURE


def test_an_agents_own_failure_is_not_blamed_on_an_earlier_connection_error():
    """A call that failed otherwise, and was dealt with, does not explain the root's error."""
    live = Live()
    root = live.agent(error="ValueError")
    live.tool("find", root, error="ConnectionError")
    assert outcome_of(live.normal) is Outcome.FAILED


def test_a_run_whose_end_is_not_told_is_unknown():
    """A root that never ended, and a trace without a root, tell no outcome."""
    assert ended(took=-(10**9)) is Outcome.UNKNOWN
    elsewhere = Live()
    *_, caller = [elsewhere.agent() for _ in range(5)]
    part = Live()
    part.tool("find", caller)
    assert outcome_of(part.normal) is Outcome.UNKNOWN


def test_of_several_roots_the_last_agent_to_end_stands_for_the_run():
    """What hangs beside the agents, and agents that ended before, do not decide."""
    live = Live()
    live.agent(at=0, took=10, error="ValueError")
    live.agent(at=20, took=10)
    live.llm(at=50, error="ValueError")
    assert outcome_of(live.normal) is Outcome.COMPLETED
