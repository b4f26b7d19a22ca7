"""Which calls are the same call."""

from __future__ import annotations

import json
from collections.abc import Mapping

from agentops_eval.domain import Json, ToolCall

_SPELL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def identity(call: ToolCall, *, leaving_out: frozenset[str] = frozenset()) -> str | None:
    """A text that calls of one tool with the same arguments share; None where those are not told."""
    if call.arguments is None:
        return None
    given = {name: value for name, value in call.arguments.items() if name not in leaving_out}
    return f"{_SPELL.encode(call.name)}{spelled(given)}"


def spelled(value: Json) -> str:
    """The one spelling of a JSON value: keys sorted, 5.0 written as 5."""
    return _SPELL.encode(_plain(value))


def _plain(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value
