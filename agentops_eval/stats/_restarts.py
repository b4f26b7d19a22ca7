"""Evidence that begins anew now and then, so that what goes wrong late is not hidden by what went well."""

from __future__ import annotations

import math
from collections.abc import Sequence

_MOST = 1e250


class Restarts:
    """A mixture of bets that begin at the first observation, and again after every ``every``.

    The k-th beginning has the share 1 / (k (k + 1)) of the capital, of which all shares sum to 1; until then
    it is kept. While the null is true the whole is expected to be no higher after any step, so the chance
    that it ever reaches 1 / alpha is at most alpha, as with ``Wealth``. A strategy's bets of all beginnings
    have the same factors, so that they are kept as one sum.
    """

    __slots__ = ("_begun", "_every", "_parts", "n")

    def __init__(self, strategies: int, *, every: int = 20) -> None:
        self._parts = [0.0] * strategies
        self._every, self._begun, self.n = every, 0, 0

    def multiply(self, factors: Sequence[float]) -> None:
        """Take one observation: what each strategy's bet has made of one unit of money.

        Raises ValueError for other than one factor for each strategy.
        """
        if len(factors) != len(self._parts):
            raise ValueError(f"{len(factors)} factors for {len(self._parts)} strategies")
        if self.n % self._every == 0:
            self._begun += 1
            new = 1 / (self._begun * (self._begun + 1)) / len(self._parts)
            self._parts = [part + new for part in self._parts]
        self._parts = [min(part * factor, _MOST) for part, factor in zip(self._parts, factors, strict=True)]
        self.n += 1

    @property
    def value(self) -> float:
        """The wealth now, with what is kept for later beginnings."""
        return math.fsum(self._parts) + 1 / (self._begun + 1)
