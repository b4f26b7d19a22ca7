"""Sequences that come round: the longest stretch in which every step is the one a period before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """A stretch of steps that repeats its first ``period`` steps; the last round may be cut off."""

    start: int
    period: int
    length: int

    @property
    def rounds(self) -> int:
        """How many whole rounds it has."""
        return self.length // self.period


def longest_cycle(steps: Sequence[str | None], *, rounds: int, longest: int) -> Cycle | None:
    """The cycle of so many whole rounds that covers most steps; of those, the one of the shortest period.

    A step of None is like no other. Periods up to ``longest`` are tried: O(steps * longest).
    """
    best: Cycle | None = None
    for period in range(1, min(longest, len(steps) // rounds) + 1):
        same = 0
        for at in range(period, len(steps)):
            same = same + 1 if steps[at] is not None and steps[at] == steps[at - period] else 0
            if same < period * (rounds - 1):
                continue
            length = same + period
            if best is None or length > best.length:
                best = Cycle(start=at - length + 1, period=period, length=length)
    return best
