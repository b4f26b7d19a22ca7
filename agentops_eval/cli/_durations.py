"""Stretches of time as people write them: 10s, 5m, 1.5h, or plain seconds."""

from __future__ import annotations

import math
import re
import threading
from typing import Any

import click

_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_SPELT = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?", re.ASCII)


class Duration(click.ParamType[float]):
    """A stretch of time, given as seconds to the command."""

    name = "time"

    def __init__(self, *, least_s: float = 0.0) -> None:
        self._least_s = least_s

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Raises BadParameter for what is no time, or one that is too short or too long."""
        if isinstance(value, (int, float)):
            return float(value)
        found = _SPELT.fullmatch(str(value).strip())
        seconds = math.nan if found is None else float(found[1]) * _UNITS[found[2] or ""]
        if not self._least_s <= seconds <= threading.TIMEOUT_MAX:
            least = f", at least {self._least_s:g}s" if self._least_s else ""
            self.fail(f"{value!r} is no time; write it like 10s, 5m or 1h{least}.", param, ctx)
        return seconds
