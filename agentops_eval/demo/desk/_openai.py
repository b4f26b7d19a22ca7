"""The desk's agent on the openai SDK: Chat Completions with tools."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from agentops_eval.demo._clients import Clients
from agentops_eval.demo._extras import need
from agentops_eval.demo._llm import Llm, LlmNonsense, LlmUnavailable
from agentops_eval.demo.desk._worker import MAX_STEPS, Worker

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletionMessageFunctionToolCall as ToolCall
    from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
    from openai.types.chat.chat_completion import Choice

_CLIENTS: Clients[OpenAI] = Clients()


def converse(text: str, *, prompt: str, worker: Worker, llm: Llm) -> str:
    """Answer one customer: ask the llm, carry out its tool calls, until it has only words left."""
    need("openai")
    client = _client(llm.base_url, llm.api_key, llm.retries, llm.timeout_s)
    session = f"desk-{uuid.uuid4()}"
    messages: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": prompt},
        {"role": "user", "content": text},
    ]
    for _ in range(MAX_STEPS):
        try:
            choice = _ask(client, llm, messages, worker, session)
        except LlmUnavailable:
            return worker.ledger.apology()
        calls = [call for call in choice.message.tool_calls or [] if call.type == "function"]
        if not calls:
            return worker.ledger.answer(choice.message.content, complete=choice.finish_reason == "stop")
        messages.append(_said(choice, calls))
        for call in calls:
            outcome = worker.perform(call.function.name, _arguments(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": outcome.text})
    return worker.ledger.apology()


def _ask(
    client: OpenAI, llm: Llm, messages: list[ChatCompletionMessageParam], worker: Worker, session: str
) -> Choice:
    import openai
    from openai.types.chat import ChatCompletion

    tools = _tools(worker)

    def send(name: str) -> Choice:
        reply = client.chat.completions.create(
            model=name, messages=messages, tools=tools, safety_identifier=session
        )
        # The SDK does not check: a body that is no completion comes back as it is.
        if not isinstance(reply, ChatCompletion) or not reply.choices or reply.choices[0].message is None:
            raise LlmNonsense(f"{name} answered with no message")
        return reply.choices[0]

    transient = (
        LlmNonsense,
        openai.APIConnectionError,
        openai.APIResponseValidationError,
        openai.InternalServerError,
        openai.RateLimitError,
        json.JSONDecodeError,
    )
    try:
        return llm.ask(send, transient=transient)
    except openai.APIError as error:  # such as a refused key or a conversation that is too long
        raise LlmUnavailable(str(error)) from error


def _tools(worker: Worker) -> list[ChatCompletionToolParam]:
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in worker.tools.values()
    ]


def _said(choice: Choice, calls: list[ToolCall]) -> ChatCompletionMessageParam:
    return {
        "role": "assistant",
        "content": choice.message.content,
        "tool_calls": [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.function.name, "arguments": call.function.arguments},
            }
            for call in calls
        ],
    }


def _arguments(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _client(base_url: str | None, api_key: str | None, retries: int, timeout_s: float) -> OpenAI:
    import os

    from openai import OpenAI

    key = api_key or os.environ.get("OPENAI_API_KEY") or "unset"
    url = base_url or os.environ.get("OPENAI_BASE_URL") or None  # as the SDK reads it, once for each client
    return _CLIENTS.get(
        (url, key, retries, timeout_s),
        lambda: OpenAI(base_url=url, api_key=key, max_retries=retries, timeout=timeout_s),
    )
