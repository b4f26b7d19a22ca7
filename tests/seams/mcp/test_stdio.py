"""Sessions with a server process: recorded once, replayed where the program is not there."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from mcp import MCPError

from agentops_eval import ReplayMiss, recording, replaying
from agentops_eval.domain import Effect, Failure, McpRequest, Seam, ToolRequest
from tests.seams.mcp._kit import GONE, REAL, stdio_session, text


async def agent(command: tuple[str, ...]) -> dict[str, Any]:
    """Do a little of everything, and tell what was seen."""
    heard: list[str] = []
    steps: list[tuple[float, float | None, str | None]] = []

    async def hear(message: Any) -> None:
        heard.append(type(message).__name__)

    async def progress(done: float, total: float | None, said: str | None) -> None:
        steps.append((done, total, said))

    async with stdio_session(command, message_handler=hear) as session:
        tools = (await session.list_tools()).tools
        order = await session.call_tool("get_order", {"order": 1042})
        refunds = await asyncio.gather(
            *(session.call_tool("refund", {"order": n, "amount": 1.5}) for n in range(6))
        )
        failed = await session.call_tool("fail", {"why": "no"})
        slow = await session.call_tool("slow", {"steps": 2}, progress_callback=progress)
        terms = await session.read_resource("shop://terms")
        greeting = await session.get_prompt("greet", {"name": "Ann"})
        errors = []
        for doing in (
            session.call_tool("wait", {"seconds": 30}, read_timeout_seconds=0.2),
            session.read_resource("shop://none"),
        ):
            with pytest.raises(MCPError) as caught:
                await doing
            errors.append((caught.value.code, caught.value.message, caught.value.data))
        return {
            "server": session.server_info and session.server_info.name,
            "tools": [tool.name for tool in tools],
            "order": order.structured_content,
            "refunds": [text(one) for one in refunds],
            "failed": (failed.is_error, text(failed)),
            "slow": text(slow),
            "terms": terms.contents[0].text,
            "greeting": greeting.messages[0].content.text,
            "errors": errors,
            "heard": heard,
            "steps": steps,
        }


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], str, Any]:
    """One recording of the agent, what it saw, the digest of its trace, and its events."""
    path = tmp_path_factory.mktemp("mcp") / "shop.cassette.jsonl"
    with recording(path) as run:
        seen = asyncio.run(agent(REAL))
    return path, seen, run.digest, run.events


def test_a_replay_gives_everything_without_the_program(recorded: Any) -> None:
    """Results, errors, structured content, progress and notifications come back where nothing is there."""
    path, seen, digest, _ = recorded
    with replaying(path) as run:
        assert asyncio.run(agent(GONE)) == seen
    assert run.digest == digest
    assert set(run.report.labels) == {"replayed"}
    assert run.report.unused == ()


def test_what_is_recorded_is_the_sessions_requests_alone(recorded: Any) -> None:
    """Each request is one event of the seam, named by its tool, method or resource; no wire is recorded."""
    events = recorded[3]
    assert {event.seam for event in events} == {Seam.MCP}
    names = [event.boundary for event in events]
    assert names[:3] == ["initialize", "tools/list", "get_order"]
    assert {"resources/read shop://terms", "prompts/get greet", "resources/read shop://none"} <= set(names)
    assert names.count("refund") == 6


def test_the_handshake_is_known_by_the_program_and_the_rest_by_the_servers_name(recorded: Any) -> None:
    """The program is told without the places of this machine."""
    requests = [event.request for event in recorded[3]]
    assert isinstance(requests[0], McpRequest)
    assert isinstance(requests[2], ToolRequest)
    assert (requests[0].server, requests[2].server) == ("python _server.py", "shop")


def test_effects_come_from_the_servers_annotations(recorded: Any) -> None:
    """A tool that reads only is a read, one that is not destructive a write; of others nothing is known."""
    told = {event.boundary: event.request for event in recorded[3] if isinstance(event.request, ToolRequest)}
    assert told["get_order"].effect is Effect.READ
    assert told["refund"].effect is Effect.WRITE
    assert told["wait"].effect is None
    assert told["refund"].signature == "(order: integer, amount: number)"


def test_errors_are_failures_with_their_code(recorded: Any) -> None:
    """A time limit of the session and an error of the server are kept as what the session raised."""
    failed = [event.outcome for event in recorded[3] if isinstance(event.outcome, Failure)]
    assert [one.arguments[0] for one in failed] == [-32001, -32602]


def test_spans_say_tool_server_and_method(recorded: Any) -> None:
    """A server's tool is an execute_tool span with its name; other requests are told by their method."""
    path = recorded[0]
    with replaying(path) as run:
        asyncio.run(agent(GONE))
    spans = {span.name: span for span in run.trace.spans}
    order = spans["execute_tool get_order"].attributes
    assert (order["mcp.method.name"], order["agentops.mcp.server"]) == ("tools/call", "shop")
    assert spans["resources/read shop://terms"].attributes["mcp.resource.uri"] == "shop://terms"
    assert spans["execute_tool fail"].attributes["error.type"] == "tool_error"
    assert spans["resources/read shop://none"].attributes["error.type"] == "-32602"
    assert "agentops-eval/said" not in str([span.attributes for span in run.trace.spans])


def test_time_passes_virtually(recorded: Any) -> None:
    """An agent that sleeps for an hour between two calls does not wait in a replay."""
    began = time.perf_counter()
    with replaying(recorded[0]) as run:

        async def patient() -> str:
            async with stdio_session(GONE) as session:
                await asyncio.sleep(3600)
                return text(await session.call_tool("refund", {"order": 3, "amount": 1.5}))

        assert asyncio.run(patient()) == "refunded 1.5 for 3"
    assert run.scope.clock.elapsed_s() >= 3600
    assert time.perf_counter() - began < 30


def test_a_changed_argument_is_a_miss_that_shows_both(recorded: Any) -> None:
    """A call that was not recorded so is told with what differs, and is no answer of another call."""
    with pytest.raises(ReplayMiss) as caught, replaying(recorded[0]):

        async def other() -> None:
            async with stdio_session(GONE) as session:
                await session.call_tool("refund", {"order": 3, "amount": 99.0})

        asyncio.run(other())
    told = str(caught.value)
    assert "mcp refund" in told or "refund" in told
    assert "99" in told


def test_another_servers_tool_is_another_call(recorded: Any) -> None:
    """A program that was not recorded has no handshake in the recording."""
    with pytest.raises(ReplayMiss, match="initialize"), replaying(recorded[0]):

        async def other() -> None:
            async with stdio_session(("/nowhere/python", "other.py")):
                pass

        asyncio.run(other())
