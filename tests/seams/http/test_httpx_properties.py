"""Any reply passes recording and replaying unchanged, whatever its head, its body and its chunks."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval import Settings
from agentops_eval import recording as to_file
from agentops_eval import replaying as from_file
from agentops_eval.domain import HttpReply, KeptBody
from agentops_eval.seams.http import _httpx
from tests.examples import examples
from tests.seams.http._clients import Caller, Kind, each_kind
from tests.seams.http._memory import recording, replaying

_httpx.install()

tokens = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-_", min_size=1, max_size=12)
# What h11 lets through: visible bytes and spaces between them.
values = st.binary(max_size=20).map(lambda b: bytes(c for c in b if c > 32 and c != 127))
own_names = {"content-encoding", "content-length", "transfer-encoding"}
headers = st.lists(st.tuples(tokens.map(str.encode), values), max_size=6).map(
    lambda pairs: [(n, v) for n, v in pairs if n.lower().decode() not in own_names]
)
codings = {b"gzip": gzip.compress, b"deflate": zlib.compress, b"identity": bytes}


@st.composite
def replies(draw) -> tuple[int, list[tuple[bytes, bytes]], list[bytes]]:
    """A status, raw headers, and the chunks of a body that the headers tell how to decode."""
    status = draw(st.integers(200, 599).filter(lambda code: code not in {204, 304}))
    raw = draw(headers)
    coding = draw(st.sampled_from(sorted(codings)))
    data = codings[coding](draw(st.binary(max_size=400)))
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=5)))
    chunks = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    if coding != b"identity" or draw(st.booleans()):
        raw = [*raw, (b"Content-Encoding", coding)]
    return status, raw, chunks


def transport_of(kind: Kind, reply: tuple[int, list[tuple[bytes, bytes]], list[bytes]]) -> Any:
    status, raw, chunks = reply

    class Stream(kind.library.SyncByteStream, kind.library.AsyncByteStream):  # type: ignore
        def __iter__(self):
            yield from chunks

        async def __aiter__(self):
            for chunk in chunks:
                yield chunk

    return kind.library.MockTransport(lambda _: kind.library.Response(status, headers=raw, stream=Stream()))


async def look(caller: Caller) -> tuple[object, ...]:
    response = await caller.begin("GET", "http://mocked.invalid/x?y=1")
    head = response.status_code, response.reason_phrase, response.headers.raw
    raw = [chunk async for chunk in caller.raw(response)]
    whole = await caller.get("http://mocked.invalid/x?y=1")
    return *head, raw, whole.content, whole.num_bytes_downloaded, sorted(caller.client.cookies.items())


@each_kind
@examples(60)
@given(reply=replies())
def test_any_reply_is_the_same_live_recorded_and_replayed(kind, reply):
    """Status, raw headers, chunk boundaries and decoded content are those of the transport."""

    async def work() -> None:
        async with kind.open(transport=transport_of(kind, reply)) as caller:
            live = await look(caller)
            with recording() as run:
                recorded = await look(caller)
            with replaying(run.events) as again:
                replayed = await look(caller)
        assert live == recorded == replayed
        assert again.scope.problems == []
        outcome = run.http[0].outcome
        assert isinstance(outcome, HttpReply)
        assert isinstance(outcome.body, KeptBody)
        assert [chunk.data for chunk in outcome.body.chunks] == reply[2]

    asyncio.run(work())


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
@examples(40)
@given(body=st.binary(max_size=300), chunks=st.lists(st.binary(max_size=80), max_size=6))
def test_any_body_passes_a_file(tmp_path_factory, asynchronous, body, chunks):
    """Bodies of any bytes in both directions, and chunk boundaries, survive being written and read."""
    import httpx2

    kind = Kind(httpx2, asynchronous)
    path = tmp_path_factory.mktemp("any") / "any.cassette.jsonl"

    async def call() -> list[bytes]:
        async with kind.open(transport=transport_of(kind, (200, [], chunks))) as caller:
            response = await caller.begin("POST", "http://mocked.invalid/", content=body)
            return [chunk async for chunk in caller.raw(response)]

    with to_file(path, settings=Settings()):
        recorded = asyncio.run(call())
    with from_file(path, settings=Settings()) as run:
        assert asyncio.run(call()) == recorded == [chunk for chunk in chunks if chunk]
    assert run.problems == ()
