"""A blast radius drawn: the faulted calls at the left, what they reached further right the more hops it is.

A row a thing, so that its name is read at any width; a tree, for each call is drawn below the first one whose
value it was asked with. What differs by no value that can be followed hangs below, on dashed lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agentops_eval.domain import Reach, counted
from agentops_eval.reports._text import fitting
from agentops_eval.reports.chaos._impact import CallView, ImpactView

WIDTH, LEFT, RIGHT = 360, 12, 354
TOP, ROW, HEAD, FOOT = 22, 32, 22, 8
RADIUS = 6.0
MOST_NODES, LEAST_CALLS, MOST_OTHERS = 40, 16, 8
_COLUMNS, _STEP, _ROOM = 8, 30, 168
_CLOSE = 0.35
"""How much of a hop further right stands what is no hop away from its call."""
_CHARACTER = 6.9
"""About the width of a letter of a name, in units of the picture."""

_SHORT = re.compile("[:,]")

WORDS: Mapping[Reach, str] = {
    Reach.FAULTED: "here the fault was",
    Reach.RETRIED: "tried again",
    Reach.CHANGED: "differs",
    Reach.ADDED: "extra: only with the fault",
    Reach.MISSING: "missing: only without the fault",
    Reach.SAME: "took a value, went as usual",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One row: a shape at ``x``, ``y``, a name that fits beside it, and what is told below the name.

    ``whole`` is the name as it is; ``hops`` and ``source`` are for the table. ``beyond`` marks what is past
    the limit of one hop in an impact that is not contained.
    """

    shape: str
    tone: str
    x: float
    y: float
    name: str
    whole: str
    told: str
    kind: str
    became: str
    hops: str = ""
    source: str = ""
    beyond: bool = False

    @property
    def path(self) -> str:
        """The outline of its shape."""
        return _outline(self.shape, self.x, self.y)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """From a row down and across to another, dashed where no value can be followed."""

    path: str
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The picture. ``columns`` are places of hops with their names, ``limit`` where one hop ends, if drawn.

    ``besides`` is where the rows begin that hang on no value, ``more`` how many things are not drawn.
    """

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    columns: Sequence[tuple[float, str]]
    height: float
    told: str
    limit: float | None = None
    bottom: float = 0.0
    besides: float | None = None
    more: int = 0


@dataclass(slots=True)
class _Draft:
    """A thing before it has a place: ``parent`` is another one's number, ``level`` its distance in hops."""

    shape: str
    tone: str
    name: str
    kind: str
    became: str
    parent: int | None = None
    hops: int | None = None
    followed: bool = True
    ordinal: str = ""
    below: list[int] = field(default_factory=list)


def graph(view: ImpactView) -> Graph:
    """The picture of an impact. The same impact gives the same picture."""
    drafts, more = _drafts(view)
    for at, one in enumerate(drafts):
        if one.parent is not None:
            drafts[one.parent].below.append(at)
    roots = [at for at, one in enumerate(drafts) if one.parent is None and one.followed]
    order = [at for root in roots for at in _down(drafts, root)]
    loose = [at for at, one in enumerate(drafts) if one.parent is None and not one.followed]
    besides = [at for root in loose for at in _down(drafts, root)]
    levels = _levels(drafts, [*order, *besides])
    place = _Places(drafts, levels, order, besides, contained=view.contained is not False)
    farthest = max((int(levels[at]) for at in order), default=0)
    return Graph(
        nodes=[place.node(at) for at in (*order, *besides)],
        edges=[*place.edges(order), *place.edges(besides), *place.loose(loose)],
        columns=_columns(farthest, place),
        height=place.height,
        told=in_words(view),
        limit=round(place.x(1) + place.step / 2, 1) if farthest > 1 else None,
        bottom=place.bottom,
        besides=place.besides if besides else None,
        more=more,
    )


def in_words(view: ImpactView) -> str:
    """How far it went, in a sentence."""
    if view.contained is None:
        return "How far it went is not told."
    differs = [counted(number, noun) for number, noun in _counts(view) if number]
    what = " and ".join([", ".join(differs[:-1]), differs[-1]]) if len(differs) > 1 else "".join(differs)
    far = counted(view.hops, "hop")
    if not differs and not view.output:
        return "It reached nothing: all went as without the fault."
    limit = "one hop at the most" if view.hops <= 1 else f"{far}, and a contract allows it"
    where = f"Contained: it went {limit}." if view.contained else f"Not contained: it went {far}."
    answer = "The answer is another one." if view.output else "The answer is as without the fault."
    return f"{where} {f'Of it differ {what}. ' if what else ''}{answer}"


