"""Operational measures of agents: calibration, objectives, drift, forecasts, incidents, tiers of autonomy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agentops_eval.domain._comparisons import Estimate
from agentops_eval.domain._findings import VerdictValue

_NOTHING = Estimate()

# -- calibration ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Forecasts between ``low`` and ``high``: how sure they were on average, and how often they came true.

    ``rate_low`` and ``rate_high`` are Wilson's limits of the rate.
    """

    low: float
    high: float
    n: int
    confidence: float
    rate: float
    rate_low: float
    rate_high: float

    @property
    def gap(self) -> float:
        """Confidence minus rate: above 0 is overconfident."""
        return self.confidence - self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The confidence from which runs of one class of actions may go without approval.

    ``value`` is None where no confidence suffices, or nobody can say (``verdict`` tells which: fail or
    unknown). ``error`` is the error rate at and above it, with its upper limit at most ``target``;
    ``covered`` the share of runs there. ``low`` and ``high`` are where it lies when runs are drawn again;
    ``high`` is None where that often finds none. ``n_needed`` is how many more runs are needed at least.
    """

    action: str
    verdict: VerdictValue
    target: float
    value: float | None = None
    low: float | None = None
    high: float | None = None
    error: Estimate = _NOTHING
    covered: float = 0.0
    n: int = 0
    n_needed: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """How far confidence can be taken at its word.

    Without ``n_needed`` more runs all estimates are unknown (None). ``noise`` is the error that perfectly
    calibrated confidences would show with so many runs. ``brier`` is ``reliability`` - ``resolution`` +
    ``uncertainty`` + ``within``, of bins of equal width. ``verdict`` fails where the lower limit of the
    error is above 0: chance does not explain it.
    """

    n: int
    verdict: VerdictValue = VerdictValue.UNKNOWN
    n_needed: int = 0
    ece: Estimate = _NOTHING
    ece_equal_mass: Estimate = _NOTHING
    mce: float | None = None
    noise: float | None = None
    brier: float | None = None
    reliability: float | None = None
    resolution: float | None = None
    uncertainty: float | None = None
    within: float | None = None
    bins: tuple[ReliabilityBin, ...] = ()
    bins_equal_mass: tuple[ReliabilityBin, ...] = ()
    thresholds: tuple[Threshold, ...] = ()


# -- objectives -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """One step of a run: its type, the tool's name, how long it took or waited, its class of error."""

    kind: str
    name: str = ""
    took_s: float | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What operations count of one run. None is not known, which is not zero.

    ``succeeded`` is None also where an error of the infrastructure ended it (``infrastructure``), which
    says nothing of the agent. ``at_s`` are seconds since 1970. ``group`` is whom its cost is counted for.
    """

    at_s: float
    succeeded: bool | None = None
    infrastructure: bool = False
    degraded: bool | None = None
    cost_usd: float | None = None
    took_s: float | None = None
    steps: tuple[StepFacts, ...] = ()
    group: str = ""
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """How fast an error budget is used up over one rule's windows; 1 uses it up just at the window's end.

    None where nothing happened in a window. It ``fires`` where both exceed ``threshold``.
    """

    severity: str
    threshold: float
    long_s: float
    short_s: float
    long: float | None = None
    short: float | None = None

    @property
    def fires(self) -> bool:
        """Whether somebody is to be told."""
        return min(self.long or 0.0, self.short or 0.0) > self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveStatus:
    """How one objective stood at the end of its window.

    ``indicator`` is what evidence calls it (``latency-llm``), ``level`` what was measured. Where events are
    counted, ``good`` of ``events`` were, ``unknown`` more could not be told, and ``budget_left`` is the
    share of the error budget that is left, below 0 where it was overdrawn. ``n_needed`` is how many more
    events are needed before anything can be said.
    """

    name: str
    indicator: str
    target: float
    verdict: VerdictValue
    window_days: float
    level: Estimate = _NOTHING
    good: int = 0
    events: int = 0
    unknown: int = 0
    budget_left: float | None = None
    burns: tuple[Burn, ...] = ()
    n_needed: int = 0
    why: str = ""

    @property
    def alerts(self) -> tuple[Burn, ...]:
        """The rules that fire."""
        return tuple(one for one in self.burns if one.fires)


# -- drift and forecasts --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """Where a series changed its level: ``at`` is the index of the first value after it.

    ``p_value`` is that of the permutation test of both neighbouring stretches.
    """

    at: int
    before: float
    after: float
    p_value: float
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What became of one measure from one period to the next. ``change`` is after minus before.

    ``verdict`` passes where nothing moved for the worse beyond ``tolerance``, fails where it certainly did.
    """

    measure: str
    verdict: VerdictValue
    change: Estimate = _NOTHING
    before: float | None = None
    after: float | None = None
    tolerance: float = 0.0
    points: tuple[ChangePoint, ...] = ()
    n_needed: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostDriver:
    """One group's part in what the cost changed between two periods of history, in US dollars.

    ``volume_usd`` and ``price_usd`` add up to ``change_usd``, exactly but for rounding.
    """

    group: str
    before_usd: float
    after_usd: float
    volume_usd: float
    price_usd: float

    @property
    def change_usd(self) -> float:
        """What it costs more than before."""
        return self.after_usd - self.before_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class CostForecast:
    """What the next ``weeks`` will cost, in US dollars, and what drives it. Unknown with too little history.

    ``trend_usd`` is the change from week to week (Theil-Sen). ``weekdays`` are the weights of Monday to
    Sunday, whose mean is 1; empty with fewer than four weeks. ``correlation`` is that of successive weeks.
    """

    verdict: VerdictValue
    weeks: int
    cost: Estimate = _NOTHING
    trend_usd: Estimate = _NOTHING
    weekdays: tuple[float, ...] = ()
    drivers: tuple[CostDriver, ...] = ()
    correlation: float | None = None
    n_needed: int = 0
    why: str = ""


