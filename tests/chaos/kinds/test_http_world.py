"""The same faults against a real server on loopback and over recordings, through the real SDKs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from agentops_eval import faults
from agentops_eval.domain import EndedBy, Fault, Label, Seam
from agentops_eval.testing import LlmServer
from tests.chaos.kinds._kit import (
    ASK,
    CLIENTS,
    LLM,
    SAYS,
    TEXT,
    Recorded,
    asks,
    on_loop,
    run,
    told,
)


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    """A scripted llm on loopback."""
    with LlmServer(SAYS) as started:
        yield started


def by_openai(url: str, *, stream: bool) -> Callable[[], str]:
    """The openai SDK over a real socket."""

    def agent() -> str:
        with openai.OpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=2, timeout=30) as client:
            try:
                answer: Any = client.chat.completions.create(model=LLM, messages=ASK, stream=stream)
                if not stream:
                    return str(answer.choices[0].message.content)
                return "".join([chunk.choices[0].delta.content or "" for chunk in answer if chunk.choices])
            except openai.OpenAIError as error:
                return told(error)

    return agent


def by_anthropic_async(url: str, *, stream: bool) -> Callable[[], str]:
    """The anthropic SDK over a real socket, under asyncio."""

    async def main() -> str:
        client = anthropic.AsyncAnthropic(base_url=url, api_key="unused", max_retries=2, timeout=30)
        async with client:
            try:
                if not stream:
                    answer: Any = await client.messages.create(model=LLM, max_tokens=99, messages=ASK)
                    return str(answer.content[0].text)
                async with client.messages.stream(model=LLM, max_tokens=99, messages=ASK) as events:
                    return "".join([piece async for piece in events.text_stream])
            except Exception as error:
                return told(error)

    return on_loop(main)


OVER_SOCKETS = {"openai": by_openai, "anthropic async": by_anthropic_async}
GIVES: list[tuple[Fault, str, str]] = [
    (faults.rate_limit("llm", retry_after_s=20, until=2), TEXT, TEXT),
    (faults.rate_limit("llm", retry_after_s=20), "openai.RateLimitError", "anthropic.RateLimitError"),
    (faults.stall("llm"), "openai.APITimeoutError", "anthropic.APITimeoutError"),
    (faults.latency("llm", seconds=40, nth=1), TEXT, TEXT),
    (faults.refused("llm", until=2), TEXT, TEXT),
    (faults.llm_swapped(), TEXT, TEXT),
]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("client", OVER_SOCKETS)
@pytest.mark.parametrize(("fault", "by_openai", "by_anthropic"), GIVES, ids=[str(case[0]) for case in GIVES])
def test_faults_stand_before_a_real_server(
    server: LlmServer, client: str, stream: bool, fault: Fault, by_openai: str, by_anthropic: str
) -> None:
    """What the SDK gives is the same where a server is behind it, which sees only what was let through."""
    server.reset()
    found = run(OVER_SOCKETS[client](server.url, stream=stream), fault)
    assert found.output == (by_openai if client == "openai" else by_anthropic)
    assert found.not_injected == ()
    kept_away = sum(one.landed == 0 for one in found.injections)
    assert server.hits == asks(found) - kept_away


@pytest.mark.parametrize("client", OVER_SOCKETS)
@pytest.mark.parametrize("how", ["close", "reset", "stall"])
def test_a_live_stream_breaks_off(server: LlmServer, client: str, how: Any) -> None:
    """A stream of a real server is cut on its way, and the socket behind it is closed with it."""
    found = run(OVER_SOCKETS[client](server.url, stream=True), faults.stream_cut("llm", event=3, how=how))
    assert found.output in (
        "openai.APIConnectionError",
        "openai.APITimeoutError",
        "httpx2.RemoteProtocolError",
        "httpx2.ReadError",
        "httpx2.ReadTimeout",
    )
    assert asks(found) == 1


RECORDED: list[Fault] = [
    faults.rate_limit("llm", retry_after_s=20),
    faults.server_error("llm"),
    faults.stall("llm"),
    faults.reset("llm"),
    faults.expired_auth("llm"),
    faults.latency("llm", seconds=31),
]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("client", CLIENTS)
def test_a_recording_stands_for_the_world(client: str, stream: bool, tmp_path: Path) -> None:
    """On its recording a client raises the same, after as many attempts and as much waiting."""
    agent = CLIENTS[client](stream=stream, retries=2)
    recorded = Recorded(agent, tmp_path / "agent.cassette.jsonl")
    for fault in RECORDED:
        found, in_world = recorded.run(fault), run(agent, fault)
        assert (found.output, asks(found)) == (in_world.output, asks(in_world))
        assert found.elapsed_s == pytest.approx(in_world.elapsed_s, abs=2)
        assert found.ended is EndedBy.ANSWER
    once = recorded.run(faults.server_error("llm", nth=1))
    assert TEXT in str(once.output)
    labels = [event.label for event in once.events if event.seam is Seam.HTTP]
    assert labels == [Label.SCRIPTED, Label.REPLAYED]
