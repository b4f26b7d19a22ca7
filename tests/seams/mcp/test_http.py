"""Sessions over streamable HTTP: recorded at the session, so that their connections are not recorded too."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import trio
from mcp.client import Client

from agentops_eval import recording, replaying
from agentops_eval.domain import Seam
from tests.seams.mcp._kit import http_session, served, sse_session, text
from tests.seams.mcp._server import build

CLOSED = "http://127.0.0.1:9/mcp"


async def agent(url: str) -> dict[str, Any]:
    """Ask the same server by both kinds of connection that the SDK has."""
    heard: list[str] = []

    async def hear(message: Any) -> None:
        heard.append(type(message).__name__)

    async with Client(url, message_handler=hear) as client:
        new = await _ask(client)
        version = client.protocol_version
    async with http_session(url, message_handler=hear) as session:
        old = await _ask(session)
    return {"new": new, "old": old, "version": version, "heard": heard}


async def _ask(session: Any) -> list[str]:
    steps: list[str] = []

    async def progress(done: float, total: float | None, said: str | None) -> None:
        steps.append(str(said))

    tools = [tool.name for tool in (await session.list_tools()).tools]
    refunds = await asyncio.gather(
        *(session.call_tool("refund", {"order": n, "amount": 2.0}) for n in range(4))
    )
    slow = await session.call_tool("slow", {"steps": 2}, progress_callback=progress)
    return [*tools, *map(text, refunds), text(slow), *steps]


def test_both_protocols_replay_with_the_port_closed(tmp_path: Path) -> None:
    """The stateless and the stateful protocol give the same again, byte for byte, and nothing connects."""
    path = tmp_path / "http.cassette.jsonl"
    with served() as url, recording(path) as run:
        seen = asyncio.run(agent(url))
    assert {event.seam for event in run.events} == {Seam.MCP}
    with replaying(path) as again:
        assert asyncio.run(agent(CLOSED)) == seen
    assert again.digest == run.digest
    assert set(again.report.labels) == {"replayed"}
    assert again.report.unused == ()


def test_two_recordings_have_the_same_golden(tmp_path: Path) -> None:
    """Another port, other session ids and other times leave the trace as it was."""
    digests = set()
    for number in range(2):
        with served() as url, recording(tmp_path / f"{number}.cassette.jsonl", case="same") as run:
            asyncio.run(agent(url))
        digests.add(run.digest)
    assert len(digests) == 1


def test_the_older_transport_replays_too(tmp_path: Path) -> None:
    """Server-sent events beside posts: what the session asked is all that is recorded."""
    path = tmp_path / "sse.cassette.jsonl"

    async def ask(url: str) -> list[str]:
        async with sse_session(url) as session:
            return await _ask(session)

    with served(sse=True) as url, recording(path) as run:
        seen = asyncio.run(ask(url))
    assert {event.seam for event in run.events} == {Seam.MCP}
    with replaying(path):
        assert asyncio.run(ask("http://127.0.0.1:9/sse")) == seen


def test_sessions_on_trio_replay_too(tmp_path: Path) -> None:
    """On trio the same is recorded and replayed; a fault-free replay needs no event loop of ours."""
    path = tmp_path / "trio.cassette.jsonl"

    async def ask() -> list[str]:
        async with Client(build(), mode="legacy") as client:
            return [text(await client.call_tool("refund", {"order": n, "amount": 2.0})) for n in (1, 2)]

    with recording(path) as run:
        seen = trio.run(ask)
    with replaying(path) as again:
        assert trio.run(ask) == seen == ["refunded 2.0 for 1", "refunded 2.0 for 2"]
    assert again.digest == run.digest
