"""Streams that break off, repeat or mix their events, as the SDKs and a real server have it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval import faults
from agentops_eval.chaos._kind import Hit
from agentops_eval.chaos.kinds._stream_edit import EventStage, has_words, place
from agentops_eval.domain import Chunk, EndKind, Fault, StreamEnd
from agentops_eval.testing import LlmServer, ScriptedLlm
from tests.chaos.kinds._kit import (
    ASK,
    CLIENTS,
    HOST,
    LLM,
    SAYS,
    TEXT,
    Recorded,
    asks,
    chat,
    kept,
    messages,
    responses,
    run,
    told,
)
from tests.chaos.kinds._server import Breaker
from tests.examples import examples

STREAMS = {"openai.chat": chat, "openai.responses": responses, "anthropic": messages}
HOWS: list[Any] = ["close", "reset", "clean"]


def frames(path: str) -> list[bytes]:
    """The events in which the scripted llm answers a streamed request."""
    body = {"model": LLM, "max_tokens": 100, "messages": ASK, "stream": True}
    with httpx2.Client(transport=httpx2.MockTransport(ScriptedLlm(SAYS))) as http:
        content = http.post(f"{HOST}{path}", json=body).content
    return [event + b"\n\n" for event in content.split(b"\n\n") if event]


def openai_pieces(url: str, transport: Any = None) -> list[Any]:
    """Every chunk that the openai SDK gives, and how it ended."""
    http = None if transport is None else httpx2.Client(transport=transport)
    got: list[Any] = []
    with openai.OpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0, http_client=http) as client:
        try:
            for chunk in client.chat.completions.create(model=LLM, messages=ASK, stream=True):
                got.append(chunk.model_dump(exclude_none=True))
        except Exception as error:
            return [*got, told(error), None if error.__cause__ is None else told(error.__cause__)]
    return [*got, "end"]


def anthropic_pieces(url: str, transport: Any = None) -> list[Any]:
    """Every event that the anthropic SDK gives, and how it ended."""
    http = None if transport is None else httpx2.Client(transport=transport)
    got: list[Any] = []
    with anthropic.Anthropic(base_url=url, api_key="unused", max_retries=0, http_client=http) as client:
        try:
            with client.messages.create(model=LLM, max_tokens=100, messages=ASK, stream=True) as events:
                for event in events:
                    got.append(event.model_dump(exclude_none=True))
        except Exception as error:
            return [*got, told(error)]
    return [*got, "end"]


def faulted(pieces: Callable[..., list[Any]], fault: Fault) -> list[Any]:
    """What the SDK gives under the fault."""
    seen: list[Any] = []
    found = run(lambda: seen.extend(pieces(HOST, httpx2.MockTransport(ScriptedLlm(SAYS)))), fault)
    assert found.not_injected == ()
    return seen


OPENAI, ANTHROPIC = frames("/v1/chat/completions"), frames("/v1/messages")


@pytest.mark.parametrize(
    ("pieces", "events"),
    [(openai_pieces, OPENAI), (anthropic_pieces, ANTHROPIC)],
    ids=["openai", "anthropic"],
)
@pytest.mark.parametrize("how", HOWS)
def test_a_cut_is_what_a_real_server_makes_of_it(
    pieces: Callable[..., list[Any]], events: Sequence[bytes], how: Any
) -> None:
    """A stream cut at some byte gives the SDK's caller just what a server that breaks off there gives."""
    size = sum(map(len, events))
    edges = [sum(map(len, events[:number])) for number in (1, 3)]
    for at in {0, 1, *edges, edges[0] + 1, edges[1] - 1, *range(7, size, 450), size - 1, size}:
        with Breaker(events, at=at, how=how) as server:
            real = pieces(server.url)
        assert faulted(pieces, faults.stream_cut("llm", after_bytes=at, how=how)) == real, at


def test_a_cut_at_any_byte_gives_just_that_many() -> None:
    """For every offset the client was given exactly so many bytes, the same ones as without the fault."""
    whole = b"".join(ANTHROPIC)
    for at in range(0, len(whole), 23):
        body = kept(run(messages(stream=True), faults.stream_cut("llm", after_bytes=at)))
        assert (body.data, body.end.kind) == (whole[:at], EndKind.CUT)


@pytest.mark.parametrize("client", STREAMS)
@pytest.mark.parametrize(("inside", "ends_in"), [("between", b"\n\n"), ("event", b"\n"), ("json", b"")])
def test_a_cut_is_found_within_the_stream(client: str, inside: Any, ends_in: bytes) -> None:
    """Without an offset the place is looked for in the events that carry words, whatever the dialect."""
    body = kept(run(STREAMS[client](stream=True), faults.stream_cut("llm", inside=inside, event=2)))
    events = body.data.split(b"\n\n")
    assert sum(map(has_words, events[:-1])) == (2 if inside == "between" else 1)
    assert body.data.endswith(ends_in)
    if inside == "event":
        assert not body.data.endswith(b"\n\n")


