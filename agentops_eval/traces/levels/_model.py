"""Service levels of many runs: what they came to, how long steps took, how tools behaved, what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from agentops_eval.traces._error_class import ErrorClass
from agentops_eval.traces.levels._bill import Bill
from agentops_eval.traces.levels._quantiles import Quantiles

DIMENSIONS = ("agent", "task", "team", "tenant", "use_case", "llm")
STEP_TYPES = ("run", "agent", "llm", "tool", "human", "http", "step")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """How runs ended. Those that an infrastructure error ended, and the unknown, are in no rate."""

    completed: int = 0
    failed: int = 0
    infrastructure: int = 0
    unknown: int = 0

    @property
    def runs(self) -> int:
        """All of them."""
        return self.completed + self.failed + self.infrastructure + self.unknown

    @property
    def success_rate(self) -> float | None:
        """The share of completed runs among those that completed or failed; None where there is neither."""
        judged = self.completed + self.failed
        return self.completed / judged if judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLevels:
    """How one tool behaved. ``errors`` counts its failed calls by class."""

    name: str
    calls: int
    errors: Mapping[ErrorClass, int]
    retries: int
    latency_ms: Quantiles

    @property
    def failed(self) -> int:
        """Calls that ended in an error."""
        return sum(self.errors.values())

    @property
    def reliability(self) -> float | None:
        """The share of calls without error, where infrastructure errors are left out; None without any."""
        judged = self.calls - self.errors.get(ErrorClass.INFRASTRUCTURE, 0)
        return (self.calls - self.failed) / judged if judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WasteLevels:
    """Calls that were made again. ``lost`` is what llm calls took that failed or were superseded."""

    llm_retries: int
    tool_retries: int
    lost: Bill


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The part of one value, such as one team's; ``value`` is None for what is attributed to nobody.

    ``endings`` are those of the runs whose root has the value; of an llm they are None, for a run may
    use several. ``latency_ms`` is that of its llm calls.
    """

    value: str | None
    endings: Endings | None
    bill: Bill
    latency_ms: Quantiles

    @property
    def cost_per_success(self) -> Decimal | None:
        """The cost of everything attributed here for each completed run."""
        return None if self.endings is None else self.bill.per(self.endings.completed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevels:
    """Everything that ``trace stats`` tells. What is unknown is None, and counted.

    ``errors`` counts failed steps by step type and class. ``groups`` holds the rows of each dimension
    that was asked for; the bills of its rows add up to ``bill``, exactly. ``unpriced`` counts the calls
    of each llm that no table knows; ``without_clock`` the runs whose clock is logical, as that of goldens.
    """

    endings: Endings
    latency_ms: Mapping[str, Quantiles]
    first_chunk_ms: Quantiles
    tokens_per_run: Quantiles
    errors: Mapping[str, Mapping[ErrorClass, int]]
    tools: tuple[ToolLevels, ...]
    waste: WasteLevels
    bill: Bill
    groups: Mapping[str, tuple[Row, ...]]
    unpriced: Mapping[str, int] = field(default_factory=dict)
    without_clock: int = 0

    @property
    def cost_per_success(self) -> Decimal | None:
        """The cost of all runs, also those that failed, for each that completed."""
        return self.bill.per(self.endings.completed)
