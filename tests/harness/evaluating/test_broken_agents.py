"""Agents, worlds and evaluators that break in ways nobody means: one trial is lost, never the suite."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest

from agentops_eval.domain import (
    Ending,
    ErrorSource,
    Expectation,
    Result,
    Scenario,
    Verdict,
    VerdictValue,
    World,
)
from agentops_eval.harness.evaluating import row_of
from tests.harness.evaluating._kit import HOME, run_suite, suite

HERE = "tests.harness.evaluating.test_broken_agents"
KEY = "sk-proj-" + "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH"
ECHO = Scenario(
    id="echo",
    suite="scenarios/shop",
    agent=f"{HOME}:echo",
    turns=("a",),
    expect=(Expectation(evaluator=f"{HOME}:says", arguments="you said"),),
)


class Unusual(BaseException):
    """What no agent should raise."""


class Speechless(Exception):
    """An exception that cannot say what it is."""

    def __str__(self) -> str:
        raise ZeroDivisionError


def cancelled(text: str) -> str:
    """An agent whose task was cancelled."""
    raise asyncio.CancelledError


def unusual(text: str) -> str:
    """An agent that raises past every ``except Exception``."""
    raise Unusual(text)


def interrupted(text: str) -> str:
    """An agent that interrupts itself, in a thread that no Ctrl-C reaches."""
    raise KeyboardInterrupt


def speechless(text: str) -> str:
    """An agent whose exception cannot be read."""
    raise Speechless


def leaking(text: str) -> str:
    """An agent that tells a key in its exception."""
    raise ValueError(f"401 for {KEY}")


def numerous(text: str) -> dict[str, int]:
    """An agent whose answer has no JSON."""
    return {"n": 10**5000}


def idle(text: str, *, world: object) -> str:
    """An agent that leaves its world alone."""
    return f"you said {text}"


class Asynchronous:
    """An agent that has to be closed in its own loop."""

    closed: list[bool] = []  # noqa: RUF012 - shared on purpose: the runner makes the object

    async def __call__(self, text: str) -> str:
        """Answer."""
        return f"you said {text}"

    async def close(self) -> None:
        """Take note."""
        self.closed.append(True)


class Bare:
    """A world that holds nothing."""

    def state(self) -> Mapping[str, int]:
        """Nothing."""
        return {}


class Unmade(Bare):
    """A world that cannot be laid out."""

    def __init__(self) -> None:
        raise OSError("no room")


class Unseen(Bare):
    """A world that cannot be looked at."""

    def state(self) -> Mapping[str, int]:
        """Fail."""
        raise LookupError("no table")


class Exiting(Bare):
    """A world that ends the process."""

    def state(self) -> Mapping[str, int]:
        """Exit."""
        sys.exit(4)


class Unclosed(Bare):
    """A world that cannot be taken away."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        raise OSError("busy")


def endless(output: Any) -> Verdict:
    """An evaluator whose score is no number."""
    return Verdict(value=VerdictValue.PASS, score=float("nan"))


def boundless(output: Any) -> Verdict:
    """An evaluator whose score is none."""
    return Verdict(value=VerdictValue.PASS, score=7.0)


def exiting(output: Any) -> bool:
    """An evaluator that ends the process."""
    sys.exit(3)


def careless(output: Any) -> Any:
    """An evaluator whose verdict holds what no verdict may."""
    return Verdict(value="pass", reason=None, evidence=(7,))  # type: ignore[arg-type]


