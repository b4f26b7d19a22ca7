"""JSON as it may stand in a prompt file: finite numbers, bounded depth."""

from __future__ import annotations

import json
from typing import NoReturn

from agentops_eval.domain import Json, ascii_json, shorten
from agentops_eval.evals._json_values import MOST_DEPTH, plain_numbers, too_deep

_LONGEST = 400


def read_json(text: str) -> Json:
    """The value of a JSON text. Raises ValueError; a JSONDecodeError among them knows the line."""
    try:
        value: Json = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError(f"it is nested deeper than {MOST_DEPTH} levels") from None
    if too_deep(value):
        raise ValueError(f"it is nested deeper than {MOST_DEPTH} levels")
    return value


def canonical(value: Json) -> str:
    """The one spelling of a value: compact, keys sorted, ASCII, and 1.0 written as 1."""
    return ascii_json(plain_numbers(value))


def brief(value: Json, *, limit: int = _LONGEST) -> str:
    """A value in one line of text, cut where it is long."""
    return shorten(json.dumps(plain_numbers(value), ensure_ascii=False), limit)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if value - value != 0:
        raise ValueError(f"{text[:40]} is too large a number")
    return value
