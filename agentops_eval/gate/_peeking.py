"""What many do in place of a gate: a z-test, read again and again as results arrive. A rival."""

from __future__ import annotations

import math
from collections.abc import Sequence

from agentops_eval.gate._bets import Bet
from agentops_eval.gate._gate import Gate, Role
from agentops_eval.gate._track import Track
from agentops_eval.stats import normal_quantile

_FIRST, _EVERY = 20, 10
_NONE = 1e-9


class Peeking:
    """One-sided z-tests at the gate's alphas, after each tenth unit from the twentieth; none is corrected.

    ``rolled_back`` and ``promoted`` say whether any look ever showed harm of a guardrail, or all within their
    margins. Looks go on whatever they showed, so that both can be counted.
    """

    def __init__(self, gate: Gate) -> None:
        self.rolled_back = self.promoted = False
        self._guarded = [metric.role is Role.GUARDRAIL for metric in gate.metrics]
        self._sums = [[0.0, 0.0, 0.0] for _ in gate.metrics]
        self._harm, self._fit = normal_quantile(gate.alpha), -normal_quantile(gate.alpha_promote)

    @property
    def done(self) -> bool:
        """Whether no look can show anything more."""
        return self.rolled_back and self.promoted

    def see(self, bets: Sequence[Bet | None], tracks: Sequence[Track]) -> None:
        """Take a unit, and look where it is time to."""
        n = 0.0
        for bet, sums in zip(bets, self._sums, strict=True):
            if bet is not None and bet.plain[0]:
                value = bet.plain[0][0]
                sums[0] += 1
                sums[1] += value
                sums[2] += value * value
                n = max(n, sums[0])
        if n >= _FIRST and not n % _EVERY:
            self._look(tracks)

    def _look(self, tracks: Sequence[Track]) -> None:
        fit = True
        for track, guarded, (n, total, squares) in zip(tracks, self._guarded, self._sums, strict=True):
            if n < 2:
                continue
            spread = math.sqrt(max(squares - total * total / n, 0.0) / (n - 1) * n) or _NONE
            rollback, promote = track.nulls
            if guarded and (total - rollback * n) / spread <= self._harm:
                self.rolled_back = True
            fit = fit and (total - promote * n) / spread >= self._fit
        self.promoted = self.promoted or fit
