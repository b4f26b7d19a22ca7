"""Exact tests of fair coins and of two by two tables."""

from __future__ import annotations

import math
from functools import lru_cache

_MOST_EXACT = 200_000


def mcnemar_exact(losses: int, wins: int) -> float:
    """The two-sided exact p-value of paired outcomes: ``losses`` pairs got worse, ``wins`` got better.

    Under the null each of the pairs that differ is a fair coin: min(1, 2 P(Binomial(l + w, 1/2) <=
    min(l, w))) (McNemar 1947). Pairs that agree say nothing. Raises ValueError for negative counts.
    """
    return min(1.0, 2 * coin_tail(min(losses, wins), losses + wins))


def mcnemar_mid_p(losses: int, wins: int) -> float:
    """The two-sided mid-p value of the same: half the probability of what was seen is taken off each tail.

    The exact test errs less often than it says; this one is close to it (Fagerland, Lydersen and Laake
    2013). Raises ValueError for negative counts.
    """
    fewer, n = min(losses, wins), losses + wins
    return min(1.0, 2 * (coin_tail(fewer, n) - coin_point(fewer, n) / 2))


def coin_point(heads: int, n: int) -> float:
    """P(Binomial(n, 1/2) = heads), rounded once; of more than 200,000 coins to nine digits."""
    if not 0 <= heads <= n:
        raise ValueError(f"{heads} of {n} is no count")
    if n > _MOST_EXACT:
        ways = math.lgamma(n + 1) - math.lgamma(heads + 1) - math.lgamma(n - heads + 1)
        return math.exp(ways - n * math.log(2))
    return math.comb(n, heads) / (1 << n)


def coin_tail(heads: int, n: int) -> float:
    """P(Binomial(n, 1/2) <= heads). Terms are summed from the largest, each from the one before."""
    if 2 * heads >= n:
        # The other side is the shorter sum; both together are 1.
        return 1.0 if heads == n else 1 - coin_tail(n - heads - 1, n)
    term, terms = coin_point(heads, n), []
    for at in range(heads, -1, -1):
        terms.append(term)
        term *= at / (n - at + 1)
        if term <= terms[0] * 1e-18:
            break
    return math.fsum(terms)


@lru_cache(maxsize=4096)
def fisher_mid_p(fewer: tuple[int, int], more: tuple[int, int]) -> float:
    """How surprising it is that the rate of ``fewer``, (passed, trials), is so much below that of ``more``.

    The one-sided mid-p value of Fisher's exact test (Lancaster 1961): both rates equal under the null,
    and the total of passes as it was seen. Raises ValueError for impossible counts.
    """
    (passed, n), (others, m) = fewer, more
    if not (0 <= passed <= n and 0 <= others <= m):
        raise ValueError(f"{fewer} and {more} are no counts of passes")
    total = passed + others
    seen = math.comb(n, passed) * math.comb(m, others) / math.comb(n + m, total)
    term, terms = seen, [seen / 2]
    for at in range(passed, max(0, total - m), -1):
        # The hypergeometric probability of one pass less, from that of this many.
        term *= at * (m - total + at) / ((n - at + 1) * (total - at + 1))
        terms.append(term)
    return min(1.0, math.fsum(terms))
