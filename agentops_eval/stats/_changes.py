"""Where a series changes its level: exact segmentation, and a permutation test that knows of dependence."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import accumulate, pairwise
from statistics import median

_FEWEST_BLOCKS = 8
_CUTS = 40


def segments(values: Sequence[float], *, penalty: float, shortest: int = 5) -> tuple[int, ...]:
    """The indices at which stretches of one level begin, without 0: the split with the least total cost.

    The cost is the sum of squares around each stretch's mean, and ``penalty`` for each change. Exact, by
    dynamic programming over all splits (Jackson et al. 2005), in time that grows with the square of the
    length. No stretch is shorter than ``shortest``. Raises ValueError for ``shortest`` below 1 or a value
    that is not finite.
    """
    if shortest < 1 or not all(map(math.isfinite, values)):
        raise ValueError("stretches have at least one value, and values are finite")
    n = len(values)
    sums, squares = _cumulated(values)
    best, last = [-penalty] + [math.inf] * n, [0] * (n + 1)
    for end in range(shortest, n + 1):
        for start in range(end - shortest + 1):
            total = sums[end] - sums[start]
            cost = squares[end] - squares[start] - total * total / (end - start)
            if best[start] + cost + penalty < best[end]:
                best[end], last[end] = best[start] + cost + penalty, start
    found, at = [], n
    while n >= shortest and last[at]:
        at = last[at]
        found.append(at)
    return tuple(reversed(found))


def _cumulated(values: Sequence[float]) -> tuple[list[float], list[float]]:
    """Running sums of values and their squares, around the median so that digits are kept."""
    middle = median(values) if values else 0.0
    moved = [one - middle for one in values]
    return list(accumulate(moved, initial=0.0)), list(accumulate((one * one for one in moved), initial=0.0))


def level_noise(values: Sequence[float]) -> float:
    """The variance around the level, from differences of neighbours, of which a change spoils but one.

    The median of absolute differences, scaled as for normal values; where more than half of them are 0, half
    of their mean square. 0 with fewer than two values.
    """
    steps = [abs(other - one) for one, other in pairwise(values)]
    if not steps:
        return 0.0
    typical = median(steps) / (math.sqrt(2) * 0.674490)
    return typical**2 if typical else math.fsum(step * step for step in steps) / (2 * len(steps))


def dependence(values: Sequence[float], *, shortest: int = 5) -> float:
    """The autocorrelation of a series around its levels, from 0 to 0.98.

    Differences of neighbours tell it roughly, whatever the levels; with a penalty that allows for it the
    levels are found, and the residuals around them tell it better.
    """
    steps = [other - one for one, other in pairwise(values)]
    if len(values) < 2 * shortest or not any(steps):
        return 0.0
    rough = min(max(1 + 2 * _correlation(steps), 0.0), 0.9)
    penalty = 3 * level_noise(values) * (1 + rough) / (1 - rough) ** 2 * math.log(len(values))
    edges = [0, *segments(values, penalty=penalty, shortest=shortest), len(values)]
    off = [one for at, to in pairwise(edges) for one in _centred(values[at:to])]
    return min(max(_correlation(off), 0.0), 0.98)


def block_length(r: float, n: int) -> int:
    """How many successive values are kept together where a series of ``n`` is permuted.

    (sqrt(6) r / (1 - r^2))^(2/3) n^(1/3) for the autocorrelation r (Carlstein 1986); 1 up to 0.1.
    """
    if r <= 0.1:
        return 1
    return math.ceil(math.pow(math.sqrt(6) * r / (1 - r * r), 2 / 3) * math.cbrt(n))


def _centred(values: Sequence[float]) -> list[float]:
    mean = math.fsum(values) / len(values)
    return [one - mean for one in values]


def _correlation(values: Sequence[float]) -> float:
    """That of each value with the one before it, around 0; 0 where there is no spread."""
    spread = math.fsum(one * one for one in values)
    return math.fsum(one * other for one, other in pairwise(values)) / spread if spread else 0.0


def _scan(centred: Sequence[float], shortest: int) -> float:
    """How far the mean of any stretch is from that of the rest, in standard errors of noise of variance 1.

    Stretches begin and end at about 40 cuts, and one that touches an end is a single change (circular binary
    segmentation, Olshen et al. 2004).
    """
    n = len(centred)
    sums = list(accumulate(centred, initial=0.0))
    every = max(1, n // _CUTS)
    most = 0.0
    for length in range(every, n, every):
        if shortest <= length <= n - shortest:
            scale = n / (length * (n - length))
            parts = [abs(sums[at + length] - sums[at]) for at in range(0, n - length + 1, every)]
            most = max(most, max(parts) ** 2 * scale)
    return math.sqrt(most)


def _lost(r: float, block: int) -> float:
    """By how much noise is larger than that of its permuted blocks, whose seams are not dependent (AR(1))."""
    kept = r / (1 - r) - r * (1 - r**block) / (block * (1 - r) ** 2)
    return math.sqrt((1 + r) / (1 - r) / (1 + 2 * kept))


def change_p(
    values: Sequence[float], *, r: float = 0.0, shortest: int = 5, resamples: int = 499, seed: int = 0
) -> float | None:
    """The p-value of a change of level somewhere, by permuting blocks of successive values.

    Blocks keep the dependence ``r`` of near values (``block_length``), and what their seams lose is given
    back. Where there are fewer than 8 blocks nobody can say: None. The same values and ``seed`` give the same
    p-value.
    """
    n = len(values)
    block = block_length(r, n) if n else 1
    if n < 2 * shortest or n / block < _FEWEST_BLOCKS:
        return None
    centred = _centred(values)
    blocks = [centred[at : at + block] for at in range(0, n, block)]
    seen = _scan(centred, shortest) / _lost(r, block) * (1 - 1e-9)
    rng, as_large = random.Random(seed), 1  # noqa: S311 - no secret
    for _ in range(resamples):
        _shuffle(blocks, rng)
        as_large += _scan([one for kept in blocks for one in kept], shortest) >= seen
    return as_large / (resamples + 1)


def _shuffle(blocks: list[list[float]], rng: random.Random) -> None:
    """Python keeps the values of ``random()`` across versions, not those of ``shuffle`` and its kin."""
    for at in range(len(blocks) - 1, 0, -1):
        other = int(rng.random() * (at + 1))
        blocks[at], blocks[other] = blocks[other], blocks[at]


def change_points(
    values: Sequence[float], *, alpha: float = 0.05, shortest: int = 5, resamples: int = 499, seed: int = 0
) -> tuple[tuple[int, float], ...] | None:
    """Where the level changed, each with the p-value of a change between its neighbours; often none.

    First the whole series has to show a change at ``alpha``, so that a series without one has a false alarm
    that often. Then the candidates of ``segments`` (with the penalty 2 log n times the noise, more where
    values depend) are held against their neighbours, and the least sure is dropped, until each shows at
    ``alpha`` over their number. None where the series is too short, or too dependent, to say anything.
    """
    n, r = len(values), dependence(values, shortest=shortest)

    def p_of(part: Sequence[float]) -> float | None:
        return change_p(part, r=r, shortest=shortest, resamples=resamples, seed=seed)

    whole = p_of(values)
    if whole is None or whole > alpha:
        return None if whole is None else ()
    penalty = 2 * level_noise(values) * (1 + r) / (1 - r) ** 2 * math.log(n)
    kept = list(segments(values, penalty=penalty, shortest=shortest))
    while len(kept) > 1:
        edges = [0, *kept, n]
        ps = [p_of(values[edges[at] : edges[at + 2]]) or 1.0 for at in range(len(kept))]
        worst = max(range(len(kept)), key=ps.__getitem__)
        if ps[worst] <= max(alpha / len(kept), 1 / (resamples + 1)):
            return tuple(zip(kept, ps, strict=True))
        del kept[worst]
    return tuple((at, whole) for at in kept)
