"""What the parameters of checks may be: a check is never asked with a value that it cannot mean."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from agentops_eval.domain import CheckInvalid, Json


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number:
    """A number from ``least`` on, ``above`` it where so it is said."""

    least: float = 0.0
    most: float = math.inf
    whole: bool = False
    above: bool = False

    def fits(self, value: Json) -> bool:
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return False
        return (self.least < value if self.above else self.least <= value) and value <= self.most < math.inf

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        span = f"above {self.least:g}, at most" if self.above else f"from {self.least:g} to"
        return f"{kind} {span} {self.most:,.0f}"


_COUNT = _Number(least=1, most=1_000_000, whole=True)
_SECONDS = _Number(most=1e9, above=True)

NUMBERS: Mapping[str, _Number] = {
    "attempts": _COUNT,
    "growth": _Number(least=1, most=1e6),
    "within_s": _SECONDS,
    "failures": _COUNT,
    "window_s": _SECONDS,
    "cooldown_s": _SECONDS,
    "probes": _COUNT,
    "most_calls": _COUNT,
    "most_s": _SECONDS,
    "most_usd": _Number(most=1e9, above=True),
    "seconds": _SECONDS,
    "bound": _Number(most=1_000_000, whole=True),
    "crowd": _Number(most=1_000, whole=True),
}
"""Parameters that are numbers."""

SWITCHES = frozenset({"delivery", "jitter", "blocking", "crash"})
"""Parameters that are true or false."""


def refuse_misfits(check: str, parameters: Mapping[str, Json]) -> None:
    """Raises CheckInvalid for a value that its parameter cannot have. None is as if it was not given."""
    for name, value in parameters.items():
        wanted = None if value is None else _misfit(name, value)
        if wanted is not None:
            raise CheckInvalid(f"{name} of the check {check} is {wanted}, not {value!r}")


def _misfit(name: str, value: Json) -> str | None:
    """What is expected in place of this value; None where it fits."""
    if name in NUMBERS:
        return None if NUMBERS[name].fits(value) else str(NUMBERS[name])
    if name in SWITCHES:
        return None if isinstance(value, bool) else "true or false"
    if name == "optional" and isinstance(value, list | tuple):
        return None if all(isinstance(one, str) for one in value) else "names"
    if not isinstance(value, str):
        return "a text"
    if name == "ignore":
        try:
            re.compile(value)
        except re.error as error:
            return f"a pattern ({error})"
    return None
