"""All rules of the demo's scripted llm, for one server that serves every demo agent."""

from __future__ import annotations

from agentops_eval.demo.desk._rules import desk_rules
from agentops_eval.demo.starter import starter_rules
from agentops_eval.demo.team._rules import team_rules
from agentops_eval.testing import Rule


def demo_rules() -> tuple[Rule, ...]:
    """Give the rules with which an ``LlmServer`` plays the llm of every demo agent.

    They read the policy from the system prompt, so that a changed sentence changes what the llm
    does, and they never claim a success that the tools did not report.
    """
    return (*team_rules(), *desk_rules(), *starter_rules())
