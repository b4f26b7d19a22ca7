"""Agents over MCP under faults: by their recording, and with a server of this process as their world."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from agentops_eval import faults, recording
from agentops_eval.chaos.kinds import CATALOGUE
from agentops_eval.domain import EndedBy, Fault, FaultedRun, Label, Schedule, Seam
from agentops_eval.harness.faulting import Answers, Play, Runner, Subject
from agentops_eval.replay import read_cassette
from tests.seams.mcp._kit import text
from tests.seams.mcp._server import build

Seen = list[Any]


async def shopping(attempts: int = 2) -> Seen:
    """List the tools and refund an order; connect once more where that failed."""
    seen: Seen = []
    for _ in range(attempts):
        try:
            async with Client(build(), mode="legacy", read_timeout_seconds=5) as client:
                seen.append(len((await client.list_tools()).tools))
                answer = await client.call_tool("refund", {"order": 3, "amount": 1.0})
                seen.append(text(answer) if not answer.is_error else f"failed: {text(answer)}")
                return seen
        except* Exception as group:
            seen.append(str(_sole(group)).splitlines()[0])
    return seen


def _sole(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def agent() -> Seen:
    return asyncio.run(shopping())


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the agent did without faults."""
    path = tmp_path_factory.mktemp("worlds") / "shop.cassette.jsonl"
    with recording(path):
        agent()
    return path


Run = Callable[..., FaultedRun]


@pytest.fixture(params=list(Answers))
def run(request: pytest.FixtureRequest, recorded: Path) -> Run:
    """Runs the agent under faults, with its recording or its world to answer."""
    answers: Answers = request.param
    cassette = read_cassette(recorded) if answers is Answers.RECORDING else None
    subject = Subject(
        name="shop", begin=lambda: Play(call=agent), answers=answers, cassette=cassette, path=recorded
    )

    def under(*scheduled: Fault) -> FaultedRun:
        found = Runner(subject)(Schedule(faults=scheduled))
        assert found.not_injected == ()
        assert found.ended is EndedBy.ANSWER, found.why or found.error
        return found

    return under


DONE = "refunded 1.0 for 3"


def test_without_faults_it_just_runs(run: Run) -> None:
    """The world's own server answers, or the recording does, and the result is the same."""
    assert run().output == [9, DONE]


@pytest.mark.parametrize("landed", [False, True])
def test_a_crash_ends_the_session_until_a_new_one(run: Run, landed: bool) -> None:
    """The session's caller sees a closed connection; a new session finds a server again."""
    found = run(faults.mcp_crash("refund", landed=landed, nth=1))
    assert found.output == [9, "Connection closed", 9, DONE]
    assert [one.landed for one in found.injections] == [int(landed)]


def test_a_dead_session_stays_dead(run: Run, recorded: Path) -> None:
    """After the crash every later request of the session fails in the same way, and reaches nobody."""

    async def stubborn() -> Seen:
        seen: Seen = []
        async with Client(build(), mode="legacy") as client:
            for _ in range(3):
                try:
                    seen.append(len((await client.list_tools(cache_mode="bypass")).tools))
                except Exception as error:
                    seen.append(str(error))
        return seen

    subject = Subject(name="shop", begin=lambda: Play(call=lambda: asyncio.run(stubborn())))
    found = Runner(subject)(Schedule(faults=(faults.mcp_crash("tools/list", nth=2),)))
    assert found.output == [9, "Connection closed", "Connection closed"]
    assert [event.label for event in found.events][-2:] == [Label.SCRIPTED, Label.SCRIPTED]


