"""Trials that a judge judges, and talks that an llm plays: recorded, and replayed without a key."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval.domain import (
    Ending,
    ErrorSource,
    Expectation,
    Result,
    Scenario,
    SimulatedUser,
    VerdictValue,
)
from agentops_eval.harness.evaluating import Bounds
from agentops_eval.testing import Conversation, Fail, LlmServer, Rule, Say, judge_rules
from tests.harness.evaluating._kit import run_suite, suite

HERE = "tests.harness.evaluating.test_judged"
KEY = "JUDGED_KEY"
ASKED = Scenario(
    id="asked",
    suite="scenarios/shop",
    agent=f"{HERE}:helpful",
    turns=("hello",),
    expect=(Expectation(evaluator="helpfulness"),),
)
PLAYED = Scenario(
    id="played",
    suite="scenarios/shop",
    agent=f"{HERE}:Desk",
    user=SimulatedUser(goal="a refund", hidden={"order_number": "A-1042"}, llm="player", max_turns=4),
    expect=(Expectation(evaluator="answer_contains", arguments="refunded A-1042"),),
)


def helpful(text: str) -> str:
    """An agent without an llm."""
    return f"Good day! You said {text}, and I am glad to help."


class Desk:
    """An agent that asks back."""

    def __call__(self, text: str) -> str:
        """Refund what is named."""
        return (
            f"refunded {text.rsplit(maxsplit=1)[-1].rstrip('.')}"
            if "A-" in text
            else "What is your order number?"
        )


def plays(conversation: Conversation) -> Say:
    """The llm that plays the user."""
    check = conversation.system.split('{"check": "')[1][:16]
    turns = ({"say": "My lamp broke."}, {"say": "It is A-1042."}, {"done": "reached"})
    return Say(json.dumps({"check": check, **turns[conversation.user.count("You said:")]}))


def _project(root: Path, server: LlmServer) -> None:
    judge = f'base_url = "{server.url}/v1"\nllm = "judge"\nkey_env = "{KEY}"\n'
    (root / "pyproject.toml").write_text(f"[tool.agentops.judge]\n{judge}")


def _run(root: Path, scenario: Scenario, record: str = "none") -> Result:
    (found,) = run_suite(root, suite(scenario), record=record, bounds=Bounds())
    return found


@pytest.mark.parametrize(
    ("grade", "value"), [(5, VerdictValue.PASS), (1, VerdictValue.FAIL)], ids=["pass", "fail"]
)
def test_a_judge_is_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grade: int, value: VerdictValue
) -> None:
    """Recorded with a key; replayed without key and server, with the same verdict; CI needs neither."""
    monkeypatch.setenv(KEY, "unset")
    with LlmServer(judge_rules(lambda shown: grade)) as server:
        _project(tmp_path, server)
        assert _run(tmp_path, ASKED).ending is Ending.NEEDS_RECORDING
        assert _run(tmp_path, ASKED, "once").value is value
        assert server.hits == 1
    monkeypatch.delenv(KEY)
    monkeypatch.setenv("CI", "true")
    replayed = _run(tmp_path, ASKED)
    assert (replayed.value, replayed.verdicts[0].evaluator) == (value, "helpfulness")
    assert any(one.startswith("rubric:helpfulness@") for one in replayed.verdicts[0].evidence)


def test_a_judge_that_was_not_asked_this_needs_a_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another answer of the agent is another question: no pass, no failure, and the judge is named."""
    monkeypatch.setenv(KEY, "unset")
    with LlmServer(judge_rules(lambda shown: 5)) as server:
        _project(tmp_path, server)
        _run(tmp_path, ASKED, "once")
    other = replace(ASKED, turns=("good evening",))
    run_suite(tmp_path, suite(replace(other, expect=())), record="all")
    found = _run(tmp_path, other)
    assert (found.ending, found.passed) == (Ending.NEEDS_RECORDING, None)
    assert found.error is not None
    assert found.error.source is ErrorSource.JUDGE


def test_a_user_is_played_and_replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the player said is in the recording, and none of it counts as the agent's."""
    monkeypatch.setenv(KEY, "unset")
    with LlmServer([Rule(then=plays)]) as server:
        _project(tmp_path, server)
        recorded = _run(tmp_path, PLAYED, "once")
    monkeypatch.delenv(KEY)
    replayed = _run(tmp_path, PLAYED)
    assert (recorded.value, replayed.value) == (VerdictValue.PASS, VerdictValue.PASS)
    assert replayed.answers == ("What is your order number?", "refunded A-1042")
    assert replayed.spend.llm_calls == 0


def test_a_player_that_fails_is_no_failure_of_the_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An llm that cannot play the user ends the trial without a verdict, for the simulator's sake."""
    monkeypatch.setenv(KEY, "unset")
    with LlmServer([Rule(then=Fail(status=500))]) as server:
        _project(tmp_path, server)
        found = _run(tmp_path, PLAYED, "once")
    assert (found.ending, found.passed) == (Ending.ERROR, None)
    assert found.error is not None
    assert found.error.source is ErrorSource.SIMULATOR
