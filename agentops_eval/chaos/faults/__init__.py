"""Faults by name: ``faults.latency(seconds=8)``, ``faults.tool_error("get_order", nth=2)``.

The first argument is the target, a glob over what is called. Each also takes which calls are hit: ``nth``
(one number or several, from 1), ``after`` (so many are spared), ``until`` (the last that is hit),
``probability``, and ``site`` (one execution index).
"""

from agentops_eval.chaos.faults._agent import (
    agent_down,
    agent_stall,
    message_corrupted,
    message_delayed,
    message_duplicated,
    message_lost,
    message_reply_lost,
)
from agentops_eval.chaos.faults._fault import Hits, fault
from agentops_eval.chaos.faults._human import (
    approver_approves_all,
    approver_contradicts,
    approver_late,
    approver_rejects,
    approver_silent,
)
from agentops_eval.chaos.faults._machine import clock_jump, clock_skew, kill
from agentops_eval.chaos.faults._tool import (
    tool_duplicated,
    tool_empty,
    tool_error,
    tool_injection,
    tool_oversized,
    tool_partial,
    tool_reordered,
    tool_reply_lost,
    tool_schema_drift,
    tool_secret,
    tool_slow,
    tool_stale,
    tool_stall,
    tool_timeout,
    tool_wrong,
)

__all__ = [
    "Hits",
    "agent_down",
    "agent_stall",
    "approver_approves_all",
    "approver_contradicts",
    "approver_late",
    "approver_rejects",
    "approver_silent",
    "clock_jump",
    "clock_skew",
    "fault",
    "kill",
    "message_corrupted",
    "message_delayed",
    "message_duplicated",
    "message_lost",
    "message_reply_lost",
    "tool_duplicated",
    "tool_empty",
    "tool_error",
    "tool_injection",
    "tool_oversized",
    "tool_partial",
    "tool_reordered",
    "tool_reply_lost",
    "tool_schema_drift",
    "tool_secret",
    "tool_slow",
    "tool_stale",
    "tool_stall",
    "tool_timeout",
    "tool_wrong",
]
