"""Faults of tools behind a real MCP session: what the session's caller sees."""

from __future__ import annotations

import json
from typing import Any

import pydantic
import pytest
from mcp.client import Client
from mcp.server.mcpserver import MCPServer

from agentops_eval import faults
from agentops_eval.chaos import canary_asked_for
from agentops_eval.domain import Fault, FaultedRun, Seam
from tests.harness.faulting.kinds._kit import run
from tests.seams.mcp._kit import http_session, served

asked: list[int] = []


class Order(pydantic.BaseModel):
    """An order as the server tells it."""

    order: int
    total: float
    note: str


def shop() -> MCPServer:
    """A server with a tool of structured content and one of text."""
    server = MCPServer("shop")

    @server.tool()
    def get_order(order: int) -> Order:
        """Look an order up."""
        asked.append(order)
        return Order(order=order, total=59.9, note="left at the door")

    @server.tool(structured_output=False)
    def find(word: str) -> str:
        """Find something."""
        return f"two hits for {word}"

    return server


def answered(*scheduled: Fault, call: str = "get_order", **arguments: Any) -> tuple[Any, FaultedRun]:
    """Give what one call of a tool answered, and the run."""
    seen: list[Any] = []

    async def agent() -> str:
        async with Client(shop()) as client:
            try:
                seen.append(await client.call_tool(call, arguments or {"order": 7}))
            except Exception as error:  # whatever it was is the answer
                seen.append(error)
        return "done"

    asked.clear()
    found = run(agent, *scheduled)
    return (seen[0] if seen else None), found


def test_structured_content_and_its_text_are_wrong_alike() -> None:
    """The structured content has another total, and the text beside it tells the same."""
    result, found = answered(faults.tool_wrong("get_order", how="number"))
    assert result.structured_content == {"order": 7, "total": 599.0, "note": "left at the door"}
    assert json.loads(result.content[0].text) == result.structured_content
    assert not found.not_injected


def test_a_text_is_cut_and_injected() -> None:
    """Plain texts are halved, and may hold an attack."""
    result, _ = answered(faults.tool_partial("find"), call="find", word="tea")
    assert result.content[0].text == "two hits"
    result, found = answered(faults.tool_injection("find"), call="find", word="tea")
    assert canary_asked_for(result.content[0].text) == found.injections[0].canaries[0]


def test_drift_is_seen_by_the_sessions_own_check() -> None:
    """A result that its own schema no longer fits is refused by the SDK, as in production."""
    error, _ = answered(faults.tool_schema_drift("get_order", how="renamed"))
    assert isinstance(error, RuntimeError)
    assert "Invalid structured content returned by tool get_order" in str(error)


def test_what_is_no_call_of_a_tool_is_spared() -> None:
    """A fault of all tools leaves the handshake and lists alone."""
    result, found = answered(faults.tool_error())
    assert result.is_error
    assert [one.site.rpartition("/")[2] for one in found.injections] == ["get_order#0"]
    assert {event.seam for event in found.events} == {Seam.MCP}


@pytest.mark.parametrize("times", [1, 2])
def test_deliveries_reach_the_server(times: int) -> None:
    """A duplicated call is answered twice by the server; without a fault once."""
    answered(*((faults.tool_duplicated("get_order"),) if times == 2 else ()))
    assert asked == [7] * times


def test_a_session_dies_with_its_process() -> None:
    """A kill at a tool's call ends the session, and the next life opens one of its own."""
    result, found = answered(faults.kill("get_order", landed=True))
    assert (found.output, asked) == ("done", [7, 7])
    assert result.structured_content["total"] == 59.9
    assert len(found.resumed_at) == 1


def test_an_error_of_a_tool_is_one_over_http_too() -> None:
    """A session that shook hands in the older way sees a tool's error as a result that says so."""
    with served() as url:

        async def agent() -> list[bool]:
            async with http_session(url) as session:
                result = await session.call_tool("refund", {"order": 3, "amount": 1.0})
                again = await session.call_tool("refund", {"order": 3, "amount": 1.0})
            return [bool(result.is_error), bool(again.is_error)]

        assert run(agent, faults.tool_error("refund", nth=1)).output == [True, False]
