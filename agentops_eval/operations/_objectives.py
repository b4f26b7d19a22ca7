"""Objectives for an agent in operation: what is measured, and what is promised of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agentops_eval.domain import Tier
from agentops_eval.operations._tiers import TierRule

DAY_S = 86_400.0


class Indicator(StrEnum):
    """What is measured."""

    TASK_SUCCESS = "task-success"
    DEGRADED_SHARE = "degraded-share"
    LATENCY = "latency"
    TOOL_RELIABILITY = "tool-reliability"
    HUMAN_WAIT = "human-wait"
    COST_PER_SUCCESS = "cost-per-success"
    AGREEMENT = "reviewer-agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One promise over a sliding window.

    ``target`` is the least share of good events, below 1 (of the degraded share: of runs that were not); of
    reviewers' agreement the least kappa; of cost per success the most US dollars. A step is good that takes
    at most ``below_s``. ``step`` is the type of steps that latency is of, ``tool`` a glob over tools,
    ``errors`` the classes of errors that count against them. ``min_events`` are needed before anything is
    said; by default so many that the error budget is one event, or 30 where there is no budget.
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
    def subject(self) -> str:
        """What evidence calls the indicator: ``latency-llm``."""
        of = f"-{self.step}" if self.indicator is Indicator.LATENCY else ""
        return f"{self.indicator.value}{of}"

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
class Escalation:
    """How long a person may take to answer about a class of actions, and the role that is asked then."""

    after_s: float
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Objectives:
    """What a file of objectives says of one agent. ``tiers`` are those in which classes of actions begin."""

    agent: str = ""
    objectives: tuple[Objective, ...] = ()
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    rule: TierRule = field(default_factory=TierRule)
    escalation: Mapping[str, Escalation] = field(default_factory=dict)
