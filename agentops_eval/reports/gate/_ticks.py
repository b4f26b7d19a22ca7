"""Round numbers for the axes of a picture."""

from __future__ import annotations

import math

_STEPS = (1, 2, 5, 10)


def numbers(low: float, high: float, most: int) -> list[float]:
    """At most ``most`` + 1 round numbers from ``low`` to ``high``; only zero where there is no room."""
    room = high - low
    if not (math.isfinite(room) and room > 0):
        return [0.0]
    power = 10.0 ** math.floor(math.log10(room / most))
    step = next(one * power for one in _STEPS if room / (one * power) <= most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(at * step, 12) + 0.0 for at in range(first, last + 1)]


def decades(low: float, high: float, most: int = 6) -> list[tuple[float, str]]:
    """Powers of ten between two natural logarithms, with their names; 1 is always among them."""
    first, last = (math.ceil(low / math.log(10) - 1e-9), math.floor(high / math.log(10) + 1e-9))
    step = max(1, math.ceil((last - first) / most))
    return [(at * math.log(10), _power(at)) for at in range(-(-first // step) * step, last + 1, step)]


def _power(at: int) -> str:
    if 0 <= at <= 4:
        return f"{10**at:,}"
    return f"{10.0**at:g}" if -3 <= at < 0 else f"1e{at}"


def spelled_n(n: float) -> str:
    """A number of units, short where it is large."""
    return f"{n:,.0f}" if n < 1e5 else f"{n / 1e6:g}M" if n >= 1e6 else f"{n / 1e3:g}k"
