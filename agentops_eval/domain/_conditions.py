"""Where an expectation says what a value is, it says the value itself, or a condition in these words."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from agentops_eval.domain._json import Json

CONDITION_WORDS = (
    "absent",
    "any_of",
    "anything",
    "between",
    "contains",
    "exactly",
    "matches",
    "near",
    "not",
    "of_type",
    "optional",
    "unordered",
    "within",
)
"""A mapping of these and nothing else is a condition; every other value stands for itself."""

_FEW, _SHORT, _NEAR = 3, 5, 0.88


def is_condition(value: Json) -> bool:
    """Whether a value of an expectation is read as a condition."""
    return isinstance(value, Mapping) and bool(value) and all(key in CONDITION_WORDS for key in value)


def misspelt(value: Json) -> str:
    """The word that a small mapping nearly says: it was meant as a condition, and is none. Else empty."""
    if not isinstance(value, Mapping) or not 0 < len(value) <= _FEW or is_condition(value):
        return ""
    found = [key if key in CONDITION_WORDS else _near(key) for key in value]
    return next(one for one, key in zip(found, value, strict=True) if one != key) if all(found) else ""


def literal(value: Json) -> Json:
    """A value such that an expectation which says it means the value itself, whatever it holds."""
    if is_condition(value) or misspelt(value):
        return {"exactly": value}
    if isinstance(value, Mapping):
        return {key: literal(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [literal(inner) for inner in value]
    return value


def _near(key: str) -> str:
    if len(key) < _SHORT:
        return ""
    return next(iter(difflib.get_close_matches(key.lower(), CONDITION_WORDS, n=1, cutoff=_NEAR)), "")
