"""Replies that nobody promised to be sensible: no fault breaks on them, each says what it could not."""

from __future__ import annotations

import gzip
import json
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.chaos import CATALOGUE
from agentops_eval.domain import Fault, HttpReply, Seam, header
from tests.chaos.kinds._kit import run, told
from tests.examples import examples

HTTP = [name for name, kind in CATALOGUE.items() if kind.seams == {Seam.HTTP}]
PATHS = ("/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1beta/models/x:streamGenerateContent")
ASKED = {
    "model": "small",
    "stream": True,
    "messages": [{"role": "user", "content": "Hello"}],
    "input": "Hello",
    "contents": [{"parts": [{"text": "Hello"}]}],
    "tools": [{"name": "x"}],
}
EVENTS = st.lists(
    st.sampled_from(
        [
            b'data: {"choices":[{"delta":{"content":"H\xc3\xbc"}}]}\n\n',
            b'data: {"choices":"none","usage":[1]}\n\n',
            b'event: x\ndata: {"type":"message_start","message":{"model":3,"usage":{"x":true}}}\n\n',
            b'data: {"type":"content_block_delta","delta":null,"index":-1}\r\n\r\n',
            b'data: {"candidates":[{"content":7}],"usageMetadata":{"promptTokenCount":"x"}}\n\n',
            b"data: [DONE]\n\n",
            b"data:\n\n",
            b": ping\n\n",
            b"\r\r",
            b"\xff\xfe\x00",
            b"data: [[[[",
        ]
    ),
    max_size=6,
).map(b"".join)
BODIES = st.one_of(
    EVENTS, st.binary(max_size=60), st.just(b"[" * 100_000), st.just(b'{"model":"a","usage":{"x":1}}')
)


@examples(120)
@given(
    st.data(),
    BODIES,
    st.sampled_from(PATHS),
    st.sampled_from(["text/event-stream", "application/json", "", "text/html"]),
    st.sampled_from([200, 200, 204, 404]),
    st.booleans(),
    st.booleans(),
)
def test_no_fault_fails_on_any_reply(
    data: Any, body: bytes, path: str, content_type: str, status: int, packed: bool, live: bool
) -> None:
    """Whatever comes back, a kind changes it, leaves it, or says why not: it never fails."""
    name = data.draw(st.sampled_from(HTTP))
    variant = data.draw(st.sampled_from(CATALOGUE[name].variants))

    def serve(_: httpx2.Request) -> httpx2.Response:
        headers = {"content-type": content_type} if content_type else {}
        content = gzip.compress(body) if packed else body
        if packed:
            headers["content-encoding"] = "gzip"
        if live:
            half = len(content) // 2
            return httpx2.Response(status, headers=headers, content=iter([content[:half], content[half:]]))
        return httpx2.Response(status, headers=headers, content=content)

    def agent() -> str:
        with httpx2.Client(transport=httpx2.MockTransport(serve), timeout=30) as client:
            try:
                return str(len(client.post(f"http://llm.invalid{path}", json=ASKED).content))
            except httpx2.HTTPError as error:
                return told(error)

    found = run(agent, Fault(kind=name, parameters=variant))
    assert found.error is None
    assert not any("failed with" in why for why in found.not_injected)
    outcome = found.events[0].outcome
    if isinstance(outcome, HttpReply) and found.injections and header(outcome.headers, "content-length"):
        assert (
            str(found.output).isdigit() or "Timeout" in str(found.output) or "Protocol" in str(found.output)
        )


@pytest.mark.parametrize("name", HTTP)
def test_a_head_request_is_never_given_a_body(name: str) -> None:
    """HEAD has no body to change: what can be told by its head alone is told, and nothing breaks."""

    def agent() -> str:
        with httpx2.Client(transport=httpx2.MockTransport(lambda _: httpx2.Response(200))) as client:
            try:
                return str(client.head("http://api.invalid/").status_code)
            except httpx2.HTTPError as error:
                return told(error)

    found = run(agent, Fault(kind=name), deadline_s=100)
    assert found.error is None
    assert not any("failed with" in why for why in found.not_injected)


def test_a_giant_request_is_matched_quickly() -> None:
    """A request of megabytes with a nested body is looked at once, and no fault of streams fits it."""
    body = {"messages": [{"role": "user", "content": "x" * 3_000_000}], "metadata": {"stream": True}}

    def agent() -> str:
        transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json={}))
        with httpx2.Client(transport=transport) as client:
            content = json.dumps(body)
            return str(client.post("http://llm.invalid/v1/chat/completions", content=content).status_code)

    assert run(agent, Fault(kind="stream_cut")).not_injected != ()
