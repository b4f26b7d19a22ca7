"""Pictures of levels: a radar of dimensions, and a line over time. Places are of an SVG's view box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from agentops_eval.domain import DimensionScore, TrendPoint
from agentops_eval.reports._text import one_line
from agentops_eval.reports.scorecard._words import TOP, day_of

WIDTH, HEIGHT = 420, 330
_MIDDLE_X, _MIDDLE_Y, _RADIUS = 210.0, 165.0, 112.0
_LEAST_SPOKES, _MOST_SPOKES = 3, 24
_LINE = 17
"""A label goes on in a second line after so many letters."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoke:
    """One dimension: its end, its label in lines, where that stands and how, and the dot of its level."""

    end: Point
    label: Sequence[str]
    at: Point
    anchor: str
    dot: Point
    capped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Radar:
    """Rings of levels, spokes, the shape of the levels, and of what they would be without caps."""

    rings: Sequence[tuple[int, str]]
    spokes: Sequence[Spoke]
    shape: str
    uncapped: str
    asked: str


def radar(dimensions: Sequence[DimensionScore], asked: int) -> Radar | None:
    """The levels around a middle; None where there are too few or too many to make a shape."""
    count = len(dimensions)
    if not _LEAST_SPOKES <= count <= _MOST_SPOKES:
        return None

    def ring(level: int) -> str:
        return _points([_place(at / count, level) for at in range(count)])

    capped = any(one.level < one.uncapped for one in dimensions)
    return Radar(
        rings=[(level, ring(level)) for level in range(1, TOP + 1)],
        spokes=[_spoke(one, at / count) for at, one in enumerate(dimensions)],
        shape=_points([_place(at / count, one.level) for at, one in enumerate(dimensions)]),
        uncapped=_points([_place(at / count, one.uncapped) for at, one in enumerate(dimensions)] * capped),
        asked=ring(asked) if 0 < asked <= TOP else "",
    )


def _spoke(one: DimensionScore, turn: float) -> Spoke:
    x, y = _place(turn, TOP + 0.45)
    side = round(sin(2 * pi * turn), 6)
    lines = _lines(one_line(one.name, 2 * _LINE))
    return Spoke(
        end=_place(turn, TOP),
        label=lines,
        at=(x, round(y + 4 - 7 * (len(lines) - 1) * (1 + cos(2 * pi * turn)), 2)),
        anchor="middle" if abs(side) < 0.3 else "start" if side > 0 else "end",
        dot=_place(turn, one.level),
        capped=one.level < one.uncapped,
    )


def _lines(name: str) -> list[str]:
    if len(name) <= _LINE:
        return [name]
    at = name.rfind("-", 0, _LINE) + 1 or name.rfind(" ", 0, _LINE) + 1 or _LINE
    return [name[:at].rstrip(), name[at:].lstrip()]


def _place(turn: float, level: float) -> Point:
    length = _RADIUS * max(min(level, TOP + 1), 0) / TOP
    angle = 2 * pi * turn
    return round(_MIDDLE_X + length * sin(angle), 2), round(_MIDDLE_Y - length * cos(angle), 2)


def _points(some: Sequence[Point]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in some)


# -- over time ------------------------------------------------------------------------------------

TREND_WIDTH, TREND_HEIGHT = 420, 150
_LEFT, _RIGHT, _ABOVE, _BELOW = 22.0, 414.0, 12.0, 122.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The level over time: a line, its dots with their level and whether harm stood, and ends of the time."""

    line: str
    dots: Sequence[tuple[float, float, int, bool]]
    rungs: Sequence[tuple[int, float]]
    first: str
    last: str


def course(points: Sequence[TrendPoint]) -> Course | None:
    """The levels of scorecards at equal distances, in the order of their moments; None for fewer than two."""
    if len(points) < 2:
        return None
    step = (_RIGHT - _LEFT - 12) / (len(points) - 1)
    dots = [
        (round(_LEFT + 6 + at * step, 2), _height(one.level), one.level, one.unsafe > 0)
        for at, one in enumerate(points)
    ]
    return Course(
        line=_points([(x, y) for x, y, _, _ in dots]),
        dots=dots,
        rungs=[(level, _height(level)) for level in range(TOP + 1)],
        first=day_of(points[0].at),
        last=day_of(points[-1].at),
    )


def _height(level: int) -> float:
    return round(_BELOW - (_BELOW - _ABOVE) * max(min(level, TOP), 0) / TOP, 2)
