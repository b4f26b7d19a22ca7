"""What the columns of samples are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where a row of samples tells what a gate asks for.

    Each is the name of a column, or with dots the way into nested objects (``spend.cost_usd``). ``metrics``
    has the column of each metric that is not called as the metric is. In traces a name that differs from
    the default is an attribute of the run's root span.
    """

    case: str = "case"
    trial: str = "trial"
    passed: str = "passed"
    error: str = "error"
    at: str = "at"
    stage: str = "stage"
    arm: str = "arm"
    trace: str = "trace"
    answer: str = "answer"
    recording: str = "recording"
    metrics: Mapping[str, str] = field(default_factory=dict)
