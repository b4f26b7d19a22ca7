"""The agents of this project's own suites: those of the demo, under prompts that have versions."""

from __future__ import annotations

from pathlib import Path

from agentops_eval import prompt as read_prompt
from agentops_eval.demo.desk import Desk, anthropic_agent, openai_agent

PROMPTS = Path(__file__).parents[2] / "scenarios/prompts"


def desk_agent(text: str, *, desk: Desk, prompt: str = "1.0") -> str:
    """The sales and support desk on the openai SDK."""
    return openai_agent(text, desk=desk, prompt=_text(prompt))


def desk_agent_on_anthropic(text: str, *, desk: Desk, prompt: str = "1.0") -> str:
    """The same desk on the anthropic SDK."""
    return anthropic_agent(text, desk=desk, prompt=_text(prompt))


def _text(version: str) -> str:
    return read_prompt("desk", version, root=PROMPTS).text.strip()
