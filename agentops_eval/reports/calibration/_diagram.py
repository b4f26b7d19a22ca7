"""A reliability diagram as places in a picture: how sure an agent was against how often it was right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.domain import ReliabilityBin
from agentops_eval.reports._text import finite

WIDTH, HEIGHT = 360, 348
LEFT, RIGHT, TOP, BOTTOM = 44, 350, 8, 254
BARS_TOP, BARS_BOTTOM = 268, 310
MOST_BINS = 60
_LEAST, _MOST = 2.6, 5.6
_GAP = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One bin: where its mean confidence and its rate meet, with the ends of the rate's interval.

    ``fair`` is where the rate would be if confidence meant what it says. ``word`` is ``over`` or ``under``
    where the interval leaves that out, else ``fair``. ``bar`` begins at ``bar_x`` and is ``bar_height``
    high for how many there are.
    """

    x: float
    y: float
    radius: float
    low: float
    high: float
    fair: float
    word: str
    n: int
    bar_x: float
    bar_width: float
    bar_height: float

    @property
    def path(self) -> str:
        """Its outline: a circle, or a triangle that points to where the rate is off to."""
        r = self.radius
        if self.word == "fair":
            half = f"a{r:g},{r:g} 0 1 0"
            return f"M{self.x - r:.1f},{self.y:g} {half} {2 * r:g},0 {half} {-2 * r:g},0 Z"
        tip, base = (self.y + 1.3 * r, self.y - r) if self.word == "over" else (self.y - 1.3 * r, self.y + r)
        return (
            f"M{self.x:.1f},{tip:.1f} L{self.x - 1.2 * r:.1f},{base:.1f} L{self.x + 1.2 * r:.1f},{base:.1f} Z"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """All bins that can be drawn, and how many are in the fullest. ``more`` counts those left out."""

    dots: Sequence[Dot]
    fullest: int
    more: int = 0


def place_x(confidence: float) -> float:
    """A confidence from 0 to 1 across; what is outside is at the edge."""
    return round(LEFT + (RIGHT - LEFT) * min(max(confidence, 0.0), 1.0), 1)


def place_y(rate: float) -> float:
    """A rate from 0 to 1, growing upwards; what is outside is at the edge."""
    return round(BOTTOM - (BOTTOM - TOP) * min(max(rate, 0.0), 1.0), 1)


def diagram(bins: Sequence[ReliabilityBin]) -> Diagram:
    """The picture of bins, in their order; one of which a figure is no number is not drawn."""
    known = [one for one in bins if one.n > 0 and all(finite(value) is not None for value in _figures(one))]
    shown = known[:MOST_BINS]
    fullest = max((one.n for one in shown), default=0)
    dots = [_dot(one, fullest) for one in shown]
    return Diagram(dots=dots, fullest=fullest, more=len(bins) - len(shown))


def _figures(one: ReliabilityBin) -> tuple[float, ...]:
    return one.low, one.high, one.confidence, one.rate, one.rate_low, one.rate_high


def word(one: ReliabilityBin) -> str:
    """``over`` or ``under`` where chance does not explain how far its confidence is off, else ``fair``."""
    if one.confidence > one.rate_high:
        return "over"
    return "under" if one.confidence < one.rate_low else "fair"


def _dot(one: ReliabilityBin, fullest: int) -> Dot:
    share = one.n / fullest
    left, right = place_x(one.low), place_x(one.high)
    return Dot(
        x=place_x(one.confidence),
        y=place_y(one.rate),
        radius=round(_LEAST + (_MOST - _LEAST) * math.sqrt(share), 1),
        low=place_y(one.rate_low),
        high=place_y(one.rate_high),
        fair=place_y(one.confidence),
        word=word(one),
        n=one.n,
        bar_x=round(left + _GAP / 2, 1),
        bar_width=round(max(right - left - _GAP, 1.0), 1),
        bar_height=round(max((BARS_BOTTOM - BARS_TOP) * share, 0.8), 1),
    )
