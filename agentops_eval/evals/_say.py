"""Values and names in few characters, safe to print: what a reason shows of what an llm wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from agentops_eval.domain import Json, shorten
from agentops_eval.traces import printable

_VALUE, _NAME, _LISTED = 60, 60, 4


def value(given: Json) -> str:
    """A value, cut where it is long."""
    if isinstance(given, Mapping) and len(given) > 20:
        return f"an object of {len(given)} fields"
    if isinstance(given, (list, tuple)) and len(given) > 40:
        return f"a list of {len(given)} items"
    if isinstance(given, str) and len(given) > _VALUE:
        return f'{_json(given[: _VALUE - 3])[:-1]}..." ({len(given)} characters)'
    return shorten(_json(given), _VALUE + 2)


def name(given: str) -> str:
    """A tool's or an argument's name; an empty one is told as such."""
    return shorten(printable(given), _NAME) or "(no name)"


def listed(told: Iterable[str], *, last: str = "or") -> str:
    """``a, b or c``; of many the first few."""
    texts = list(dict.fromkeys(told))
    if len(texts) > _LISTED:
        return f"{', '.join(texts[:_LISTED])} {last} {len(texts) - _LISTED} more"
    return f" {last} ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))


def first(told: Sequence[str], limit: int) -> str:
    """The first of what is to be said, and how much more there is; empty where there is nothing."""
    if not told:
        return ""
    more = f", and {len(told) - 1} more" if len(told) > 1 else ""
    return f"{shorten(told[0], limit)}{more}"


def counted(count: int, noun: str) -> str:
    """``1 call``, ``2 calls``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def times(count: int) -> str:
    """``once``, ``twice``, ``3 times``."""
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def share(part: float) -> str:
    """A share from 0 to 1 in three digits."""
    return f"{part:.3g}"


def _json(given: Json) -> str:
    try:
        return printable(json.dumps(given, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return f"<{type(given).__name__}>"
