"""What a contract says to conformance checks: breakers, fallbacks, budgets, bounds, what may be shed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """A circuit breaker around one callee, as it is meant to work.

    It opens after ``failures`` failures: in a row, or within ``window_s`` where that is given. For
    ``cooldown_s`` it lets nothing through; then at most ``probes`` calls, until one of them has told.
    """

    failures: int = 5
    window_s: float | None = None
    cooldown_s: float = 30.0
    probes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """What stands in for what, in order. ``says`` is a pattern that the output meets once one stands in.

    The last may be no callee but what the agent keeps itself, such as ``cached``.
    """

    order: tuple[str, ...]
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Where a run is cut off; None is no cap of that kind."""

    calls: int | None = None
    cost_usd: float | None = None
    elapsed_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shedding:
    """The callees that are left out under load, once ``flag`` is on: environment variables with values."""

    optional: tuple[str, ...] = ()
    flag: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What conformance checks hold an agent against, beyond what they know of themselves.

    ``breakers`` and ``in_flight``, the most calls that may be on their way at once, go by callee.
    """

    breakers: Mapping[str, Breaker] = field(default_factory=dict)
    fallbacks: tuple[Fallback, ...] = ()
    budget: Budget = Budget()
    in_flight: Mapping[str, int] = field(default_factory=dict)
    shedding: Shedding = Shedding()