@pytest.mark.parametrize("client", STREAMS)
def test_a_cut_may_fall_within_a_letter(client: str) -> None:
    """A letter of two bytes is torn: what came is no UTF-8, and one byte more would be."""
    body = kept(run(STREAMS[client](stream=True), faults.stream_cut("llm", inside="utf8")))
    assert body.data[-1] == "ü".encode()[0]
    with pytest.raises(UnicodeDecodeError):
        body.data.decode()


@pytest.mark.parametrize("client", STREAMS)
def test_an_end_without_its_last_event_looks_clean(client: str) -> None:
    """All the words came, and what says that they are all did not: no client raises on a clean end."""
    fault = faults.stream_cut("llm", inside="between", event=-1, how="clean")
    found = run(STREAMS[client](stream=True), fault)
    assert str(found.output).endswith(TEXT)
    assert str(found.output).startswith(("none", "None"))


@pytest.mark.parametrize("client", STREAMS)
def test_a_stream_that_falls_silent_is_ended_by_the_client(client: str) -> None:
    """Silence within a stream lasts as long as the client's patience, in virtual time."""
    found = run(STREAMS[client](stream=True, timeout_s=25), faults.stream_cut("llm", how="stall"))
    assert str(found.output).endswith(("APITimeoutError", "ReadTimeout"))
    assert found.elapsed_s == 25


@pytest.mark.parametrize("client", CLIENTS)
def test_events_come_twice_or_in_another_order(client: str) -> None:
    """A repeated event is a repeated word, and a swapped one comes behind its follower."""
    make = CLIENTS[client]
    assert "Your Your order" in str(run(make(stream=True), faults.stream_duplicated("llm")).output)
    assert "order Your 1042" in str(run(make(stream=True), faults.stream_reordered("llm")).output)
    assert "1042 is is on" in str(run(make(stream=True), faults.stream_duplicated("llm", event=4)).output)


def test_an_error_within_a_stream_is_the_providers_own() -> None:
    """Anthropic's SDK raises on an overload that is told within its stream, and asks no second time."""
    found = run(messages(stream=True, retries=2), faults.stream_error())
    assert (found.output, asks(found)) == ("anthropic.APIStatusError", 1)
    assert run(chat(stream=True, retries=2), faults.stream_error()).output == "openai.APIError"


@pytest.mark.parametrize("fault", [faults.stream_cut("llm", event=99), faults.stream_duplicated(event=99)])
def test_a_stream_without_such_a_place_is_told(fault: Fault) -> None:
    """A fault that found no such event did nothing, says so, and left the stream whole."""
    found = run(chat(stream=True), fault)
    assert found.output == f"stop: {TEXT}"
    assert found.injections == ()
    assert found.not_injected[0].endswith(
        ("no such event, as far as the client read it", "fewer events, as far as the client read it")
    )


def test_a_refused_request_has_no_stream_to_cut() -> None:
    """Where the reply to a streamed request is an error, the cut could not be injected, and says why."""
    found = run(chat(stream=True), faults.stream_cut("llm"), faults.server_error("llm"))
    (why,) = found.not_injected
    assert "the reply (status 500) was no stream of events but application/json" in why


def test_a_reply_that_is_no_stream_is_not_hit() -> None:
    """A call that asks for no stream does not fit."""
    assert "no call that it fits was made" in run(chat(), faults.stream_cut("llm")).not_injected[0]


@pytest.mark.parametrize("how", [*HOWS, "stall"])
def test_a_live_stream_is_cut_on_its_way(how: Any) -> None:
    """Against a real server the bytes that came before the cut are those it sent, for requests as well."""
    with LlmServer(SAYS) as server:

        def agent() -> str:
            body = {"model": LLM, "messages": ASK, "stream": True}
            with requests.Session() as session:
                got = b""
                try:
                    with session.post(
                        f"{server.url}/v1/chat/completions", json=body, stream=True, timeout=20
                    ) as answer:
                        for piece in answer.iter_content(None):
                            got += piece
                except requests.RequestException as error:
                    return f"{len(got)} {told(error)}"
                return f"{len(got)} end"

        found = run(agent, faults.stream_cut("llm", after_bytes=700, how=how))
    ended = {"clean": "end", "stall": "requests.ConnectionError"}.get(how, "requests.ChunkedEncodingError")
    assert found.output == f"700 {ended}"


