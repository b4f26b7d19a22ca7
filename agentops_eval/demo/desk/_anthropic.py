"""The desk's agent on the anthropic SDK: streamed Messages with tools."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from agentops_eval.demo._clients import Clients
from agentops_eval.demo._extras import need
from agentops_eval.demo._llm import Llm, LlmNonsense, LlmUnavailable
from agentops_eval.demo.desk._worker import MAX_STEPS, Worker

if TYPE_CHECKING:
    from anthropic import Anthropic
    from anthropic.types import Message, MessageParam, ToolParam, ToolResultBlockParam

_MAX_TOKENS = 1024

_CLIENTS: Clients[Anthropic] = Clients()


def converse(text: str, *, prompt: str, worker: Worker, llm: Llm) -> str:
    """Answer one customer: ask the llm, carry out its tool uses, until it has only words left."""
    need("anthropic")
    client = _client(llm.base_url, llm.api_key, llm.retries, llm.timeout_s)
    session = f"desk-{uuid.uuid4()}"
    messages: list[MessageParam] = [{"role": "user", "content": text}]
    for _ in range(MAX_STEPS):
        try:
            reply = _ask(client, llm, messages, worker, prompt, session)
        except LlmUnavailable:
            return worker.ledger.apology()
        uses = [block for block in reply.content if block.type == "tool_use"]
        if not uses:
            said = "".join(block.text for block in reply.content if block.type == "text")
            return worker.ledger.answer(said, complete=reply.stop_reason == "end_turn")
        messages.append(reply.to_param())
        results: list[ToolResultBlockParam] = []
        for use in uses:
            outcome = worker.perform(use.name, use.input)
            results.append(
                {
                    "type": "tool_result",
                    "tool_use_id": use.id,
                    "content": outcome.text,
                    "is_error": outcome.failed,
                }
            )
        messages.append({"role": "user", "content": results})
    return worker.ledger.apology()


def _ask(
    client: Anthropic, llm: Llm, messages: list[MessageParam], worker: Worker, prompt: str, session: str
) -> Message:
    import anthropic
    import httpx2

    tools = _tools(worker)

    def send(name: str) -> Message:
        with client.messages.stream(
            model=name,
            max_tokens=_MAX_TOKENS,
            system=prompt,
            messages=messages,
            tools=tools,
            metadata={"user_id": session},
        ) as stream:
            try:
                reply = stream.get_final_message()
            except AssertionError as error:  # the SDK asserts that a message began
                raise LlmNonsense(f"{name} answered with no message") from error
        if reply.stop_reason is None:
            raise LlmNonsense(f"{name} broke off")
        return reply

    transient = (
        LlmNonsense,
        anthropic.APIConnectionError,
        anthropic.APIResponseValidationError,
        anthropic.InternalServerError,
        anthropic.RateLimitError,
        httpx2.TransportError,  # the SDK lets a broken stream through as it is
        json.JSONDecodeError,
    )
    try:
        return llm.ask(send, transient=transient)
    except anthropic.APIError as error:  # such as a refused key or a conversation that is too long
        raise LlmUnavailable(str(error)) from error


def _tools(worker: Worker) -> list[ToolParam]:
    return [
        {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}
        for tool in worker.tools.values()
    ]


def _client(base_url: str | None, api_key: str | None, retries: int, timeout_s: float) -> Anthropic:
    import os

    from anthropic import Anthropic

    key = api_key or os.environ.get("ANTHROPIC_API_KEY") or "unset"
    url = (
        base_url or os.environ.get("ANTHROPIC_BASE_URL") or None
    )  # as the SDK reads it, once for each client
    return _CLIENTS.get(
        (url, key, retries, timeout_s),
        lambda: Anthropic(base_url=url, api_key=key, max_retries=retries, timeout=timeout_s),
    )
