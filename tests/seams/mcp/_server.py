"""A shop as an MCP server over standard input and output, run as a program of its own."""

from __future__ import annotations

import sys

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp_types import ToolAnnotations

server = MCPServer("shop")


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def get_order(order: int) -> dict[str, object]:
    """Look an order up."""
    return {"order": order, "amount": 59.9}


@server.tool(annotations=ToolAnnotations(destructive_hint=False))
async def refund(order: int, amount: float) -> str:
    """Pay an order back."""
    await anyio.sleep(0.01 * (order % 3))
    return f"refunded {amount} for {order}"


@server.tool()
async def wait(seconds: float) -> str:
    """Answer late."""
    await anyio.sleep(seconds)
    return "done"


@server.tool()
def fail(why: str) -> str:
    """Fail as a tool fails."""
    raise ValueError(why)


@server.tool()
async def slow(context: Context, steps: int) -> str:
    """Tell its progress, then that the tools are others now."""
    for step in range(steps):
        await context.report_progress(step + 1, steps, f"step {step + 1}")
    await context.session.send_tool_list_changed()
    return "all steps done"


@server.resource("shop://terms")
def terms() -> str:
    """What customers agree to."""
    return "Returns within 30 days."


@server.prompt()
def greet(name: str) -> str:
    """Say hello."""
    return f"Say hello to {name}."


if __name__ == "__main__":
    server.run(transport=sys.argv[1] if len(sys.argv) > 1 else "stdio")  # type: ignore[arg-type]
