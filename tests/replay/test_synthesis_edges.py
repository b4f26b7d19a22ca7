"""Runs imported from traces that tell little, or of calls that failed, through real SDK clients."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from agentops_eval import Settings, replaying
from agentops_eval.domain import ReplayMiss
from agentops_eval.harness import ImportFilter, ImportKind, import_runs, read_runs
from agentops_eval.traces.reading import Problems
from tests.cli.test_import import span
from tests.replay.test_synthesis import AGENTS, QUESTION

SYSTEM = [{"type": "text", "content": "Use tools."}]


def kept(tmp_path: Path, spans: list[Any]) -> Path:
    """The spans as a recording."""
    export, path = tmp_path / "prod.json", tmp_path / "c.cassette.jsonl"
    export.write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}))
    found = import_runs(
        read_runs([export], Problems()),
        Settings(),
        kind=ImportKind.CASSETTE,
        out=path,
        wanted=ImportFilter(),
    )
    assert [run.gaps for run in found.runs] == [()]
    return path


def message(role: str, *parts: Any) -> Any:
    return {"role": role, "parts": list(parts)}


def said(text: str) -> Any:
    return {"type": "text", "content": text}


def without_ids(rounds: int) -> list[Any]:
    """A run of which no call of a tool has an id: two asked for at once in every round."""
    cities = [("get_weather", {"city": city}) for city in ("Paris", "Rome")]
    asked = message("assistant", *({"type": "tool_call", "name": n, "arguments": a} for n, a in cities))
    told = message("tool", *({"type": "tool_call_response", "response": {"temp_c": t}} for t in (21, 30)))
    history, spans = [message("user", said(QUESTION))], [span(1, 1, "invoke_agent", "run", agent__name="a")]
    common = {"request__model": "big", "system_instructions": SYSTEM}
    for number in range(rounds):
        at = 10 * number + 10
        outcome = {"input__messages": list(history), "output__messages": [asked]}
        spans.append(span(at, 1, "chat", "chat big", **common, **outcome))
        for offset, ((name, arguments), temperature) in enumerate(zip(cities, (21, 30), strict=True)):
            result = {"tool__call__arguments": arguments, "tool__call__result": {"temp_c": temperature}}
            spans.append(span(at + 1 + offset, 1, "execute_tool", name, tool__name=name, **result))
        history += [asked, told]
    answer = [message("assistant", said("It is 21C in Paris."))]
    last = {"input__messages": history, "output__messages": answer}
    return [*spans, span(10 * rounds + 10, 1, "chat", "chat big", **common, **last)]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("rounds", [1, 3])
def test_calls_without_ids_are_told_apart_by_their_order(
    tmp_path: Path, agent: Any, stream: bool, rounds: int
) -> None:
    """Ids are made up for the client, in every round other ones, and answers belong to calls in order."""
    with replaying(kept(tmp_path, without_ids(rounds)), case="test_case") as run:
        assert agent(stream=stream) == "It is 21C in Paris."
    assert run.unused == ()


def failed(number: int, error: str, text: str) -> Any:
    asked = {"input__messages": [message("user", said("hi"))], "request__model": "big"}
    found = span(number, 1, "chat", "chat big", **asked)
    found["attributes"].append({"key": "error.type", "value": {"stringValue": error}})
    return {**found, "status": {"code": 2, "message": text}}


def ask(client: Any) -> str:
    """One question, with the repetitions that a client makes of its own accord."""
    if isinstance(client, anthropic.Anthropic):
        given: Any = [{"role": "user", "content": "hi"}]
        (block,) = client.messages.create(model="big", max_tokens=9, messages=given).content
        return str(block.text)
    found = client.responses.create(model="big", input="hi")
    return str(found.output_text)


CLIENTS = {
    "openai": lambda: openai.OpenAI(api_key="unused", base_url="https://llm.test/v1", max_retries=2),
    "anthropic": lambda: anthropic.Anthropic(api_key="unused", base_url="https://llm.test", max_retries=2),
}
every_client = pytest.mark.parametrize("sdk", CLIENTS)
SDKS: dict[str, Any] = {"openai": openai, "anthropic": anthropic}


@every_client
@pytest.mark.parametrize(
    ("error", "text", "raised"),
    [
        ("openai.RateLimitError", "Error code: 429 - slow down", "RateLimitError"),
        ("rate_limit_error", "slow down", "RateLimitError"),
        ("429", "slow down", "RateLimitError"),
        ("error", "Error code: 429 - slow down", "RateLimitError"),
        ("anthropic.AuthenticationError", "bad key", "AuthenticationError"),
        ("BadRequestError", "no", "BadRequestError"),
        ("InternalServerError", "boom", "InternalServerError"),
    ],
    ids=["class", "api word", "status", "message", "authentication", "bad request", "server"],
)
def test_a_refusal_is_raised_as_the_client_raised_it(
    tmp_path: Path, sdk: str, error: str, text: str, raised: str
) -> None:
    """One span is one call of the agent's, repetitions included: the client repeats nothing."""
    path = kept(tmp_path, [failed(2, error, text)])
    shown = text.removeprefix("Error code: 429 - ")  # the client says that itself, once
    expected = pytest.raises(getattr(SDKS[sdk], raised), match=shown)
    with CLIENTS[sdk]() as client, expected as caught, replaying(path, case="test_case"):
        ask(client)
    assert str(caught.value).count("Error code:") == 1


