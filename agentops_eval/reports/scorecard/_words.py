"""Scorecards in words, and where their evidence is: what the page and the Markdown have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote

from agentops_eval.domain import Cap, CriterionResult, DimensionScore, Scorecard, Standing, counted
from agentops_eval.reports._text import one_line

NAME, TEXT = 200, 1_000
OVERALL = "overall"
_READY = {OVERALL: 3}
"""What is asked for where nothing else is: levels 4 and 5 are of production itself."""

TOP = 5
_DIGEST = 10
_LONGEST_PATH = 1_000
_MEANS = (
    "level 1 was not demonstrated",
    "the basics are there, and were seen once",
    "what is known to go wrong was tried",
    "it was tried as a whole, and CI keeps it so",
    "it is measured in production, against objectives",
    "it stays so: monthly, broadly, looked at by others",
)


def meaning(level: int) -> str:
    """What a level says, in short."""
    return _MEANS[min(max(level, 0), TOP)]


def day_of(moment: str) -> str:
    """The day of a moment."""
    return one_line(moment[:10], 10)


def levels_of(scorecard: Scorecard) -> Mapping[str, int]:
    """Levels by dimension, and that of the whole."""
    return {OVERALL: scorecard.level} | {one.name: one.level for one in scorecard.dimensions}


def asked_for(thresholds: Mapping[str, int]) -> Mapping[str, int]:
    """The levels that production asks for: those that are given, and of the whole level 3 where none is."""
    return _READY | dict(thresholds)


def below(scorecard: Scorecard, asked: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """What does not reach what is asked for: name, level, and the level that is asked for."""
    levels = levels_of(scorecard)
    reached = [(name, levels.get(name, 0), least) for name, least in asked.items()]
    return [one for one in reached if one[1] < one[2]]


def verdict(scorecard: Scorecard, asked: Mapping[str, int]) -> str:
    """``unsafe``, ``short`` or ``ready``."""
    return "unsafe" if scorecard.unsafe else "short" if below(scorecard, asked) else "ready"


def headline(scorecard: Scorecard, asked: Mapping[str, int]) -> str:
    """Whether it may go to production, in one sentence."""
    level = f"level {scorecard.level} of {TOP}"
    if scorecard.unsafe:
        return f"not ready for production: {counted(len(scorecard.unsafe), 'unsafe finding')}, and {level}"
    short = below(scorecard, asked)
    if not short:
        wanted = ", ".join(_wanted(name, least) for name, least in asked.items())
        return f"ready for production: {level}" + (f", where {wanted} is asked for" if wanted else "")
    name, own, least = short[0]
    more = f", and {len(short) - 1} more" if len(short) > 1 else ""
    where = level if name == OVERALL else f"{one_line(name, NAME)} is at level {own}"
    return f"not ready for production: {where}, and {least} is asked for{more}"


def _wanted(name: str, least: int) -> str:
    return f"{least}" if name == OVERALL else f"{one_line(name, NAME)} {least}"


def weakest(scorecard: Scorecard) -> list[DimensionScore]:
    """The dimensions that hold the whole down, the lowest score first."""
    lowest = [one for one in scorecard.dimensions if one.level == scorecard.level]
    return sorted(lowest, key=lambda one: one.score)


def criteria_of(scorecard: Scorecard) -> Iterator[CriterionResult]:
    """All criteria, dimension by dimension."""
    for one in scorecard.dimensions:
        yield from one.criteria


def counts(criteria: Sequence[CriterionResult]) -> Mapping[Standing, int]:
    """How many stand how."""
    return {standing: sum(one.standing is standing for one in criteria) for standing in Standing}


def held(scorecard: Scorecard, cap: Cap) -> str:
    """The dimensions that a cap concerns, in words."""
    names = [one.name for one in scorecard.dimensions if cap in one.caps]
    if len(names) == len(scorecard.dimensions):
        return "every dimension"
    return one_line(", ".join(names), TEXT)


def holding(one: DimensionScore) -> tuple[str, str]:
    """What holds a dimension down, or will: in short, and the reason of the lowest cap. Empty for nothing."""
    if not one.caps:
        return "", ""
    cap = min(one.caps, key=lambda each: each.level)
    short = f"held down to {one.level} from {one.uncapped}" if one.level < one.uncapped else ""
    return short or f"no higher than {cap.level}", one_line(cap.reason, TEXT)


def short_digest(digest: str) -> str:
    """The beginning of a digest, enough to find it by."""
    kind, _, digits = digest.rpartition(":")
    return one_line(f"{kind}:{digits[:_DIGEST]}" if kind else digits[:_DIGEST], NAME)


def address(source: str, root: str) -> str:
    """A file of the project as seen from the page; empty for whatever is not inside it.

    ``root`` leads from the page's folder to the project's. The path is quoted: what looks like an address
    of the web, or like a scheme, is a file's name.
    """
    path = PurePosixPath(source.replace("\\", "/"))
    outside = path.is_absolute() or ".." in path.parts or not path.parts
    if outside or len(source) > _LONGEST_PATH or not source.isprintable():
        return ""
    prefix = f"{root.rstrip('/')}/" if root.strip("/") else "./"
    return quote(prefix + path.as_posix())
