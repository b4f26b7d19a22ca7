"""Nanoseconds since the epoch as a date."""

from __future__ import annotations

from datetime import UTC, datetime

from agentops_eval.traces import semconv as sc

_LATEST_NS = 4_102_444_800 * 10**9  # the year 2100: a time beyond it is a mistake


def moment_of(time_ns: int) -> datetime | None:
    """The date of a time, UTC; None where the clock is logical, or the time beyond this century."""
    if sc.is_logical(time_ns) or not 0 <= time_ns < _LATEST_NS:
        return None
    seconds, rest = divmod(time_ns, 10**9)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)
