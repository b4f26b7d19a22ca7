"""Which calls are the same call."""

from __future__ import annotations

from agentops_eval.domain import Json, ToolCall, canonical_json
from agentops_eval.evals._json_values import plain_numbers


def identity(call: ToolCall, *, leaving_out: frozenset[str] = frozenset()) -> str | None:
    """A text that calls of one tool with the same arguments share; None where those are not told."""
    if call.arguments is None:
        return None
    given = {name: value for name, value in call.arguments.items() if name not in leaving_out}
    return f"{spelled(call.name)}{spelled(given)}"


def spelled(value: Json) -> str:
    """The one spelling of a JSON value: keys sorted, 5.0 written as 5."""
    return canonical_json(plain_numbers(value))
