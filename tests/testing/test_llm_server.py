"""The scripted llm as a server: routes, bad requests, Gemini, threads, and its end."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.error
import urllib.request
import warnings
from pathlib import Path
from typing import Any

import openai
import pytest

from agentops_eval import Settings, recording, replaying
from agentops_eval.domain import RunMisuse
from agentops_eval.seams import VirtualLoop
from agentops_eval.testing import CallTools, Conversation, LlmServer, Rule, Say, ToolUse


def _post(url: str, body: bytes) -> tuple[int, Any]:
    request = urllib.request.Request(url, data=body, headers={"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def _chat(text: str) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    """Whatever is not a JSON object gets status 400 and an error in the dialect's shape."""
    with LlmServer() as server:
        status, text = _post(f"{server.url}/v1/messages", body)
    assert status == 400
    assert json.loads(text)["error"]["type"] == "invalid_request_error"


def test_an_unknown_path_is_not_found() -> None:
    """A path that no dialect knows gets status 404, and is counted as a hit."""
    with LlmServer() as server:
        assert _post(f"{server.url}/v2/nothing", b"{}")[0] == 404
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{server.url}/v1/chat/completions")
        caught.value.close()
        assert caught.value.code == 404
        assert server.hits == 2


def test_equal_requests_get_equal_bytes() -> None:
    """The same request gets the same bytes, from this server and from another one."""
    answers = []
    for _ in range(2):
        with LlmServer([Rule(then=Say("Good day."))]) as server:
            answers += [_post(f"{server.url}/v1/chat/completions", _chat("Hello")) for _ in range(2)]
    assert len(set(answers)) == 1


def test_a_rule_that_raises_is_reported() -> None:
    """A broken rule answers with status 500 and its name, and the server lives on."""

    def broken(_: Conversation) -> bool:
        raise ValueError("no such order")

    with LlmServer([Rule(when=broken, then=Say("never"), name="orders")]) as server:
        for _ in range(2):
            status, text = _post(f"{server.url}/v1/chat/completions", _chat("Hello"))
            assert status == 500
            assert "orders of the scripted llm raised ValueError: no such order" in text


def test_text_that_is_no_unicode_is_answered() -> None:
    """A lone surrogate in a conversation, echoed by a rule, does not break the server."""
    with LlmServer([Rule(then=lambda c: Say(c.user))]) as server:
        body = b'{"messages": [{"role": "user", "content": "a\\ud800b"}]}'
        status, text = _post(f"{server.url}/v1/chat/completions", body)
    assert status == 200
    assert json.loads(text)["choices"][0]["message"]["content"] == "a?b"


def test_gemini_is_spoken_whole_and_streamed() -> None:
    """Gemini's generateContent gives candidates and usage; streamed, the parts add up to the same."""
    lookups = CallTools([ToolUse("get", {"n": 1}), ToolUse("get", {"n": 2})], "One moment please.")

    def summary(conversation: Conversation) -> Say:
        return Say(str([(a.name, a.arguments["n"], a.value) for a in conversation.answers]))

    rules = [Rule(when=lambda c: not c.answers, then=lookups), Rule(then=summary)]
    ask: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "Both?"}]}]}
    with LlmServer(rules) as server:
        base = f"{server.url}/v1beta/models/scripted-large"
        _, text = _post(f"{base}:generateContent", json.dumps(ask).encode())
        whole = json.loads(text)
        _, streamed = _post(f"{base}:streamGenerateContent?alt=sse", json.dumps(ask).encode())
        chunks = [json.loads(line[6:]) for line in streamed.splitlines() if line.startswith("data: ")]
        ask["contents"] += [
            whole["candidates"][0]["content"],
            {
                "role": "user",
                "parts": [{"functionResponse": {"name": "get", "response": {"got": n}}} for n in "ab"],
            },
        ]
        _, text = _post(f"{base}:generateContent", json.dumps(ask).encode())
    content = whole["candidates"][0]["content"]
    parts = [part for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
    said = "".join(part.get("text", "") for part in parts)
    assert [{"text": said}, *(p for p in parts if "text" not in p)] == content["parts"]
    assert chunks[-1]["usageMetadata"] == whole["usageMetadata"]
    answer = json.loads(text)["candidates"][0]["content"]["parts"][0]["text"]
    assert answer == "[('get', 1, {'got': 'a'}), ('get', 2, {'got': 'b'})]"


def test_eight_threads_are_served_and_counted() -> None:
    """Eight threads with a client in common get their own answers, and each hit is counted."""
    heard: dict[int, str] = {}
    with (
        LlmServer([Rule(then=lambda c: Say(f"to {c.user}"))]) as server,
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="unused", max_retries=0) as client,
    ):

        def ask(number: int) -> None:
            for turn in range(5):
                reply = client.responses.create(model="m", input=f"{number}.{turn}")
                heard[number * 10 + turn] = reply.output_text

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        client.close()
        assert server.hits == 40
    assert heard == {n * 10 + t: f"to {n}.{t}" for n in range(8) for t in range(5)}


def test_a_stopped_server_breaks_idle_connections() -> None:
    """A client that held a connection open gets no answer once the server has stopped."""
    server = LlmServer([Rule(then=Say("still here"))]).start()
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="unused", max_retries=0) as client:
        assert client.responses.create(model="m", input="?").output_text == "still here"
        server.stop()
        server.stop()
        with pytest.raises(openai.APIConnectionError):
            client.responses.create(model="m", input="?")


def test_only_the_latest_requests_are_kept() -> None:
    """The log of requests is bounded while hits are counted all, until both are reset."""
    with LlmServer(keep=2) as server:
        for text in "abc":
            _post(f"{server.url}/chat/completions", _chat(text))
        assert server.hits == 3
        assert [json.loads(seen.body)["messages"][0]["content"] for seen in server.requests] == ["b", "c"]
        assert server.requests[0].dialect == "openai-chat"
        server.reset()
        assert (server.hits, server.requests) == (0, ())


def test_misuse_is_named() -> None:
    """An address before the start, and a second start, are errors that say what to do."""
    server = LlmServer()
    with pytest.raises(RunMisuse, match="no address before it starts"):
        _ = server.url
    assert repr(server) == "<LlmServer stopped rules=0 hits=0>"
    with server, pytest.raises(RunMisuse, match="listens already"):
        server.start()


def test_virtual_time_waits_for_no_server(tmp_path: Path) -> None:
    """A server started inside a run is not of it: an async replay beside it warns of nothing."""

    async def naps() -> tuple[str, ...]:
        for _ in range(3):
            await asyncio.sleep(3600)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        return loop.blockers()

    path = tmp_path / "nap.cassette.jsonl"
    with recording(path, settings=Settings()):
        pass
    with replaying(path, settings=Settings()), LlmServer(), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert asyncio.run(naps()) == ()
