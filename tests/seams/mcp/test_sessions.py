"""Where sessions come from: before a run, outside of it, in this process, from a package that is another."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.server.mcpserver import MCPServer

from agentops_eval import ReplayMiss, recording, replaying, tool
from agentops_eval.domain import Effect, RunMisuse, Seam, ToolRequest
from agentops_eval.seams import mcp_effects
from tests.seams.mcp._kit import http_session, served, text


def test_a_session_that_was_opened_before_the_run_is_seen(tmp_path: Path) -> None:
    """Its calls inside of the run are recorded, and answered from the recording afterwards."""
    path = tmp_path / "early.cassette.jsonl"

    async def both(url: str) -> tuple[str, str]:
        async with http_session(url) as session:
            with recording(path) as run:
                first = text(await session.call_tool("refund", {"order": 3, "amount": 1.0}))
            assert [event.boundary for event in run.events] == ["refund", "tools/list"]
            with replaying(path) as again:
                second = text(await session.call_tool("refund", {"order": 3, "amount": 1.0}))
            assert set(again.report.labels) == {"replayed"}
        return first, second

    with served() as url:
        first, second = asyncio.run(both(url))
    assert first == second == "refunded 1.0 for 3"


def test_outside_runs_sessions_are_left_alone(tmp_path: Path) -> None:
    """A session without a run asks its server as ever, also after a run patched the package."""

    async def ask(url: str) -> str:
        async with http_session(url) as session:
            return text(await session.call_tool("refund", {"order": 3, "amount": 1.0}))

    with served() as url:
        assert asyncio.run(ask(url)) == "refunded 1.0 for 3"


def test_a_session_of_no_run_is_refused_while_another_replays(tmp_path: Path) -> None:
    """Traffic that lost its run would reach the real server during a replay: it is blocked."""
    path = tmp_path / "a.cassette.jsonl"

    @tool
    def nothing() -> None:
        """Leave something to record."""

    with recording(path):
        nothing()

    async def stray(session: Any) -> None:
        await session.send_ping()

    async def main(url: str) -> None:
        async with http_session(url) as session:
            other = asyncio.Queue[None]()

            async def later() -> None:
                await other.get()
                await stray(session)

            task = asyncio.create_task(later())
            with pytest.raises(ReplayMiss), replaying(path):
                nothing()
                other.put_nowait(None)
                await asyncio.sleep(0)
                with pytest.raises(ReplayMiss):
                    await task

    with served() as url:
        asyncio.run(main(url))


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_server_in_this_process_does_nothing_in_a_replay(tmp_path: Path, mode: str) -> None:
    """The body of its tool runs in the recording alone, as that of any tool."""
    path, done = tmp_path / "here.cassette.jsonl", []
    server = MCPServer("here", log_level="CRITICAL")

    @tool
    def charge(amount: float) -> str:
        """A tool that the server's own tool uses."""
        return f"charged {amount}"

    @server.tool()
    def buy(amount: float) -> str:
        """Buy something."""
        done.append(amount)
        return charge(amount)

    async def agent() -> str:
        async with Client(server, mode=mode) as client:  # type: ignore[arg-type]
            return text(await client.call_tool("buy", {"amount": 3.0}))

    with recording(path) as run:
        assert asyncio.run(agent()) == "charged 3.0"
    with replaying(path) as again:
        assert asyncio.run(agent()) == "charged 3.0"
    assert done == [3.0]
    assert again.digest == run.digest
    assert again.report.unused == ()


def test_effects_may_be_told(tmp_path: Path) -> None:
    """What the author says of a tool counts over the server's annotations; another object is refused."""

    async def agent(url: str) -> None:
        async with http_session(url) as session:
            mcp_effects(session, {"wait": "external"})
            await session.list_tools()
            await session.call_tool("wait", {"seconds": 0})

    with served() as url, recording(tmp_path / "e.cassette.jsonl") as run:
        asyncio.run(agent(url))
    asked = run.events[-1].request
    assert isinstance(asked, ToolRequest)
    assert asked.effect is Effect.EXTERNAL
    with pytest.raises(RunMisuse, match="no MCP session"):
        mcp_effects(object(), {})


_OTHER = """
import sys, types
for name in ("mcp", "mcp.client", "mcp.client.session"):
    sys.modules[name] = types.ModuleType(name)
class ClientSession:
    def __init__(self, read, write): self.read = read
sys.modules["mcp.client.session"].ClientSession = ClientSession
from agentops_eval import recording
ClientSession(1, 2)
with recording(sys.argv[1]):
    try:
        ClientSession(1, 2)
    except Exception as error:
        print(type(error).__name__, error)
"""


def test_another_package_is_refused_loudly(tmp_path: Path) -> None:
    """A session that cannot be recorded is an error where it is made in a run, and none outside."""
    told = subprocess.run(
        [sys.executable, "-c", _OTHER, str(tmp_path / "x.cassette.jsonl")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.startswith("TransportUnsupported")
    assert "AE403" in told


def test_two_runs_in_two_tasks_do_not_mix(tmp_path: Path) -> None:
    """Each task's session belongs to its own run."""

    async def one(url: str, order: int) -> list[str]:
        with recording(tmp_path / f"{order}.cassette.jsonl") as run:
            async with http_session(url) as session:
                await session.call_tool("refund", {"order": order, "amount": 1.0})
        return [
            str(dict(e.request.arguments))
            for e in run.events
            if e.seam is Seam.MCP and isinstance(e.request, ToolRequest)
        ]

    async def both(url: str) -> list[list[str]]:
        return await asyncio.gather(one(url, 1), one(url, 2))

    with served() as url:
        first, second = asyncio.run(both(url))
    assert first == ["{'order': 1, 'amount': 1.0}"]
    assert second == ["{'order': 2, 'amount': 1.0}"]