def _counts(view: ImpactView) -> list[tuple[int, str]]:
    drawn = sum(one.reach in (Reach.CHANGED, Reach.ADDED, Reach.MISSING) for one in view.calls)
    calls = view.changed if view.changed is not None else drawn if view.calls else len(view.tools)
    net = sum(what != "compensated" for what, _ in view.effects)
    return [
        (calls, "call" if view.calls or view.changed is not None else "tool"),
        (net + view.more_effects, "effect"),
        (len(view.tenants), "tenant"),
        (len(view.agents), "agent"),
    ]


# -- what there is ----------------------------------------------------------------------------------


def _drafts(view: ImpactView) -> tuple[list[_Draft], int]:
    others = [*_effects(view), *_ends(view)]
    calls = view.calls[: max(MOST_NODES - len(others), LEAST_CALLS)]
    found = _faults(view, calls)
    first = len(found)
    found += [_call(one, calls, first) for one in calls]
    by_tool = {
        one.name.rpartition("/")[2]: first + at
        for at, one in enumerate(calls)
        if one.reach is not Reach.MISSING
    }
    for one in others:
        tool = one.name.partition("(")[0]
        if one.shape == "effect" and tool in by_tool:
            one.parent, one.followed = by_tool[tool], True
        found.append(one)
    shown = sum(len(some[:MOST_OTHERS]) for some in (view.effects, view.tenants, view.agents))
    there = len(view.effects) + view.more_effects + len(view.tenants) + len(view.agents)
    return found, len(view.calls) - len(calls) + view.more_calls + there - shown


def _faults(view: ImpactView, calls: Sequence[CallView]) -> list[_Draft]:
    """What was injected, where the calls do not tell of it: nothing was reached, or the proof is older."""
    if any(one.reach is Reach.FAULTED for one in calls):
        return []
    told = view.injected[:MOST_OTHERS] or (("nothing was injected", "no call was hit"),)
    return [
        _Draft("fault", "bad", name, "fault", what or WORDS[Reach.FAULTED], hops=0) for name, what in told
    ]


def _call(one: CallView, calls: Sequence[CallView], first: int) -> _Draft:
    parent, followed = one.via, one.via is not None or one.reach is Reach.FAULTED
    if one.reach is Reach.RETRIED and parent is None:
        same = [at for at, other in enumerate(calls) if other.name == one.name and other is not one]
        hit = [at for at in same if calls[at].reach is Reach.FAULTED]
        parent, followed = (hit[0] if hit else None), bool(hit)
    return _Draft(
        "fault" if one.reach is Reach.FAULTED else "call",
        _TONES[one.reach],
        one.name,
        one.kind,
        WORDS[one.reach],
        parent=None if parent is None else first + parent,
        hops=one.hops,
        followed=followed,
        ordinal=f" #{one.number}",
    )


_TONES = {
    Reach.FAULTED: "bad",
    Reach.RETRIED: "same",
    Reach.CHANGED: "changed",
    Reach.ADDED: "changed",
    Reach.MISSING: "gone",
    Reach.SAME: "same",
}
_BECAME = {
    "duplicated": ("bad", "duplicated: done more than once"),
    "extra": ("bad", "extra: only with the fault"),
    "missing": ("gone", "missing: only without the fault"),
    "compensated": ("same", "done, and taken back"),
}


def _effects(view: ImpactView) -> Iterable[_Draft]:
    worst = sorted(view.effects, key=lambda one: list(_BECAME).index(one[0]))
    for what, name in worst[:MOST_OTHERS]:
        tone, became = _BECAME[what]
        yield _Draft("effect", tone, name, "effect", became, followed=False)


def _ends(view: ImpactView) -> Iterable[_Draft]:
    if not view.calls:  # older proofs name the tools alone
        for name in view.tools[:MOST_OTHERS]:
            yield _Draft("call", "changed", name, "tool", "differs", followed=False)
    tone, became = ("changed", "another one") if view.output else ("same", "as without the fault")
    yield _Draft("answer", tone, "the answer", "answer", became, followed=False)
    for kind, names in (("tenant", view.tenants), ("agent", view.agents)):
        for name in names[:MOST_OTHERS]:
            if name:
                yield _Draft("who", "changed", name, kind, f"{kind} of what differs", followed=False)


# -- where it is ------------------------------------------------------------------------------------


def _down(drafts: Sequence[_Draft], root: int) -> list[int]:
    """A thing and what hangs on it, in the order of rows."""
    found, waiting = list[int](), [root]
    while waiting:
        at = waiting.pop()
        found.append(at)
        waiting.extend(reversed(drafts[at].below))
    return found


def _levels(drafts: Sequence[_Draft], order: Iterable[int]) -> dict[int, float]:
    """How far right each is: a call by its hops; what is no hop away from its call stands close to it."""
    found: dict[int, float] = {}
    for at in order:
        one = drafts[at]
        hop = 1.0 if one.hops is not None else _CLOSE
        found[at] = 0.0 if one.parent is None else found[one.parent] + hop
    return found


