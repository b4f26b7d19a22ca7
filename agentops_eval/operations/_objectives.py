"""Objectives for an agent in operation: what is measured, and what is promised of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

DAY_S = 86_400.0


class Indicator(StrEnum):
    """What is measured."""

    TASK_SUCCESS = "task-success"
    NOT_DEGRADED = "not-degraded"
    LATENCY = "latency"
    TOOL_RELIABILITY = "tool-reliability"
    HUMAN_WAIT = "human-wait"
    COST_PER_SUCCESS = "cost-per-success"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One promise over a sliding window.

    ``target`` is the least share of good events, below 1; of agreement the least kappa; of cost per success
    the most US dollars. A step is good that takes at most ``below_s``. ``step`` is the type of steps that
    latency is of, ``tool`` a glob over tools, ``errors`` the classes of errors that count against them.
    ``min_events`` are needed before anything is said; by default so many that the error budget is one event,
    or 30 where there is no budget.
    """

    name: str
    indicator: Indicator
    target: float
    window_days: float = 30.0
    step: str = "run"
    tool: str = "*"
    below_s: float | None = None
    errors: tuple[str, ...] = ("transient", "permanent")
    min_events: int | None = None

    @property
    def counts_events(self) -> bool:
        """Whether good events are counted, so that there is an error budget."""
        return self.indicator not in (Indicator.COST_PER_SUCCESS, Indicator.AGREEMENT)

    @property
    def budget(self) -> float:
        """The share of events that may be bad."""
        return 1 - self.target

    @property
    def needed(self) -> int:
        """How many events there have to be before anything is said."""
        if self.min_events is not None:
            return self.min_events
        return math.ceil(round(1 / self.budget, 6)) if self.counts_events else 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Objectives:
    """What a file of objectives says of one agent."""

    agent: str = ""
    objectives: tuple[Objective, ...] = ()
