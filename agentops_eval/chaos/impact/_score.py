"""One number for many schedules, with what it hides beside it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from agentops_eval.chaos._kind import Kind
from agentops_eval.chaos._targets import is_target
from agentops_eval.chaos.contracts import Contract
from agentops_eval.chaos.kinds import CATALOGUE
from agentops_eval.domain import Effect, Event, Impact, Injection, Mode, Resilience, ToolRequest
from agentops_eval.stats import wilson

WORTH: Mapping[Mode, float] = MappingProxyType(
    {
        Mode.FULL: 1.0,
        Mode.DEGRADED_AS_DECLARED: 0.9,
        Mode.FAILED_SAFE: 0.7,
        Mode.DEGRADED_UNDECLARED: 0.3,
        Mode.HUNG: 0.1,
        Mode.FAILED_UNSAFE: 0.0,
    }
)
"""What each mode is worth. What is not known is worth nothing and counts for nothing."""

SEVERITY: Mapping[Effect | None, float] = MappingProxyType(
    {Effect.EXTERNAL: 3.0, Effect.WRITE: 2.0, Effect.READ: 1.0, None: 1.0}
)
"""What a fault weighs by what the call that it hits does to the world."""


def resilience(
    impacts: Iterable[Impact],
    *,
    contract: Contract | None = None,
    kinds: Mapping[str, Kind] = CATALOGUE,
    sampled: bool = False,
) -> Resilience:
    """100 x sum(w u(mode)) / sum(w), w being severity of what is hit times likelihood of what happens.

    Of several faults of a schedule the most severe call counts, and their likelihoods are multiplied. Left
    out is what left its recording and what a fault did not reach. ``sampled`` asks for Wilson's lower bound,
    at the number of schedules that as many equal weights would be.
    """
    declared = contract or Contract()
    modes: Counter[str] = Counter()
    weighed: list[tuple[Mode, float]] = []
    left_out = 0
    for one in impacts:
        if one.mode not in WORTH or one.run.not_injected:
            left_out += 1
            continue
        modes[one.mode.value] += 1
        weighed.append((one.mode, weight_of(one, declared, kinds)))
    score, weights = worth_of(weighed), [weight for _, weight in weighed]
    return Resilience(
        score=score,
        low=_lower_bound(score / 100, weights) if sampled and score is not None else None,
        judged=len(weights),
        unsafe=modes[Mode.FAILED_UNSAFE.value],
        left_out=left_out,
        modes=dict(sorted(modes.items())),
    )


def worth_of(weighed: Iterable[tuple[Mode, float]]) -> float | None:
    """100 x sum(w u(mode)) / sum(w) of modes with their weights; None without any whose worth is known."""
    known = [(WORTH[mode], weight) for mode, weight in weighed if mode in WORTH]
    whole = math.fsum(weight for _, weight in known)
    return 100 * math.fsum(worth * weight for worth, weight in known) / whole if whole > 0 else None


def _lower_bound(score: float, weights: Sequence[float]) -> float:
    n = max(1, math.floor(math.fsum(weights) ** 2 / math.fsum(one * one for one in weights)))
    return 100 * wilson(min(score, 1.0) * n, n).low


def weight_of(impact: Impact, contract: Contract, kinds: Mapping[str, Kind]) -> float:
    """What a schedule weighs in the score."""
    events = {event.index: event for event in impact.run.events}
    hit = [(one, events[one.index]) for one in impact.run.injections if one.index in events]
    severity = max((_severity(event, contract) for _, event in hit), default=1.0)
    return severity * math.prod(_likelihood(one, contract, kinds) for one, _ in hit)


def _severity(event: Event, contract: Contract) -> float:
    said = [weight for target, weight in contract.severity.items() if is_target(target, event)]
    if said:
        return max(said)
    request = event.request
    return SEVERITY[request.effect if isinstance(request, ToolRequest) else None]


def _likelihood(one: Injection, contract: Contract, kinds: Mapping[str, Kind]) -> float:
    kind = kinds.get(one.kind)
    words = (one.kind,) if kind is None else (one.kind, kind.fault_class.value)
    return next((contract.likelihood[word] for word in words if word in contract.likelihood), 1.0)
