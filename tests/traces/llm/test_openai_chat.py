"""OpenAI Chat Completions."""

from __future__ import annotations

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.llm import Message, Usage, parse_llm_call
from tests.traces._kit import CUT, OPENAI, calls, post, reply, stream, tool_answer

TOOL = {
    "type": "function",
    "function": {"name": "get_order", "description": "Look up.", "parameters": {"type": "object"}},
}
ASKED = {
    "model": "gpt-test",
    "temperature": 0.2,
    "max_completion_tokens": 100,
    "stop": ["END"],
    "n": 1,
    "tools": [TOOL],
    "tool_choice": {"type": "function", "function": {"name": "get_order"}},
    "response_format": {"type": "json_object"},
    "messages": [
        {"role": "developer", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look:"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
                {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "wav"}},
            ],
        },
        calls(("call_9", "get_order", {"order": 7})),
        tool_answer("call_9", "found"),
    ],
}
ANSWER = {
    "id": "chatcmpl-1",
    "model": "gpt-test-2026",
    "choices": [
        {"index": 0, "finish_reason": "tool_calls", "message": calls(("call_1", "get_order", {"order": 8}))}
    ],
    "usage": {
        "prompt_tokens": 57,
        "completion_tokens": 31,
        "prompt_tokens_details": {"cached_tokens": 16},
        "completion_tokens_details": {"reasoning_tokens": 4},
    },
}


def test_a_whole_exchange_is_read():
    """Parameters, messages, tools, usage and ids are all there."""
    call = parse_llm_call(post(OPENAI, ASKED), reply(ANSWER))
    assert (call.provider, call.request_model, call.response_model) == ("openai", "gpt-test", "gpt-test-2026")
    assert call.parameters == {
        sc.REQUEST_TEMPERATURE: 0.2,
        sc.REQUEST_MAX_TOKENS: 100,
        sc.REQUEST_STOP_SEQUENCES: ("END",),
        sc.OUTPUT_TYPE: "json",
        sc.AGENTOPS_REQUEST + "tool_choice": "get_order",
    }
    assert [message.role for message in call.input_messages] == ["developer", "user", "assistant", "tool"]
    assert [part["type"] for part in call.input_messages[1].parts] == ["text", "blob", "uri", "blob"]
    assert call.input_messages[3].parts == (
        {"type": "tool_call_response", "id": "call_9", "response": "found"},
    )
    asked = {"type": "tool_call", "id": "call_1", "name": "get_order", "arguments": {"order": 8}}
    assert call.output_messages == (Message(role="assistant", parts=(asked,)),)
    assert call.tool_definitions == (
        {
            "type": "function",
            "name": "get_order",
            "description": "Look up.",
            "parameters": {"type": "object"},
        },
    )
    assert call.finish_reasons == ("tool_call",)
    assert call.usage == Usage(input_tokens=57, output_tokens=31, cache_read_tokens=16, reasoning_tokens=4)
    assert call.response_id == "chatcmpl-1"
    assert call.complete
    assert not call.streamed


def chunk(delta, reason=None, index=0):
    return {
        "id": "chatcmpl-2",
        "model": "gpt-test-2026",
        "choices": [{"index": index, "delta": delta, "finish_reason": reason}],
    }


def asked_for(index, text, **more):
    return {"tool_calls": [{"index": index, "function": {"arguments": text}, **more}]}


def test_a_stream_is_joined():
    """Deltas of text and of two interleaved calls make one message; usage comes with the last chunk."""
    chunks = [
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": "Hel"}),
        chunk({"content": "lo"}),
        chunk({"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "a", "arguments": ""}}]}),
        chunk({"tool_calls": [{"index": 1, "id": "c2", "function": {"name": "b", "arguments": '{"y"'}}]}),
        chunk(asked_for(0, '{"x": 1}')),
        chunk(asked_for(1, ": 2}")),
        chunk({}, "tool_calls"),
        {"id": "chatcmpl-2", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}},
        "[DONE]",
    ]
    call = parse_llm_call(post(OPENAI, {**ASKED, "stream": True}), stream(chunks))
    assert call.output_messages[0].parts == (
        {"type": "text", "content": "Hello"},
        {"type": "tool_call", "id": "c1", "name": "a", "arguments": {"x": 1}},
        {"type": "tool_call", "id": "c2", "name": "b", "arguments": {"y": 2}},
    )
    assert call.usage == Usage(input_tokens=3, output_tokens=4)
    assert (call.finish_reasons, call.streamed, call.time_to_first_chunk_s) == (("tool_call",), True, 0.25)
    assert call.complete


def test_a_surrogate_pair_split_between_two_chunks_is_joined():
    """Halves of an emoji in two deltas are one character."""
    call = parse_llm_call(
        post(OPENAI, ASKED), stream([chunk({"content": "\ud83d"}), chunk({"content": "\ude00"})])
    )
    assert call.output_messages[0].parts == ({"type": "text", "content": "\U0001f600"},)


def test_a_cut_stream_gives_what_came():
    """A stream that breaks off gives its text so far and is not complete; usage stays unknown."""
    call = parse_llm_call(post(OPENAI, ASKED), stream([chunk({"content": "Hel"})], end=CUT))
    assert call.output_messages[0].parts == ({"type": "text", "content": "Hel"},)
    assert call.usage == Usage()
    assert call.usage.input_tokens is None
    assert not call.complete


def test_two_choices_are_two_messages():
    """Choices arrive interleaved and stay apart."""
    call = parse_llm_call(
        post(OPENAI, {**ASKED, "n": 2}),
        stream([chunk({"content": "a"}), chunk({"content": "b"}, index=1), chunk({}, "stop", 1)]),
    )
    assert [message.parts[0]["content"] for message in call.output_messages] == ["a", "b"]
    assert call.parameters[sc.REQUEST_CHOICE_COUNT] == 2
    assert call.finish_reasons == ("stop",)


def test_an_error_gives_the_providers_word():
    """A refused call keeps what was asked and why it failed."""
    body = {"error": {"message": "slow down", "type": "tokens", "code": "rate_limit_exceeded"}}
    call = parse_llm_call(post(OPENAI, ASKED), reply(body, 429))
    assert call.error_type == "rate_limit_exceeded"
    assert len(call.input_messages) == 4
    assert call.output_messages == ()


def test_reasoning_comes_before_the_answer():
    """Servers that show their reasoning give a part of its own."""
    body = {"choices": [{"message": {"content": "4", "reasoning_content": "2+2"}, "finish_reason": "stop"}]}
    call = parse_llm_call(post(OPENAI, ASKED), reply(body))
    assert [part["type"] for part in call.output_messages[0].parts] == ["reasoning", "text"]


def test_other_providers_on_the_same_dialect_are_named():
    """A known host names its provider; a gateway counts as the dialect's own."""
    for host, name in [
        ("api.groq.com/openai", "groq"),
        ("a.openai.azure.com", "azure.ai.openai"),
        ("gw.local", "openai"),
    ]:
        call = parse_llm_call(post(f"https://{host}/v1/chat/completions", ASKED), reply(ANSWER))
        assert call.provider == name
