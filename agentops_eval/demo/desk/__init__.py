"""A shop's sales and support desk, whose agent is written on the openai and on the anthropic SDK."""

from agentops_eval.demo._llm import Llm, LlmUnavailable
from agentops_eval.demo.desk._agents import (
    CHANGED_SENTENCE,
    REQUESTS,
    anthropic_agent,
    changed_openai_agent,
    changed_prompt,
    desk_prompt,
    openai_agent,
)
from agentops_eval.demo.desk._desk import Desk, Refused
from agentops_eval.demo.desk._rules import desk_rules

__all__ = [
    "CHANGED_SENTENCE",
    "REQUESTS",
    "Desk",
    "Llm",
    "LlmUnavailable",
    "Refused",
    "anthropic_agent",
    "changed_openai_agent",
    "changed_prompt",
    "desk_prompt",
    "desk_rules",
    "openai_agent",
]