# -- incidents ------------------------------------------------------------------------------------


class IncidentClass(StrEnum):
    """What went wrong in a run that failed."""

    REASONING = "reasoning"
    TOOL_CALL = "tool-call"
    COORDINATION = "coordination"
    COST_BLOWOUT = "cost-blowout"
    INFRASTRUCTURE = "infrastructure"
    SECURITY = "security"
    HUMAN = "human"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStep:
    """One step of a run as incident rules read it: who did it, what was said, what it called and spent.

    ``kind`` is the type of step; the answer of a tool is one of its own, of the kind ``tool``. ``error`` is
    its class (transient, permanent, infrastructure, policy), ``harms`` are names of ``Harm``.
    """

    agent: str
    text: str = ""
    tool: str = ""
    arguments: str = ""
    error: str = ""
    cost_usd: float | None = None
    kind: str = ""
    harms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """What one rule says of one step. ``mast`` is the failure mode of MAST, where a rule can decide it."""

    rule: str
    kind: IncidentClass
    step: int
    agent: str
    confidence: float
    reason: str
    mast: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What went wrong, by the surest rule. ``agent`` is empty and ``step`` None where nobody can say.

    ``suspects`` are all that rules said, the surest first; ``mast`` the failure modes of MAST among them.
    """

    kind: IncidentClass = IncidentClass.UNKNOWN
    agent: str = ""
    step: int | None = None
    confidence: float = 0.0
    reason: str = "no rule says what went wrong"
    mast: tuple[str, ...] = ()
    suspects: tuple[Suspect, ...] = ()


# -- tiers of autonomy ----------------------------------------------------------------------------


class Tier(StrEnum):
    """How much an agent may do without a person, from least to most."""

    MANUAL = "manual"
    ASSISTED = "assisted"
    SUPERVISED = "supervised"
    FULL_AUTO = "full-auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierDecision:
    """In which tier a class of actions stands after what was seen, and why.

    ``success`` are the actions that were right since the last change of tier; ``e_value`` is the evidence
    that the tier's least success rate is not kept. ``n_needed`` is how many more actions without error
    would move it up; None where nothing would.
    """

    action: str
    before: Tier
    tier: Tier
    why: str
    success: Estimate = _NOTHING
    e_value: float = 1.0
    n_needed: int | None = None
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def moved(self) -> str:
        """Up, down, or stays."""
        order = list(Tier)
        by = order.index(self.tier) - order.index(self.before)
        return "up" if by > 0 else "down" if by < 0 else "stays"