def test_a_restart_has_forgotten_the_session(run: Run) -> None:
    """The server says that it does not know the session; a new handshake helps."""
    assert run(faults.mcp_restart("refund", nth=1)).output == [9, "Session terminated", 9, DONE]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("removed", "Unknown tool: refund"),
        ("renamed", "Unknown tool: refund"),
        ("schema", "Error executing tool refund: 1 validation error: required_now: Field required"),
    ],
)
def test_a_tool_that_changed_is_refused(run: Run, how: str, said: str) -> None:
    """Who calls a tool as it was is told what a server tells."""
    assert run(faults.mcp_tools_changed("refund", how=how)).output == [9, f"failed: {said}"]


def test_a_listing_without_a_tool(run: Run) -> None:
    """The listing lacks the tool that went; the other calls are as they were."""
    assert run(faults.mcp_tools_changed("tools/list", how="removed", tool="wait")).output == [8, DONE]


def test_an_error_of_the_protocol(run: Run) -> None:
    """The session raises the server's error, with its code; nothing is done."""
    found = run(faults.mcp_protocol_error("refund", code=-32602, nth=1))
    assert found.output == [9, "Invalid params", 9, DONE]


def test_a_result_of_no_form_is_the_sdks_to_refuse(run: Run) -> None:
    """What the protocol does not allow is refused by the session's own validation."""
    found = run(faults.mcp_invalid_result("refund", nth=1))
    assert found.output[1] == "1 validation error for CallToolResult"  # type: ignore[index]


def test_faults_of_tools_fit_tools_of_servers(run: Run) -> None:
    """A failing tool is a result that says so, an injection stands in its text; handshakes are not hit."""
    failed = run(faults.tool_error())
    assert failed.output == [9, "failed: Error executing tool refund: the service is not available"]
    assert [one.site for one in failed.injections] == ["/refund#0"]
    injected = run(faults.tool_injection("refund"))
    assert str(injected.output[1]).startswith(DONE)  # type: ignore[index]
    assert injected.output[1] != DONE  # type: ignore[index]


def test_a_lost_reply_is_the_sessions_timeout_at_its_own_limit(run: Run) -> None:
    """A reply that would come after ten seconds is given up after five, in virtual time."""
    began = time.perf_counter()
    found = run(faults.tool_reply_lost("refund", after_s=3600, nth=1))
    assert found.output == [9, "Request 'tools/call' timed out", 9, DONE]
    event = next(one for one in found.events if one.boundary == "refund")
    assert 4.5 < event.ended_s - event.started_s < 6
    assert time.perf_counter() - began < 60


def test_a_server_is_a_target(run: Run) -> None:
    """A fault may name a server, or a tool of it."""
    assert run(faults.tool_error("shop/refund")).output != [9, DONE]
    assert run(faults.mcp_protocol_error("shop", nth=3)).output == [9, "Internal error", 9, DONE]


def test_the_same_schedule_gives_the_same_run(recorded: Path) -> None:
    """Two runs of a recording under one schedule are equal, whatever else the machine does."""
    subject = Subject(
        name="shop",
        begin=lambda: Play(call=agent),
        answers=Answers.RECORDING,
        cassette=read_cassette(recorded),
        path=recorded,
    )
    schedule = Schedule(faults=(faults.mcp_crash("refund", nth=1),), seed=4)
    assert Runner(subject)(schedule) == Runner(subject)(schedule)


@pytest.mark.parametrize("name", [name for name, kind in CATALOGUE.items() if Seam.MCP in kind.seams])
def test_every_kind_at_every_site_ends_somehow(recorded: Path, name: str) -> None:
    """No kind of fault, wherever it stands, ends in anything but an answer, an error or a known departure."""
    subject = Subject(
        name="shop",
        begin=lambda: Play(call=agent),
        answers=Answers.RECORDING,
        cassette=read_cassette(recorded),
        path=recorded,
    )
    base = Runner(subject)(Schedule())
    for site in base.sites:
        for variant in CATALOGUE[name].variants:
            fault = faults.fault(name, hits={"site": site}, **variant)
            found = Runner(subject)(Schedule(faults=(fault,)))
            assert found.ended in EndedBy, (site, variant)
