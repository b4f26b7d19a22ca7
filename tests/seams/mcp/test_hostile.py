"""What goes wrong around a session: callers that give up, servers that are killed, secrets, odd content."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp import MCPError
from mcp.client import Client
from mcp.server.mcpserver import MCPServer

from agentops_eval import recording, replaying
from agentops_eval.domain import McpRequest
from tests.examples import examples
from tests.seams.mcp._kit import GONE, REAL, http_session, served, stdio_session, text

CLOSED = "http://127.0.0.1:9/mcp"


def both(path: Path, agent: Any, url: str) -> tuple[Any, Any]:
    """What the agent gave in a recording, and in its replay with the server gone."""
    with recording(path) as run:
        first = asyncio.run(agent(url))
    with replaying(path) as again:
        second = asyncio.run(agent(CLOSED))
    assert again.digest == run.digest
    assert again.report.unused == ()
    return first, second


def test_a_caller_that_gave_up_gives_up_again(tmp_path: Path) -> None:
    """A time limit around the call, which the SDK does not know, is reached in the replay as well."""

    async def agent(url: str) -> str:
        async with http_session(url) as session:
            try:
                async with asyncio.timeout(0.3):
                    await session.call_tool("wait", {"seconds": 30})
            except TimeoutError:
                return text(await session.call_tool("refund", {"order": 3, "amount": 1.0}))
        return "answered"

    with served() as url:
        first, second = both(tmp_path / "t.cassette.jsonl", agent, url)
    assert first == second == "refunded 1.0 for 3"


def test_a_server_that_is_killed_is_recorded_so(tmp_path: Path) -> None:
    """A real kill -9 in the middle of a call: the closed connection is what the replay gives, too."""
    path = tmp_path / "killed.cassette.jsonl"

    async def agent(command: tuple[str, ...]) -> list[tuple[int, str]]:
        seen = []
        async with stdio_session(command) as session:
            for call in (
                session.call_tool("die", {}),
                session.call_tool("refund", {"order": 3, "amount": 1.0}),
            ):
                with pytest.raises(MCPError) as caught:
                    await call
                seen.append((caught.value.code, caught.value.message))
        return seen

    with recording(path):
        first = asyncio.run(agent(REAL))
    with replaying(path):
        assert asyncio.run(agent(GONE)) == first
    assert first == [(-32000, "Connection closed")] * 2


def test_no_secret_reaches_the_file(tmp_path: Path) -> None:
    """Keys in a command, in arguments and in answers are left out or replaced; no environment is kept."""
    path = tmp_path / "s.cassette.jsonl"
    key = "sk-ant-api03-" + "Ab1" * 20

    async def agent(command: tuple[str, ...]) -> str:
        async with stdio_session(command, env={"SHOP_KEY": key}) as session:
            return text(await session.call_tool("echo", {"said": f"key {key}", "api_key": key}))

    with recording(path):
        said = asyncio.run(agent((*REAL, "--token", key, f"--key={key}")))
    assert said == f"key {key}"
    assert key not in path.read_text(encoding="utf-8")
    with replaying(path):
        assert "key " in asyncio.run(agent((*GONE, "--token", key, f"--key={key}")))


def test_two_servers_with_the_same_tool_are_told_apart(tmp_path: Path) -> None:
    """Asked in another order than recorded, each server's tool gives its own answer."""
    path = tmp_path / "two.cassette.jsonl"

    async def agent(first: str, second: str) -> dict[str, str]:
        said = {}
        for name in (first, second):
            async with Client(named(name)) as client:
                said[name] = text(await client.call_tool("who", {}))
        return said

    with recording(path):
        recorded = asyncio.run(agent("red", "blue"))
    with replaying(path):
        assert asyncio.run(agent("blue", "red")) == recorded == {"red": "I am red", "blue": "I am blue"}


def named(name: str) -> MCPServer:
    """A server that says who it is."""
    server = MCPServer(name, log_level="CRITICAL")

    @server.tool()
    def who() -> str:
        """Say who you are."""
        return f"I am {name}"

    @server.tool()
    def echo(said: str) -> str:
        """Say it again."""
        return said

    return server


@examples(15)
@given(said=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, said: str) -> None:
    """Unicode, control characters and nothing at all are the same in the replay."""
    path = tmp_path_factory.mktemp("any") / "any.cassette.jsonl"

    async def agent() -> str:
        async with Client(named("echo"), mode="legacy") as client:
            return text(await client.call_tool("echo", {"said": said}))

    with recording(path):
        first = asyncio.run(agent())
    with replaying(path):
        assert asyncio.run(agent()) == first == said


def test_a_large_answer_comes_back_whole(tmp_path: Path) -> None:
    """Two megabytes of text are kept and given again."""

    async def agent() -> str:
        async with Client(named("echo")) as client:
            return text(await client.call_tool("echo", {"said": "ä" * 1_000_000}))

    with recording(tmp_path / "l.cassette.jsonl"):
        first = asyncio.run(agent())
    with replaying(tmp_path / "l.cassette.jsonl"):
        assert asyncio.run(agent()) == first
    assert len(first) == 1_000_000


def test_a_subscription_is_acknowledged_in_a_replay(tmp_path: Path) -> None:
    """What a server tells a subscriber while a tool runs is told again with that tool's answer."""
    path = tmp_path / "listen.cassette.jsonl"

    async def agent(url: str) -> list[str]:
        async with Client(url) as client:
            async with client.listen(tools_list_changed=True) as events:
                said = text(await client.call_tool("slow", {"steps": 1}))
                event = await anext(aiter(events))
                return [said, type(event).__name__]

    with served() as url:
        first, second = both(path, agent, url)
    assert first == second == ["all steps done", "ToolsListChanged"]


def test_ids_and_versions_of_the_sdk_are_not_matched(tmp_path: Path) -> None:
    """A handshake is known by what the client can do, not by the release that makes it."""

    async def agent(url: str) -> None:
        async with http_session(url):
            pass

    with served() as url, recording(tmp_path / "v.cassette.jsonl") as run:
        asyncio.run(agent(url))
    asked = run.events[0].request
    assert isinstance(asked, McpRequest)
    assert asked.params == {"capabilities": {}}
