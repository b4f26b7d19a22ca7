"""Amounts of money and percents."""

from __future__ import annotations

import re
from decimal import Decimal

from agentops_eval.evals.answers.facts._markup import Paper
from agentops_eval.evals.answers.facts._model import Fact, FactKind
from agentops_eval.evals.answers.facts._numerals import NUMERAL, digits_of, readings_of
from agentops_eval.evals.answers.facts._words import (
    CENTS,
    CURRENCIES,
    CURRENCY,
    CURRENCY_WORD,
    MULTIPLE,
    MULTIPLES,
    SPELLED,
)

_SIGN = r"(?:(?<![\w.,)%\-])-|\bminus\s)"
_DASH = r"(?:[.,](?:-|\u2013|\u2014){1,2})"
_TAIL = (
    r"(?:\s?(?:and|und|,)?\s(?P<cents>[0-9]{1,2})\s?(?:cents?|ct|pence)\b"
    r"|(?:(?<=euro)|(?<=franken))\s(?P<short>[0-9]{2})(?=\s*(?:[.!?;)](?![0-9])|,(?![0-9])|$)))"
)
_AMOUNT = re.compile(
    rf"(?P<sign>{_SIGN})?(?:"
    rf"(?P<before>{CURRENCY})[:\s]{{0,2}}(?P<minus>-)?(?<![0-9])(?P<n1>{NUMERAL})(?:\s?(?P<m1>{MULTIPLE}))?{_DASH}?"
    rf"(?![0-9]|[.,'][0-9]|\s?(?:{MULTIPLE}\s?)?{CURRENCY})"
    rf"|(?<![0-9.,])(?P<n2>{NUMERAL})(?:\s?(?P<m2>{MULTIPLE}))?{_DASH}?\s?(?P<after>{CURRENCY}){_TAIL}?)",
    re.IGNORECASE,
)
_WORD = r"[a-zäöüß]{2,30}"
_SPELLED_AMOUNT = re.compile(
    rf"(?<![\w-])(?P<words>(?:{_WORD}[\s-])?(?:a\s)?{_WORD})\s(?P<after>{CURRENCY_WORD}){_TAIL}?",
    re.IGNORECASE,
)
_CENTS = re.compile(r"(?<![0-9.,])(?P<n>[0-9]{1,3})\s?(?:cents?|ct)\b", re.IGNORECASE)
_PER = r"(?:%|\u066a|percent\b|per\scent\b|prozent\b|pct\b)"
_PERCENT = re.compile(rf"(?P<sign>{_SIGN})?(?<![0-9.,])(?P<n>{NUMERAL})\s?{_PER}", re.IGNORECASE)
_SPELLED_PERCENT = re.compile(
    rf"(?<![\w-])(?P<words>(?:{_WORD}[\s-])?{_WORD})\s(?:percent\b|per\scent\b|prozent\b)", re.IGNORECASE
)
_UNSURE = {
    CURRENCIES["$"]: "$",
    CURRENCIES["\u00a5"]: "\u00a5",
    CURRENCIES["kr"]: "kr",
}


def take_money(paper: Paper) -> None:
    """Take the amounts, then the percents."""
    paper.take(_AMOUNT, _amount)
    paper.take(_SPELLED_AMOUNT, _spelled_amount)
    paper.take(_CENTS, _cents)
    paper.take(_PERCENT, _percent)
    paper.take(_SPELLED_PERCENT, _spelled_percent)


def _amount(match: re.Match[str]) -> Fact | None:
    numeral = match["n1"] or match["n2"]
    multiple = (match["m1"] or match["m2"] or "").lower().rstrip(".")
    values = readings_of(numeral, money=not multiple)
    if not values:
        return None
    value = min(values) * MULTIPLES.get(multiple, 1)  # with a multiple, the decimal reading
    value += _cents_behind(match, value)
    signed = -value if match["sign"] or match["minus"] else value
    return _made(match, signed, CURRENCIES[" ".join((match["before"] or match["after"]).lower().split())])


def _spelled_amount(match: re.Match[str]) -> Fact | None:
    value = _number_word(match["words"])
    currency = CURRENCIES[" ".join(match["after"].lower().split())]
    return None if value is None else _made(match, value + _cents_behind(match, value), currency)


def _cents_behind(match: re.Match[str], value: Decimal) -> Decimal:
    """What ``and 90 cents``, or a bare ``90`` after the word euro, adds to a whole amount."""
    cents = match["cents"] or match["short"]
    return Decimal(int(cents)) / 100 if cents and value == value.to_integral_value() else Decimal(0)


def _cents(match: re.Match[str]) -> Fact:
    return _made(match, Decimal(int(match["n"])) / 100, CENTS)


def _made(match: re.Match[str], value: Decimal, currencies: frozenset[str]) -> Fact:
    value = value.normalize() + 0  # no negative zero
    amount = digits_of(value, least=2)
    if currencies == CENTS:
        text = f"{digits_of(value * 100)} cents"
    else:
        text = f"{amount} {_UNSURE.get(currencies) or min(currencies)}"
    return Fact(
        kind=FactKind.AMOUNT,
        readings=frozenset((value, currency) for currency in currencies),
        text=text,
        said=match[0],
        start=match.start(),
    )


def _number_word(words: str) -> Decimal | None:
    """The number of the last word, or of the last two together."""
    parts = words.lower().replace("-", " ").split()
    for some in (parts, parts[-1:]):
        value = SPELLED.get(" ".join(some))
        if value is not None:
            return None if some is not parts and parts[0] in SPELLED else value
    return None


def _percent(match: re.Match[str]) -> Fact | None:
    values = readings_of(match["n"])
    signed = frozenset(-value if match["sign"] else value for value in values)
    return _percents(match, signed) if signed else None


def _spelled_percent(match: re.Match[str]) -> Fact | None:
    value = _number_word(match["words"])
    return None if value is None else _percents(match, frozenset({value}))


def _percents(match: re.Match[str], values: frozenset[Decimal]) -> Fact:
    known = frozenset(value.normalize() + 0 for value in values)
    text = f"{digits_of(min(known))} %" if len(known) == 1 else " ".join(match[0].split())
    return Fact(kind=FactKind.PERCENT, readings=known, text=text, said=match[0], start=match.start())
