"""Slow, silent and broken ways, at every client library, against the patience of each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median, stdev
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
import requests
import urllib3

from agentops_eval import faults, tool
from agentops_eval.chaos.kinds._http_network import drawn_s
from agentops_eval.domain import EndedBy, Fault, FaultedRun, FaultInvalid, Seam
from agentops_eval.testing import LlmServer, Rule, Say
from tests.chaos.kinds._kit import TEXT, Recorded, asks, chat, kept, messages_async, on_loop, run, told

BODY = {"model": "small", "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture(scope="module")
def url() -> Any:
    """A scripted llm on loopback, where Chat Completions are."""
    with LlmServer([Rule(then=Say(TEXT))]) as server:
        yield f"{server.url}/v1/chat/completions"


def by_httpx(url: str, timeout_s: float | None) -> Callable[[], str]:
    return lambda: _by_httpx(httpx, url, timeout_s)


def by_httpx2(url: str, timeout_s: float | None) -> Callable[[], str]:
    return lambda: _by_httpx(httpx2, url, timeout_s)


def _by_httpx(library: Any, url: str, timeout_s: float | None) -> str:
    with library.Client(timeout=timeout_s) as client:
        try:
            return str(client.post(url, json=BODY).json()["choices"][0]["message"]["content"])
        except library.HTTPError as error:
            return told(error)


def by_requests(url: str, timeout_s: float | None) -> Callable[[], str]:
    def agent() -> str:
        with requests.Session() as session:
            try:
                answer = session.post(url, json=BODY, timeout=timeout_s)
                return str(answer.json()["choices"][0]["message"]["content"])
            except requests.RequestException as error:
                return told(error)

    return agent


def by_urllib3(url: str, timeout_s: float | None) -> Callable[[], str]:
    def agent() -> str:
        with urllib3.PoolManager(retries=False, timeout=timeout_s) as pool:
            try:
                answer = pool.request("POST", url, json=BODY)
                return str(answer.json()["choices"][0]["message"]["content"])
            except urllib3.exceptions.HTTPError as error:
                return told(error)

    return agent


def by_aiohttp(url: str, timeout_s: float | None) -> Callable[[], str]:
    async def main() -> str:
        limits = aiohttp.ClientTimeout(total=None, sock_read=timeout_s, sock_connect=timeout_s)
        async with aiohttp.ClientSession(timeout=limits) as session:
            try:
                async with session.post(url, json=BODY) as answer:
                    return str((await answer.json())["choices"][0]["message"]["content"])
            except (aiohttp.ClientError, TimeoutError) as error:
                return told(error)

    return on_loop(main)


LIBRARIES = {
    "httpx": by_httpx,
    "httpx2": by_httpx2,
    "requests": by_requests,
    "urllib3": by_urllib3,
    "aiohttp": by_aiohttp,
}
READ_TIMEOUT = {
    "httpx": "httpx.ReadTimeout",
    "httpx2": "httpx2.ReadTimeout",
    "requests": "requests.ReadTimeout",
    "urllib3": "urllib3.ReadTimeoutError",
    "aiohttp": "aiohttp.SocketTimeoutError",
}
CONNECT_TIMEOUT = {
    "httpx": "httpx.ConnectTimeout",
    "httpx2": "httpx2.ConnectTimeout",
    "requests": "requests.ConnectTimeout",
    "urllib3": "urllib3.ConnectTimeoutError",
    "aiohttp": "aiohttp.ConnectionTimeoutError",
}
REFUSED = {
    "httpx": "httpx.ConnectError",
    "httpx2": "httpx2.ConnectError",
    "requests": "requests.ConnectionError",
    "urllib3": "urllib3.NewConnectionError",
    "aiohttp": "aiohttp.ClientConnectorError",
}
RESET = {
    "httpx": "httpx.ReadError",
    "httpx2": "httpx2.ReadError",
    "requests": "requests.ConnectionError",
    "urllib3": "urllib3.ProtocolError",
    "aiohttp": "aiohttp.ClientOSError",
}


TOO_SLOW: list[tuple[Fault, dict[str, str], float]] = [
    (faults.stall(), READ_TIMEOUT, 12.0),
    (faults.latency(seconds=13), READ_TIMEOUT, 12.0),
    (faults.slow_drip(seconds=13), READ_TIMEOUT, 12.0),
    (faults.timeout(phase="read"), READ_TIMEOUT, 12.0),
    (faults.timeout(), CONNECT_TIMEOUT, 12.0),
    (faults.timeout(after_s=3), CONNECT_TIMEOUT, 3.0),
    (faults.refused(), REFUSED, 0.0),
    (faults.reset(), RESET, 0.0),
]


def _played(library: str, url: str, timeout_s: float, fault: Fault, folder: Path) -> FaultedRun:
    """Run in the world; aiohttp on its recording, for its open connections hold up virtual time."""
    agent = LIBRARIES[library](url, timeout_s)
    if library != "aiohttp":
        return run(agent, fault)
    return Recorded(agent, folder / "aiohttp.cassette.jsonl").run(fault)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("fault", "raised", "after_s"), TOO_SLOW, ids=[str(case[0]) for case in TOO_SLOW])
def test_each_library_raises_its_own_error(
    url: str, library: str, fault: Fault, raised: dict[str, str], after_s: float, tmp_path: Path
) -> None:
    """The client's own limit ends what is too slow, with its own exception, at that virtual second."""
    found = _played(library, url, 12.0, fault, tmp_path)
    in_body = fault.kind == "slow_drip" and library == "requests"
    assert found.error is None
    assert found.output == ("requests.ConnectionError" if in_body else raised[library])
    assert found.elapsed_s == pytest.approx(after_s, abs=0.5)
    assert found.not_injected == ()


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    "fault", [faults.latency(seconds=8), faults.slow_drip(seconds=1, piece_bytes=400)], ids=str
)
def test_what_is_slow_but_in_time_is_answered(url: str, library: str, fault: Fault, tmp_path: Path) -> None:
    """A pause below the client's limit only takes time: the answer is whole."""
    found = _played(library, url, 12.0, fault, tmp_path)
    assert found.output == TEXT
    assert found.elapsed_s >= 2
    assert found.not_injected == ()


