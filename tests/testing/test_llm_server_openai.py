"""The scripted llm speaks OpenAI's dialects so that the real client understands every word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response

from agentops_eval.testing import CallTools, Conversation, Cut, Fail, LlmServer, Rule, Say, ToolUse

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = "Zwei Pakete sind unterwegs, beide kommen morgen an. 📦"
LOOKUPS = CallTools(
    [ToolUse("get_order", {"order_id": 1042}), ToolUse("get_order", {"order_id": 1043, "note": 'dür"s'})],
    "Let me see.",
)
SCHEMA = {"type": "object", "properties": {}}
TOOLS: list[Any] = [{"type": "function", "function": {"name": "get_order", "parameters": SCHEMA}}]
ASK: list[Any] = [{"role": "user", "content": "Where are 1042 and 1043?"}]


def _wants_lookup(conversation: Conversation) -> bool:
    return bool(conversation.tools) and not conversation.answers


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    """A server that looks two orders up when it has tools, and else says a text."""
    with LlmServer([Rule(when=_wants_lookup, then=LOOKUPS), Rule(then=Say(TEXT))]) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: LlmServer) -> Iterator[openai.OpenAI]:
    """The real client, without retries."""
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="unused", max_retries=0) as made:
        yield made


def _local(server: LlmServer, *, retries: int = 0) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key="unused", max_retries=retries)


def test_a_whole_chat_completion_is_valid(client: openai.OpenAI) -> None:
    """A completion passes the client's own schema, with text, finish reason and usage."""
    reply = client.chat.completions.create(model="scripted-large", messages=ASK)
    ChatCompletion.model_validate(reply.model_dump(warnings="error"), strict=True)
    assert (reply.choices[0].message.content, reply.choices[0].finish_reason) == (TEXT, "stop")
    assert reply.model == "scripted-large"
    assert reply.usage is not None
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 0


def test_parallel_tool_calls_carry_ids_and_arguments(client: openai.OpenAI) -> None:
    """Two tool calls in one message have ids of their own and arguments that parse."""
    message = client.chat.completions.create(model="m", messages=ASK, tools=TOOLS).choices[0].message
    assert message.content == "Let me see."
    calls = message.tool_calls or []
    assert len({call.id for call in calls}) == 2
    assert [json.loads(call.function.arguments) for call in calls] == [use.arguments for use in LOOKUPS.uses]


def test_forbidden_parallel_calls_are_not_made(client: openai.OpenAI) -> None:
    """A client that forbids parallel tool calls gets one."""
    reply = client.chat.completions.create(model="m", messages=ASK, tools=TOOLS, parallel_tool_calls=False)
    assert len(reply.choices[0].message.tool_calls or []) == 1
    assert reply.choices[0].finish_reason == "tool_calls"


def test_a_streamed_chat_says_what_the_whole_one_says(client: openai.OpenAI) -> None:
    """The chunks of a stream add up to the whole completion, tool calls and usage included."""
    whole = client.chat.completions.create(model="m", messages=ASK, tools=TOOLS)
    with client.chat.completions.stream(
        model="m", messages=ASK, tools=TOOLS, stream_options={"include_usage": True}
    ) as stream:
        final = stream.get_final_completion()
    assert final.usage == whole.usage
    assert final.id == whole.id
    said, again = whole.choices[0].message, final.choices[0].message
    assert (again.content, again.refusal) == (said.content, None)
    assert [(c.id, c.function.name, c.function.arguments) for c in again.tool_calls or []] == [
        (c.id, c.function.name, c.function.arguments) for c in said.tool_calls or []
    ]


def test_a_stream_comes_in_many_valid_chunks(client: openai.OpenAI) -> None:
    """A streamed text arrives word by word, in chunks that pass the client's own schema."""
    chunks = list(client.chat.completions.create(model="m", messages=ASK, stream=True))
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk.model_dump(warnings="error"), strict=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == TEXT
    assert len(chunks) > 8
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"


async def test_the_async_client_hears_the_same(server: LlmServer, client: openai.OpenAI) -> None:
    """The async client gets what the sync client gets, streamed and not, in both dialects."""
    chat = client.chat.completions.create(model="m", messages=ASK)
    response = client.responses.create(model="m", input="Where?")
    async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="unused") as slow:
        assert await slow.chat.completions.create(model="m", messages=ASK) == chat
        assert (await slow.responses.create(model="m", input="Where?")).output == response.output
        stream = await slow.chat.completions.create(model="m", messages=ASK, stream=True)
        said = [chunk.choices[0].delta.content or "" async for chunk in stream]
    assert "".join(said) == TEXT


