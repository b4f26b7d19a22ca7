"""Verdicts with reasons of one line, whatever the text is that they tell of."""

from __future__ import annotations

import json
from collections.abc import Sequence

from agentops_eval.domain import Json, Verdict, VerdictValue, shorten
from agentops_eval.traces import printable

LONGEST_REASON = 500
SHOWN = 80
"""Characters of one value that a reason shows at most."""


def passing(reason: str, *, score: float = 1.0, evidence: Sequence[str] = ()) -> Verdict:
    """A pass."""
    return Verdict(value=VerdictValue.PASS, score=score, reason=one_line(reason), evidence=tuple(evidence))


def failing(reason: str, *, score: float = 0.0, evidence: Sequence[str] = ()) -> Verdict:
    """A fail."""
    return Verdict(value=VerdictValue.FAIL, score=score, reason=one_line(reason), evidence=tuple(evidence))


def unknown(reason: str) -> Verdict:
    """Neither, because something is missing."""
    return Verdict(value=VerdictValue.UNKNOWN, reason=one_line(reason))


def check_at_least(at_least: float) -> None:
    """Raise ValueError for what is no score that anything could reach, or could fail to reach."""
    if not 0 < at_least <= 1:
        raise ValueError(f"at_least is {at_least:g}; it is a score above 0, and 1 at most")


def one_line(text: str, most: int = LONGEST_REASON) -> str:
    """Text that neither breaks the line nor steers a terminal, cut to ``most`` characters."""
    return printable(shorten(text, most))


def shown(value: Json, most: int = SHOWN) -> str:
    """A JSON value as a reason shows it: text between quotes, everything cut to ``most`` characters."""
    if isinstance(value, str):
        return printable(json.dumps(shorten(value, most), ensure_ascii=False))
    try:
        spelled = json.dumps(value, ensure_ascii=False)
    except (ValueError, TypeError, RecursionError):
        spelled = f"<{type(value).__name__}>"
    return one_line(spelled, most)


def listed(parts: Sequence[str], most: int = 3) -> str:
    """The first of many, and how many more there are."""
    more = f"; and {len(parts) - most} more" if len(parts) > most else ""
    return "; ".join(parts[:most]) + more