def test_the_event_tells_when_each_piece_came() -> None:
    """What a fault holds up is dated in the event as the client got it, and ends when it was read."""
    found = run(chat(), faults.slow_drip("llm", piece_bytes=100, seconds=2))
    times = [chunk.at_s for chunk in kept(found).chunks]
    assert times == [2.0 * number for number in range(1, len(times) + 1)]
    assert found.events[0].ended_s == times[-1]


def test_the_retries_of_urllib3_wait_as_they_are_told() -> None:
    """Below requests, urllib3's own retries honour ``Retry-After`` in virtual time, each an event."""
    with LlmServer([Rule(then=Say(TEXT))]) as server:

        def agent() -> str:
            retry = urllib3.Retry(total=3, status_forcelist=[429], allowed_methods=None)
            with requests.Session() as session:
                session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
                answer = session.post(f"{server.url}/v1/chat/completions", json=BODY)
                return str(answer.json()["choices"][0]["message"]["content"])

        found = run(agent, faults.rate_limit("llm", retry_after_s=600, until=3))
    assert (found.output, asks(found)) == (TEXT, 4)
    assert found.elapsed_s == pytest.approx(1800, abs=2)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_client_without_patience_hangs_until_the_deadline(url: str, library: str) -> None:
    """Nothing but the run's own deadline ends a stall where the client has no timeout."""
    found = run(LIBRARIES[library](url, None), faults.stall(), deadline_s=600)
    assert found.ended is EndedBy.HANG


def test_a_limit_around_the_call_ends_a_stall() -> None:
    """A limit that an agent sets on its event loop fires in virtual time, also where its client has none."""

    async def main() -> str:
        transport = httpx2.MockTransport(lambda _: httpx2.Response(200))
        async with httpx2.AsyncClient(transport=transport, timeout=None) as client:
            try:
                async with asyncio.timeout(45):
                    await client.get("http://api.invalid/")
            except TimeoutError as error:
                return told(error)
        return "answered"

    found = run(on_loop(main), faults.stall(), deadline_s=600)
    assert (found.output, found.ended) == ("builtins.TimeoutError", EndedBy.ANSWER)
    assert found.elapsed_s == pytest.approx(45, abs=0.5)


def test_the_total_limit_of_aiohttp_ends_a_slow_body(url: str, tmp_path: Path) -> None:
    """aiohttp's limit of a whole request counts the pauses of a body as well."""

    async def main() -> str:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
            try:
                async with session.post(url, json=BODY) as answer:
                    return str(answer.status)
            except TimeoutError as error:
                return told(error)

    recorded = Recorded(on_loop(main), tmp_path / "aiohttp.cassette.jsonl")
    found = recorded.run(faults.slow_drip(seconds=5, piece_bytes=40))
    assert found.output == "builtins.TimeoutError"
    assert found.elapsed_s == pytest.approx(20, abs=0.5)


