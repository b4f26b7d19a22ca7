"""Sessions with the shop: over standard input and output, over HTTP, and served from a thread."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from mcp import ClientSession, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from tests.seams.mcp._server import build

PROGRAM = str(Path(__file__).with_name("_server.py"))
REAL = (sys.executable, PROGRAM)
GONE = ("/nowhere/bin/python3.12", "/nowhere/_server.py")
"""The same program as ``REAL`` on a machine that does not have it."""


@asynccontextmanager
async def stdio_session(
    command: tuple[str, ...] = REAL, *, env: dict[str, str] | None = None, **options: Any
) -> AsyncIterator[ClientSession]:
    """A session with a server process, after its handshake."""
    root = str(Path(__file__).parents[3])
    parameters = StdioServerParameters(
        command=command[0], args=list(command[1:]), env={"PYTHONPATH": root, **(env or {})}
    )
    async with stdio_client(parameters) as (read, write), ClientSession(read, write, **options) as session:
        await session.initialize()
        yield session


@asynccontextmanager
async def http_session(url: str, **options: Any) -> AsyncIterator[ClientSession]:
    """A session with a server over streamable HTTP, after its handshake."""
    async with streamable_http_client(url) as (read, write), ClientSession(read, write, **options) as session:
        await session.initialize()
        yield session


@asynccontextmanager
async def sse_session(url: str, **options: Any) -> AsyncIterator[ClientSession]:
    """A session with a server over the older HTTP transport, after its handshake."""
    async with sse_client(url) as (read, write), ClientSession(read, write, **options) as session:
        await session.initialize()
        yield session


@contextmanager
def served(name: str = "shop", *, sse: bool = False) -> Iterator[str]:
    """The address of a shop on loopback, as long as the body lasts."""
    app = build(name).sse_app() if sse else build(name).streamable_http_app()
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/{'sse' if sse else 'mcp'}"
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


def text(result: Any) -> str:
    """What a tool answered."""
    return str(result.content[0].text)
