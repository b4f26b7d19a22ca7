"""The agents of this project's own suites: those of the demo, under prompts that have versions."""

from __future__ import annotations

from pathlib import Path

from agentops_eval import prompt as read_prompt
from agentops_eval.demo.desk import Desk, Llm, anthropic_agent, openai_agent

PROMPTS = Path(__file__).parents[2] / "scenarios/prompts"


def desk_agent(text: str, *, desk: Desk, prompt: str = "1.0", url: str | None = None) -> str:
    """The sales and support desk on the openai SDK; ``url`` is that of the llm, where it is another."""
    llm = None if url is None else Llm(base_url=url, api_key="unset", retries=0)
    return openai_agent(text, desk=desk, prompt=_text(prompt), llm=llm)


def desk_agent_on_anthropic(text: str, *, desk: Desk, prompt: str = "1.0") -> str:
    """The same desk on the anthropic SDK."""
    return anthropic_agent(text, desk=desk, prompt=_text(prompt))


def _text(version: str) -> str:
    return read_prompt("desk", version, root=PROMPTS).text.strip()
