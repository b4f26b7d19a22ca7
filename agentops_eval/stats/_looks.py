"""Where a Brownian path can be at each look, if it has crossed no boundary so far.

Numbers of a group-sequential design come from one recursion (Armitage, McPherson and Rowe 1969; Jennison
and Turnbull 2000, chapter 19). The score S(t) at the information fraction t has independent normal steps
with mean drift (t - s) and variance t - s; Z = S / sqrt t. The density of the paths that go on is carried
from look to look as masses at the nodes of Gauss and Legendre's rule.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agentops_eval.stats._special import normal_tail

_NODES = 10
_PANEL = 3.0
"""Width of a panel, in standard deviations of the smaller of the steps before and after it."""
_BELOW, _ABOVE = 8.0, 12.0
"""How many standard deviations around the drift are kept. Above, first looks spend next to nothing."""
_CLOSEST = 1e-6
_CLOSE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """The paths that have not crossed by the information fraction ``at``: masses at places of the score."""

    at: float
    places: Sequence[float]
    masses: Sequence[float]


START = Paths(at=0.0, places=(0.0,), masses=(1.0,))
"""Every path begins at 0."""


def checked(fractions: Sequence[float]) -> tuple[float, ...]:
    """The same information fractions, as a tuple.

    Raises ValueError where there is none, or where they do not rise within (0, 1], each by more than a
    millionth of itself.
    """
    looks = tuple(float(one) for one in fractions)
    if not looks:
        raise ValueError("a plan has at least one look")
    previous = 0.0
    for look in looks:
        if not previous < look <= 1:
            raise ValueError(f"information fractions rise, above 0 and up to 1: {look} follows {previous}")
        if look - previous <= _CLOSEST * look:
            raise ValueError(f"looks at {previous} and {look} are too close to each other to be told apart")
        previous = look
    return looks


def crossing(paths: Paths, at: float, bound: float, drift: float = 0.0) -> float:
    """The probability of not having crossed before, and of a z above ``bound`` at the look ``at``."""
    spread = math.sqrt(at - paths.at)
    edge = bound * math.sqrt(at) - drift * (at - paths.at)
    pairs = zip(paths.places, paths.masses, strict=True)
    return math.fsum(mass * normal_tail((edge - place) / spread) for place, mass in pairs)


def onward(paths: Paths, at: float, bound: float, *, upcoming: float, drift: float = 0.0) -> Paths:
    """The paths that stay below ``bound`` at the look ``at`` too, at nodes that do for the ``upcoming``."""
    step, centre, reach = at - paths.at, drift * at, math.sqrt(at)
    low, high = centre - _BELOW * reach, min(bound * reach, centre + _ABOVE * reach)
    if low >= high:
        return Paths(at=at, places=(), masses=())
    spread = math.sqrt(step)
    # Nothing that matters comes from farther away: given where a path is now, where it was is normal, too.
    band = spread * (_BELOW + _ABOVE * spread / reach)
    factor = 1 / (spread * math.sqrt(2 * math.pi))
    half, shift = -0.5 / step, drift * step
    places, masses = [], []
    for place, weight in _rule(low, high, _PANEL * min(spread, math.sqrt(upcoming - at))):
        origin = place - shift
        first, last = bisect_left(paths.places, origin - band), bisect_right(paths.places, origin + band)
        near = zip(paths.places[first:last], paths.masses[first:last], strict=True)
        density = sum(mass * math.exp(half * (origin - one) * (origin - one)) for one, mass in near)
        places.append(place)
        masses.append(weight * factor * density)
    return Paths(at=at, places=places, masses=masses)


def where(falling: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Where a ``falling`` function is down at ``target``, between ``low`` and ``high``; never just before."""
    while high - low > _CLOSE * max(1.0, abs(high)):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > target else (low, middle)
    return high


def _rule(low: float, high: float, width: float) -> list[tuple[float, float]]:
    """Nodes and weights for an integral from ``low`` to ``high``, in panels of at most this ``width``."""
    count = math.ceil((high - low) / width)
    half = (high - low) / (2 * count)
    middles = (low + (2 * panel + 1) * half for panel in range(count))
    return [(middle + half * node, half * weight) for middle in middles for node, weight in _gauss(_NODES)]


@lru_cache(maxsize=1)
def _gauss(count: int) -> tuple[tuple[float, float], ...]:
    """The nodes and weights of Gauss and Legendre's rule on [-1, 1]: zeros of a polynomial, by Newton."""
    rule = []
    for index in range(count, 0, -1):
        x = math.cos(math.pi * (index - 0.25) / (count + 0.5))
        slope = math.inf
        for _ in range(8):
            before, value = 1.0, x
            for degree in range(2, count + 1):
                before, value = value, ((2 * degree - 1) * x * value - (degree - 1) * before) / degree
            slope = count * (x * value - before) / (x * x - 1)
            x -= value / slope
        rule.append((x, 2 / ((1 - x * x) * slope * slope)))
    return tuple(rule)
