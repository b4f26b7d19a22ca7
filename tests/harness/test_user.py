"""Simulated users over an llm: recorded with the run, told from the agent's own calls, never its fault."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from agentops_eval import Settings, recording, replaying, tool
from agentops_eval.domain import ErrorSource, Scenario, ScenarioInvalid, Seam, SimulatedUser
from agentops_eval.evals.users import SIMULATED_USER, without_user
from agentops_eval.harness import JudgeSettings, converse, converse_async, user_llm
from agentops_eval.seams.http import post
from agentops_eval.testing import Conversation, Fail, LlmServer, Rule, Say

HIDDEN = {"order_number": "A-1042"}
PLAYED = Scenario(id="case", user=SimulatedUser(goal="a refund", hidden=HIDDEN, llm="small"))


def plays(conversation: Conversation) -> Say:
    """The llm that plays: it opens, tells the order, and is content."""
    check = conversation.system.split('{"check": "')[1][:16]
    said = conversation.user.count("You said:")
    turn = ({"say": "My lamp broke."}, {"say": "It is A-1042."}, {"done": "reached"})[said]
    return Say(json.dumps({"check": check, **turn}))


@tool
def refund(order: str) -> str:
    """Give the money back."""
    return f"refunded {order}"


def server() -> LlmServer:
    users = Rule(when=lambda one: one.system.startswith("You play the user"), then=plays)
    return LlmServer([users, Rule(then=Say("What is your order number?"))])


def agent(url: str):
    """An agent that asks its own llm once, and then gives the money back."""

    def answer(text: str) -> str:
        if "A-" in text:
            return refund(text.rsplit(maxsplit=1)[-1].rstrip("."))
        body = json.dumps({"model": "big", "messages": [{"role": "user", "content": text}]}).encode()
        reply = json.loads(post(f"{url}/v1/chat/completions", body).body.data)  # type: ignore[union-attr]
        return reply["choices"][0]["message"]["content"]

    return answer


def test_a_played_talk_is_recorded_with_the_run_and_replays(tmp_path: Path) -> None:
    """The user's llm answers from the recording as the agent's does, and the talk is the same."""
    path = tmp_path / "run.cassette.jsonl"
    with server() as llm:
        settings = JudgeSettings(base_url=f"{llm.url}/v1")
        with recording(path, settings=Settings()) as live:
            first = converse(
                agent(llm.url), PLAYED, ask=user_llm(settings, environ={}), clean=live.redactor.text
            )
        assert llm.hits == 4
    with replaying(path, settings=Settings()) as again:
        second = converse(agent(llm_url(live)), PLAYED, ask=user_llm(settings, environ={}))
    assert first == second
    assert (first.said, first.ended) == (("My lamp broke.", "It is A-1042."), "reached")
    assert first.output == "refunded A-1042"
    assert again.trace == live.trace


def llm_url(run) -> str:
    """Where the agent's llm stood."""
    event = next(one for one in run.events if one.seam is Seam.HTTP and one.parent is None)
    return event.boundary.removeprefix("POST ").removesuffix("/v1/chat/completions")


def test_what_was_asked_for_the_user_is_not_the_agents(tmp_path: Path) -> None:
    """The user's calls lie below their hand-off: without it, one llm call and one tool call remain."""
    with server() as llm:
        settings = JudgeSettings(base_url=f"{llm.url}/v1")
        with recording(tmp_path / "run.cassette.jsonl", settings=Settings()) as run:
            converse(agent(llm.url), PLAYED, ask=user_llm(settings, environ={}))
    asked = [span.attributes.get("gen_ai.request.model") for span in run.trace]
    own = [span.attributes.get("gen_ai.request.model") for span in without_user(run.trace)]
    assert (asked.count("small"), asked.count("big")) == (3, 1)
    assert (own.count("small"), own.count("big")) == (0, 1)
    handed = [span for span in run.trace if span.attributes.get("gen_ai.agent.name") == SIMULATED_USER]
    assert len(handed) == 3


@pytest.mark.parametrize(
    ("rule", "kind"),
    [(Fail(status=500), "no-reply"), (Say("Sure, I am the user."), "unreadable")],
    ids=["down", "prose"],
)
def test_a_user_that_fails_is_not_the_agents_failure(rule: object, kind: str) -> None:
    """An llm that is down or does not play its part is the simulator's error."""
    with LlmServer([Rule(then=rule)]) as llm:
        settings = JudgeSettings(base_url=f"{llm.url}/v1")
        found = converse(agent(llm.url), PLAYED, ask=user_llm(settings, environ={}))
    assert found.error is not None
    assert (found.error.source, found.error.kind) == (ErrorSource.SIMULATOR, kind)


def test_without_an_llm_a_played_user_is_the_simulators_error() -> None:
    """Nobody plays a user by default."""
    found = converse(lambda _: "Hello", PLAYED)
    assert found.error is not None
    assert "no llm to play the user" in found.error.message


def test_what_the_agent_raises_is_raised() -> None:
    """An agent's own exception is its own, and is not turned into anything."""

    def broken(_: str) -> str:
        raise LookupError("no such order")

    with pytest.raises(LookupError, match="no such order"):
        converse(broken, Scenario(id="case", turns=("Hi",)))


TURNS = Scenario(id="case", turns=("a", "b"))


def test_an_agent_may_take_the_talk_so_far() -> None:
    """Beside its turn, or alone, an agent with such a parameter gets the history in messages."""
    beside = converse(lambda text, history: f"{text}{len(history)}", TURNS)
    alone = converse(lambda messages: "".join(one["content"] for one in messages), TURNS)
    plain = converse(lambda text: text.upper(), TURNS)
    assert beside.answers == ("a1", "b3")
    assert alone.answers == ("a", "aab")
    assert plain.answers == ("A", "B")


def test_a_coroutine_agent_is_awaited() -> None:
    """The same talk with an asynchronous agent."""

    async def answer(text: str) -> str:
        await asyncio.sleep(0)
        return text.upper()

    assert asyncio.run(converse_async(answer, TURNS)).answers == ("A", "B")


def test_a_user_that_cannot_be_meant_names_its_scenario() -> None:
    """A bad rule is an error of the scenario, with its place, before the agent is called."""
    user = SimulatedUser(opening="Hi", rules=({"when": "("},))
    with pytest.raises(ScenarioInvalid) as raised:
        converse(lambda _: pytest.fail("called"), Scenario(id="case", user=user, where="s.yaml:cases[2]"))
    assert raised.value.where == "s.yaml:cases[2].user"
