"""JSON values whatever they mean: how deep they are nested, and one spelling for one number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agentops_eval.domain import Json

MOST_DEPTH = 64


def too_deep(value: Json) -> bool:
    """Whether a value is nested more than 64 levels deep. Without recursion: it may be very deep."""
    level: list[Json] = [value]
    for _ in range(MOST_DEPTH + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: Json) -> Iterable[Json]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()


def plain_numbers(value: Json) -> Json:
    """The same value with 1.0 written as 1, so that what is equal as JSON is spelled alike."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: plain_numbers(item) for key, item in value.items()}
    return [plain_numbers(item) for item in value] if isinstance(value, (list, tuple)) else value
