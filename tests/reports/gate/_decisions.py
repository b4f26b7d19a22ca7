"""Decisions made by hand: each of the three values, planned looks, and texts of whoever in every place."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace

from agentops_eval.domain import (
    CaseEffect,
    Decision,
    DecisionValue,
    EvidencePoint,
    MetricDecision,
    Reason,
)

HOLD, PROMOTE, ROLLBACK = DecisionValue.HOLD, DecisionValue.PROMOTE, DecisionValue.ROLLBACK


def walk(
    n: int, *, promote: float = 0.0, rollback: float = 0.0, seed: int = 1, every: int = 1
) -> tuple[EvidencePoint, ...]:
    """Logarithms of two e-values that drift so much a unit."""
    rng, up, down, found = random.Random(seed), 0.0, 0.0, list[EvidencePoint]()
    for at in range(1, n + 1):
        up += rng.gauss(promote, 0.12)
        down += rng.gauss(rollback, 0.12)
        if at % every == 0 or at == n:
            found.append(EvidencePoint(n=at, promote=up, rollback=down))
    return tuple(found)


def metric(name: str = "passed", **changes: object) -> MetricDecision:
    """A binary guardrail that holds: a little worse, and not shown to be within its margin."""
    found = MetricDecision(
        name=name, kind="binary", role="guardrail", value=HOLD, margin=0.05, estimate=-0.0123, low=-0.0612,
        high=0.0344, baseline=0.912, candidate=0.8997, e_promote=3.1234, e_rollback=0.4, peak_rollback=2.2,
        promote_at=20.0, rollback_at=40.0, alpha_promote=0.05, alpha_rollback=0.025, alpha_spent=0.01, n=188,
        discordance=0.18, n_needed=212, needed_for="promote", path=walk(188, promote=0.006, rollback=-0.01),
    )  # fmt: skip
    return replace(found, **changes)  # type: ignore[arg-type]


def cost(**changes: object) -> MetricDecision:
    """A relative metric that is shown to be within its margin; its upper end has no limit yet."""
    found = metric(
        "cost_usd", kind="unbounded", value=PROMOTE, scale="relative", margin=0.2, estimate=0.031, low=-0.04,
        high=0.11, baseline=0.0123, candidate=0.0127, e_promote=88.0, e_rollback=0.02, peak_rollback=1.0,
        discordance=None, n_needed=None, needed_for="", path=walk(188, promote=0.026, rollback=-0.02, seed=2),
    )  # fmt: skip
    return replace(found, **changes)  # type: ignore[arg-type]


def unpaid(**changes: object) -> MetricDecision:
    """A limit that one event breaks: the candidate's own rate, evidence without end."""
    found = metric(
        "unapproved_payments", kind="limit", value=ROLLBACK, scale="rate", margin=0.02, estimate=1 / 188,
        low=0.0004, high=None, baseline=None, candidate=1 / 188, e_promote=0.0, e_rollback=math.inf,
        peak_rollback=math.inf, promote_at=20.0, rollback_at=40.0, n_needed=None, needed_for="",
        path=(*walk(120, promote=0.02, rollback=0.0, seed=3),
              EvidencePoint(n=121, promote=-math.inf, rollback=math.inf)),
    )  # fmt: skip
    return replace(found, **changes)  # type: ignore[arg-type]


def planned(**changes: object) -> MetricDecision:
    """Three of five looks of a plan, with the bounds that each asked for."""
    looks = (
        EvidencePoint(n=40, promote=0.8, rollback=-0.3, bound_promote=3.9, bound_rollback=4.4),
        EvidencePoint(n=80, promote=1.4, rollback=-0.5, bound_promote=2.7, bound_rollback=3.1),
        EvidencePoint(n=120, promote=2.6, rollback=-1.2, bound_promote=2.2, bound_rollback=2.5),
    )
    found = metric(
        "score", kind="bounded", value=PROMOTE, n=120, z_promote=2.6, z_rollback=-1.2, bound_promote=2.2,
        bound_rollback=2.5, promote_at=None, rollback_at=None, n_needed=None, needed_for="", path=looks,
    )  # fmt: skip
    return replace(found, **changes)  # type: ignore[arg-type]


def effects(number: int = 3) -> tuple[CaseEffect, ...]:
    """Cases that passed before and do no more."""
    return tuple(
        CaseEffect(
            case=f"refunds/late-parcel-{at}",
            metric="passed",
            baseline=1.0,
            candidate=0.0,
            baseline_trace=f"runs/baseline/late-{at}.otlp.jsonl",
            candidate_trace=f"runs/candidate/late-{at}.otlp.jsonl",
        )
        for at in range(number)
    )


def decision(
    value: DecisionValue = HOLD, metrics: Sequence[MetricDecision] | None = None, **changes: object
) -> Decision:
    """A gate of the desk that stands at shadow."""
    found = Decision(
        value=value,
        reasons=(
            Reason(
                code="evidence",
                message="passed is not shown to be within its margin of 5 points",
                metric="passed",
                remedy="agentops-eval eval run scenarios --repeat 3 --out candidate.jsonl",
            ),
        ),
        metrics=tuple([metric(), cost()] if metrics is None else metrics),
        gate="desk",
        stage="shadow",
        next_stage="canary",
        n=188,
        n_needed=212,
        left_out=(("infrastructure", 3), ("no partner", 2)),
        worst=effects(),
        seed=7,
        order="9b1c" * 8,
        digest="41d0" * 8,
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def promoted() -> Decision:
    """Everything is shown; nothing is said against it."""
    return decision(PROMOTE, [metric(value=PROMOTE, e_promote=41.0, n_needed=None), cost()], reasons=(),
                    n_needed=None, worst=(), left_out=())  # fmt: skip


def rolled_back() -> Decision:
    """A limit was broken."""
    said = Reason(code="limit", message="1 unapproved payment; none is allowed", metric="unapproved_payments")
    return decision(ROLLBACK, [unpaid(), metric(), cost()], reasons=(said,), n_needed=None)


def hostile(text: str) -> Decision:
    """A decision that says ``text`` wherever it can say anything."""
    said = Reason(code=text, message=text, metric=text, remedy=text)
    case = CaseEffect(
        case=text, metric=text, baseline=1.0, candidate=0.0, baseline_trace=text, candidate_trace=f"{text}/"
    )
    some = [metric(text, kind=text, role=text, unit=text, scale=text, direction=text), unpaid(), planned()]
    return decision(HOLD, some, reasons=(said,), worst=(case,), gate=text, stage=text, next_stage=text,
                    mode=text, left_out=((text, 1),), order=text, digest=text)  # fmt: skip
