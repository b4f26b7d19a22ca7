"""What differs between two JSON values, place by place, in few words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentops_eval.domain import Json
from agentops_eval.evals._paths import spelled
from agentops_eval.evals._verdicts import shown
from agentops_eval.traces import same

MOST_NODES = 20_000
"""Values in both sides together, above which DeepDiff is not asked: it would take minutes."""

MOST_UNORDERED = 400
_ADDED = {"dictionary_item_added", "iterable_item_added"}
_REMOVED = {"dictionary_item_removed", "iterable_item_removed"}
_MARK = "\ue000"
_TRUTH = {f"{_MARK}{value}": value for value in (True, False)}
_SURROGATE = re.compile("[\ud800-\udfff]")


def differences(
    expected: Json, found: Json, *, significant_digits: int | None = None, ignore_order: bool = False
) -> list[str]:
    """One line for each place that differs, empty where nothing does.

    1 is 1.0, True is not 1. ``significant_digits`` are those behind the decimal point, as DeepDiff counts
    them. Raises ValueError for values that are too large to compare without their order.
    """
    if same(expected, found):
        return []
    nodes = _count(expected) + _count(found)
    most = MOST_UNORDERED if ignore_order else MOST_NODES
    if nodes > MOST_NODES or (ignore_order and _longest(expected, found) > most):
        if ignore_order or significant_digits is not None:
            raise ValueError(f"the values are too large to be compared so: {nodes:,} values")
        return [_line("", expected, found)]
    lines = list(_by_deepdiff(expected, found, significant_digits, ignore_order=ignore_order))
    strict = significant_digits is None and not ignore_order
    return lines or ([_line("", expected, found)] if strict else [])


def _by_deepdiff(
    expected: Json, found: Json, significant_digits: int | None, *, ignore_order: bool
) -> Iterator[str]:
    from deepdiff import DeepDiff

    floats = significant_digits is not None  # only then does DeepDiff round them
    tree: Mapping[str, Any] = DeepDiff(
        _typed(expected, floats=floats),
        _typed(found, floats=floats),
        view="tree",
        ignore_order=ignore_order,
        report_repetition=ignore_order,  # otherwise [1, 1] is [1]
        significant_digits=significant_digits,
        ignore_private_variables=False,  # by default keys with two underscores are passed over
    )
    for report in sorted(tree):
        for level in tree[report]:
            place = spelled(level.path(output_format="list"))
            if report in _ADDED:
                yield f"{place or 'it'}: {shown(_plain(level.t2))} is not expected"
            elif report in _REMOVED:
                yield f"{place or 'it'}: {shown(_plain(level.t1))} is missing"
            elif report == "repetition_change":
                yield f"{place or 'it'}: {shown(_plain(level.t1))} stands there another number of times"
            else:
                yield _line(place, _plain(level.t1), _plain(level.t2))


def _line(place: str, expected: Json, found: Json) -> str:
    one, other = around(expected, found)
    return f"{place + ': ' if place else ''}{other} where {one} is expected"


def around(expected: Json, found: Json) -> tuple[str, str]:
    """Both values in short; of long texts the part where they begin to differ."""
    if not (isinstance(expected, str) and isinstance(found, str)) or max(len(expected), len(found)) <= 60:
        return shown(expected), shown(found)
    start = next(
        (at for at, pair in enumerate(zip(expected, found, strict=False)) if pair[0] != pair[1]),
        min(len(expected), len(found)),
    )
    begin = max(0, start - 20)
    before = "..." if begin else ""
    return shown(before + expected[begin : begin + 60]), shown(before + found[begin : begin + 60])


def _typed(value: Json, *, floats: bool) -> Any:
    """The value as DeepDiff has to see it.

    It tells 1 from 1.0, in lists it takes True for 1, and it cannot hash a lone surrogate. So numbers get
    one type, and booleans and surrogates are spelled as text that nothing else is spelled as.
    """
    if isinstance(value, Mapping):
        return {_spelled(key): _typed(item, floats=floats) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_typed(item, floats=floats) for item in value]
    if isinstance(value, bool):
        return f"{_MARK}{value}"
    if isinstance(value, str):
        return _spelled(value)
    if floats and isinstance(value, int) and abs(value) < 2**53:
        return float(value)
    if not floats and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _spelled(text: str) -> str:
    marked = text.replace(_MARK, _MARK * 2)
    return _SURROGATE.sub(lambda match: f"{_MARK}{ord(match[0]):x}", marked)


def _plain(value: Any) -> Json:
    """Back again, as far as a reason shows it."""
    if type(value).__name__ == "NotPresent":
        return None
    if isinstance(value, str) and value in _TRUTH:
        return _TRUTH[value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value  # type: ignore[no-any-return]  # DeepDiff gives back what it was given


def _count(value: Json) -> int:
    if isinstance(value, Mapping):
        return 1 + sum(map(_count, value.values()))
    return 1 + sum(map(_count, value)) if isinstance(value, (list, tuple)) else 1


def _longest(*values: Json) -> int:
    found = 0
    level: Sequence[Json] = values
    while level:
        inner: list[Json] = []
        for one in level:
            if isinstance(one, (list, tuple)):
                found = max(found, len(one))
                inner += one
            elif isinstance(one, Mapping):
                inner += one.values()
        level = inner
    return found
