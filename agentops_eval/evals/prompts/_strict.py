"""JSON as it may stand in a prompt file: finite numbers, bounded depth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NoReturn

from agentops_eval.domain import Json

_DEEPEST = 64
_LONGEST = 400


def read_json(text: str) -> Json:
    """The value of a JSON text. Raises ValueError; a JSONDecodeError among them knows the line."""
    try:
        value: Json = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError(f"it is nested deeper than {_DEEPEST} levels") from None
    if _depth(value) > _DEEPEST:
        raise ValueError(f"it is nested deeper than {_DEEPEST} levels")
    return value


def canonical(value: Json) -> str:
    """The one spelling of a value: compact, keys sorted, ASCII, and 1.0 written as 1."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def brief(value: Json, *, limit: int = _LONGEST) -> str:
    """A value in one line of text, cut where it is long."""
    text = json.dumps(_plain(value), ensure_ascii=False)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def _plain(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if value - value != 0:
        raise ValueError(f"{text[:40]} is too large a number")
    return value


def _depth(value: Json) -> int:
    """How deep the value is nested, without recursion: what it is asked about may be deep."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(one, Mapping):
            waiting += [(item, depth + 1) for item in one.values()]
        elif isinstance(one, (list, tuple)):
            waiting += [(item, depth + 1) for item in one]
    return deepest