@pytest.mark.parametrize("how", [*HOWS, "stall"])
def test_a_recorded_stream_is_cut_too(tmp_path: Path, how: Any) -> None:
    """On a recording the same cut gives the same as in the world, and the retried question its answer."""
    agent = chat(stream=True)
    fault = faults.stream_cut("llm", after_bytes=700, how=how)
    recorded = Recorded(agent, tmp_path / "chat.cassette.jsonl").run(fault)
    in_world = run(agent, fault)
    assert recorded.output == in_world.output
    assert recorded.elapsed_s == pytest.approx(in_world.elapsed_s, abs=1)
    assert kept(recorded).data == kept(in_world).data
    assert kept(recorded).end == kept(in_world).end


def test_a_stream_that_is_read_no_further_is_not_read_by_the_fault() -> None:
    """Behind the cut nothing is pulled from the server: an endless stream ends there."""

    def endless(_: object) -> Any:
        while True:
            yield b"data: {}\n\n"

    class Stream(httpx2.SyncByteStream):
        def __iter__(self) -> Any:
            return endless(self)

    def agent() -> str:
        transport = httpx2.MockTransport(
            lambda _: httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=Stream())
        )
        with httpx2.Client(transport=transport) as http:
            return str(len(http.get("http://api.invalid/", headers={"accept": "text/event-stream"}).content))

    assert run(agent, faults.stream_cut(after_bytes=95, how="clean")).output == "95"
    assert run(agent, faults.stream_cut(inside="between", event=7, how="clean")).output == "70"


class _Copy(EventStage):
    """Gives each event as it came."""

    def event(self, raw: bytes) -> list[Chunk | bytes]:
        return [raw]


@examples(200)
@given(
    st.lists(
        st.sampled_from(
            [b"data: {}", b": ping", b"event: x", b"\n", b"\r\n", b"\r", b"\n\n", b"\xc3\xbc", b"\x00"]
        ),
        max_size=30,
    ),
    st.lists(st.integers(0, 60), max_size=6),
)
def test_splitting_loses_nothing(parts: list[bytes], cuts: list[int]) -> None:
    """Whatever bytes come, in whatever chunks, taken apart into events they are the same bytes."""
    data = b"".join(parts)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    stage = _Copy(Hit(parameters={}, site="", random=None))  # type: ignore[arg-type]
    out = [c for a, b in pairwise(edges) for c in stage.feed(Chunk(data[a:b]))]
    out += stage.rest(StreamEnd())
    assert b"".join(chunk.data for chunk in out) == data


@examples(200)
@given(st.binary(max_size=80), st.sampled_from(["between", "event", "json", "utf8"]))
def test_a_place_lies_within_its_event(event: bytes, inside: str) -> None:
    """A cut never falls outside of the event in which it was looked for."""
    at = place(event, inside)
    assert at is None or 0 <= at <= len(event)


def by_gzip() -> str:
    """A client of an API that packs its stream."""

    def serve(_: httpx2.Request) -> httpx2.Response:
        headers = {"content-type": "text/event-stream", "content-encoding": "gzip"}
        return httpx2.Response(200, headers=headers, content=iter([gzip.compress(b"".join(OPENAI))]))

    got = b""
    with httpx2.Client(transport=httpx2.MockTransport(serve)) as http:
        try:
            with http.stream("GET", "http://api.invalid/", headers={"accept": "text/event-stream"}) as answer:
                for piece in answer.iter_bytes():
                    got += piece
        except httpx2.HTTPError as error:
            return f"{len(got)} {told(error)}"
    return f"{len(got)} end"


def test_a_packed_stream_is_cut_at_a_byte_of_the_wire() -> None:
    """``at`` counts packed bytes where the stream is packed, and the client unpacks what came."""
    found = run(by_gzip, faults.stream_cut(after_bytes=60))
    assert (len(kept(found).data), found.not_injected) == (60, ())
    assert str(found.output).endswith("httpx2.RemoteProtocolError")


def test_a_packed_stream_is_searched_on_a_recording_alone(tmp_path: Path) -> None:
    """A place within events is found where the body is known; on the wire the run says that it is packed."""
    fault = faults.stream_cut(inside="between", event=1, how="clean")
    assert run(by_gzip, fault).not_injected[0].endswith("the body is packed (gzip)")
    found = Recorded(by_gzip, tmp_path / "gzip.cassette.jsonl").run(fault)
    size = sum(map(len, OPENAI[:2]))
    assert (found.output, found.not_injected) == (f"{size} end", ())
