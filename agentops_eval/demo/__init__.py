"""Agents to try the product on: a shop's desk, a team that hands work over, and a starter project."""

from agentops_eval.demo._extras import need_sdks
from agentops_eval.demo._rules import demo_rules

__all__ = ["demo_rules", "need_sdks"]