LOST = {
    "httpx": "httpx.RemoteProtocolError",
    "httpx2": "httpx2.RemoteProtocolError",
    "requests": "requests.ConnectionError",
    "urllib3": "urllib3.ProtocolError",
    "aiohttp": "aiohttp.ServerDisconnectedError",
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_lost_reply_is_a_broken_connection_to_each_library(url: str, library: str) -> None:
    """The request reached its server, and the client's own exception says that no answer came."""
    found = run(
        LIBRARIES[library](url.replace("/v1/chat/completions", "/refunds"), 12.0), faults.reply_lost()
    )
    assert (found.output, found.error) == (LOST[library], None)
    assert [one.landed for one in found.injections] == [1]


def test_a_lost_reply_was_done_once() -> None:
    """What changes something is done, and its caller sees a connection that broke; an llm is not hit."""
    done: list[str] = []

    def serve(request: httpx2.Request) -> httpx2.Response:
        done.append(request.method)
        return httpx2.Response(201, json={"id": 1})

    def agent() -> str:
        with httpx2.Client(transport=httpx2.MockTransport(serve)) as client:
            try:
                return str(client.post("http://shop.invalid/refunds", json={"order": 1042}).status_code)
            except httpx2.HTTPError as error:
                return told(error)

    found = run(agent, faults.reply_lost("shop.invalid"))
    assert (found.output, done) == ("httpx2.RemoteProtocolError", ["POST"])
    assert [one.landed for one in found.injections] == [1]
    assert run(chat(), faults.reply_lost("llm")).not_injected != ()


@pytest.mark.parametrize("distribution", ["uniform", "normal", "lognormal", "exponential"])
def test_times_are_drawn_from_the_seed(distribution: Any) -> None:
    """A distribution gives another time for another seed, the same for the same, and never less than none."""
    fault = faults.latency("llm", seconds=2, distribution=distribution, spread_s=1)
    took = [run(chat(), fault, seed=seed).elapsed_s for seed in range(8)]
    assert took == [run(chat(), fault, seed=seed).elapsed_s for seed in range(8)]
    assert len(set(took)) > 4
    assert min(took) >= 0


@pytest.mark.parametrize("distribution", ["normal", "lognormal"])
@pytest.mark.parametrize("spread_s", [0.1, 1.0, 3.0])
def test_the_spread_of_a_delay_is_in_seconds(distribution: str, spread_s: float) -> None:
    """Whatever its distribution, ``spread_s`` is how many seconds a delay deviates."""
    random = Random(7)
    drawn = [drawn_s(random, distribution, 20.0, spread_s) for _ in range(4000)]
    assert stdev(drawn) == pytest.approx(spread_s, rel=0.1)
    assert median(drawn) == pytest.approx(20.0, rel=0.01)


def test_latency_stands_at_tools_too() -> None:
    """The same fault makes a tool slow, whose work is done by then."""

    @tool
    def look_up(order: int) -> str:
        return "sent"

    found = run(lambda: look_up(1042), faults.latency("look_up", seconds=40))
    assert (found.output, found.elapsed_s) == ("sent", 40)
    assert [one.landed for one in found.injections] == [1]


def test_a_task_goes_on_while_another_one_is_stalled() -> None:
    """A stalled call of one task lets virtual time pass for the others, and is cancelled like any."""

    async def main() -> list[str]:
        transport = httpx2.MockTransport(lambda request: httpx2.Response(200, text=request.url.path))
        async with httpx2.AsyncClient(transport=transport, timeout=60) as client:

            async def ask(path: str) -> str:
                try:
                    return (await client.get(f"http://api.invalid{path}")).text
                except httpx2.ReadTimeout as error:
                    return told(error)

            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(ask(path)) for path in ("/slow", "/quick")]
            return [task.result() for task in tasks]

    found = run(on_loop(main), faults.stall("GET http://api.invalid/slow"))
    assert found.output == ["httpx2.ReadTimeout", "/quick"]
    assert found.elapsed_s == pytest.approx(60, abs=0.5)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (faults.fault("latency", seconds="long"), "seconds of the fault latency is 'long', not a number"),
        (faults.fault("latency", seconds=float("nan")), "not a number"),
        (faults.fault("latency", distribution="zipf"), "distribution of the fault latency cannot be 'zipf'"),
        (faults.fault("latency", seconds=-1), "seconds lies between 0 and 86400"),
        (faults.fault("slow_drip", piece_bytes=0), "piece_bytes is a number above 0"),
        (faults.fault("server_error", status=404), "status is a number from 500 to 599"),
        (faults.fault("stream_cut", after_bytes=-1), "after_bytes is a number of bytes"),
        (faults.fault("stream_cut", event=0), "event is a number from 1"),
        (faults.fault("truncated_json", keep=1), "keep is a share from 0 to below 1"),
        (faults.fault("price_spike", factor=0), "factor is above 0"),
        (faults.fault("rate_limit", retry_after_s=-1), "retry_after_s lies between 0 and 86400"),
    ],
    ids=str,
)
def test_what_a_fault_cannot_be_is_said_before_the_run(fault: Fault, says: str) -> None:
    """A wrong parameter is an error of who wrote it, and no failure of the agent."""
    with pytest.raises(FaultInvalid, match=says):
        run(chat(), fault)


def test_several_faults_hit_one_call_from_the_outside_in() -> None:
    """The first of a schedule is outermost: an answer can be both cut and late."""
    found = run(chat(stream=True), faults.latency("llm", seconds=3), faults.stream_cut("llm", how="clean"))
    assert len(found.injections) == 2
    assert found.elapsed_s == 3


def test_an_async_client_sees_the_same(url: str) -> None:
    """Under asyncio a fault of the second request leaves the first alone."""
    found = run(messages_async(retries=2), faults.refused("llm", nth=1))
    assert TEXT in str(found.output)
    assert asks(found) == 2
    assert [event.seam for event in found.events if event.seam is Seam.HTTP] == [Seam.HTTP] * 2
