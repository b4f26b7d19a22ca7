"""Answers that are JSON: as values already, as text, or in a fence."""

from __future__ import annotations

import json
import re

from agentops_eval.domain import Json
from agentops_eval.evals._json_values import MOST_DEPTH, too_deep

MOST_JSON = 2_000_000
"""Characters of JSON text that are read at most."""

_FENCE = re.compile(
    r"^[ \t]*```[ \t]*(?:json[c5]?)?[ \t]*\r?\n(.*?)^[ \t]*```[ \t]*$",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)


class NoJson(ValueError):
    """The text is no JSON, or none that is read; the message says why."""


def json_of(value: Json) -> Json:
    """An answer as JSON: text is read, whole or from its only fence. Raises NoJson."""
    read = _read(value) if isinstance(value, str) else value
    if too_deep(read):
        raise NoJson(f"it is nested more than {MOST_DEPTH} levels deep")
    return read


def _read(text: str) -> Json:
    if len(text) > MOST_JSON:
        raise NoJson(f"it has {len(text):,} characters, and {MOST_JSON:,} are read at most")
    try:
        return _loads(text.lstrip("\ufeff"))
    except NoJson as error:
        fenced = _FENCE.findall(text)
        if len(fenced) > 1:
            raise NoJson(f"it holds {len(fenced)} fences: one can be read") from None
        if not fenced:
            raise error from None
    return _loads(fenced[0])


def _loads(text: str) -> Json:
    try:
        found: Json = json.loads(text, parse_constant=_constant)
    except RecursionError:
        raise NoJson("it is nested too deep") from None
    except json.JSONDecodeError as error:
        raise NoJson(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except ValueError as error:  # also a whole number of thousands of digits
        raise NoJson(str(error)) from None
    return found


def _constant(name: str) -> Json:
    raise NoJson(f"{name} is no JSON number")
