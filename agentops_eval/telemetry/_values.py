"""Values as span attributes. What cannot be one is left out and logged: telemetry must not break agents."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterable, Mapping
from typing import TypeAlias

Value: TypeAlias = str | bool | int | float | tuple[str, ...]

LONGEST = 32 * 1024
"""Characters of one value; what is longer is cut, for collectors drop whole spans that are too large."""

_log = logging.getLogger("agentops_eval.telemetry")


def text(key: str, value: object) -> dict[str, Value]:
    """A text; empty and None are nothing."""
    if value is None or value == "":
        return {}
    if not isinstance(value, str):
        return _refused(key, value, "a string")
    return {key: clipped(value)}


def number(key: str, value: object, *, least: float = -math.inf, most: float = math.inf) -> dict[str, Value]:
    """A finite number within its bounds; None is nothing."""
    if value is None:
        return {}
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _refused(key, value, "a number")
    if not math.isfinite(value) or not least <= value <= most:
        return _refused(key, value, f"a number from {least:g} to {most:g}")
    return {key: float(value)}


def texts(key: str, values: Iterable[object]) -> dict[str, Value]:
    """Some texts; a single one is no list of its letters."""
    if isinstance(values, str):
        return _refused(key, values, "a list of strings")
    try:
        found = tuple(clipped(one if isinstance(one, str) else str(one)) for one in values)
    except Exception:  # whatever the caller's own objects do
        return _refused(key, values, "a list of strings")
    return {key: found} if found else {}


def json_text(key: str, value: object) -> dict[str, Value]:
    """Anything as JSON; None is nothing. What JSON does not have is written as text."""
    if value is None:
        return {}
    try:
        said = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    except Exception:  # circles, keys of several kinds, the caller's own __str__
        return _refused(key, value, "JSON")
    if len(said) > LONGEST:  # cut JSON is none: a string that says what was there is
        said = json.dumps(clipped(said), ensure_ascii=False)
    return {key: said}


def flag(key: str, value: object) -> dict[str, Value]:
    """A boolean."""
    return {key: bool(value)}


def merged(*parts: Mapping[str, Value]) -> dict[str, Value]:
    """All of them as one."""
    return {key: value for part in parts for key, value in part.items()}


def clipped(value: str) -> str:
    """The text as UTF-8 can hold it, its length bounded."""
    return value[:LONGEST].encode("utf-8", "replace").decode()


def warn(message: str, *arguments: object) -> None:
    """Say what is wrong where developers look."""
    _log.warning(message, *arguments)


def _refused(key: str, value: object, wanted: str) -> dict[str, Value]:
    warn("%s left out: it should be %s, and is of type %s", key, wanted, type(value).__name__)
    return {}
