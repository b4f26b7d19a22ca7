"""The kinds of faults that checks inject, by what they are for; the first that fits a call's seam is taken."""

OUTAGE = ("tool_error", "agent_down", "server_error", "refused")
"""It fails at once, each time."""

SLOW_OUTAGE = ("tool_timeout", "agent_down", "timeout", "server_error")
"""It fails after a while: calls that come together meet."""

STALL = ("tool_stall", "stall", "message_delayed")
"""It never answers."""

SLOW = ("tool_slow", "latency", "message_delayed")
"""It answers after a while."""

LOST = ("tool_reply_lost", "message_lost")
"""It is done, and the answer does not come."""

TWICE = ("tool_duplicated", "message_duplicated")
"""It is delivered twice."""
