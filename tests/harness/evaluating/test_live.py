"""Trials that talk to an llm over HTTP: whose fault a failure is, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openai
import pytest

from agentops_eval.domain import Ending, ErrorSource, Expectation, Scenario, VerdictValue
from agentops_eval.harness.evaluating import Bounds
from agentops_eval.testing import Fail, LlmServer, Rule, Say
from tests.harness.evaluating._kit import HOME, run_suite, suite

ASK = Scenario(
    id="ask",
    suite="scenarios/shop",
    agent="tests.harness.evaluating.test_live:ask",
    turns=("hello",),
    expect=(Expectation(evaluator=f"{HOME}:says", arguments="Good day"),),
)
BUSY = Rule(when=lambda c: c.says("busy"), then=Fail(status=503))
REFUSED = Rule(when=lambda c: c.says("wrong"), then=Fail(status=400, message="no"))
FINE = Rule(then=Say("Good day."))


def ask(text: str, *, url: str, llm: str = "scripted") -> str:
    """An agent that asks an llm once."""
    with openai.OpenAI(base_url=f"{url}/v1", api_key="unset", max_retries=0) as client:
        reply = client.chat.completions.create(model=llm, messages=[{"role": "user", "content": text}])
    return reply.choices[0].message.content or ""


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a scripted llm."""
    with LlmServer((BUSY, REFUSED, FINE)) as server:
        yield server.url


def _asking(url: str, text: str = "hello") -> Scenario:
    return replace(ASK, turns=(text,), parameters={"url": url})


def test_a_busy_provider_is_no_failure_of_the_agent(tmp_path: Path, url: str) -> None:
    """The trial has no verdict, its source is the infrastructure, and nothing is recorded of it."""
    (found,) = run_suite(tmp_path, suite(_asking(url, "busy")), record="once")
    assert (found.ending, found.passed) == (Ending.ERROR, None)
    assert found.error is not None
    assert found.error.source is ErrorSource.INFRASTRUCTURE
    assert list(tmp_path.rglob("*.cassette.jsonl")) == []


def test_nobody_listening_is_no_failure_of_the_agent(tmp_path: Path) -> None:
    """A connection that is refused while recording is the infrastructure's."""
    (found,) = run_suite(tmp_path, suite(_asking("http://127.0.0.1:9")), record="once")
    assert found.ending is Ending.ERROR


def test_a_refused_request_is_the_agents_failure(tmp_path: Path, url: str) -> None:
    """A bad request is the agent's own: it is recorded, and fails in the replay, too."""
    wrong = suite(_asking(url, "wrong"))
    (found,) = run_suite(tmp_path, wrong, record="once")
    assert (found.ending, found.value) == (Ending.JUDGED, VerdictValue.FAIL)
    assert run_suite(tmp_path, wrong)[0].value is VerdictValue.FAIL


def test_trials_side_by_side_keep_their_runs_apart(tmp_path: Path, url: str) -> None:
    """Eight at once over four threads: each has its own recording, and each replays."""
    many = suite(replace(_asking(url), repeat=8))
    recorded = run_suite(tmp_path, many, record="once", bounds=Bounds(concurrency=4))
    replayed = run_suite(tmp_path, many, bounds=Bounds(concurrency=4))
    assert {one.value for one in (*recorded, *replayed)} == {VerdictValue.PASS}
    assert {one.trial for one in recorded} == set(range(1, 9))
    assert all(one.labels == {"replayed": 1} for one in replayed)


def test_recording_goes_on_where_it_was_broken_off(tmp_path: Path, url: str) -> None:
    """What is recorded already is replayed and costs no further request."""
    with LlmServer((FINE,)) as server:
        first = suite(replace(_asking(server.url), repeat=2))
        run_suite(tmp_path, first, record="once")
        more = suite(replace(_asking(server.url), repeat=5))
        found = run_suite(tmp_path, more, record="once")
        assert server.hits == 5
    assert [one.labels for one in found] == [{"replayed": 1}] * 2 + [{"live": 1}] * 3