def test_a_whole_response_is_valid(client: openai.OpenAI) -> None:
    """A response passes the client's own schema, with output text and usage."""
    reply = client.responses.create(model="scripted-large", input="Where?", instructions="Be brief.")
    Response.model_validate(json.loads(reply.model_dump_json(warnings="error")))
    assert (reply.output_text, reply.status, reply.instructions) == (TEXT, "completed", "Be brief.")
    assert reply.usage is not None
    assert reply.usage.output_tokens > 0


def test_a_streamed_response_says_what_the_whole_one_says(client: openai.OpenAI) -> None:
    """The events of a response stream add up to the whole response, and are numbered."""
    tools: list[Any] = [{"type": "function", "name": "get_order", "parameters": {}, "strict": False}]
    whole = client.responses.create(model="m", input="Where?", tools=tools)
    with client.responses.stream(model="m", input="Where?", tools=tools) as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert final.output_text == whole.output_text == "Let me see."
    raw = list(client.responses.create(model="m", input="Where?", tools=tools, stream=True))
    assert raw[-1].type == "response.completed"
    assert raw[-1].response == whole
    deltas = [event.delta for event in raw if event.type == "response.function_call_arguments.delta"]
    assert "".join(deltas) == "".join(i.arguments for i in whole.output if i.type == "function_call")
    assert [item.type for item in whole.output] == ["message", "function_call", "function_call"]


def test_a_response_cut_short_says_why() -> None:
    """An answer that ran out of tokens is incomplete, in whole and in stream."""
    with LlmServer([Rule(then=Say("Well, the", finish="length"))]) as server, _local(server) as client:
        reply = client.responses.create(model="m", input="Tell me everything.")
        assert reply.status == "incomplete"
        assert reply.incomplete_details is not None
        assert reply.incomplete_details.reason == "max_output_tokens"
        names = [event.type for event in client.responses.create(model="m", input="All.", stream=True)]
        assert names[-1] == "response.incomplete"
        chat = client.chat.completions.create(model="m", messages=ASK)
        assert chat.choices[0].finish_reason == "length"


def test_stored_responses_are_refused(client: openai.OpenAI) -> None:
    """A reference to a stored response is refused, since the server stores none."""
    with pytest.raises(openai.BadRequestError, match="stores no responses"):
        client.responses.create(model="m", input="And then?", previous_response_id="resp_1")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ],
)
def test_failures_become_the_clients_own_errors(status: int, error: type[openai.APIStatusError]) -> None:
    """A failure arrives as the client's exception, with the message and request id."""
    with (
        LlmServer([Rule(then=Fail(status=status, message="not today"))]) as server,
        _local(server) as client,
        pytest.raises(error, match="not today") as caught,
    ):
        client.chat.completions.create(model="m", messages=ASK)
    assert caught.value.status_code == status
    assert caught.value.request_id


def test_two_rate_limits_are_survived_by_the_clients_retries() -> None:
    """A rule used up after two requests lets the third one pass to the next rule."""
    limits = Rule(then=Fail(status=429, retry_after_s=0.001), times=2, name="limits")
    with LlmServer([limits, Rule(then=Say("At last."))]) as server, _local(server, retries=2) as client:
        reply = client.chat.completions.create(model="m", messages=ASK)
        assert reply.choices[0].message.content == "At last."
        assert server.hits == 3
        assert [(seen.rule, seen.status) for seen in server.requests] == [
            ("limits", 429),
            ("limits", 429),
            ("rule 1", 200),
        ]


def test_a_cut_stream_breaks_after_its_chunks() -> None:
    """A cut stream gives its first chunks and then fails as a broken connection does."""
    heard: list[str] = []
    with LlmServer([Rule(then=Cut(3, Say(TEXT)))]) as server, _local(server) as client:
        stream = client.chat.completions.create(model="m", messages=ASK, stream=True)
        with pytest.raises(openai.APIConnectionError):
            heard.extend(chunk.choices[0].delta.content or "" for chunk in stream)
    assert "".join(heard) == "Zwei Pakete "


def test_a_cut_reply_breaks_the_connection() -> None:
    """A cut reply that is not streamed fails as a broken connection does."""
    with (
        LlmServer([Rule(then=Cut(1, Say(TEXT)))]) as server,
        _local(server) as client,
        pytest.raises(openai.APIConnectionError),
    ):
        client.chat.completions.create(model="m", messages=ASK)


def test_salt_changes_ids_and_nothing_else() -> None:
    """Two servers with different salts give the same answer under different ids."""
    replies = []
    for salt in ("a", "b"):
        with LlmServer([Rule(then=LOOKUPS)], salt=salt) as server, _local(server) as client:
            replies.append(client.chat.completions.create(model="m", messages=ASK, tools=TOOLS))
    first, second = replies
    assert first.id != second.id
    assert first.usage == second.usage
    calls = [list(reply.choices[0].message.tool_calls or []) for reply in replies]
    assert not {c.id for c in calls[0]} & {c.id for c in calls[1]}
    assert [c.function for c in calls[0]] == [c.function for c in calls[1]]
