"""What many do in place of a gate: a z-test, read again and again as results arrive. A rival."""

from __future__ import annotations

import math
from collections.abc import Sequence

from agentops_eval.gate._gate import Gate, Role
from agentops_eval.gate._scores import Step
from agentops_eval.stats import normal_quantile

_FIRST, _EVERY = 20, 10


class Peeking:
    """A one-sided z-test of every guardrail at the gate's alpha, after each tenth unit from the twentieth."""

    def __init__(self, gate: Gate) -> None:
        self.stopped = False
        self._at = [at for at, metric in enumerate(gate.metrics) if metric.role is Role.GUARDRAIL]
        self._sums = [[0, 0.0, 0.0] for _ in self._at]
        self._bound = normal_quantile(gate.alpha)

    def see(self, steps: Sequence[Step | None]) -> None:
        """Take a unit, and look where it is time to."""
        for at, sums in zip(self._at, self._sums, strict=True):
            step = steps[at]
            if step is None or not step.plain[0]:
                continue
            value = step.plain[0][0]
            sums[0] += 1
            sums[1] += value
            sums[2] += value * value
            n = sums[0]
            if n >= _FIRST and not n % _EVERY and self._harm(*sums):
                self.stopped = True

    def _harm(self, n: float, total: float, squares: float) -> bool:
        spread = math.sqrt(max(squares - total * total / n, 0.0) / (n - 1))
        return total < 0 and total <= self._bound * spread * math.sqrt(n)
