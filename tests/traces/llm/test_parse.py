"""Telling llm calls from other HTTP, and never raising on what the world sends."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Failure, HttpRequest
from agentops_eval.traces.llm import LlmCall, parse_llm_call
from tests.examples import examples
from tests.traces._kit import (
    ANTHROPIC,
    CUT,
    GEMINI,
    OPENAI,
    RESPONSES,
    calls,
    chat_exchange,
    post,
    reply,
    sse,
    tool_answer,
)
from tests.traces._packed import WAYS, encoding_of, packed

ASK = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
CHAT_ANSWER = {
    "object": "chat.completion",
    "choices": [{"message": {"content": "x"}, "finish_reason": "stop"}],
}
MESSAGE_ANSWER = {"type": "message", "content": [{"type": "text", "text": "x"}], "stop_reason": "end_turn"}


@pytest.mark.parametrize(
    ("url", "asked", "answer", "provider"),
    [
        ("http://127.0.0.1:8123/v1/chat/completions", ASK, CHAT_ANSWER, "openai"),
        ("https://gw.local/anthropic/v1/messages?beta=true", ASK, MESSAGE_ANSWER, "anthropic"),
        ("https://gw.local/run", ASK, CHAT_ANSWER, "openai"),
        ("https://gw.local/run", ASK, MESSAGE_ANSWER, "anthropic"),
        (
            "https://gw.local/v1/responses",
            {"model": "m", "input": "Hi"},
            {"object": "response", "output": [1]},
            "openai",
        ),
        ("https://gw.local/go", {"contents": [{"parts": []}]}, {"candidates": []}, "gcp.gemini"),
    ],
)
def test_gateways_are_read_like_the_provider(url, asked, answer, provider):
    """The host plays no part: the path tells, and else the shape of both bodies."""
    assert parse_llm_call(post(url, asked), reply(answer)).provider == provider


@pytest.mark.parametrize(
    ("url", "asked", "answer"),
    [
        ("https://shop.local/orders", {"order": 7}, {"ok": True}),
        (
            "https://api.openai.com/v1/threads/t1/messages",
            {"role": "user", "content": "Hi"},
            {"object": "thread"},
        ),
        ("http://127.0.0.1:11434/api/chat", ASK, {"message": {"role": "assistant", "content": "x"}}),
        ("https://shop.local/survey/responses", {"answers": [1]}, {}),
        ("https://shop.local/contact/messages", b"not json", {}),
    ],
)
def test_other_traffic_is_none(url, asked, answer):
    """Neither a like-named address nor a like-shaped request makes an llm call."""
    assert parse_llm_call(post(url, asked), reply(answer)) is None


def test_a_get_is_none():
    """Only POST asks an llm."""
    assert parse_llm_call(HttpRequest(method="GET", url=OPENAI), reply({})) is None


def test_a_call_without_a_reply_keeps_what_was_asked():
    """A refused connection or a cancelled call is still a call."""
    broken = Failure(kind="ConnectError", module="httpx2", message="refused")
    for outcome in (broken, None):
        call = parse_llm_call(post(OPENAI, ASK), outcome)
        assert (call.request_model, len(call.input_messages), call.complete) == ("m", 1, False)


@pytest.mark.parametrize("way", WAYS)
def test_compressed_bodies_are_read(way):
    """Requests and replies under any content-encoding are decoded."""
    encoding = encoding_of(way)
    request = post(OPENAI, packed(json.dumps(ASK).encode(), way), **{"content-encoding": encoding})
    answered = reply(packed(json.dumps(CHAT_ANSWER).encode(), way), content_encoding=encoding)
    call = parse_llm_call(request, answered)
    assert (call.request_model, call.finish_reasons, call.complete) == ("m", ("stop",), True)


def test_what_cannot_be_read_is_left_out():
    """Opaque bytes give a call that says it is not complete."""
    call = parse_llm_call(post(OPENAI, b"\xff\xfe"), reply(b"\x00\x01", content_encoding="br"))
    assert call == LlmCall(provider="openai", complete=False)


def test_too_many_messages_are_counted_not_kept():
    """A hostile list is cut, and the cut is told."""
    asked = {"model": "m", "messages": [{"role": "user", "content": "x"}] * 5000}
    messages = parse_llm_call(post(OPENAI, asked), reply(CHAT_ANSWER)).input_messages
    assert len(messages) == 4097
    assert messages[-1].parts == ({"type": "generic", "left_out": 904},)


SEEDS = [
    (OPENAI, chat_exchange([calls(("c", "f", {"x": [1]})), tool_answer("c", "y")], [("d", "g", {})])),
    (
        RESPONSES,
        (post(RESPONSES, {"input": [{"type": "function_call", "arguments": "{}"}]}), reply({"output": [{}]})),
    ),
    (ANTHROPIC, (post(ANTHROPIC, ASK), reply(MESSAGE_ANSWER))),
    (
        GEMINI,
        (post(GEMINI, {"contents": [{"parts": [{"text": "x"}]}]}), reply({"candidates": [{"content": {}}]})),
    ),
]
KEYS = (
    "messages content role parts tool_calls function choices delta index type output input item response "
    "usage error candidates tools id text name"
).split()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@examples(150)
@given(
    seed=st.sampled_from(SEEDS), at=st.integers(0, 400), noise=st.binary(max_size=6), streamed=st.booleans()
)
def test_mutated_bytes_never_raise(seed, at, noise, streamed):
    """Any bytes put anywhere into any body give a call, if a partial one."""
    url, (request, answered) = seed
    asked = request.body[:at] + noise + request.body[at + 2 :]
    data = sse([answered.body.data.decode()]) if streamed else answered.body.data
    data = data[:at] + noise + data[at + 1 :]
    assert isinstance(parse_llm_call(post(url, asked), reply(data, end=CUT)), LlmCall | None)


@examples(150)
@given(
    url=st.sampled_from([OPENAI, RESPONSES, ANTHROPIC, GEMINI]),
    asked=JSON,
    answers=st.lists(JSON, max_size=4),
)
def test_shapes_that_no_provider_sends_never_raise(url, asked, answers):
    """JSON of the wrong shape is read as far as it makes sense."""
    whole = reply(json.dumps(answers[0] if answers else None).encode())
    streamed = reply(sse(json.dumps(answer) for answer in answers), content_type="text/event-stream")
    for outcome in (whole, streamed):
        assert isinstance(parse_llm_call(post(url, asked), outcome), LlmCall | None)


@pytest.mark.skipif("AGENTOPS_DEV_DATA" not in os.environ, reason="AGENTOPS_DEV_DATA names no folder")
@pytest.mark.parametrize("name", ["openllmetry-cassettes", "pydantic-ai-cassettes"])
def test_real_recordings_are_read(name):
    """Every body that other projects recorded is parsed without an exception, and most llm calls whole."""
    found = whole = 0
    for request, status, headers, body in exchanges(
        Path(os.environ["AGENTOPS_DEV_DATA"]) / name / "cassettes.tar.xz"
    ):
        answered = reply(body, status, **headers)
        call = parse_llm_call(request, answered)
        found += call is not None
        whole += call is not None and call.complete
    assert found >= 200
    assert whole >= 0.95 * found


def exchanges(path):
    with tarfile.open(path) as tar:
        for member in tar:
            if member.isfile():
                content = io.TextIOWrapper(tar.extractfile(member), "utf-8").read()
                for one in yaml.load(content, Loader=yaml.CSafeLoader)["interactions"]:
                    yield exchange(one["request"], one["response"])


def exchange(asked, answered):
    kind = {key.lower(): value[0] for key, value in answered["headers"].items()}
    headers = {
        key.replace("-", "_"): kind[key] for key in ("content-type", "content-encoding") if key in kind
    }
    request = HttpRequest(method=asked["method"], url=asked["uri"], body=body_of(asked))
    return request, answered["status"]["code"], headers, body_of(answered)


def body_of(message):
    if "parsed_body" in message:
        return json.dumps(message["parsed_body"]).encode()
    body = message.get("body") or b""
    body = body.get("string") or b"" if isinstance(body, dict) else body
    return body.encode() if isinstance(body, str) else body
