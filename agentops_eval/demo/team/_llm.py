"""How the team asks its llm: OpenAI Responses, async, one client per conversation."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from agentops_eval.demo._llm import Llm, LlmNonsense, LlmUnavailable
from agentops_eval.demo._tooling import LlmTool

if TYPE_CHECKING:
    from openai.types.responses import FunctionToolParam, Response, ResponseInputItemParam

Asker: TypeAlias = "Callable[[str, list[ResponseInputItemParam], Sequence[LlmTool]], Awaitable[Response]]"


@asynccontextmanager
async def asker(llm: Llm) -> AsyncGenerator[Asker]:
    """Open a client and give the function that asks the llm. Connections end with the event loop's work."""
    import openai
    from openai.types.responses import Response

    transient = _transient()
    key = llm.api_key or os.environ.get("OPENAI_API_KEY") or "unset"
    http_client = openai.DefaultAsyncHttpxClient(verify=_certificates())
    async with openai.AsyncOpenAI(
        base_url=llm.base_url,
        api_key=key,
        max_retries=llm.retries,
        timeout=llm.timeout_s,
        http_client=http_client,
    ) as client:

        async def ask(prompt: str, items: list[ResponseInputItemParam], tools: Sequence[LlmTool]) -> Response:
            offered = [_param(tool) for tool in tools]

            async def send(name: str) -> Response:
                reply = await client.responses.create(
                    model=name, instructions=prompt, input=items, tools=offered, store=False
                )
                # The SDK does not check: a body that is no response comes back as it is.
                if not isinstance(reply, Response) or not isinstance(reply.output, list):
                    raise LlmNonsense(f"{name} answered with no response")
                if reply.status != "completed":
                    raise LlmNonsense(f"{name} answered with a response that is {reply.status}")
                return reply

            try:
                return await llm.ask_async(send, transient=transient)
            except openai.APIError as error:
                raise LlmUnavailable(str(error)) from error

        yield ask


def _transient() -> tuple[type[Exception], ...]:
    import openai

    return (
        LlmNonsense,
        openai.APIConnectionError,
        openai.APIResponseValidationError,
        openai.InternalServerError,
        openai.RateLimitError,
        json.JSONDecodeError,
    )


def _param(tool: LlmTool) -> FunctionToolParam:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
        "strict": True,
    }


@cache
def _certificates() -> ssl.SSLContext:
    """Load the certificates once: it takes longer than a whole replay. Clients are bound to their loop."""
    return ssl.create_default_context()
