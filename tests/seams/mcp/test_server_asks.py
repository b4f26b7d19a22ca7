"""What a server asks of its client while it works: the client's own code answers, in a replay too."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp_types import CreateMessageResult, ElicitResult, TextContent

from agentops_eval import ReplayMiss, recording, replaying
from agentops_eval.domain import Seam
from tests.seams.http._loopback import Loopback
from tests.seams.mcp._kit import GONE, REAL, stdio_session, text


async def agent(command: tuple[str, ...], url: str, *, says: str = "short") -> str:
    """Have the server summarise a text, for which it asks this client's llm, which is asked over HTTP."""

    async def sample(context: Any, asked: Any) -> CreateMessageResult:
        async with httpx.AsyncClient() as client:
            found = (await client.get(f"{url}/json")).status_code
        said = TextContent(type="text", text=f"{says} {found}: {asked.messages[0].content.text[:5]}")
        return CreateMessageResult(role="assistant", content=said, model="none")

    async with stdio_session(command, sampling_callback=sample) as session:
        return text(await session.call_tool("summarise", {"text": "A long story."}))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """The recording, what the agent said, and where its HTTP server was."""
    path = tmp_path_factory.mktemp("asks") / "asks.cassette.jsonl"
    with Loopback() as server, recording(path) as run:
        said = asyncio.run(agent(REAL, server.url))
        url = server.url
    assert [event.seam for event in run.events] == [Seam.MCP, Seam.MCP, Seam.HTTP, Seam.MCP]
    return path, said, url


def test_the_clients_callback_runs_again_and_its_own_calls_are_replayed(recorded: Any) -> None:
    """The server's question reaches the callback, whose HTTP request is answered by the recording."""
    path, said, url = recorded
    with replaying(path) as run:
        assert asyncio.run(agent(GONE, url)) == said
    assert run.report.unused == ()
    assert said.startswith("summary: short 200")


def test_another_answer_of_the_client_is_a_miss(recorded: Any) -> None:
    """What the server would have made of another answer is not known, so none is made up."""
    path, _, url = recorded
    with pytest.raises(ReplayMiss, match="answered otherwise"), replaying(path):
        asyncio.run(agent(GONE, url, says="long"))


async def booking(command: tuple[str, ...], sure: bool) -> tuple[str, list[str]]:
    """Book a day: a person is asked, and log messages are heard."""
    heard: list[str] = []

    async def person(context: Any, asked: Any) -> ElicitResult:
        heard.append(asked.message)
        return ElicitResult(action="accept", content={"sure": sure})

    async def log(params: Any) -> None:
        heard.append(str(params.data))

    async with stdio_session(command, elicitation_callback=person, logging_callback=log) as session:
        return text(await session.call_tool("book", {"day": "Monday"})), heard


def test_a_person_is_asked_again_and_log_messages_are_heard(tmp_path: Path) -> None:
    """An elicitation reaches its callback in a replay, after the log message that came before it."""
    path = tmp_path / "booking.cassette.jsonl"
    with recording(path):
        seen = asyncio.run(booking(REAL, True))
    with replaying(path):
        assert asyncio.run(booking(GONE, True)) == seen
    assert seen == ("booked True", ["asking about Monday", "Really on Monday?"])
    with pytest.raises(ReplayMiss, match="elicitation/create"), replaying(path):
        asyncio.run(booking(GONE, False))
