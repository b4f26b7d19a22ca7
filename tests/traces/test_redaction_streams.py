"""Secrets in streamed, chunked and compressed replies."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Headers, HttpReply, HttpRequest, KeptBody
from agentops_eval.traces._codings import MAX_BODY
from agentops_eval.traces.redaction import Redactor, find_secrets
from tests._events import event, reply
from tests.traces._packed import WAYS, encoding_of, packed

GET = HttpRequest(method="GET", url="https://h/")
SECRET = "sk-" + "ant-api03-" + "aB3dE5fG7hJ9kL1mN2pQ4rS6"
PASSWORD = json.dumps({"user": "bob", "password": "hunter2Correct7Horse"})
SSE: Headers = (("content-type", "text/event-stream; charset=utf-8"),)


def redacted(chunks: list[bytes], headers: Headers = SSE) -> HttpReply:
    """The reply after redaction, which is checked to be idempotent."""
    redactor = Redactor()
    once = redactor.event(event(0, GET, reply(*chunks, headers=headers)))
    assert redactor.event(once) == once
    assert isinstance(once.outcome, HttpReply)
    return once.outcome


def pieces(reply: HttpReply) -> list[bytes]:
    """The chunks' bytes."""
    assert isinstance(reply.body, KeptBody)
    return [chunk.data for chunk in reply.body.chunks]


def openai(text: str, index: int = 0) -> bytes:
    """One delta as OpenAI streams it."""
    delta = {"id": "c-1", "choices": [{"index": index, "delta": {"content": text}}]}
    return f"data: {json.dumps(delta)}\n\n".encode()


def read(reply: HttpReply, index: int = 0) -> str:
    """The text that a client reads from the stream."""
    lines = b"".join(pieces(reply)).decode().splitlines()
    deltas = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    choices = [choice for delta in deltas for choice in delta["choices"]]
    return "".join(choice["delta"]["content"] for choice in choices if choice["index"] == index)


@given(cuts=st.lists(st.integers(1, len(SECRET) - 1), max_size=6, unique=True))
def test_a_secret_spread_over_deltas_is_found(cuts: list[int]) -> None:
    """However a model's deltas cut a secret, a client reads the placeholder, and each delta stays one."""
    edges = [0, *sorted(cuts), len(SECRET)]
    parts = [SECRET[a:b] for a, b in pairwise(edges)]
    reply = redacted([openai("The key: "), *map(openai, parts), openai(" (end)"), b"data: [DONE]\n\n"])
    assert read(reply) == "The key: [redacted:secret-1] (end)"
    assert len(pieces(reply)) == len(parts) + 3


