"""The scripted llm speaks Anthropic Messages so that the real client understands every word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
import pytest
from anthropic.types import Message

from agentops_eval.testing import CallTools, Conversation, Cut, Fail, LlmServer, Rule, Say, ToolUse

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = "Your parcel, the blue «œuvre», arrives tomorrow. 📦"
LOOKUPS = CallTools(
    [ToolUse("get_order", {"order_id": 1042}), ToolUse("get_order", {"order_id": 1043})], "One moment."
)
TOOLS: list[Any] = [{"name": "get_order", "input_schema": {"type": "object", "properties": {}}}]
ASK: list[Any] = [{"role": "user", "content": "Where are 1042 and 1043?"}]


def _wants_lookup(conversation: Conversation) -> bool:
    return bool(conversation.tools) and not conversation.answers


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    """A server that looks two orders up when it has tools, and else says a text."""
    with LlmServer([Rule(when=_wants_lookup, then=LOOKUPS), Rule(then=Say(TEXT))]) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: LlmServer) -> Iterator[anthropic.Anthropic]:
    """The real client, without retries."""
    with anthropic.Anthropic(base_url=server.url, api_key="unused", max_retries=0) as made:
        yield made


def _ask(client: anthropic.Anthropic, **more: Any) -> Message:
    return client.messages.create(model="scripted-large", max_tokens=200, messages=ASK, **more)


def test_a_whole_message_is_valid(client: anthropic.Anthropic) -> None:
    """A message passes the client's own schema, with text, stop reason and usage."""
    reply = _ask(client)
    Message.model_validate(json.loads(reply.model_dump_json(warnings="error")))
    assert [block.type for block in reply.content] == ["text"]
    assert (reply.stop_reason, reply.model) == ("end_turn", "scripted-large")
    assert reply.usage.input_tokens > 0
    assert reply.usage.output_tokens > 0


def test_parallel_tool_uses_carry_ids_and_input(client: anthropic.Anthropic) -> None:
    """Two tool uses in one message have ids of their own and their input as objects."""
    reply = _ask(client, tools=TOOLS)
    uses = [block for block in reply.content if block.type == "tool_use"]
    assert reply.stop_reason == "tool_use"
    assert len({use.id for use in uses}) == 2
    assert [use.input for use in uses] == [use.arguments for use in LOOKUPS.uses]


def test_forbidden_parallel_uses_are_not_made(client: anthropic.Anthropic) -> None:
    """A client that forbids parallel tool use gets one."""
    choice = {"type": "auto", "disable_parallel_tool_use": True}
    reply = _ask(client, tools=TOOLS, tool_choice=choice)
    assert len([block for block in reply.content if block.type == "tool_use"]) == 1


def test_a_streamed_message_says_what_the_whole_one_says(client: anthropic.Anthropic) -> None:
    """The events of a stream add up to the whole message, tool uses and usage included."""
    for more in ({}, {"tools": TOOLS}):
        with client.messages.stream(model="scripted-large", max_tokens=200, messages=ASK, **more) as stream:  # type: ignore[call-overload]
            events = [event.type for event in stream]
            final = stream.get_final_message()
        whole = _ask(client, **more)
        assert json.loads(final.model_dump_json(exclude_unset=True)) == json.loads(
            whole.model_dump_json(exclude_unset=True)
        )
        assert events.count("content_block_delta") > 5


async def test_the_async_client_hears_the_same(server: LlmServer, client: anthropic.Anthropic) -> None:
    """The async client gets what the sync client gets, streamed and not."""
    whole = _ask(client)
    async with anthropic.AsyncAnthropic(base_url=server.url, api_key="unused") as slow:
        assert await slow.messages.create(model="scripted-large", max_tokens=200, messages=ASK) == whole
        async with slow.messages.stream(model="scripted-large", max_tokens=200, messages=ASK) as stream:
            assert await stream.get_final_text() == TEXT


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, anthropic.BadRequestError, "invalid_request_error"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (500, anthropic.InternalServerError, "api_error"),
        (529, anthropic.APIStatusError, "overloaded_error"),
    ],
)
def test_failures_become_the_clients_own_errors(
    status: int, error: type[anthropic.APIStatusError], kind: str
) -> None:
    """A failure arrives as the client's exception, with its type, message and request id."""
    with (
        LlmServer([Rule(then=Fail(status=status, message="not today"))]) as server,
        anthropic.Anthropic(base_url=server.url, api_key="unused", max_retries=0) as client,
        pytest.raises(error, match="not today") as caught,
    ):
        _ask(client)
    assert caught.value.status_code == status
    assert caught.value.body["error"]["type"] == kind  # type: ignore[index,call-overload]
    assert caught.value.request_id


def test_a_cut_stream_breaks_after_its_chunks() -> None:
    """A cut stream gives its first events and then fails as a broken connection does."""
    heard: list[str] = []
    with (
        LlmServer([Rule(then=Cut(5, Say(TEXT)))]) as server,
        anthropic.Anthropic(base_url=server.url, api_key="unused", max_retries=0) as client,
        pytest.raises((anthropic.APIConnectionError, httpx2.RemoteProtocolError)),
        client.messages.stream(model="m", max_tokens=9, messages=ASK) as stream,
    ):
        heard.extend(stream.text_stream)
    assert "".join(heard) == "Your parcel, "


def test_a_failed_tool_is_seen_as_such() -> None:
    """A tool result marked as an error reaches the rules as a failure, with the tool's name."""
    history: list[Any] = [
        *ASK,
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "t1", "name": "get_order", "input": {}}],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "t1", "is_error": True, "content": "gone"}],
        },
    ]

    def sorry(conversation: Conversation) -> Say:
        return Say(" ".join(f"{answer.name}: {answer.text}" for answer in conversation.failures))

    with (
        LlmServer([Rule(then=sorry)]) as server,
        anthropic.Anthropic(base_url=server.url, api_key="unused") as client,
    ):
        reply = client.messages.create(model="m", max_tokens=9, messages=history)
    assert [block.to_dict()["text"] for block in reply.content] == ["get_order: gone"]
