"""Values of a row as what they should be. What is missing or null never gets here."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from agentops_eval.domain import Arm, ErrorSource, canonical_json, to_json

_OUTCOMES = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False, "": None}
_NO_ERROR = frozenset(("", "false", "0", "none", "null"))
_SOURCES = {source.value: source for source in ErrorSource}
_ARMS = {arm.value: arm for arm in Arm}
_LATEST_S = 1e11
"""In the year 5138; what is later was not meant as seconds."""


class Unfit(ValueError):
    """A value is something else; says what was expected."""


def outcome(value: object) -> bool | None:
    """Whether it passed, None where nobody can say."""
    if value is True or value is False:
        return value
    if isinstance(value, str) and value.strip().lower() in _OUTCOMES:
        return _OUTCOMES[value.strip().lower()]
    if isinstance(value, (int, float)) and value in {0, 1}:
        return bool(value)
    raise Unfit("true, false, 1 or 0")


def number(value: object) -> float | None:
    """A number of any size, also one that is none (NaN) or has no end; None for an empty text."""
    if isinstance(value, str):
        return _spelt(value)
    if isinstance(value, (bytes, bytearray)) or not hasattr(value, "__float__"):
        raise Unfit("a number, true or false")
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf if isinstance(value, int) and value > 0 else -math.inf


def _spelt(text: str) -> float | None:
    word = text.strip().lower()
    if word in _OUTCOMES:
        found = _OUTCOMES[word]
        return None if found is None else float(found)
    try:
        if "_" not in word and word.isascii():
            return float(word)
    except ValueError:
        pass
    raise Unfit("a number, true or false")


def whole(value: object) -> int | None:
    """A whole number, None for an empty text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and not value.strip():
        return None
    found = None if isinstance(value, bool) else number(value)
    if found is None or not found.is_integer():
        raise Unfit("a whole number")
    return int(found)


def text(value: object) -> str:
    """A text, or a whole number as one; empty for NaN, by which tables say that a text is missing."""
    if isinstance(value, str):
        # JSON can spell halves of characters, which no file or terminal takes.
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and math.isnan(value):
        return ""
    raise Unfit("a text")


def moment(value: object) -> float | None:
    """Seconds since 1970, told so or as ISO 8601; a time without a zone is UTC. None for an empty text."""
    if isinstance(value, str) and not value.strip():
        return None
    seconds = _timestamp(value)
    if seconds is None or not abs(seconds) < _LATEST_S:
        raise Unfit("seconds (no milliseconds) since 1970, or a time as 2026-05-01T12:00:00Z")
    return seconds


def _timestamp(value: object) -> float | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if isinstance(value, str):
        try:
            return _spelt(value)
        except Unfit:
            value = _parsed(value.strip())
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return None if value is None or isinstance(value, bool) else number(value)


def _parsed(spelling: str) -> datetime | None:
    try:
        return datetime.fromisoformat(spelling)
    except ValueError:
        return None


def side(value: object) -> Arm | None:
    """Which arm a row says that it is of."""
    word = text(value).strip().lower()
    if word and word not in _ARMS:
        raise Unfit(" or ".join(_ARMS))
    return _ARMS.get(word)


def blame(value: object, *, judged: bool) -> ErrorSource | None:
    """Whose fault an error was: by a known word, or by ``source`` in an object.

    Any other text explains an outcome where there is one. Where there is none it is an error of the
    infrastructure: in no rate, but counted.
    """
    if isinstance(value, Mapping):
        value = value.get("source") or bool(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _SOURCES:
            return _SOURCES[word]
        value = word not in _NO_ERROR
    return ErrorSource.INFRASTRUCTURE if value and not judged else None


def digest(answer: object) -> str:
    """The SHA-256 of an answer's canonical JSON."""
    spelt = canonical_json(to_json(answer))
    return hashlib.sha256(spelt.encode("utf-8", "backslashreplace")).hexdigest()
