"""What the page shows of several scorecards: one agent over time, and agents side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.domain import SideBySide, TrendPoint
from agentops_eval.reports._text import one_line
from agentops_eval.reports.scorecard._radar import TREND_HEIGHT, TREND_WIDTH, course
from agentops_eval.reports.scorecard._words import NAME, OVERALL, TEXT, day_of, short_digest

MOST_POINTS, MOST_AGENTS, MOST_APART, MOST_ROWS = 60, 12, 100, 25
_FIRST_CHANGES = 3


def trend_view(points: Sequence[TrendPoint], names: Sequence[str]) -> Mapping[str, object] | None:
    """The latest scorecards of an agent, the latest first; None for none."""
    if not points:
        return None
    some = points[-MOST_POINTS:]
    return {
        "drawn": course(some),
        "size": (TREND_WIDTH, TREND_HEIGHT),
        "told": "; ".join(f"{day_of(one.at)} level {one.level}" for one in some),
        "points": [_point(one) for one in reversed(some)],
        "days": [day_of(one.at) for one in some],
        "rows": [(one_line(name, NAME), _levels(name, some)) for name in names[:MOST_ROWS]],
        "more": max(len(points) - MOST_POINTS, 0),
    }


def _levels(name: str, points: Sequence[TrendPoint]) -> list[str]:
    found = [one.level if name == OVERALL else one.levels.get(name) for one in points]
    return ["?" if level is None else str(level) for level in found]


def _point(one: TrendPoint) -> Mapping[str, object]:
    return {
        "at": day_of(one.at),
        "level": one.level,
        "unsafe": one.unsafe,
        "gained": _some(one.gained),
        "lost": _some(one.lost),
        "moved": one.moved,
        "digest": short_digest(one.evidence_digest),
    }


def _some(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _FIRST_CHANGES} more" if len(ids) > _FIRST_CHANGES else ""
    return ", ".join(one_line(id_, NAME) for id_ in ids[:_FIRST_CHANGES]) + more


def agents_view(beside: SideBySide | None) -> Mapping[str, object] | None:
    """Agents as columns; None for none."""
    if beside is None or not beside.agents:
        return None
    shown = min(len(beside.agents), MOST_AGENTS)
    names = list(beside.levels)[:MOST_ROWS]
    digests = [short_digest(one) for one in beside.evidence_digests[:shown]]
    return {
        "names": [one_line(name, NAME) for name in beside.agents[:shown]],
        "rows": [(one_line(name, NAME), _cells(name, beside, shown)) for name in names],
        "unsafe": beside.unsafe[:shown],
        "digests": digests if any(digests) else [],
        "apart": [
            (one_line(one.title, TEXT), one_line(one.criterion, NAME), one.standings[:shown])
            for one in beside.apart[:MOST_APART]
        ],
        "same": beside.same_criteria,
        "more": {
            "agents": len(beside.agents) - shown,
            "apart": max(len(beside.apart) - MOST_APART, 0),
        },
    }


def _cells(name: str, beside: SideBySide, shown: int) -> list[tuple[int | None, str]]:
    scores = beside.scores.get(name, (None,) * len(beside.agents))
    pairs = zip(beside.levels[name][:shown], scores[:shown], strict=False)
    return [(level, "" if score is None else f"{score:.1f}") for level, score in pairs]
