"""Paired differences: would the signs look so if both sides were the same?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

from agentops_eval.stats._binomial import coin_point, coin_tail
from agentops_eval.stats._model import Interval
from agentops_eval.stats._special import z_of

_MOST_SIGNS = 40
_LARGEST_SUM = 20_000


def sign_flip_p(differences: Sequence[Fraction | int]) -> float | None:
    """How surprising it is that these differences add up to so little: the one-sided mid-p value.

    Under the null each difference might as well have the other sign (Fisher 1935, Pitman 1937), so that
    the exact distribution of the sum is known. Differences of -1, 0 and 1 give the one-sided mid-p
    McNemar test. 1/2 where nothing differs: both directions add up to 1. None where the exact
    distribution would take too long: more than 40 differences of different sizes, or sums with too many
    values.
    """
    scale = math.lcm(*(one.denominator for one in differences))
    moved = [int(one * scale) for one in differences if one]
    if not moved:
        return 0.5
    sizes = [abs(one) for one in moved]
    if min(sizes) == max(sizes):
        wins = sum(one > 0 for one in moved)
        return coin_tail(wins, len(moved)) - coin_point(wins, len(moved)) / 2
    if len(moved) > _MOST_SIGNS or sum(sizes) > _LARGEST_SUM:
        return None
    below, equal = _below(sizes, sum(one for one in moved if one > 0))
    return (2 * below + equal) / (1 << len(moved) + 1)


def _below(sizes: Iterable[int], seen: int) -> tuple[int, int]:
    """Of all choices of signs, how many give a sum of the positive ones below ``seen``, and how many that."""
    ways = {0: 1}
    for size in sizes:
        more = dict(ways)
        for total, count in ways.items():
            more[total + size] = more.get(total + size, 0) + count
        ways = more
    return sum(count for total, count in ways.items() if total < seen), ways.get(seen, 0)


def paired_difference(losses: float, wins: float, n: int, *, confidence: float = 0.95) -> Interval:
    """The difference of two rates on the same ``n`` cases, of which ``losses`` got worse and ``wins`` better.

    A case that changed in a share of its trials counts as that share.

    The value is (wins - losses) / n. The limits count one more of each, so that they keep a width where
    nothing differs: d +- z sqrt((p12 + p21 - d^2) / (n + 2)) with p = (count + 1) / (n + 2) (Bonett and
    Price 2012). Raises ValueError where the counts do not fit into ``n``.
    """
    if losses < 0 or wins < 0 or n < max(1, losses + wins):
        raise ValueError(f"{losses} losses and {wins} wins do not fit into {n} pairs")
    worse, better = (losses + 1) / (n + 2), (wins + 1) / (n + 2)
    centre = better - worse
    reach = z_of(confidence) * math.sqrt((worse + better - centre * centre) / (n + 2))
    value = (wins - losses) / n
    return Interval(
        value=value,
        low=max(-1.0, min(value, centre - reach)),
        high=min(1.0, max(value, centre + reach)),
        n=n,
        method="Bonett-Price",
        confidence=confidence,
    )
