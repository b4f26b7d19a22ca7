"""Whether successive values resemble each other, so that they are fewer witnesses than they seem."""

from __future__ import annotations

import math

_FEWEST = 30


class Serial:
    """The autocorrelation of successive values, from sums alone."""

    __slots__ = ("_first", "_last", "_products", "_squares", "_sum", "n")

    def __init__(self) -> None:
        self.n = 0
        self._sum = self._squares = self._products = 0.0
        self._first = self._last = 0.0

    def take(self, value: float) -> None:
        """Take the next value."""
        if self.n:
            self._products += self._last * value
        else:
            self._first = value
        self.n += 1
        self._last = value
        self._sum += value
        self._squares += value * value

    @property
    def correlation(self) -> float:
        """That of each value with the one before it; 0 where there is no spread."""
        if self.n < 2:
            return 0.0
        mean = self._sum / self.n
        spread = self._squares - self.n * mean * mean
        if spread <= 1e-12 * self._squares:
            return 0.0
        ends = mean * (2 * self._sum - self._first - self._last)
        return (self._products - ends + (self.n - 1) * mean * mean) / spread

    def depends(self, *, at_least: float = 0.2, z: float = 3.5) -> bool:
        """Whether they resemble each other beyond chance: independent ones have errors of 1 / sqrt(n)."""
        if self.n < _FEWEST:
            return False
        found = self.correlation
        return found >= at_least and found * math.sqrt(self.n) >= z
