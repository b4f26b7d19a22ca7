"""The operational review of a month: what was spent, why, how promises stand, what to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from agentops_eval.domain._operations import CostForecast, Drift, ObjectiveStatus
from agentops_eval.domain._sheets import SheetLine

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """An amount in US dollars over ``calls`` llm calls. That of ``unknown`` of them is not in it."""

    usd: Decimal = _NOTHING
    calls: int = 0
    unknown: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            usd=self.usd + other.usd, calls=self.calls + other.calls, unknown=self.unknown + other.unknown
        )

    @property
    def whole(self) -> Decimal | None:
        """The amount where it is of all calls; None where that of any is unknown."""
        return None if self.unknown else self.usd


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmUse:
    """What an agent used of one llm in a month. ``tokens`` are None where those of any call are unknown."""

    llm: str
    spent: Spent = field(default_factory=Spent)
    tokens: int | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUse:
    """What an agent used of one tool in a month. Traces tell no price of a tool's call."""

    tool: str
    calls: int = 0
    failed: int = 0
    retried: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentMonth:
    """One agent's month.

    ``lost`` went into llm calls that failed or were made again, in runs that did not fail;
    ``failed_spent`` went into the ``failed`` runs, whatever for.
    """

    agent: str
    runs: int = 0
    failed: int = 0
    llms: tuple[LlmUse, ...] = ()
    tools: tuple[ToolUse, ...] = ()
    lost: Spent = field(default_factory=Spent)
    failed_spent: Spent = field(default_factory=Spent)

    @property
    def spent(self) -> Spent:
        """All of it."""
        return sum((one.spent for one in self.llms), Spent())


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendChange:
    """What one agent's spending on one llm changed by, and why. The parts add up to the change, exactly.

    ``volume`` is the part of the number of runs, ``tokens`` that of tokens per run, ``price`` that of dollars
    per token. Where tokens are not told, ``unsplit`` is what a run costs more or less, for either reason. All
    are None where a cost is unknown.
    """

    agent: str
    llm: str
    before: Decimal | None
    after: Decimal | None
    volume: Decimal | None = None
    tokens: Decimal | None = None
    price: Decimal | None = None
    unsplit: Decimal | None = None

    @property
    def change(self) -> Decimal | None:
        """After minus before; None where either is unknown."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewStep:
    """What to change, and what shows it. ``risk`` is from 1 to 5, ``usd`` what it costs a month as it is."""

    do: SheetLine
    shown_by: SheetLine
    command: str
    risk: int
    usd: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReview:
    """The review of ``month`` (``2026-10``), against the month before it.

    ``incidents`` counts classes of incidents before and after. ``statuses`` are of the end of the month,
    ``statuses_before`` of its beginning.
    """

    month: str
    former: str
    runs: int
    runs_before: int
    spent: Spent
    spent_before: Spent
    agents: tuple[AgentMonth, ...] = ()
    agents_before: tuple[AgentMonth, ...] = ()
    changes: tuple[SpendChange, ...] = ()
    statuses: tuple[ObjectiveStatus, ...] = ()
    statuses_before: tuple[ObjectiveStatus, ...] = ()
    incidents: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    drifts: tuple[Drift, ...] = ()
    forecast: CostForecast | None = None
    steps: tuple[ReviewStep, ...] = ()
