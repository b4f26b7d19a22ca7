"""Gemini's generateContent."""

from __future__ import annotations

import json

import pytest

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.llm import Usage, parse_llm_call
from tests.traces._kit import GEMINI, post, reply, stream

ASKED = {
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "generationConfig": {"temperature": 0.5, "maxOutputTokens": 64, "responseMimeType": "application/json"},
    "tools": [
        {"functionDeclarations": [{"name": "add", "parameters": {"type": "OBJECT"}}]},
        {"googleSearch": {}},
    ],
    "contents": [
        {
            "role": "user",
            "parts": [{"text": "2+3?"}, {"inlineData": {"mimeType": "image/png", "data": "QUJD"}}],
        },
        {
            "role": "model",
            "parts": [{"functionCall": {"name": "add", "args": {"a": 2}}, "thoughtSignature": "x"}],
        },
        {"role": "user", "parts": [{"functionResponse": {"name": "add", "response": {"sum": 5}}}]},
    ],
}
COUNTED = {
    "promptTokenCount": 57,
    "candidatesTokenCount": 27,
    "thoughtsTokenCount": 4,
    "cachedContentTokenCount": 16,
}


def answer(*parts, reason="STOP", **more):
    return {
        "candidates": [
            {"content": {"role": "model", "parts": list(parts)}, "finishReason": reason, "index": 0}
        ],
        "modelVersion": "gemini-test-001",
        "responseId": "r1",
        **more,
    }


def test_a_whole_exchange_is_read():
    """The llm's name stands in the address; thoughts count as output."""
    body = answer({"text": "Add.", "thought": True}, {"text": "5"}, usageMetadata=COUNTED)
    call = parse_llm_call(post(GEMINI, ASKED), reply(body))
    assert (call.provider, call.request_model, call.response_model) == (
        "gcp.gemini",
        "gemini-test",
        "gemini-test-001",
    )
    assert call.parameters == {sc.REQUEST_TEMPERATURE: 0.5, sc.REQUEST_MAX_TOKENS: 64, sc.OUTPUT_TYPE: "json"}
    assert [message.role for message in call.input_messages] == ["user", "assistant", "tool"]
    assert call.input_messages[0].parts[1] == {
        "type": "blob",
        "modality": "image",
        "content": "QUJD",
        "mime_type": "image/png",
    }
    assert call.input_messages[1].parts == ({"type": "tool_call", "name": "add", "arguments": {"a": 2}},)
    assert [part["type"] for part in call.output_messages[0].parts] == ["reasoning", "text"]
    assert call.tool_definitions[1] == {"type": "googleSearch"}
    assert call.usage == Usage(input_tokens=57, output_tokens=31, cache_read_tokens=16, reasoning_tokens=4)
    assert (call.finish_reasons, call.complete) == (("stop",), True)


def test_snake_case_is_read_too():
    """The API takes both spellings."""
    asked = {
        "contents": [{"parts": [{"inline_data": {"mime_type": "audio/wav", "data": "QUJD"}}]}],
        "system_instruction": {"parts": [{"text": "Hi"}]},
        "generation_config": {"max_output_tokens": 5, "top_p": 0.5},
    }
    call = parse_llm_call(post(GEMINI, asked), reply(answer({"text": "x"})))
    assert call.parameters == {sc.REQUEST_MAX_TOKENS: 5, sc.REQUEST_TOP_P: 0.5}
    assert call.system_instructions == ({"type": "text", "content": "Hi"},)
    assert call.input_messages[0].parts[0]["modality"] == "audio"


PIECES = [
    answer({"text": "It "}, reason=None),
    answer({"text": "is 5."}, reason="MAX_TOKENS", usageMetadata=COUNTED),
]


@pytest.mark.parametrize("form", ["events", "array"])
def test_streams_are_joined(form):
    """Chunks come as events or as one array; texts in a row are one part."""
    url = GEMINI.replace(":generateContent", ":streamGenerateContent?alt=sse")
    answered = stream(PIECES) if form == "events" else reply(json.dumps(PIECES).encode())
    call = parse_llm_call(post(url, ASKED), answered)
    assert call.output_messages[0].parts == ({"type": "text", "content": "It is 5."},)
    assert (call.finish_reasons, call.usage.output_tokens, call.streamed) == (("length",), 31, True)


def test_a_blocked_prompt_is_an_error():
    """No candidate and a block reason: the call failed."""
    call = parse_llm_call(post(GEMINI, ASKED), reply({"promptFeedback": {"blockReason": "SAFETY"}}))
    assert (call.error_type, call.output_messages) == ("SAFETY", ())


def test_an_error_status_gives_the_providers_word():
    """Google names the status in its body."""
    body = {"error": {"code": 429, "message": "x", "status": "RESOURCE_EXHAUSTED"}}
    assert parse_llm_call(post(GEMINI, ASKED), reply(body, 429)).error_type == "RESOURCE_EXHAUSTED"
