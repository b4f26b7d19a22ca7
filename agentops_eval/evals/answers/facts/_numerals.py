"""Numbers in digits, and what their separators may mean."""

from __future__ import annotations

import re
from decimal import Decimal

NUMERAL = r"[0-9]{1,18}(?:[.,'][0-9]{1,18}){0,8}"
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,'])[0-9]{3})(?:\1[0-9]{3})*")


def readings_of(numeral: str, *, money: bool = False, decimal: str = "") -> frozenset[Decimal]:
    """What a number may mean; nothing for what is none, such as ``1,2,3``.

    Of two separators the last is the decimal one. ``1,234`` has two readings, unless it is ``money``,
    which has no third decimal, or ``decimal`` says which separator is the decimal one.
    """
    if decimal:
        return _plain(numeral, decimal)
    used = [char for char in numeral if not char.isdigit()]
    if not used:
        return frozenset({Decimal(numeral)})
    if len({*used}) == 1 and len(used) == 1 and used[0] != "'":
        whole, _, rest = numeral.partition(used[0])
        fraction = frozenset({Decimal(f"{whole}.{rest}")})
        if len(rest) != 3 or len(whole) > 3 or whole.startswith("0"):
            return fraction
        thousands = frozenset({Decimal(whole + rest)})
        return thousands if money else thousands | fraction
    if len({*used}) == 1:
        return _plain(numeral, "")
    return _plain(numeral, used[-1])


def _plain(numeral: str, decimal: str) -> frozenset[Decimal]:
    """The one reading where it is known which separator is the decimal one."""
    whole, _, rest = numeral.partition(decimal) if decimal else (numeral, "", "")
    if not rest.isdigit() and rest:
        return frozenset()
    if not whole.isdigit() and _GROUPED.fullmatch(whole) is None:
        return frozenset()
    digits = re.sub("[^0-9]", "", whole)
    return frozenset({Decimal(f"{digits}.{rest}" if rest else digits)})


def digits_of(value: Decimal, *, least: int = 0) -> str:
    """A number without an exponent, with ``least`` decimals, and more only where it has them."""
    tidy = value.normalize()
    exponent = tidy.as_tuple().exponent
    decimals = max(least, -exponent if isinstance(exponent, int) else 0)
    return f"{tidy:.{decimals}f}"
