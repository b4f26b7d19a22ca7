"""Amounts of money that add up exactly, in any order."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
_QUANTUM = Decimal("1e-12")
_MOST = Decimal("1e15")


def money(value: object) -> Decimal | None:
    """A told amount to a millionth of a millionth; None where it is negative, not finite or absurd.

    With so many digits sums of any length are exact: no order of adding loses anything.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    try:
        amount = value if isinstance(value, Decimal) else Decimal(repr(value))
        if not amount.is_finite() or not 0 <= amount < _MOST:
            return None
        return _tidy(amount.quantize(_QUANTUM, context=_EXACT))
    except (InvalidOperation, ValueError):
        return None


def total_money(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The exact sum of what is known; None where nothing is."""
    found: Decimal | None = None
    for amount in amounts:
        if amount is not None:
            found = amount if found is None else _EXACT.add(found, amount)
    return None if found is None else _tidy(found)


def usd_text(amount: Decimal | None) -> str | None:
    """An amount as scripts read it: decimal digits without an exponent; None where it is unknown."""
    return None if amount is None else f"{amount:f}"


def share_of(amount: Decimal, parts: int) -> Decimal:
    """An amount divided among ``parts``, to a millionth of a millionth."""
    return _tidy(_EXACT.divide(amount, Decimal(parts)).quantize(_QUANTUM, context=_EXACT))


def _tidy(amount: Decimal) -> Decimal:
    """Without zeros at the end and without an exponent, so that equal amounts are written alike."""
    short = amount.normalize(_EXACT)
    return short.quantize(Decimal(1), context=_EXACT) if short.as_tuple().exponent > 0 else short  # type: ignore[operator]  # finite: a number
