"""How far an exploration goes, as people say it."""

from __future__ import annotations

import re

_BUDGET = re.compile(r"(\d{1,9})([smh]?)")
_UNIT_S = {"s": 1.0, "m": 60.0, "h": 3600.0}


def read_budget(text: str) -> tuple[int | None, float | None]:
    """The runs (``500``) or the seconds (``60s``, ``5m``, ``2h``) that a text allows; the other is None.

    Raises ValueError for any other text, with what could be.
    """
    found = _BUDGET.fullmatch(text)
    if found is None or not int(found[1]):
        raise ValueError(f"{text!r:.80} is no budget: 500 (runs), 60s, 5m or 2h (time)")
    count, unit = int(found[1]), found[2]
    return (None, count * _UNIT_S[unit]) if unit else (count, None)
