"""Texts of agents for pages, tables and comments: bounded, nothing hidden in them, numbers for people."""

from __future__ import annotations

import json
import math
import unicodedata

from agentops_eval.domain import Json
from agentops_eval.traces import printable

CUT = " ..."
_BROAD = frozenset("MWmw@%\u2014")
_FAR = 1e6


def cut(text: str, limit: int) -> str:
    """At most ``limit`` characters, with three dots where something is missing."""
    return text if len(text) <= limit else f"{text[: max(limit - len(CUT), 0)]}{CUT}"


def one_line(text: str, limit: int) -> str:
    """A text in one line: control characters and what turns the reading direction are shown as escapes."""
    return printable(" ".join(cut(text, limit).split()))


def block(text: str, limit: int) -> str:
    """A text with its lines and tabs; every other control character is shown as an escape."""
    short = cut(text, limit)
    if short.isprintable():
        return short
    lines = short.replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in lines)


def fitting(text: str, room: int) -> str:
    """As much of a text as fits into the room of so many letters."""
    used = 0.0
    for at, sign in enumerate(text):
        used += _width(sign)
        if used > room:
            return f"{text[: max(at - 1, 0)]}\u2026"
    return text


def _width(sign: str) -> float:
    """About how wide a sign is, in small letters."""
    if unicodedata.east_asian_width(sign) in "WF":
        return 2.0
    return 1.7 if sign in _BROAD else 1.2 if sign.isupper() else 1.0


def spelled(value: Json) -> str:
    """A text as it is, anything else as JSON; nothing where there is nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1, default=str)


# -- numbers ------------------------------------------------------------------------------------

_UNITS = {"cost": "USD", "usd": "USD", "latency": "s", "seconds": "s", "tokens": "tokens"}


def unit_of(measure: str) -> str:
    """The unit that a measure's name tells: ``cost_usd``, ``latency_s``, ``input_tokens``; else none."""
    if measure.endswith("_s"):
        return "s"
    return next((unit for word, unit in _UNITS.items() if word in measure.split("_")), "")


def finite(value: float | None) -> float | None:
    """The number where it is one: what is infinite or no number is not known."""
    return value if value is not None and math.isfinite(value) else None


def percent(share: float | None) -> str:
    """A share in percent, rounded down, so that only what never failed is shown as 100."""
    tenths = None if share is None else finite(share * 1000)
    if share is None or tenths is None:
        return "?"
    if abs(tenths) > _FAR:
        return f"{share * 100:.3g} %"
    return "100 %" if share == 1 else f"{math.floor(tenths + 1e-9) / 10:.1f} %"


def points(difference: float | None) -> str:
    """A difference of two shares in percentage points, with its sign."""
    known = signed_percent(difference)
    return known if known == "?" else f"{known} pp"


def signed_percent(share: float | None) -> str:
    """A hundred times a difference, with its sign and without its unit."""
    known = None if share is None else finite(share * 100)
    if known is None:
        return "?"
    return f"{known:+.3g}" if abs(known) > _FAR else f"{known:+.1f}"


def figure(value: float | None, unit: str, *, signed: bool = False) -> str:
    """A number with its unit, as precise as it is worth reading."""
    value = finite(value)
    if value is None:
        return "?"
    if unit == "share":
        return points(value) if signed else percent(value)
    sign = "+" if signed and value >= 0 else "-" if value < 0 else ""
    size = abs(value)
    if unit == "USD" and not size:
        return f"{sign}$0"
    if unit == "USD":
        spelt = f"{size:.4f}" if size < 100 else f"{size:.2f}" if size < 1e12 else f"{size:.3g}"
        return f"{sign}${spelt}"
    if unit == "score":
        return f"{sign}{size:.2f}"
    spelt = f"{size:,.0f}" if 100 <= size < 1e12 else f"{size:.3g}"
    return f"{sign}{spelt} {unit}".rstrip()


def within(low: float | None, high: float | None, unit: str, *, signed: bool = False) -> str:
    """An interval in brackets, whose unit is that of the figure before it; empty where it is not known."""
    if finite(low) is None or finite(high) is None:
        return ""
    ends = (figure(one, unit, signed=signed).partition(" ")[0] for one in (low, high))
    return f"[{', '.join(ends)}]"


def how_sure(*, proven: bool) -> str:
    """How a part is worse: for such cases in general, or only on its own cases, which prove little."""
    return "beyond noise" if proven else "as it stands"
