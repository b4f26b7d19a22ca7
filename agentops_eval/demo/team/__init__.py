"""A small team: a supervisor and two specialists, async, that hand work to each other."""

from agentops_eval.demo.team._agents import REQUESTS, team_agent
from agentops_eval.demo.team._rules import team_rules

__all__ = ["REQUESTS", "team_agent", "team_rules"]
