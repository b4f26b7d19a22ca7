"""How a run ended, as far as its trace tells."""

from __future__ import annotations

from typing import Any

import pytest

from agentops_eval.domain import SpanEvent
from agentops_eval.traces.levels import Ending, ending_of
from tests.traces._live import Live


def evaluated(name: str = "task_completion", **told: Any) -> SpanEvent:
    named = {f"gen_ai.evaluation.{key.replace('__', '.')}": value for key, value in told.items()}
    return SpanEvent(name="gen_ai.evaluation.result", attributes={"gen_ai.evaluation.name": name, **named})


def ended(**root: Any) -> Ending:
    live = Live()
    live.agent(**root)
    return ending_of(live.normal)


def test_a_run_without_an_error_is_completed():
    """The root has ended, nothing failed it, and nobody says otherwise."""
    assert ended() is Ending.COMPLETED


def test_a_handled_error_does_not_fail_a_run():
    """What fails below a root that has no error was dealt with."""
    live = Live()
    live.tool("find", live.agent(), error="timeout")
    assert ending_of(live.normal) is Ending.COMPLETED


@pytest.mark.parametrize(
    ("events", "ending"),
    [
        ([evaluated(score__label="pass")], Ending.COMPLETED),
        ([evaluated("Task-Completion", score__label="Completed")], Ending.COMPLETED),
        ([evaluated(score__label="fail")], Ending.FAILED),
        ([evaluated(score__value=1)], Ending.COMPLETED),
        ([evaluated(score__value=0.0)], Ending.FAILED),
        ([evaluated(score__value=0.7)], Ending.UNKNOWN),
        ([evaluated(score__value=float("nan"))], Ending.UNKNOWN),
        ([evaluated()], Ending.UNKNOWN),
        ([evaluated(score__label="pass"), evaluated(score__label="fail")], Ending.FAILED),
        ([evaluated("politeness", score__label="fail")], Ending.COMPLETED),
    ],
    ids="pass spelt fail one zero between nan nothing both other".split(),
)
def test_an_evaluation_of_the_task_decides(events: list[SpanEvent], ending: Ending):
    """Its label decides, else a score of 0 or 1; one between is undecided, other evaluations do not count."""
    assert ended(events=tuple(events)) is ending


@pytest.mark.parametrize(
    ("told", "ending"),
    [(True, Ending.COMPLETED), ("true", Ending.COMPLETED), (False, Ending.FAILED), (7, Ending.UNKNOWN)],
    ids=str,
)
def test_the_sender_may_say_whether_it_succeeded(told: object, ending: Ending):
    """``agent.step_success`` of the root is believed; a value that is neither is undecided."""
    assert ended(agent__step_success=told) is ending


def test_hand_written_failures_are_failures():
    """A root in plain ``agent.*`` attributes that says it failed has failed."""
    live = Live()
    live.span("run", agent__step_type="agent", agent__id="desk", agent__step_success=False)
    assert ending_of(live.normal) is Ending.FAILED


def test_an_infrastructure_error_is_no_failure_of_the_agent():
    """A root that failed because nobody was reached is apart, also where a call below tells the reason."""
    assert ended(error="ConnectionError") is Ending.INFRASTRUCTURE
    live = Live()
    root = live.agent(error="_OTHER")
    live.llm(root, error="httpx.ConnectError")
    assert ending_of(live.normal) is Ending.INFRASTRUCTURE


def test_an_agents_own_failure_is_not_blamed_on_an_earlier_connection_error():
    """A call that failed otherwise, and was dealt with, does not explain the root's error."""
    live = Live()
    root = live.agent(error="ValueError")
    live.tool("find", root, error="ConnectionError")
    assert ending_of(live.normal) is Ending.FAILED


def test_a_run_whose_end_is_not_told_is_unknown():
    """A root that never ended, and a trace without a root, tell no ending."""
    assert ended(took=-(10**9)) is Ending.UNKNOWN
    elsewhere = Live()
    *_, caller = [elsewhere.agent() for _ in range(5)]
    part = Live()
    part.tool("find", caller)
    assert ending_of(part.normal) is Ending.UNKNOWN


def test_of_several_roots_the_last_agent_to_end_stands_for_the_run():
    """What hangs beside the agents, and agents that ended before, do not decide."""
    live = Live()
    live.agent(at=0, took=10, error="ValueError")
    live.agent(at=20, took=10)
    live.llm(at=50, error="ValueError")
    assert ending_of(live.normal) is Ending.COMPLETED