@every_client
def test_a_refusal_that_the_trace_repeats_is_repeated(tmp_path: Path, sdk: str) -> None:
    """Where the same was asked again, the client may do so, and gets the answer."""
    answer = {"output__messages": [message("assistant", said("hello"))], "request__model": "big"}
    asked = {"input__messages": [message("user", said("hi"))]}
    spans = [failed(2, "429", "slow down"), span(3, 1, "chat", "chat big", **asked, **answer)]
    with CLIENTS[sdk]() as client, replaying(kept(tmp_path, spans), case="test_case") as run:
        assert ask(client) == "hello"
    assert run.unused == ()


@every_client
def test_a_timeout_is_raised_as_one(tmp_path: Path, sdk: str) -> None:
    """What took too long does not come back as a lost connection."""
    path = kept(tmp_path, [failed(2, "openai.APITimeoutError", "Request timed out.")])
    with (
        CLIENTS[sdk]().with_options(max_retries=0) as client,
        pytest.raises(SDKS[sdk].APITimeoutError),
        replaying(path, case="test_case"),
    ):
        ask(client)


@every_client
@pytest.mark.parametrize(
    ("error", "raised"),
    [("openai.APITimeoutError", "APITimeoutError"), ("ConnectError", "APIConnectionError")],
    ids=["timeout", "connection"],
)
def test_a_call_that_reached_nobody_fails_however_often_it_is_repeated(
    tmp_path: Path, sdk: str, error: str, raised: str
) -> None:
    """A client that repeats by itself gives up as it did, and meets no call that is missing."""
    path = kept(tmp_path, [failed(2, error, "no answer")])
    with (
        CLIENTS[sdk]().with_options(max_retries=1) as client,
        pytest.raises(getattr(SDKS[sdk], raised)),
        replaying(path, case="test_case") as run,
    ):
        ask(client)
    assert run.unused == ()


def test_an_answer_that_was_given_is_said_to_be_given(tmp_path: Path) -> None:
    """A question that is asked once more than in the trace is no question that was never asked."""
    answer = {"output__messages": [message("assistant", said("hello"))], "request__model": "big"}
    spans = [span(2, 1, "chat", "chat big", input__messages=[message("user", said("hi"))], **answer)]
    with (
        CLIENTS["openai"]() as client,
        pytest.raises(ReplayMiss, match="already consumed"),
        replaying(kept(tmp_path, spans), case="test_case"),
    ):
        ask(client)
        ask(client)
