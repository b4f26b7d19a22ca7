"""Agents that ask an llm once through its real SDK, run under faults; what they saw, in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai

from agentops_eval.chaos import Limits
from agentops_eval.domain import Fault, FaultedRun, HttpReply, KeptBody, Schedule, Seam
from agentops_eval.harness import RecordMode, Settings, open_run
from agentops_eval.harness.faulting import Answers, Play, Runner, Subject
from agentops_eval.replay import read_cassette
from agentops_eval.seams import new_virtual_loop
from agentops_eval.testing import CallTools, Rule, Say, ScriptedLlm, ToolUse

ASK: list[Any] = [{"role": "user", "content": "Where is order 1042?"}]
TEXT = "Your order 1042 is on its way, and arrives in Zürich tomorrow."
SAYS = (Rule(then=Say(TEXT)),)
REFUND = ToolUse("issue_refund", {"order": 1042, "reason": "arrived broken today"})
ASKS = (Rule(then=CallTools([REFUND])),)
HOST = "http://llm.invalid"
LLM = "small"


def run(agent: Callable[[], object], *faults: Fault, seed: int = 0, deadline_s: float = 1e6) -> FaultedRun:
    """Run it in its world, in virtual time, under these faults."""
    subject = Subject(
        name="agent",
        begin=lambda: Play(call=agent),
        limits=Limits(deadline_s=deadline_s, calls=2000, repeats=0),
    )
    return Runner(subject)(Schedule(faults=faults, seed=seed))


def asks(found: FaultedRun) -> int:
    """How many requests left the client."""
    return sum(event.seam is Seam.HTTP for event in found.events)


def reply(found: FaultedRun, at: int = 0) -> HttpReply:
    """What the client got for its request of that number."""
    outcome = [event.outcome for event in found.events if event.seam is Seam.HTTP][at]
    assert isinstance(outcome, HttpReply)
    return outcome


def kept(found: FaultedRun, at: int = 0) -> KeptBody:
    """The body of that reply as the client read it."""
    body = reply(found, at).body
    assert isinstance(body, KeptBody)
    return body


def on_loop(main: Callable[[], Coroutine[Any, Any, Any]]) -> Callable[[], Any]:
    """The coroutine run on a loop of its own, whose time may be virtual."""

    def agent() -> Any:
        with asyncio.Runner(loop_factory=new_virtual_loop) as runner:
            return runner.run(main())

    return agent


def told(error: BaseException) -> str:
    """The class of an exception as its SDK exports it."""
    return f"{type(error).__module__.partition('.')[0]}.{type(error).__name__}"


def chat(
    rules: Sequence[Rule] = SAYS, *, retries: int = 0, timeout_s: float = 30.0, stream: bool = False
) -> Callable[[], str]:
    """OpenAI Chat Completions, synchronous."""

    def agent() -> str:
        with (
            httpx2.Client(transport=httpx2.MockTransport(ScriptedLlm(rules))) as http,
            openai.OpenAI(
                base_url=f"{HOST}/v1",
                api_key="unused",
                max_retries=retries,
                timeout=timeout_s,
                http_client=http,
            ) as client,
        ):
            try:
                return _chat_said(client.chat.completions.create(model=LLM, messages=ASK, stream=stream))
            except openai.OpenAIError as error:
                return told(error)
            except httpx2.HTTPError as error:
                return told(error)

    return agent


def _chat_said(answer: Any) -> str:
    if not isinstance(answer, openai.Stream):
        choice = answer.choices[0]
        return f"{choice.finish_reason}: {_message(choice.message)}"
    text, finish = "", "none"
    for chunk in answer:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            text += "".join(_arguments(one.function) for one in choice.delta.tool_calls or ())
            finish = choice.finish_reason or finish
    return f"{finish}: {text}"


def _message(message: Any) -> str:
    return (message.content or "") + "".join(_arguments(one.function) for one in message.tool_calls or ())


def _arguments(function: Any) -> str:
    return "" if function is None else function.arguments or ""


def chat_async(
    rules: Sequence[Rule] = SAYS, *, retries: int = 0, timeout_s: float = 30.0, stream: bool = False
) -> Callable[[], str]:
    """The same under asyncio."""

    async def main() -> str:
        async with (
            httpx2.AsyncClient(transport=httpx2.MockTransport(ScriptedLlm(rules))) as http,
            openai.AsyncOpenAI(
                base_url=f"{HOST}/v1",
                api_key="unused",
                max_retries=retries,
                timeout=timeout_s,
                http_client=http,
            ) as client,
        ):
            try:
                answer: Any = await client.chat.completions.create(model=LLM, messages=ASK, stream=stream)
                if not stream:
                    return _chat_said(answer)
                text, finish = "", "none"
                async for chunk in answer:
                    for choice in chunk.choices:
                        text += choice.delta.content or ""
                        finish = choice.finish_reason or finish
                return f"{finish}: {text}"
            except (openai.OpenAIError, httpx2.HTTPError) as error:
                return told(error)

    return on_loop(main)


def responses(
    rules: Sequence[Rule] = SAYS, *, retries: int = 0, timeout_s: float = 30.0, stream: bool = False
) -> Callable[[], str]:
    """OpenAI Responses, synchronous."""

    def agent() -> str:
        with (
            httpx2.Client(transport=httpx2.MockTransport(ScriptedLlm(rules))) as http,
            openai.OpenAI(
                base_url=f"{HOST}/v1",
                api_key="unused",
                max_retries=retries,
                timeout=timeout_s,
                http_client=http,
            ) as client,
        ):
            try:
                answer: Any = client.responses.create(model=LLM, input=ASK, stream=stream)
                if not stream:
                    return f"{answer.status}: {answer.output_text}"
                text, status = "", "none"
                for event in answer:
                    if event.type == "response.output_text.delta":
                        text += event.delta
                    if event.type in ("response.completed", "response.incomplete"):
                        status = event.response.status
                return f"{status}: {text}"
            except (openai.OpenAIError, httpx2.HTTPError) as error:
                return told(error)

    return agent


def messages(
    rules: Sequence[Rule] = SAYS, *, retries: int = 0, timeout_s: float = 30.0, stream: bool = False
) -> Callable[[], str]:
    """Anthropic Messages, synchronous."""

    def agent() -> str:
        with (
            httpx2.Client(transport=httpx2.MockTransport(ScriptedLlm(rules))) as http,
            anthropic.Anthropic(
                base_url=HOST, api_key="unused", max_retries=retries, timeout=timeout_s, http_client=http
            ) as client,
        ):
            try:
                if not stream:
                    answer = client.messages.create(model=LLM, max_tokens=100, messages=ASK)
                    return f"{answer.stop_reason}: {_blocks(answer)}"
                with client.messages.stream(model=LLM, max_tokens=100, messages=ASK) as events:
                    text = "".join(events.text_stream)
                    return f"{events.get_final_message().stop_reason}: {text}"
            except (anthropic.AnthropicError, httpx2.HTTPError) as error:
                return told(error)

    return agent


def _blocks(answer: Any) -> str:
    return "".join(block.text if block.type == "text" else repr(block.input) for block in answer.content)


def messages_async(
    rules: Sequence[Rule] = SAYS, *, retries: int = 0, timeout_s: float = 30.0, stream: bool = False
) -> Callable[[], str]:
    """The same under asyncio."""

    async def main() -> str:
        async with (
            httpx2.AsyncClient(transport=httpx2.MockTransport(ScriptedLlm(rules))) as http,
            anthropic.AsyncAnthropic(
                base_url=HOST, api_key="unused", max_retries=retries, timeout=timeout_s, http_client=http
            ) as client,
        ):
            try:
                if not stream:
                    answer = await client.messages.create(model=LLM, max_tokens=100, messages=ASK)
                    return f"{answer.stop_reason}: {_blocks(answer)}"
                async with client.messages.stream(model=LLM, max_tokens=100, messages=ASK) as events:
                    text = "".join([piece async for piece in events.text_stream])
                    return f"{(await events.get_final_message()).stop_reason}: {text}"
            except (anthropic.AnthropicError, httpx2.HTTPError) as error:
                return told(error)

    return on_loop(main)


CLIENTS = {
    "openai.chat": chat,
    "openai.chat async": chat_async,
    "openai.responses": responses,
    "anthropic": messages,
    "anthropic async": messages_async,
}


class Recorded:
    """An agent with its recording, which answers it from then on: the world is asked no more."""

    def __init__(self, agent: Callable[[], object], path: Path) -> None:
        self._agent, self._path = agent, path
        with open_run(path, Settings(record=RecordMode.ALL), case="agent"):
            agent()
        self._cassette = read_cassette(path)

    def run(self, *faults: Fault, seed: int = 0, deadline_s: float = 1e6) -> FaultedRun:
        """Replay it under these faults."""
        subject = Subject(
            name="agent",
            begin=lambda: Play(call=self._agent),
            answers=Answers.RECORDING,
            cassette=self._cassette,
            path=self._path,
            limits=Limits(deadline_s=deadline_s, calls=2000, repeats=0),
        )
        return Runner(subject)(Schedule(faults=faults, seed=seed))