def test_a_secret_whose_first_delta_names_a_tool_is_found() -> None:
    """A tool call has an id and a type in its first delta only; its arguments are still one text."""
    first = {
        "index": 0,
        "id": "call_1",
        "type": "function",
        "function": {"name": "f", "arguments": SECRET[:9]},
    }
    rest = {"index": 0, "function": {"arguments": SECRET[9:]}}
    deltas = [{"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]} for call in (first, rest)]
    reply = redacted([f"data: {json.dumps(delta)}\n\n".encode() for delta in deltas])
    assert SECRET[9:] not in b"".join(pieces(reply)).decode()


@given(cut=st.integers(1, len(PASSWORD) - 1))
def test_a_password_is_found_where_its_name_stands_in_another_delta(cut: int) -> None:
    """Wherever JSON is cut between name and value, the value goes and every delta stays JSON."""
    reply = redacted([openai(PASSWORD[:cut]), openai(PASSWORD[cut:])])
    assert json.loads(read(reply)) == {"user": "bob", "password": "[redacted:secret-1]"}


@pytest.mark.parametrize("end", ["the password:", '{"password":', '"api_key": ', "pwd=", "password :="])
def test_a_delta_that_ends_in_a_name_stays_as_it_is(end: str) -> None:
    """The quote behind it ends a JSON string and begins no secret, so the stream stays readable."""
    chunks = [openai(end), openai(" and so on")]
    assert pieces(redacted(chunks)) == chunks


@given(size=st.integers(1, 40))
def test_a_secret_spread_over_network_chunks_is_found(size: int) -> None:
    """However the network cut the stream, the number of chunks stays and the secret goes."""
    data = openai(f"clé: {SECRET}") + openai("é")
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    reply = redacted(chunks)
    assert read(reply) == "clé: [redacted:secret-1]é"
    assert len(pieces(reply)) == len(chunks)
    assert sum(not piece for piece in pieces(reply)) == 0 or size < 3


def test_interleaved_choices_are_read_apart() -> None:
    """Two choices that stream in turns are two texts, each with its own half of a secret."""
    half = len(SECRET) // 2
    chunks = [openai(SECRET[:half]), openai("x ", 1), openai(SECRET[half:]), openai(SECRET, 1)]
    reply = redacted(chunks)
    assert read(reply, 0) == "[redacted:secret-1]"
    assert read(reply, 1) == "x [redacted:secret-1]"


def test_tool_arguments_streamed_as_json_are_read_as_json() -> None:
    """A password in partial JSON is known by its field, though no delta holds both."""
    arguments = json.dumps({"user": "ann", "password": "hunter2 and more"})
    deltas = [
        {
            "type": "content_block_delta",
            "index": 1,
            "delta": {"type": "input_json_delta", "partial_json": part},
        }
        for part in (arguments[:14], arguments[14:25], arguments[25:38], arguments[38:])
    ]
    chunks = [f"event: content_block_delta\ndata: {json.dumps(delta)}\n\n".encode() for delta in deltas]
    reply = redacted(chunks)
    lines = b"".join(pieces(reply)).decode().splitlines()
    joined = "".join(
        json.loads(line[6:])["delta"]["partial_json"] for line in lines if line.startswith("data")
    )
    assert json.loads(joined) == {"user": "ann", "password": "[redacted:secret-1]"}


def test_escapes_inside_deltas_keep_their_place() -> None:
    """Deltas with escapes, quotes and emoji around a split secret stay valid JSON with the same text."""
    first, second = '"é\n\\ 😀 ' + SECRET[:20], SECRET[20:] + ' \t"😀'
    reply = redacted([openai(first), openai(second)])
    assert read(reply) == '"é\n\\ 😀 [redacted:secret-1] \t"😀'


def test_json_lines_are_streams_too() -> None:
    """A secret split over the lines of an NDJSON stream is found."""
    lines = [json.dumps({"response": part}) + "\n" for part in ("a ", SECRET[:11], SECRET[11:])]
    reply = redacted([line.encode() for line in lines], (("content-type", "application/x-ndjson"),))
    texts = [json.loads(piece)["response"] for piece in pieces(reply)]
    assert "".join(texts) == "a [redacted:secret-1]"


def test_a_stream_without_secrets_keeps_its_bytes() -> None:
    """Nothing is spelt anew where there is nothing to hide."""
    chunks = [
        openai("Hello"),
        openai(" world, task-"),
        openai("sk-based"),
        b": ping\n\n",
        b"data: [DONE]\n\n",
    ]
    assert pieces(redacted(chunks)) == chunks


@pytest.mark.parametrize("way", WAYS)
def test_compressed_replies_are_stored_plain_only_where_they_hold_a_secret(way: str) -> None:
    """A compressed reply keeps its bytes; one with a secret is stored decoded, with mended headers."""
    for text, secret in ((f'{{"a": "{SECRET}"}}', True), ('{"a": "b"}', False)):
        data = packed(text.encode(), way)
        chunks = [data[:7], data[7:30], data[30:]]
        headers = (
            ("content-type", "application/json"),
            ("content-encoding", encoding_of(way)),
            ("content-length", str(len(data))),
        )
        reply = redacted(chunks, headers)
        if secret:
            expected = b'{"a": "[redacted:secret-1]"}'
            assert b"".join(pieces(reply)) == expected
            assert reply.headers == (headers[0], ("content-length", str(len(expected))))
        else:
            assert pieces(reply) == chunks
            assert reply.headers == headers
        assert len(pieces(reply)) == 3


def test_a_body_that_would_unpack_to_too_much_stays_as_it_came() -> None:
    """Searching a bomb would eat the memory, and storing a part of it would be another reply."""
    bomb = packed(json.dumps([SECRET]).encode() + b" " * MAX_BODY, "gzip")
    headers = (("content-type", "application/json"), ("content-encoding", "gzip"))
    assert pieces(redacted([bomb], headers)) == [bomb]


def test_a_chunk_that_seems_to_begin_with_a_secret_is_redacted_too() -> None:
    """What a stored chunk would trip the detector with goes, though the whole text is harmless."""
    chunks = [b"a ta", b"sk-2024-q3-implementation-plan"]
    reply = redacted(chunks, (("content-type", "text/plain"),))
    assert all(find_secrets(piece.decode()) == () for piece in pieces(reply))
    assert len(pieces(reply)) == 2
