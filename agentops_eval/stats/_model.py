"""What the functions of this package give."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate, and the limits between which ``confidence`` of such intervals hold the truth.

    ``n`` is the number of units that the limits rest on (trials, cases, labels), ``method`` whose
    formula it is.
    """

    value: float
    low: float
    high: float
    n: int
    method: str
    confidence: float = 0.95

    @property
    def limits(self) -> tuple[float, float]:
        """Both limits."""
        return self.low, self.high
