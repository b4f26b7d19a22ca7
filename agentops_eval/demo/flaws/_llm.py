"""The scripted llm of the flawed agents, asked through the real SDK, in this process."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agentops_eval.demo._extras import need
from agentops_eval.testing import Rule, ScriptedLlm

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionToolUnionParam


@contextmanager
def scripted(*rules: Rule, retries: int = 0, timeout_s: float = 30.0) -> Generator[openai.OpenAI]:
    """A client of the openai SDK whose llm answers by these rules. Raises ExtraMissing without it."""
    need("openai")
    import httpx2
    import openai

    transport = httpx2.MockTransport(ScriptedLlm(rules))
    with openai.OpenAI(
        base_url="http://llm.invalid/v1",
        api_key="unused",
        max_retries=retries,
        timeout=timeout_s,
        http_client=httpx2.Client(transport=transport),
    ) as client:
        yield client


REFUND_TOOL: ChatCompletionToolUnionParam = {
    "type": "function",
    "function": {"name": "issue_refund", "parameters": {"type": "object", "properties": {}}},
}
"""What an llm is told of the tool that refunds."""
