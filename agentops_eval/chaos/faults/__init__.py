"""Faults by name: ``faults.latency(seconds=8)``, ``faults.tool_error("get_order", nth=2)``.

The first argument is the target, a glob over what is called. Each also takes which calls are hit: ``nth``
(one number or several, from 1), ``after`` (so many are spared), ``until`` (the last that is hit),
``probability``, and ``site`` (one execution index).
"""

from __future__ import annotations

from typing import Unpack

from agentops_eval.chaos.faults._hits import Hits, fault
from agentops_eval.chaos.faults._http import (
    content_filter,
    context_length,
    expired_auth,
    latency,
    length_stop,
    llm_degraded,
    llm_swapped,
    malformed_json,
    overloaded,
    price_spike,
    quota_exhausted,
    rate_limit,
    refused,
    reply_lost,
    reset,
    server_error,
    slow_drip,
    stall,
    stream_cut,
    stream_duplicated,
    stream_empty,
    stream_reordered,
    timeout,
    torn_arguments,
    truncated_json,
    wrong_content_type,
)
from agentops_eval.chaos.faults._mcp import (
    mcp_crash,
    mcp_invalid_result,
    mcp_protocol_error,
    mcp_restart,
    mcp_tools_changed,
)
from agentops_eval.domain import Fault


def tool_error(target: str = "*", *, permanent: bool = False, **hits: Unpack[Hits]) -> Fault:
    """The tool raises before it did anything: ConnectionError, or PermissionError where ``permanent``."""
    return fault("tool_error", target, hits=hits, permanent=permanent)


def tool_reply_lost(target: str = "*", *, after_s: float = 10.0, **hits: Unpack[Hits]) -> Fault:
    """The tool does its work, and its caller sees a timeout ``after_s`` seconds later."""
    return fault("tool_reply_lost", target, hits=hits, after_s=after_s)


__all__ = [
    "Hits",
    "content_filter",
    "context_length",
    "expired_auth",
    "fault",
    "latency",
    "length_stop",
    "llm_degraded",
    "llm_swapped",
    "malformed_json",
    "mcp_crash",
    "mcp_invalid_result",
    "mcp_protocol_error",
    "mcp_restart",
    "mcp_tools_changed",
    "overloaded",
    "price_spike",
    "quota_exhausted",
    "rate_limit",
    "refused",
    "reply_lost",
    "reset",
    "server_error",
    "slow_drip",
    "stall",
    "stream_cut",
    "stream_duplicated",
    "stream_empty",
    "stream_reordered",
    "timeout",
    "tool_error",
    "tool_reply_lost",
    "torn_arguments",
    "truncated_json",
    "wrong_content_type",
]