class _Places:
    """Where each row is: those on values first, a heading, and then the others."""

    def __init__(
        self,
        drafts: Sequence[_Draft],
        levels: Mapping[int, float],
        order: Sequence[int],
        besides: Sequence[int],
        *,
        contained: bool,
    ) -> None:
        self._drafts, self._levels, self._contained = drafts, levels, contained
        deepest = min(max(levels.values(), default=0.0), _COLUMNS)
        self.step = min(_STEP, _ROOM / max(deepest, 1.0))
        self.bottom = TOP + ROW * len(order)
        self.besides = self.bottom + HEAD - 6
        self._y = {at: TOP + ROW * (row + 0.5) for row, at in enumerate(order)}
        start = self.bottom + HEAD
        self._y |= {at: start + ROW * (row + 0.5) for row, at in enumerate(besides)}
        self._loose = set(besides)
        self.height = start + ROW * len(besides) + FOOT if besides else self.bottom + FOOT

    def x(self, level: float) -> float:
        return round(LEFT + self.step * min(level, _COLUMNS), 1)

    def _at(self, number: int) -> tuple[float, float]:
        shift = 1 if number in self._loose else 0
        return self.x(self._levels[number] + shift), round(self._y[number], 1)

    def node(self, number: int) -> Node:
        one = self._drafts[number]
        x, y = self._at(number)
        room = int((RIGHT - x - RADIUS - 6) / _CHARACTER)
        hops = "" if one.hops is None else counted(one.hops, "hop")
        beyond = not self._contained and (one.hops or 0) > 1
        far = [one.kind, *([hops] if one.hops else []), *(["past the limit"] if beyond else [])]
        told = ", ".join([*far, one.became])
        if fitting(told, int(room * 1.12)) != told:  # the table has it whole
            told = ", ".join([*far, _SHORT.split(one.became)[0]])
        source = None if one.parent is None else self._drafts[one.parent]
        return Node(
            shape=one.shape,
            tone=one.tone,
            x=x,
            y=y,
            name=fitting(one.name.replace("https://", ""), room - len(one.ordinal)) + one.ordinal,
            whole=one.name + one.ordinal,
            told=fitting(told, int(room * 1.12)),
            kind=one.kind,
            became=one.became,
            hops=hops,
            source="" if source is None else source.name + source.ordinal,
            beyond=beyond,
        )

    def edges(self, order: Iterable[int]) -> list[Edge]:
        found = list[Edge]()
        for number in order:
            parent = self._drafts[number].parent
            if parent is not None:
                (px, py), (x, y) = self._at(parent), self._at(number)
                dashed = self._drafts[number].hops is None and self._drafts[number].shape == "call"
                found.append(Edge(path=_elbow(px, py + RADIUS, x - RADIUS, y), dashed=dashed))
        return found

    def loose(self, roots: Sequence[int]) -> list[Edge]:
        """From the heading to each that hangs on nothing."""
        start = self.besides + 4
        places = [self._at(root) for root in roots]
        return [Edge(path=_elbow(self.x(0), start, x - RADIUS, y), dashed=True) for x, y in places]


def _elbow(px: float, py: float, x: float, y: float) -> str:
    return f"M{px:g},{py:g} V{y:g} H{x:g}"


def _columns(farthest: int, place: _Places) -> list[tuple[float, str]]:
    last = min(farthest, _COLUMNS)
    every = 1 if place.step >= 18 else 2
    named = [(place.x(level), str(level)) for level in range(1, last + 1) if level % every == 0]
    if named and farthest > _COLUMNS:
        named[-1] = (named[-1][0], f"{named[-1][1]}+")
    return [(place.x(0), "0"), *named]


def _outline(shape: str, x: float, y: float) -> str:
    corners = _CORNERS.get(shape)
    if corners is None:  # a circle, as two arcs
        return f"M{x - 5:g},{y:g} a5,5 0 1 0 10,0 a5,5 0 1 0 -10,0 Z"
    places = (f"{x + RADIUS * across:.1f},{y + RADIUS * down:.1f}" for across, down in corners)
    return f"M{' L'.join(places)} Z"


_CORNERS: Mapping[str, Sequence[tuple[float, float]]] = {
    "fault": [(-0.4, -1), (0.4, -1), (1, -0.4), (1, 0.4), (0.4, 1), (-0.4, 1), (-1, 0.4), (-1, -0.4)],
    "effect": [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)],
    "answer": [(0, -1), (1, 0), (0, 1), (-1, 0)],
    "who": [(0, -1), (1, 0.8), (-1, 0.8)],
}
