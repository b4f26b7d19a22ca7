"""Dates and times of day."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from typing import TypeAlias

from agentops_eval.evals.answers.facts._markup import Paper
from agentops_eval.evals.answers.facts._model import Fact, FactKind
from agentops_eval.evals.answers.facts._words import MONTH, MONTH_NAMES, MONTHS

Day: TypeAlias = tuple[int | None, int, int | None]
"""Year, month and day; None is not told."""

_LEAP = 2000
_NO_MORE = r"(?![0-9]|[.,/:\-][0-9])"
_BEGIN = r"(?<![0-9.,/:\-])"
_ISO = re.compile(rf"{_BEGIN}([0-9]{{4}})[-/]([0-9]{{1,2}})[-/]([0-9]{{1,2}})(?![0-9/\-])")
_DOTTED = re.compile(
    rf"{_BEGIN}([0-9]{{1,2}})\.\s?([0-9]{{1,2}})\.\s?([0-9]{{4}}){_NO_MORE}"
    rf"|{_BEGIN}([0-9]{{2}})\.([0-9]{{2}})\.([0-9]{{2}}){_NO_MORE}"
)
_SHORT_DOTTED = re.compile(
    rf"(?<=\b(?:am|ab)\s)([0-9]{{1,2}})\.([0-9]{{1,2}})\.{_NO_MORE}"
    rf"|(?<=\b(?:bis|vom|zum|dem|den|der)\s)([0-9]{{1,2}})\.([0-9]{{1,2}})\.{_NO_MORE}",
    re.IGNORECASE,
)
_SLASHED = re.compile(rf"{_BEGIN}([0-9]{{1,2}})[/-]([0-9]{{1,2}})[/-]([0-9]{{4}}){_NO_MORE}")
_DAY = r"(?P<{0}>[0-9]{{1,2}})(?:st|nd|rd|th|\.)?"
_YEAR = r"(?:,?\s(?P<{0}>[12][0-9]{{3}})(?![0-9]|[.,][0-9]))?"
_NAMED = re.compile(
    rf"{_BEGIN}{_DAY.format('d1')}\s?(?:of\s|day\sof\s)?(?P<m1>{MONTH})\b\.?{_YEAR.format('y1')}"
    rf"|\b(?P<m2>{MONTH})\b\.?\s(?:the\s)?{_DAY.format('d2')}(?![0-9%]|[.,:][0-9]|\s?%){_YEAR.format('y2')}"
    rf"|\b(?P<m3>{MONTH})\b\.?,?\s(?P<y3>[12][0-9]{{3}})(?![0-9]|[.,][0-9])",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    rf"{_BEGIN}(?P<h1>[01]?[0-9]|2[0-3]):(?P<m1>[0-5][0-9])(?::[0-5][0-9])?(?:\s?(?P<half1>[ap]\.?m\b\.?)|\s?uhr\b)?"
    r"(?![0-9:])"
    rf"|{_BEGIN}(?P<h2>1[0-2]|0?[1-9])(?:\.(?P<m2>[0-5][0-9]))?\s?(?P<half2>[ap]\.?m\b\.?)"
    rf"|{_BEGIN}(?P<h3>[01]?[0-9]|2[0-3])(?:[.:](?P<m3>[0-5][0-9]))?\s?uhr\b(?:\s(?P<m4>[0-5][0-9])\b(?![.,][0-9]))?",
    re.IGNORECASE,
)


def take_moments(paper: Paper) -> None:
    """Take the dates, then the times."""
    paper.take(_ISO, lambda match: _date(match, [_day(match[1], match[2], match[3])]))
    paper.take(_DOTTED, _dotted)
    paper.take(_SLASHED, _slashed)
    paper.take(_NAMED, _named)
    paper.take(_SHORT_DOTTED, _short_dotted)
    paper.take(_CLOCK, _time)


def _dotted(match: re.Match[str]) -> Fact | None:
    if match[1]:
        return _date(match, [_day(match[3], match[2], match[1])])
    return _date(match, [_day(f"20{match[6]}", match[5], match[4])])


def _short_dotted(match: re.Match[str]) -> Fact | None:
    return _date(match, [_day(None, match[2] or match[4], match[1] or match[3])])


def _slashed(match: re.Match[str]) -> Fact | None:
    """Day first or month first: whatever the calendar admits."""
    first, second, year = match.groups()
    return _date(match, [_day(year, second, first), _day(year, first, second)])


def _named(match: re.Match[str]) -> Fact | None:
    month = MONTHS[(match["m1"] or match["m2"] or match["m3"]).lower()]
    year = match["y1"] or match["y2"] or match["y3"]
    return _date(match, [_day(year, str(month), match["d1"] or match["d2"])])


def _day(year: str | None, month: str, day: str | None) -> Day | None:
    """The day, where the calendar has it."""
    at, number = int(month), None if day is None else int(day)
    if not 1 <= at <= 12 or (year is not None and not 1000 <= int(year) <= 2999):
        return None
    if number is not None and not 1 <= number <= monthrange(int(year or _LEAP), at)[1]:
        return None
    return (None if year is None else int(year), at, number)


def _date(match: re.Match[str], days: Iterable[Day | None]) -> Fact | None:
    found = frozenset(day for day in days if day is not None)
    if not found:
        return None
    text = date_text(next(iter(found))) if len(found) == 1 else match[0]
    return Fact(kind=FactKind.DATE, readings=found, text=text, said=match[0], start=match.start())


def date_text(day: Day) -> str:
    """One spelling of a date, with what is known of it."""
    year, month, number = day
    if year is not None and number is not None:
        return f"{year:04}-{month:02}-{number:02}"
    name = MONTH_NAMES[month - 1]
    return f"{name} {year}" if number is None else f"{number} {name}"


def same_day(one: Day, other: Day) -> bool:
    """Whether two dates agree in everything that both tell, the day or the year among it."""
    pairs = [pair for pair in zip(one, other, strict=True) if None not in pair]
    return len(pairs) > 1 and all(left == right for left, right in pairs)


def _time(match: re.Match[str]) -> Fact | None:
    hour = int(match["h1"] or match["h2"] or match["h3"])
    minute = int(match["m1"] or match["m2"] or match["m3"] or match["m4"] or 0)
    half = (match["half1"] or match["half2"] or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    readings = frozenset({hour * 60 + minute})
    text = f"{hour:02}:{minute:02}"
    return Fact(kind=FactKind.TIME, readings=readings, text=text, said=match[0], start=match.start())
