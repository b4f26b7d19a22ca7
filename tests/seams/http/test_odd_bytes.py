"""Heads of replies in no encoding that anybody promised: a replay gives what the client gave."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path

import aiohttp

from agentops_eval import recording, replaying
from agentops_eval.harness import Settings

ANSWER = b"HTTP/1.1 200 O\xe9K\r\nX-A: caf\xe9\r\nContent-Length: 2\r\n\r\nok"


async def ask(port: int) -> tuple[str | None, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as answer:
        return answer.reason, await answer.text()


def test_a_reason_that_is_not_utf8_replays(tmp_path: Path) -> None:
    """aiohttp keeps such bytes as lone surrogates, which stand in the recording and become bytes again."""
    path = tmp_path / "c.cassette.jsonl"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            with server.accept()[0] as connection:
                connection.recv(65_536)
                connection.sendall(ANSWER)

        thread = threading.Thread(target=serve)
        thread.start()
        with recording(path, settings=Settings()):
            seen = asyncio.run(ask(port))
        thread.join()
    assert seen == ("O\udce9K", "ok")
    with replaying(path, settings=Settings()):
        assert asyncio.run(ask(port)) == seen
