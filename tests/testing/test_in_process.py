"""The scripted llm without a server says what the server says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import anthropic
import httpx2
import openai
import pytest

from agentops_eval.testing import CallTools, Cut, Fail, LlmServer, Rule, Say, ScriptedLlm, ToolUse

_RULES = (
    Rule(when=lambda talk: "tool" in talk.user, then=CallTools([ToolUse("get_order", {"id": 1})], "Wait.")),
    Rule(when=lambda talk: "busy" in talk.user, then=Fail(status=429, message="busy", retry_after_s=7)),
    Rule(when=lambda talk: "cut" in talk.user, then=Cut(2, Say("one two three four five"))),
    Rule(then=Say("héllo")),
)
_PATHS = ("/v1/chat/completions", "/v1/responses", "/v1/messages")


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    """A client whose transport is the scripted llm."""
    with httpx2.Client(transport=httpx2.MockTransport(ScriptedLlm(_RULES))) as made:
        yield made


@pytest.mark.parametrize("path", _PATHS)
@pytest.mark.parametrize("text", ["hi", "a tool", "busy"])
@pytest.mark.parametrize("stream", [False, True])
def test_it_answers_as_the_server_does(client: httpx2.Client, path: str, text: str, stream: bool) -> None:
    """In each dialect, streamed or not, status, type and body are those of the server over HTTP."""
    key = "input" if path.endswith("responses") else "messages"
    body = {"model": "m", key: [{"role": "user", "content": text}], "stream": stream, "max_tokens": 50}
    if path.endswith("responses"):
        del body["max_tokens"]
    with LlmServer(_RULES) as server, httpx2.Client(trust_env=False) as real:
        served = real.post(server.url + path, json=body)
    made = client.post("http://llm.test" + path, json=body)
    assert (made.status_code, made.text) == (served.status_code, served.text)
    for name in ("content-type", "retry-after", "retry-after-ms", "x-request-id"):
        assert made.headers.get(name) == served.headers.get(name)


def test_a_cut_ends_the_stream(client: httpx2.Client) -> None:
    """After so many chunks nothing more comes."""
    body = {"model": "m", "messages": [{"role": "user", "content": "cut"}], "stream": True}
    text = client.post("http://llm.test/v1/chat/completions", json=body).text
    assert text.count("data: ") == 2
    assert "[DONE]" not in text


@pytest.mark.parametrize(("path", "content"), [("/v1/chat/completions", b"no json"), ("/nowhere", b"{}")])
def test_what_it_cannot_read_is_refused(client: httpx2.Client, path: str, content: bytes) -> None:
    """A body that is no object and a path that no llm speaks at are client errors, told as JSON."""
    found = client.post("http://llm.test" + path, content=content)
    assert found.status_code in (400, 404)
    assert json.loads(found.content)["error"]["message"]


def test_sdks_are_served_in_both_ways() -> None:
    """Sync and async clients of openai and anthropic read its answers, streams included."""
    llm = ScriptedLlm(_RULES)
    with openai.OpenAI(
        base_url="http://llm.test/v1",
        api_key="unused",
        http_client=httpx2.Client(transport=httpx2.MockTransport(llm)),
    ) as sync:
        reply = sync.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
        assert reply.choices[0].message.content == "héllo"

    async def streamed() -> str:
        transport = httpx2.AsyncClient(transport=httpx2.MockTransport(llm))
        async with anthropic.AsyncAnthropic(
            base_url="http://llm.test", api_key="unused", http_client=transport
        ) as client:
            async with client.messages.stream(
                model="m", max_tokens=50, messages=[{"role": "user", "content": "hi"}]
            ) as stream:
                return await stream.get_final_text()

    assert asyncio.run(streamed()) == "héllo"
    assert llm.hits == 2
