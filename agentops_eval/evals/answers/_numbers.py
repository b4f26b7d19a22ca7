"""The number of an answer, however it is spelled."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Literal

from agentops_eval.domain import Json, Verdict
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._verdicts import failing, listed, passing, shown
from agentops_eval.evals.answers._seen import over
from agentops_eval.evals.answers.facts import numbers_in

_MOST_TEXT = 200_000


def answer_number(
    expected: float,
    *,
    abs_tol: float = 0.0,
    rel_tol: float = 0.0,
    which: Literal["only", "any", "first", "last"] = "only",
    decimal: Literal["auto", ".", ","] = "auto",
    turn: int | None = None,
    field: str = "",
) -> Evaluator:
    """The answer's number is ``expected``: ``|found - expected| <= max(abs_tol, rel_tol * |expected|)``.

    Text may hold currency signs, percent signs, units and thousands separators: ``1,234.50 USD``,
    ``1.234,50 EUR``, ``12 %``. Where it holds several different numbers, ``which`` says the one that counts;
    ``only`` fails then. ``decimal`` is the decimal separator; ``auto`` takes ``1,234`` for either reading.
    Raises ValueError for a tolerance below zero, or an expected number that is not finite.
    """
    if not math.isfinite(expected):
        raise ValueError(f"expected is {expected}, and no answer is that")
    if not (0 <= abs_tol < math.inf and 0 <= rel_tol < math.inf):
        raise ValueError("a tolerance is a number from 0")
    wanted = Decimal(repr(expected))
    margin = max(Decimal(repr(abs_tol)), Decimal(repr(rel_tol)) * abs(wanted))
    within = f" within {_short(margin)}" if margin else ""

    def judge(value: Json) -> Verdict:
        found = _numbers(value, decimal)
        if isinstance(found, str):
            return failing(found)
        if which == "only" and len({*found}) > 1:
            held = listed([_spelled(one) for one in dict.fromkeys(found)], 4)
            return failing(f"the answer holds several numbers: {held}; say which: first, last or any")
        looked = {"first": found[:1], "last": found[-1:]}.get(which, found)
        if any(abs(reading - wanted) <= margin for one in looked for reading in one):
            return passing(f"the number is {_short(wanted)}{within}")
        says = listed([_spelled(one) for one in dict.fromkeys(looked)], 4)
        return failing(f"the answer says {says} where {_short(wanted)} is expected{within}")

    return over(judge, turn=turn, field=field)


def _numbers(value: Json, decimal: str) -> list[frozenset[Decimal]] | str:
    """The readings of each number in its order, or why there is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [frozenset({Decimal(repr(value))})] if math.isfinite(value) else f"the answer is {value}"
    if not isinstance(value, str):
        return f"the answer is {shown(value)}, no number"
    if len(value) > _MOST_TEXT:
        return f"the answer has {len(value):,} characters; {_MOST_TEXT:,} are read at most"
    found = numbers_in(value, decimal="" if decimal == "auto" else decimal)
    return found or f"the answer holds no number: {shown(value)}"


def _spelled(readings: frozenset[Decimal]) -> str:
    return " or ".join(_short(one) for one in sorted(readings))


def _short(value: Decimal) -> str:
    """Digits without an exponent, as far as they are few."""
    tidy = value.normalize()
    return f"{tidy:f}" if abs(tidy.adjusted()) < 20 else f"{tidy:.6g}"
