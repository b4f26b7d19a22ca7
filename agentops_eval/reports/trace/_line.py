"""A run drawn on a line: a lane for each agent, one for people, bars packed so that none hides another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from agentops_eval.reports._text import one_line
from agentops_eval.reports.trace._nouns import Clock, StepKind, TraceStep
from agentops_eval.reports.trace._values import lasted
from agentops_eval.reports.trace._words import kind_word, tone

MOST_BARS, MOST_LANES, MOST_ROWS = 400, 16, 8
PEOPLE = "people"
_LEAST, _GAP, _NUMBERED = 1.2, 0.3, 3.5
_HEAD, _ROW, _BAR, _FOOT = 20, 22, 18, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A step: across in percent of the line, down in pixels."""

    x: float
    y: float
    width: float
    number: int
    tone: str
    title: str

    @property
    def numbered(self) -> bool:
        """Whether its number has room in it on a phone."""
        return self.width >= _NUMBERED * (1 + (self.number > 99))

    @property
    def middle(self) -> float:
        """Where its number stands."""
        return round(self.x + self.width / 2, 2)


@dataclass(slots=True, kw_only=True)
class Lane:
    """Whose steps these are, and where it lies. ``whole`` is when the agent was at work."""

    name: str
    y: float = 0.0
    height: float = 0.0
    whole: tuple[float, float] | None = None
    rows: list[float] = field(default_factory=list)
    bars: list[tuple[int, float, float, TraceStep]] = field(default_factory=list)

    def take(self, x: float, width: float, step: TraceStep) -> None:
        """Find room for a bar; where all rows are taken it is not drawn."""
        row = next((at for at, free in enumerate(self.rows) if free <= x), len(self.rows))
        if row == len(self.rows):
            if row >= MOST_ROWS:
                return
            self.rows.append(0.0)
        self.rows[row] = x + width + _GAP
        self.bars.append((row, x, width, step))


@dataclass(frozen=True, slots=True, kw_only=True)
class Handing:
    """A hand-off between two lanes: where it happened, from which height to which."""

    x: float
    y1: float
    y2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The line. ``more`` counts what found no room, or tells no time."""

    lanes: Sequence[Lane]
    bars: Sequence[Bar]
    handings: Sequence[Handing]
    ticks: Sequence[tuple[float, str]]
    height: float
    more: int


def drawn(steps: Sequence[TraceStep], clock: Clock, *, of: int) -> Drawing:
    """Draw those steps that are shown, of as many; agents, and the run itself, are lanes and no bars."""
    begun = min((one.start for one in steps if one.start is not None), default=0.0)
    ended = max((one.end for one in steps if one.end is not None), default=0.0)
    scale = _Scale(begun, max(ended - begun, 1e-9))
    lanes = _lanes(steps)
    agents = sum(_is_lane(one) for one in steps)
    timed = [one for one in steps if one.start is not None and not _is_lane(one)]
    for one in sorted(timed[:MOST_BARS], key=lambda step: step.start or 0.0):
        lane = lanes.get(_lane_of(one))
        if lane is not None:
            lane.take(*scale.of(one), one)
    _mark_agents(steps, lanes, scale)
    height = _stack(lanes.values())
    bars = [bar for lane in lanes.values() for bar in _bars(lane)]
    return Drawing(
        lanes=list(lanes.values()),
        bars=bars,
        handings=list(_handings(steps, lanes, scale)),
        ticks=_ticks(clock, scale.whole),
        height=height,
        more=max(of - agents - len(bars), 0),
    )


def _is_lane(step: TraceStep) -> bool:
    return step.kind is StepKind.AGENT or not step.number


@dataclass(frozen=True, slots=True)
class _Scale:
    begun: float
    whole: float

    def at(self, place: float) -> float:
        return min(max((place - self.begun) / self.whole * 100, 0.0), 100.0)

    def of(self, step: TraceStep) -> tuple[float, float]:
        """Where a bar begins and how wide it is; the shortest are made wide enough to be seen."""
        start = self.at(step.start or 0.0)
        width = max(self.at(step.end or 0.0) - start, _LEAST)
        return round(min(start, 100 - width), 2), round(width, 2)


def _lane_of(step: TraceStep) -> str:
    return PEOPLE if step.kind is StepKind.HUMAN else f"agent {step.actor}"


def _lanes(steps: Iterable[TraceStep]) -> dict[str, Lane]:
    """Agents in the order in which they come, then people."""
    found: dict[str, Lane] = {}
    people = False
    for one in steps:
        people = people or one.kind is StepKind.HUMAN
        name = one.name if one.kind is StepKind.AGENT else one.actor
        if one.kind is not StepKind.HUMAN and len(found) < MOST_LANES:
            found.setdefault(f"agent {name}", Lane(name=one_line(name, 48) or "the run"))
    if people:
        found[PEOPLE] = Lane(name="people who were asked")
    return found


def _mark_agents(steps: Iterable[TraceStep], lanes: dict[str, Lane], scale: _Scale) -> None:
    for one in steps:
        lane = lanes.get(f"agent {one.name}")
        if one.kind is StepKind.AGENT and lane is not None and one.start is not None and one.end is not None:
            start, end = scale.at(one.start), scale.at(one.end)
            if lane.whole is not None:
                start, end = min(start, lane.whole[0]), max(end, lane.whole[1])
            lane.whole = (start, end)


def _stack(lanes: Iterable[Lane]) -> float:
    """Put lanes under each other; gives how high all of them are."""
    y = 0.0
    for lane in lanes:
        lane.y = y
        lane.height = _HEAD + max(len(lane.rows), 1) * _ROW + _FOOT
        y += lane.height
    return y


def _bars(lane: Lane) -> Iterator[Bar]:
    for row, x, width, step in lane.bars:
        took = "" if step.took_ms is None else f", {lasted(step.took_ms)}"
        yield Bar(
            x=x,
            y=lane.y + _HEAD + row * _ROW,
            width=width,
            number=step.number,
            tone=tone(step),
            title=f"step {step.number}: {kind_word(step)} {one_line(step.name, 80)}{took}".replace("  ", " "),
        )


def _handings(steps: Sequence[TraceStep], lanes: dict[str, Lane], scale: _Scale) -> Iterator[Handing]:
    for one in steps:
        there = lanes.get(f"agent {one.name}")
        here = lanes.get(f"agent {one.sender or one.actor}") or lanes.get(f"agent {one.actor}")
        if one.kind is not StepKind.AGENT or not one.number or one.start is None:
            continue
        if here is not None and there is not None and here is not there:
            yield Handing(x=round(scale.at(one.start), 2), y1=here.y + _HEAD, y2=there.y + _HEAD)


def _ticks(clock: Clock, whole: float) -> list[tuple[float, str]]:
    if clock is Clock.ORDER:
        return [(0.0, "first"), (100.0, "last")]
    shares = (
        (0.0, 0.25, 0.5, 0.75, 1.0) if whole > 4 else (0.0, 1.0)
    )  # milliseconds: as short as they are told
    return [(share * 100, lasted(share * whole) if share else "0") for share in shares]
