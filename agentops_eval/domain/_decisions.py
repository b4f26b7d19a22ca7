"""What a gate decides about a candidate, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum


class Arm(StrEnum):
    """Which of the two versions a sample is of."""

    BASELINE = "baseline"
    CANDIDATE = "candidate"


class DecisionValue(StrEnum):
    """What to do with a candidate, of one metric or of all."""

    PROMOTE = "promote"
    HOLD = "hold"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a decision is as it is. ``code`` is for programs; ``metric`` is empty where it is about all.

    ``blocks`` says that nothing is promoted while it holds.
    """

    code: str
    message: str
    metric: str = ""
    remedy: str = ""
    blocks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePoint:
    """Evidence after ``n`` units, as natural logarithms of e-values, or z-values of planned looks.

    ``bound_promote`` and ``bound_rollback`` are what a planned look asks for; None without a plan.
    """

    n: int
    promote: float
    rollback: float
    bound_promote: float | None = None
    bound_rollback: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEffect:
    """What a candidate did to one case, in the units of its metric, with the traces of both sides."""

    case: str
    metric: str
    baseline: float
    candidate: float
    baseline_trace: str = ""
    candidate_trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDecision:
    """What is known of one metric.

    ``estimate`` is what the candidate changed, as ``scale`` says: a difference, a relative difference
    (0.2 is 20 % more), or the candidate's own rate. ``low`` and ``high`` hold it at any n; None is no limit.
    ``baseline`` and ``candidate`` are the arms' means. ``e_promote`` and ``e_rollback`` are evidence now,
    ``peak_rollback`` the most it has been. They suffice from ``promote_at`` and ``rollback_at``; None is
    never asked. ``n`` counts units of evidence, which ``unit`` names: a pair is a case that both arms ran, a
    block a stretch of traffic with sessions of both. ``alpha_promote`` and ``alpha_rollback`` are the errors
    allowed, ``alpha_spent`` what of the latter is used up. In planned mode ``z_promote`` and ``z_rollback``
    are compared with ``bound_promote`` and ``bound_rollback``, at planned looks alone. ``n_needed`` is how
    many more units would suffice four times in five for ``needed_for`` (promote, rollback or the next look),
    were all as it is now; None where it cannot be said. ``direction`` is the change for the better: higher,
    lower, or same for none; empty where it is that of its kind.
    """

    name: str
    kind: str
    role: str
    value: DecisionValue
    direction: str = ""
    scale: str = "difference"
    unit: str = "pair"
    margin: float | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    baseline: float | None = None
    candidate: float | None = None
    e_promote: float = 1.0
    e_rollback: float = 1.0
    peak_rollback: float = 1.0
    promote_at: float | None = None
    rollback_at: float | None = None
    alpha_promote: float | None = None
    alpha_rollback: float | None = None
    alpha_spent: float = 0.0
    z_promote: float | None = None
    z_rollback: float | None = None
    bound_promote: float | None = None
    bound_rollback: float | None = None
    n: int = 0
    discordance: float | None = None
    n_needed: int | None = None
    needed_for: str = ""
    path: tuple[EvidencePoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Promote, hold or roll back, and everything it rests on.

    ``stage`` is where the rollout stands and ``next_stage`` where it goes if it is promoted, empty at the
    end. ``n`` counts the units of evidence, ``n_needed`` how many more would decide it, for the better or
    the worse (``needed_for``: promote, rollback or look), None where that is not known or would not help;
    ``left_out`` counts the samples that are none, by reason. ``order``
    is the digest of the order of the units, fixed by ``seed``. ``digest`` is that of the gate, the samples
    and the seed: equal digests, equal decisions.
    """

    value: DecisionValue
    reasons: tuple[Reason, ...] = ()
    metrics: tuple[MetricDecision, ...] = ()
    gate: str = ""
    mode: str = "sequential"
    stage: str = ""
    next_stage: str = ""
    n: int = 0
    n_needed: int | None = None
    needed_for: str = ""
    left_out: tuple[tuple[str, int], ...] = ()
    worst: tuple[CaseEffect, ...] = ()
    seed: int = 0
    order: str = ""
    digest: str = ""

    def with_traces(self, found: Callable[[str], str]) -> Decision:
        """The same, with the traces of its worst cases as ``found`` names them: a report's links, say."""
        worst = [
            replace(one, baseline_trace=found(one.baseline_trace), candidate_trace=found(one.candidate_trace))
            for one in self.worst
        ]
        return replace(self, worst=tuple(worst))
