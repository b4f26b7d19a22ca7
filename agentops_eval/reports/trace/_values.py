"""Values, spans of time and money as people say them. Nothing here grows beyond its limit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from itertools import islice

from agentops_eval.domain import Json
from agentops_eval.reports._text import CUT, block, one_line

_ITEMS = 12
TOO_DEEP = "(nested too deeply to be shown)"


def in_words(value: Json, limit: int) -> str:
    """A value in one line: ``order_id: 1042, amount: 59.9``; nothing where it is empty."""
    if value is None or value in ({}, [], ""):
        return "nothing"
    if isinstance(value, Mapping):
        told = (f"{key}: {_inside(item, limit)}" for key, item in islice(value.items(), _ITEMS))
        return one_line(", ".join(told) + CUT * (len(value) > _ITEMS), limit)
    if isinstance(value, (list, tuple)):
        plain = (_inside(item, limit) for item in islice(value, _ITEMS))
        return one_line("; ".join(plain) + CUT * (len(value) > _ITEMS), limit)
    return one_line(_scalar(value), limit)


def _inside(value: Json, limit: int) -> str:
    """A value within another: texts as they are, what is nested as JSON."""
    if isinstance(value, str):
        return value[: limit + 1]
    return _json(value, limit) if isinstance(value, (Mapping, list, tuple)) else _scalar(value)


def _scalar(value: Json) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value)


def whole(value: Json, limit: int) -> str:
    """A value over several lines: a text as it is, anything else as JSON."""
    return block(value if isinstance(value, str) else _json(value, limit, indent=1), limit)


def _json(value: Json, limit: int, *, indent: int | None = None) -> str:
    """JSON, spelt no further than somewhat beyond the limit: most of a large document is not looked at."""
    found, size = list[str](), 0
    try:
        for part in json.JSONEncoder(ensure_ascii=False, indent=indent, default=str).iterencode(value):
            found.append(part[: limit + 1])
            size += len(part)
            if size > limit:
                break
    except (RecursionError, ValueError):
        return TOO_DEEP
    return "".join(found)


def lasted(milliseconds: float | None) -> str:
    """A span of time: ``340 ms``, ``1.2 s``, ``2 min 5 s``; a question mark where it is not known."""
    if milliseconds is None or not 0 <= milliseconds < 1e15:
        return "?"
    if milliseconds < 1:
        return "less than 1 ms"
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.1f}".removesuffix(".0") + " s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours:,} h" * bool(hours), f"{minutes} min" * bool(minutes), f"{seconds} s" * bool(seconds)]
    return " ".join(filter(None, parts))


def dollars(amount: Decimal | None) -> str:
    """An amount in US dollars, as precise as it is worth reading; small ones keep two digits that count."""
    if amount is None:
        return "unknown"
    if amount >= 1:
        return f"${amount:,.2f}"
    return f"${amount:.6f}".rstrip("0").rstrip(".") if amount else "$0"
