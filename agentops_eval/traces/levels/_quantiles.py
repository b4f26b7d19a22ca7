"""Percentiles of many values in bounded memory: exact while there are few, within one percent beyond."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

EXACT = 65_536
"""So many values are kept as they are, in 512 KiB."""

ACCURACY = 0.01
_BASE = math.log((1 + ACCURACY) / (1 - ACCURACY))
_INT64 = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantiles:
    """Percentiles by nearest rank: the smallest value below or at which that share of all values lies.

    ``n`` values are known and ``unknown`` are not. With no value there are no percentiles. Where
    ``exact`` is false each is off by at most one percent of itself.
    """

    n: int
    unknown: int
    p50: float | None
    p95: float | None
    p99: float | None
    exact: bool = True


def nearest_rank(count: int, percent: float) -> int:
    """Which of ``count`` ordered values is the percentile, from 1: the first that the share reaches."""
    return max(1, int(-(-percent * count // 100)))


class Values:
    """Gathers whole numbers from 0. What it tells follows from the values alone, not from their order."""

    def __init__(self, *, exact: int = EXACT) -> None:
        self.unknown = 0
        self._limit = exact
        self._kept: array[int] | None = array("q")
        self._buckets: Counter[int] = Counter()
        self._count = 0

    def add(self, value: int | None) -> None:
        """Take a value; None, and what is no count of 64 bits, is counted as unknown."""
        if value is None or not 0 <= value < _INT64:
            self.unknown += 1
            return
        self._take([value])

    def merge(self, other: Values) -> None:
        """Take what another gathered."""
        self.unknown += other.unknown
        if other._kept is not None:
            self._take(other._kept)
            return
        self._spill()
        self._count += other._count
        self._buckets.update(other._buckets)

    def _take(self, values: Iterable[int]) -> None:
        for value in values:
            self._count += 1
            if self._kept is not None:
                self._kept.append(value)
                if len(self._kept) > self._limit:
                    self._spill()
            else:
                self._buckets[_bucket(value)] += 1

    def _spill(self) -> None:
        for value in self._kept or ():
            self._buckets[_bucket(value)] += 1
        self._kept = None

    def quantiles(self, *, unit: int = 1) -> Quantiles:
        """The percentiles, in units of ``unit``."""
        ordered = None if self._kept is None else sorted(self._kept)
        found = [self._at(share, ordered) for share in (50, 95, 99)]
        p50, p95, p99 = (None if value is None else value / unit for value in found)
        return Quantiles(
            n=self._count, unknown=self.unknown, p50=p50, p95=p95, p99=p99, exact=self._kept is not None
        )

    def _at(self, percent: int, ordered: list[int] | None) -> float | None:
        if not self._count:
            return None
        rank = nearest_rank(self._count, percent)
        if ordered is not None:
            return ordered[rank - 1]
        passed = 0
        for bucket in sorted(self._buckets):
            passed += self._buckets[bucket]
            if passed >= rank:
                return _middle(bucket)
        return None


def _bucket(value: int) -> int:
    """Buckets grow with what they hold; 0 has one of its own."""
    return -1 if value == 0 else math.ceil(math.log(value) / _BASE)


def _middle(bucket: int) -> float:
    """The value that is within ACCURACY of every value of its bucket."""
    return 0.0 if bucket == -1 else math.exp(_BASE * bucket) * (1 - ACCURACY)
