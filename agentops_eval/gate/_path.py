"""Points of evidence over the units: few, however many units there were."""

from __future__ import annotations

from collections.abc import Callable

from agentops_eval.domain import EvidencePoint

_MOST_POINTS = 256


class EvidencePath:
    """Every point, then every second, every fourth and so on.

    The one with the most evidence of harm is always among them: a rollback may rest on it.
    """

    def __init__(self) -> None:
        self._kept: list[EvidencePoint] = []
        self._highest: EvidencePoint | None = None
        self._stride = 1

    def add(self, n: int, log_peak: float, point: Callable[[], EvidencePoint]) -> None:
        """Keep the point after ``n`` units, if its turn has come or it is the highest yet."""
        rises = self._highest is None or log_peak > max(self._highest.rollback, 0.0)
        if not rises and n % self._stride:
            return
        found = point()
        if rises:
            self._highest = found
        if not n % self._stride:
            self._kept.append(found)
        if len(self._kept) >= _MOST_POINTS:
            self._kept = self._kept[1::2]
            self._stride *= 2

    def points(self, last: EvidencePoint) -> tuple[EvidencePoint, ...]:
        """What was kept, the highest and the last one, in order."""
        found = {point.n: point for point in (*self._kept, last)}
        if self._highest is not None:
            found.setdefault(self._highest.n, self._highest)
        return tuple(found[n] for n in sorted(found))
