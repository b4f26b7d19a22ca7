"""Words that stand for numbers, months and currencies, in English and German."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

_MONTHS = (
    "january januar jänner jan", "february februar feb", "march märz maerz mar", "april apr", "may mai",
    "june juni jun", "july juli jul", "august aug", "september sept sep", "october oktober oct okt",
    "november nov", "december dezember dec dez",
)  # fmt: skip
MONTHS: Mapping[str, int] = {
    word: number for number, words in enumerate(_MONTHS, start=1) for word in words.split()
}
MONTH_NAMES = tuple(words.split()[0].title() for words in _MONTHS)
MONTH = f"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})"

# -- currencies -----------------------------------------------------------------------------------

_DOLLARS = "USD CAD AUD NZD SGD HKD MXN"
_CROWNS = "SEK NOK DKK ISK"
_SIGNS = {
    "US$": "USD", "CA$": "CAD", "C$": "CAD", "AU$": "AUD", "A$": "AUD", "NZ$": "NZD", "HK$": "HKD",
    "S$": "SGD", "R$": "BRL", "$": _DOLLARS, "\u20ac": "EUR", "\u00a3": "GBP", "\u00a5": "JPY CNY",
    "\u20b9": "INR", "\u20a9": "KRW", "\u20ba": "TRY", "\u20bd": "RUB", "\u20b4": "UAH", "\u20aa": "ILS",
    "z\u0142": "PLN", "k\u010d": "CZK",
}  # fmt: skip
_CODES = "EUR USD GBP CHF JPY CNY PLN SEK NOK DKK ISK CZK HUF RON INR CAD AUD NZD SGD HKD KRW BRL MXN ZAR ILS"
_NAMES = {
    "euros": "EUR", "euro": "EUR", "us dollars": "USD", "us dollar": "USD", "us-dollar": "USD",
    "canadian dollars": "CAD", "australian dollars": "AUD", "dollars": _DOLLARS, "dollar": _DOLLARS,
    "bucks": _DOLLARS, "pounds sterling": "GBP", "pounds": "GBP", "pound": "GBP", "pfund": "GBP",
    "swiss francs": "CHF", "francs": "CHF", "franken": "CHF", "sfr": "CHF", "yen": "JPY", "yuan": "CNY",
    "rupees": "INR", "zloty": "PLN", "kronor": _CROWNS, "kroner": _CROWNS, "kronen": _CROWNS, "kr": _CROWNS,
}  # fmt: skip

CURRENCIES: Mapping[str, frozenset[str]] = {
    spelling.lower(): frozenset(codes.split())
    for spelling, codes in {**_SIGNS, **{code: code for code in _CODES.split()}, **_NAMES}.items()
}
"""What each spelling may mean."""


def _longest_first(words: object) -> str:
    return "|".join(sorted(map(_escaped, words), key=len, reverse=True))  # type: ignore[call-overload]  # any iterable of words


def _escaped(word: str) -> str:
    return word.replace("$", r"\$").replace(" ", r"\s")


CURRENCY_WORD = rf"(?<![a-zäöü])(?:{_longest_first([*_CODES.split(), *_NAMES])})(?![a-zäöü])"
CURRENCY = rf"(?:(?<![a-z$])(?:{_longest_first(_SIGNS)})|{CURRENCY_WORD})"
CENTS = frozenset(f"{_DOLLARS} EUR GBP CHF".split())

# -- numbers --------------------------------------------------------------------------------------

_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_DE = (
    "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn"
).split()
_DE_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()


def _spelled() -> Iterator[tuple[str, int]]:
    for words, tens, english in ((_EN, _EN_TENS, True), (_DE, _DE_TENS, False)):
        yield from ((word, number) for number, word in enumerate(words))
        for ten, word in enumerate(tens, start=2):
            yield word, ten * 10
            for one in range(1, 10):
                yield f"{word} {words[one]}" if english else f"{words[one]}und{word}", ten * 10 + one
        for number in range(1, 10):
            yield f"{words[number]} hundred" if english else f"{words[number]}hundert", number * 100
    yield from (
        ("a hundred", 100),
        ("hundred", 100),
        ("hundert", 100),
        ("eins", 1),
        ("eine", 1),
        ("einem", 1),
    )


SPELLED: Mapping[str, Decimal] = {word: Decimal(number) for word, number in _spelled()}
"""Number words, from nought to ninety-nine and whole hundreds."""

SMALL: Mapping[str, int] = {
    word: number for words in (_EN, _DE) for number, word in enumerate(words[:13]) if number >= 2
}
"""Those that are numbers wherever they stand: two to twelve."""

_LARGE = {
    10**3: "k thousand tausend tsd",
    10**6: "m mn mio million millions millionen",
    10**9: "bn billion billions mrd milliarde milliarden",
}
MULTIPLES: Mapping[str, int] = {word: factor for factor, words in _LARGE.items() for word in words.split()}
MULTIPLE = rf"(?:{'|'.join(sorted(MULTIPLES, key=len, reverse=True))})(?![a-zäöü])\.?"