def _with_another(tmp_path: Path, broken: Scenario) -> Result:
    """The result of a broken trial, behind which another one passes."""
    first, second = run_suite(tmp_path, suite(broken, replace(ECHO, id="other")), record="once")
    assert second.value is VerdictValue.PASS
    return first


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (cancelled, "the agent raised CancelledError: "),
        (unusual, "the agent raised Unusual: a"),
        (interrupted, "the agent raised KeyboardInterrupt: "),
        (speechless, "the agent raised Speechless: its text cannot be read"),
    ],
    ids=["cancelled", "no Exception", "interrupt", "no text"],
)
def test_whatever_an_agent_raises_is_its_own_failure(
    tmp_path: Path, agent: Callable[[str], str], said: str
) -> None:
    """Past ``Exception`` as well: the trial has failed, and the next one runs."""
    found = _with_another(tmp_path, replace(ECHO, agent=f"{HERE}:{agent.__name__}"))
    assert (found.ending, found.value) == (Ending.JUDGED, VerdictValue.FAIL)
    assert found.verdicts[0].reason == said


def test_a_key_in_an_exception_reaches_no_file(tmp_path: Path) -> None:
    """What an agent raises is redacted in the result, too, not in the verdict alone."""
    found = _with_another(tmp_path, replace(ECHO, agent=f"{HERE}:leaking"))
    assert KEY not in json.dumps(row_of(found))
    assert found.error is not None
    assert found.error.message.startswith("401 for [redacted:")


def test_an_answer_without_json_loses_one_trial(tmp_path: Path) -> None:
    """A number of thousands of digits has no result; the others have."""
    found = _with_another(tmp_path, replace(ECHO, agent=f"{HERE}:numerous"))
    assert (found.ending, found.passed) == (Ending.ERROR, None)


def test_an_asynchronous_agent_is_closed(tmp_path: Path) -> None:
    """``close`` may be a coroutine: it is awaited, once."""
    Asynchronous.closed.clear()
    found = _with_another(tmp_path, replace(ECHO, agent=f"{HERE}:Asynchronous"))
    assert (found.value, Asynchronous.closed) == (VerdictValue.PASS, [True])


@pytest.mark.parametrize(
    ("world", "said"),
    [
        (Unmade, "raised OSError: no room"),
        (Unseen, "raised LookupError: no table"),
        (Exiting, "raised SystemExit: 4"),
        (Unclosed, "raised OSError: busy"),
    ],
    ids=["unmade", "unseen", "exiting", "unclosed"],
)
def test_a_world_that_breaks_is_nobodys_pass(tmp_path: Path, world: type[Bare], said: str) -> None:
    """Such a trial has no verdict and leaves no half recording; the infrastructure is told of, by name."""
    laid = World(kind=f"{HERE}:{world.__name__}")
    found = _with_another(tmp_path, replace(ECHO, agent=f"{HERE}:idle", world=laid))
    assert (found.ending, found.passed) == (Ending.ERROR, None)
    assert found.error is not None
    assert (found.error.source, said in found.error.message) == (ErrorSource.INFRASTRUCTURE, True)
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize(
    ("evaluator", "said"),
    [(endless, "not nan"), (boundless, "not 7.0"), (exiting, "SystemExit: 3")],
    ids=["no number", "beyond one", "exiting"],
)
def test_an_evaluator_that_breaks_gives_no_verdict(
    tmp_path: Path, evaluator: Callable[[Any], object], said: str
) -> None:
    """A score that is none, or an exit, is unknown and says why; no row holds NaN."""
    expect = (Expectation(evaluator=f"{HERE}:{evaluator.__name__}"),)
    found = _with_another(tmp_path, replace(ECHO, expect=expect))
    assert found.value is VerdictValue.UNKNOWN
    assert said in found.verdicts[0].reason
    assert "NaN" not in json.dumps(row_of(found))


def test_a_careless_verdict_is_written_as_one(tmp_path: Path) -> None:
    """A word for its value, no reason, evidence that is no text: the row is as documented."""
    expect = (Expectation(evaluator=f"{HERE}:careless"),)
    found = _with_another(tmp_path, replace(ECHO, expect=expect))
    (verdict,) = found.verdicts
    assert (verdict.value, verdict.reason, verdict.evidence) == (VerdictValue.PASS, "", ("7",))
