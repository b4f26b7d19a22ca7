"""Faults over a recording: what is asked again is answered again, and real clients die with their process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import OpenAI

from agentops_eval import faults, handoff, recording, tool
from agentops_eval.domain import EndedBy, Fault, FaultedRun, HttpRequest, Label, Schedule
from agentops_eval.harness import Settings
from agentops_eval.harness.faulting import Answers, Runner, subject_of
from agentops_eval.replay import read_cassette
from agentops_eval.testing import LlmServer, Rule, Say
from tests.harness.faulting.kinds._kit import run

bodies: list[str] = []


@tool(effect="write")
def refund(order: str) -> str:
    """Pay back."""
    bodies.append(order)
    return f"refunded {order}"


def asks(url: str) -> str:
    """Ask an llm, refund, and hand over to a colleague who asks it again."""
    with OpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0) as client:

        def ask(question: str) -> str:
            messages: Any = [{"role": "user", "content": question}]
            reply = client.chat.completions.create(model="small", messages=messages)
            return str(reply.choices[0].message.content)

        plan = ask("what now?")
        done = refund("o-1")
        return f"{plan} {done} {handoff('billing', 'write', ask)}"


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """A recording of the agent, and the address that it asked, where nobody listens any more."""
    monkeypatch.delenv("CI", raising=False)
    path = tmp_path / "asks.cassette.jsonl"
    with LlmServer([Rule(then=Say("Hello"))]) as server:
        with recording(path, settings=Settings()):
            asks(server.url)
        url = server.url
    bodies.clear()
    return path, url


def over(recorded: tuple[Path, str], *scheduled: Fault) -> FaultedRun:
    """Run the agent under faults on its recording."""
    path, url = recorded
    subject = subject_of(asks, url, cassette=read_cassette(path), answers=Answers.RECORDING, path=path)
    return Runner(subject)(Schedule(faults=scheduled))


WHOLE = "Hello refunded o-1 Hello"


def test_without_faults_the_recording_answers(recorded: tuple[Path, str]) -> None:
    """The run is the recorded one, and no body of a tool runs."""
    found = over(recorded)
    assert (found.output, found.ended, bodies) == (WHOLE, EndedBy.ANSWER, [])
    assert {event.label for event in found.events if event.outcome} == {Label.REPLAYED}


@pytest.mark.parametrize("landed", [False, True])
def test_started_again_it_may_ask_again_what_is_recorded_once(
    recorded: tuple[Path, str], landed: bool
) -> None:
    """What its first life took from the recording is answered to the second too, and labelled scripted."""
    found = over(recorded, faults.kill("billing", landed=landed))
    assert (found.output, found.ended, bodies) == (WHOLE, EndedBy.ANSWER, [])
    second = [event for event in found.events[found.resumed_at[0] :] if event.boundary == "refund"]
    assert [event.label for event in second] == [Label.SCRIPTED]


def test_a_recipient_that_runs_twice_is_answered_twice(recorded: tuple[Path, str]) -> None:
    """Its second run asks the same again, and the recording has one answer for both."""
    found = over(recorded, faults.message_duplicated("billing"))
    assert (found.output, found.ended) == (WHOLE, EndedBy.ANSWER)
    asked = [event for event in found.events if isinstance(event.request, HttpRequest)]
    assert [event.label for event in asked] == [Label.REPLAYED, Label.REPLAYED, Label.SCRIPTED]


def test_another_answer_leaves_the_recording_and_is_never_a_stale_one(recorded: tuple[Path, str]) -> None:
    """A message that differs asks the llm something else, which no recording can answer."""
    found = over(recorded, faults.message_corrupted("billing"))
    assert found.ended is EndedBy.LEFT
    assert not found.answered


def test_killed_while_a_real_client_has_its_reply() -> None:
    """The server saw the request of both lives; the first one's connection is closed with it."""
    with LlmServer([Rule(then=Say("Hello"))]) as server:

        def agent() -> str:
            with httpx.Client() as client:
                body = {"model": "small", "messages": [{"role": "user", "content": "hi"}]}
                reply = client.post(f"{server.url}/v1/chat/completions", json=body)
                return str(reply.json()["choices"][0]["message"]["content"])

        for landed, hits in ((True, 2), (False, 1)):
            before = server.hits
            found = run(agent, faults.kill("llm", landed=landed))
            assert (found.output, server.hits - before) == ("Hello", hits)
            assert found.injections[0].landed == int(landed)
