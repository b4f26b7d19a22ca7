"""What parameters of faults may be, and how they get smaller to make what was found small."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from agentops_eval.chaos._kind import Parameters

DAY_S = 86_400.0
YEAR_S = 365 * DAY_S
_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 86_400.0)
_BYTES = (1_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000, 10_000_000)


def fewer_seconds(*names: str) -> Callable[[Parameters], Iterable[Parameters]]:
    """Each of these parameters at the round durations below what it is, the least first."""
    return _steps(names, _SECONDS)


def fewer_bytes(*names: str) -> Callable[[Parameters], Iterable[Parameters]]:
    """Each of these parameters at the round sizes below what it is, the least first."""
    return _steps(names, _BYTES)


def between(least: float, **most: float) -> Callable[[Parameters], str]:
    """A check that each of these parameters is a number from ``least`` to its most."""

    def check(parameters: Parameters) -> str:
        for name, limit in most.items():
            value = parameters[name]
            if not isinstance(value, (int, float)) or not least <= value <= limit:
                return f"{name} lies between {least:g} and {limit:g}"
        return ""

    return check


def lasting(**default_s: float) -> Any:
    """What ``kind`` is given for parameters that are durations up to a day, with these defaults."""
    check = between(0, **dict.fromkeys(default_s, DAY_S))
    return {"smaller": fewer_seconds(*default_s), "check": check, **default_s}


def keeps_less(parameters: Parameters) -> str:
    """A check that ``keep`` is a share of less than the whole."""
    keep = parameters["keep"]
    return "" if isinstance(keep, (int, float)) and 0 <= keep < 1 else "keep is a share from 0 to below 1"


def _steps(names: tuple[str, ...], steps: tuple[float, ...]) -> Callable[[Parameters], Iterable[Parameters]]:
    def smaller(parameters: Parameters) -> Iterable[Parameters]:
        for name in names:
            now = parameters.get(name)
            if not isinstance(now, (int, float)) or isinstance(now, bool):
                continue
            sign = -1 if now < 0 else 1
            for step in steps:
                if step < abs(now):
                    yield {**parameters, name: sign * step}

    return smaller
