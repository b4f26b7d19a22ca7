"""MCP sessions in branches and shadow runs: a server that was never greeted, effects that must not happen."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agentops_eval import ReplayMiss, Settings, recording
from agentops_eval.domain import Effect, Label
from agentops_eval.harness import ActiveRun, open_run
from agentops_eval.harness._opening import RunSpec
from agentops_eval.harness._settings import RecordMode
from agentops_eval.replay import Shadow, read_cassette
from tests.seams.mcp._kit import http_session, served, text

CLOSED = "http://127.0.0.1:9/mcp"


async def refund(url: str, *orders: int) -> list[str]:
    """List the tools, then pay these orders back."""
    async with http_session(url) as session:
        await session.list_tools()
        return [text(await session.call_tool("refund", {"order": order, "amount": 2.0})) for order in orders]


def test_a_branch_goes_on_with_a_server_that_the_recording_greeted(tmp_path: Path) -> None:
    """Where the run leaves its recording, the real server gets its handshake before it is asked."""
    path = tmp_path / "shop.cassette.jsonl"
    with served() as url, recording(path):
        asyncio.run(refund(url, 1, 2))
    with served() as url, open_run(path, Settings(branch="b", record=RecordMode.ALL)) as run:
        said = asyncio.run(refund(url, 1, 5))
    assert said == ["refunded 2.0 for 1", "refunded 2.0 for 5"]
    assert [event.label for event in run.events] == [*[Label.REPLAYED] * 3, Label.LIVE]
    with open_run(path, Settings(branch="b", record=RecordMode.NONE)) as again:
        assert asyncio.run(refund(CLOSED, 1, 5)) == said
    assert again.events[-1].label is Label.BRANCH


def _shadowed(path: Path) -> tuple[ActiveRun, Shadow]:
    shadow = Shadow(read_cassette(path).events)
    spec = RunSpec(path=path, case="", shadow=shadow)
    return ActiveRun(spec, Settings(record=RecordMode.NONE)), shadow


def test_a_shadow_run_carries_no_effect_out(tmp_path: Path) -> None:
    """Another refund than the recorded one is acknowledged, counted, and reaches no server."""
    path = tmp_path / "shop.cassette.jsonl"
    with served() as url, recording(path) as recorded:
        asyncio.run(refund(url, 1))
    assert recorded.events[-1].request.effect is Effect.WRITE  # type: ignore[union-attr]
    run, shadow = _shadowed(path)
    with run:
        assert asyncio.run(refund(CLOSED, 7)) == ["refunded 2.0 for 1"]  # as the tool answers
    assert shadow.counts(()).extra == ("refund(order=7, amount=2.0)",)


def test_a_shadow_run_that_asks_what_was_not_recorded_has_left(tmp_path: Path) -> None:
    """A resource that the recording does not hold cannot be made up."""
    path = tmp_path / "shop.cassette.jsonl"
    with served() as url, recording(path):
        asyncio.run(refund(url, 1))

    async def read(url: str) -> None:
        async with http_session(url) as session:
            await session.read_resource("shop://terms")

    run, _ = _shadowed(path)
    with pytest.raises(ReplayMiss), run:
        asyncio.run(read(CLOSED))
