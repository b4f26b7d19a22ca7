"""Scorecards beside each other: one agent over time, several agents at once, and one against thresholds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from agentops_eval.domain import (
    Apart,
    ConfigInvalid,
    CriterionResult,
    Scorecard,
    SideBySide,
    TrendPoint,
    nearest,
)
from agentops_eval.scorecard._criteria import DIMENSIONS
from agentops_eval.scorecard._fold import moment_of

OVERALL = "overall"
"""What the scorecard's own level is called among the levels of dimensions."""

_THRESHOLD = re.compile(r"(?:(?P<name>[^=]*)=)?(?P<level>[0-5])")


def trend(scorecards: Iterable[Scorecard]) -> tuple[TrendPoint, ...]:
    """The scorecards of one agent in the order of their moments."""
    ordered = sorted(scorecards, key=lambda one: (str(moment_of(one.at)), one.evidence_digest))
    return tuple(_point(one, before) for before, one in zip((None, *ordered), ordered, strict=False))


def _point(one: Scorecard, before: Scorecard | None) -> TrendPoint:
    now = {result.id for result in _results(one) if result.met}
    then = now if before is None else {result.id for result in _results(before) if result.met}
    return TrendPoint(
        at=one.at,
        level=one.level,
        levels={each.name: each.level for each in one.dimensions},
        scores={each.name: each.score for each in one.dimensions},
        gained=tuple(sorted(now - then)),
        lost=tuple(sorted(then - now)),
        unsafe=len(one.unsafe),
        moved=before is not None and before.criteria_digest != one.criteria_digest,
        evidence_digest=one.evidence_digest,
    )


def compare(scorecards: Sequence[Scorecard]) -> SideBySide:
    """Several agents side by side, and the criteria in which they differ."""
    levels = [levels_of(one) for one in scorecards]
    scores = [{each.name: each.score for each in one.dimensions} for one in scorecards]
    names = [name for name in (OVERALL, *DIMENSIONS) if any(name in one for one in levels)]
    return SideBySide(
        agents=tuple(one.agent for one in scorecards),
        levels={name: tuple(one.get(name) for one in levels) for name in names},
        scores={name: tuple(one.get(name) for one in scores) for name in names if name != OVERALL},
        unsafe=tuple(len(one.unsafe) for one in scorecards),
        apart=tuple(_apart(scorecards)),
        evidence_digests=tuple(one.evidence_digest for one in scorecards),
        same_criteria=len({one.criteria_digest for one in scorecards}) <= 1,
    )


def _apart(scorecards: Sequence[Scorecard]) -> Iterator[Apart]:
    found = [{result.id: result for result in _results(one)} for one in scorecards]
    for id_ in sorted({id_ for one in found for id_ in one}):
        results = [one.get(id_) for one in found]
        if len({result is not None and result.met for result in results}) > 1:
            title = next(result.title for result in results if result is not None)
            standings = tuple(None if result is None else result.standing for result in results)
            yield Apart(criterion=id_, title=title, standings=standings)


def levels_of(scorecard: Scorecard) -> Mapping[str, int]:
    """Levels by dimension, and that of the whole under ``overall``."""
    return {OVERALL: scorecard.level} | {one.name: one.level for one in scorecard.dimensions}


def thresholds_of(words: Iterable[str]) -> Mapping[str, int]:
    """What ``3`` and ``security=3`` ask for; of several for the same the highest. Raises ConfigInvalid."""
    found: dict[str, int] = {}
    for word in words:
        told = _THRESHOLD.fullmatch(word.strip())
        if told is None:
            remedy = "write a level from 0 to 5, or DIMENSION=LEVEL"
            raise ConfigInvalid(f"{word!r} is no threshold of a scorecard", remedy=remedy)
        name = OVERALL if told["name"] is None else told["name"].strip()
        if name not in (OVERALL, *DIMENSIONS):
            raise ConfigInvalid(f"there is no dimension {name!r}", remedy=nearest(name, DIMENSIONS))
        found[name] = max(found.get(name, 0), int(told["level"]))
    return found


def below(scorecard: Scorecard, thresholds: Mapping[str, int]) -> tuple[str, ...]:
    """What does not reach its threshold, in words; a dimension that the scorecard lacks does not."""
    levels = levels_of(scorecard)
    return tuple(
        f"{name} is at level {levels.get(name, 0)}, and {least} is asked for"
        for name, least in thresholds.items()
        if levels.get(name, 0) < least
    )


def _results(scorecard: Scorecard) -> Iterator[CriterionResult]:
    for one in scorecard.dimensions:
        yield from one.criteria
