"""The kinds of faults that checks inject, by what they are for; the first that fits a seam is taken."""

from collections.abc import Mapping

from agentops_eval.domain import Json

OUTAGE = ("tool_error", "agent_down", "server_error", "refused")
"""It fails at once, each time."""

SLOW_OUTAGE = ("tool_timeout", "agent_down", "timeout", "server_error")
"""It fails after a while: calls that come together meet."""

STALL = ("tool_stall", "agent_stall", "stall")
"""It never answers."""

SLOW = ("latency",)
"""It answers after a while."""

LOST = ("tool_reply_lost", "message_reply_lost", "reply_lost")
"""It is done, and the answer does not come."""

TWICE = ("tool_duplicated", "message_duplicated")
"""It is delivered twice."""

KILL = ("kill",)
"""The agent's process ends there, and is started again."""

RUNAWAY = ("answer_repeated", "tool_error", "agent_down", "server_error", "tool_empty", "tool_wrong")
"""What may keep a loop going: the same answer for ever, none, nothing in it, another each time."""

APPROVERS: tuple[tuple[str, Mapping[str, Json]], ...] = (
    ("approver_silent", {}),
    ("approver_late", {}),
    ("approver_rejects", {}),
    ("approver_contradicts", {}),
    ("approver_contradicts", {"how": "details"}),
)
"""Whoever is asked does not approve, or not in time, or not for long, or something else."""

OVERLOAD = (("latency",), ("tool_timeout", "rate_limit", "agent_down"))
"""What a service does under load: it is slow, or it answers no more."""
