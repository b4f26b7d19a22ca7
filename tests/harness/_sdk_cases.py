"""Real SDK clients doing one thing each; every function gives all that its caller could see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import anthropic
import openai

ASK: list[Any] = [{"role": "user", "content": "Where is order 1042?"}]
LLM = "scripted-large"


def _openai(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=2)


def _openai_async(url: str) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=2)


def _anthropic(url: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=url, api_key="unused", max_retries=2)


def _anthropic_async(url: str) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(base_url=url, api_key="unused", max_retries=2)


def openai_chat(url: str) -> list[Any]:
    """Chat Completions, whole."""
    with _openai(url) as client:
        return [client.chat.completions.create(model=LLM, messages=ASK).model_dump()]


def openai_chat_stream(url: str) -> list[Any]:
    """Chat Completions, streamed."""
    with _openai(url) as client:
        stream = client.chat.completions.create(
            model=LLM, messages=ASK, stream=True, stream_options={"include_usage": True}
        )
        return [chunk.model_dump() for chunk in stream]


def openai_chat_async(url: str) -> list[Any]:
    """Chat Completions, whole, asyncio."""

    async def main() -> list[Any]:
        async with _openai_async(url) as client:
            return [(await client.chat.completions.create(model=LLM, messages=ASK)).model_dump()]

    return asyncio.run(main())


def openai_chat_stream_async(url: str) -> list[Any]:
    """Chat Completions, streamed, asyncio."""

    async def main() -> list[Any]:
        async with _openai_async(url) as client:
            stream = await client.chat.completions.create(model=LLM, messages=ASK, stream=True)
            return [chunk.model_dump() async for chunk in stream]

    return asyncio.run(main())


def openai_responses(url: str) -> list[Any]:
    """Responses, whole."""
    with _openai(url) as client:
        return [client.responses.create(model=LLM, input="Where is order 1042?").model_dump()]


def openai_responses_stream(url: str) -> list[Any]:
    """Responses, streamed."""
    with _openai(url) as client:
        stream = client.responses.create(model=LLM, input="Where is order 1042?", stream=True)
        return [event.model_dump() for event in stream]


def openai_responses_async(url: str) -> list[Any]:
    """Responses, whole, asyncio."""

    async def main() -> list[Any]:
        async with _openai_async(url) as client:
            return [(await client.responses.create(model=LLM, input="Where is order 1042?")).model_dump()]

    return asyncio.run(main())


def openai_responses_stream_async(url: str) -> list[Any]:
    """Responses, streamed, asyncio."""

    async def main() -> list[Any]:
        async with _openai_async(url) as client:
            stream = await client.responses.create(model=LLM, input="Where is order 1042?", stream=True)
            return [event.model_dump() async for event in stream]

    return asyncio.run(main())


def anthropic_messages(url: str) -> list[Any]:
    """Messages, whole."""
    with _anthropic(url) as client:
        return [client.messages.create(model=LLM, max_tokens=200, messages=ASK).model_dump()]


def anthropic_messages_stream(url: str) -> list[Any]:
    """Messages, streamed."""
    with _anthropic(url) as client:
        stream = client.messages.create(model=LLM, max_tokens=200, messages=ASK, stream=True)
        return [event.model_dump() for event in stream]


def anthropic_messages_async(url: str) -> list[Any]:
    """Messages, whole, asyncio."""

    async def main() -> list[Any]:
        async with _anthropic_async(url) as client:
            return [(await client.messages.create(model=LLM, max_tokens=200, messages=ASK)).model_dump()]

    return asyncio.run(main())


def anthropic_messages_stream_async(url: str) -> list[Any]:
    """Messages, streamed, asyncio."""

    async def main() -> list[Any]:
        async with _anthropic_async(url) as client:
            stream = await client.messages.create(model=LLM, max_tokens=200, messages=ASK, stream=True)
            return [event.model_dump() async for event in stream]

    return asyncio.run(main())


def openai_failing(url: str) -> list[Any]:
    """An error status that the client does not retry, as its exception."""
    with _openai(url) as client:
        try:
            client.chat.completions.create(model="refused", messages=ASK)
        except openai.APIStatusError as error:
            return [type(error).__name__, error.status_code, str(error)]
    raise AssertionError("nothing was raised")


def anthropic_rate_limited(url: str) -> list[Any]:
    """Two 429 with Retry-After, then an answer, through the client's own retries."""
    with _anthropic(url) as client:
        reply = client.messages.create(model="limited", max_tokens=200, messages=ASK)
        return [reply.model_dump()]


def openai_cut_stream(url: str) -> list[Any]:
    """A stream that breaks after two chunks: what came before, and the exception."""
    seen: list[Any] = []
    with _openai(url) as client:
        try:
            for chunk in client.chat.completions.create(model="cut", messages=ASK, stream=True):
                seen.append(chunk.model_dump())
        except (openai.APIError, Exception) as error:  # the SDK decides which: that is the point
            seen.append([type(error).__name__, str(error)])
    return seen


def openai_refused(url: str) -> list[Any]:
    """Nobody listens: the SDK's exception, after its own retries."""
    del url
    with _openai("http://127.0.0.1:9") as client:
        try:
            client.chat.completions.create(model=LLM, messages=ASK)
        except openai.APIConnectionError as error:
            return [type(error).__name__, str(error), type(error.__cause__).__name__]
    raise AssertionError("nothing was raised")


CASES: tuple[Callable[[str], list[Any]], ...] = (
    openai_chat,
    openai_chat_stream,
    openai_chat_async,
    openai_chat_stream_async,
    openai_responses,
    openai_responses_stream,
    openai_responses_async,
    openai_responses_stream_async,
    anthropic_messages,
    anthropic_messages_stream,
    anthropic_messages_async,
    anthropic_messages_stream_async,
    openai_failing,
    anthropic_rate_limited,
    openai_cut_stream,
    openai_refused,
)
