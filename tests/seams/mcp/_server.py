"""A shop as an MCP server, in this process or as a program of its own over standard input and output."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp_types import SamplingMessage, TextContent, ToolAnnotations
from pydantic import BaseModel


class Booking(BaseModel):
    """What a person is asked for."""

    sure: bool


def build(name: str = "shop") -> MCPServer:
    """A new server; what its tools do is written into the file that LEDGER names."""
    server = MCPServer(name, log_level="CRITICAL")
    _add_orders(server)
    _add_work(server)

    @server.resource("shop://terms")
    def terms() -> str:
        """What customers agree to."""
        return "Returns within 30 days."

    @server.prompt()
    def greet(name: str) -> str:
        """Say hello."""
        return f"Say hello to {name}."

    return server


def _add_orders(server: MCPServer) -> None:
    @server.tool(annotations=ToolAnnotations(read_only_hint=True))
    def get_order(order: int) -> dict[str, object]:
        """Look an order up."""
        note(f"get_order {order}")
        return {"order": order, "amount": 59.9}

    @server.tool(annotations=ToolAnnotations(destructive_hint=False))
    async def refund(order: int, amount: float) -> str:
        """Pay an order back; some take longer than others."""
        await anyio.sleep(0.02 * (order % 3))
        note(f"refund {order}")
        return f"refunded {amount} for {order}"

    @server.tool()
    def fail(why: str) -> str:
        """Fail as a tool fails."""
        raise ValueError(why)


def _add_work(server: MCPServer) -> None:
    @server.tool()
    def die() -> str:
        """End this process as the kernel would."""
        os.kill(os.getpid(), signal.SIGKILL)
        return "still here"

    @server.tool()
    def echo(said: str, api_key: str = "") -> str:
        """Say it again."""
        return said

    @server.tool()
    async def wait(seconds: float) -> str:
        """Answer late."""
        await anyio.sleep(seconds)
        return "done"

    @server.tool()
    async def slow(context: Context, steps: int) -> str:
        """Tell its progress, then that the tools are others now."""
        for step in range(steps):
            await context.report_progress(step + 1, steps, f"step {step + 1}")
        await context.session.send_tool_list_changed()
        await context.notify_tools_changed()  # the same for those who subscribed
        return "all steps done"

    @server.tool()
    async def book(context: Context, day: str) -> str:
        """Ask the person at the client, and tell what was heard."""
        await context.session.send_log_message("info", f"asking about {day}")
        answer = await context.elicit(f"Really on {day}?", Booking)
        return f"booked {answer.data.sure}" if answer.action == "accept" else answer.action

    @server.tool()
    async def summarise(context: Context, text: str) -> str:
        """Ask the client's llm for a summary."""
        message = SamplingMessage(role="user", content=TextContent(type="text", text=text))
        answer = await context.session.create_message([message], max_tokens=50)
        content = answer.content
        return f"summary: {content.text}" if isinstance(content, TextContent) else "no text"


def note(line: str) -> None:
    """Write down what was done, where somebody wants to know."""
    if "LEDGER" in os.environ:
        with Path(os.environ["LEDGER"]).open("a", encoding="utf-8") as ledger:
            ledger.write(f"{line}\n")


if __name__ == "__main__":
    build(sys.argv[1] if len(sys.argv) > 1 else "shop").run(transport="stdio")
