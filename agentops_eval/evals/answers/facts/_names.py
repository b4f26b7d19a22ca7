"""Names of things: addresses, telephone numbers, identifiers, what is quoted; and bare numbers."""

from __future__ import annotations

import re
from decimal import Decimal

from agentops_eval.evals.answers.facts._markup import Paper
from agentops_eval.evals.answers.facts._model import Fact, FactKind
from agentops_eval.evals.answers.facts._numerals import NUMERAL, digits_of, readings_of
from agentops_eval.evals.answers.facts._words import SMALL

_URL = re.compile(r"\bhttps?://[^\s<>\"'\x00]{1,2000}|\bwww\.[^\s<>\"'\x00]{1,2000}", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?![\w-])")
_PHONE = re.compile(r"(?<![\w+])\+[0-9](?:[\s()/-]{0,2}[0-9]){6,14}(?![0-9])")
_QUOTE = re.compile(
    "\u201c([^\u201c\u201d\\x00]{1,200})\u201d|\u201e([^\u201e\u201c\u201d\\x00]{1,200})[\u201c\u201d]"
    "|\u00ab([^\u00ab\u00bb\\x00]{1,200})\u00bb|\u00bb([^\u00ab\u00bb\\x00]{1,200})\u00ab"
    '|(?<![\\w"])"([^"\\x00]{1,200})"(?![\\w"])'
)
_NOUNS = {
    "order": "order bestellung auftrag",
    "ticket": "ticket",
    "case": "case vorgang fall",
    "invoice": "invoice rechnung",
    "account": "account konto",
    "customer": "customer kunde kunden",
    "booking": "booking buchung reservation reservierung",
    "shipment": "shipment tracking sendung paket parcel",
    "flight": "flight flug",
    "room": "room zimmer",
    "contract": "contract vertrag",
    "reference": "reference referenz",
    "item": "item article artikel",
}
_CLASSES = {word: name for name, words in _NOUNS.items() for word in words.split()}
_NUMBER = r"(?:\s?-?\s?(?:numbers?|no\b\.?|nr\b\.?|nummer|id|code|#))"
_CODE = r"(?=[a-z\-/]{0,12}[0-9])[a-z0-9]{1,30}(?:[-/_][a-z0-9]{1,30}){0,6}"
_NAMED = re.compile(
    rf"(?<![\w-])(?P<noun>{'|'.join(sorted(_CLASSES, key=len, reverse=True))})"
    rf"{_NUMBER}?(?:\s?(?:[:#]|is|ist|lautet))?\s?#?\s?"
    rf"(?P<code>{_CODE})(?![\w]|[.,][0-9])(?!\s?(?:%|percent|prozent))",
    re.IGNORECASE,
)
_HASH = re.compile(rf"(?:#\s?|\b(?:no|nr)\.\s?)(?P<code>{_CODE})(?![\w]|[.,][0-9])", re.IGNORECASE)
_MIXED = re.compile(
    r"(?<![\w-])(?P<code>[a-z]{1,12}[-/_]?[0-9][a-z0-9]{0,30}(?:[-/_][a-z0-9]{1,30}){0,6})(?![\w]|[.,][0-9])",
    re.IGNORECASE,
)
_VERSION = re.compile(r"(?<![\w.])(?P<code>v?[0-9]{1,6}(?:\.[0-9]{1,6}){2,5})(?![\w]|\.[0-9])", re.IGNORECASE)
_LONG = re.compile(r"(?<![0-9])(?P<code>[0-9]{19,})(?![0-9])")
_ORDINAL = re.compile(r"\b[0-9]{1,4}(?:st|nd|rd|th)\b", re.IGNORECASE)
_BARE = re.compile(rf"(?P<sign>(?<![\w.,)%\-])-|\bminus\s)?(?<![0-9.,])(?P<n>{NUMERAL})", re.IGNORECASE)
_SMALL = re.compile(rf"(?<![\w-])(?:one|eins|{'|'.join(SMALL)})(?![\w-])", re.IGNORECASE)


def take_addresses(paper: Paper) -> None:
    """Take what is spelled so that nothing else could be meant; then note what stands between quotes."""
    paper.take(_URL, _url)
    paper.take(_EMAIL, lambda match: _fact(FactKind.EMAIL, match, match[0].lower()))
    paper.take(_PHONE, _phone)
    paper.facts += [_quote(match) for match in _QUOTE.finditer(paper.text)]


def take_identifiers(paper: Paper) -> None:
    """Take numbers and codes that are names, such as ``order 1042``."""
    paper.take(_NAMED, lambda match: _identifier(match, _CLASSES[match["noun"].lower()]))
    for pattern in (_HASH, _LONG, _VERSION, _MIXED):
        paper.take(pattern, lambda match: _identifier(match, ""))


def take_numbers(paper: Paper, *, decimal: str = "") -> None:
    """Take the numbers that are left: ordinals are none."""
    paper.take(_ORDINAL, lambda match: _fact(FactKind.NUMBER, match, match[0], weak=True))
    paper.take(_BARE, lambda match: _number(match, decimal))
    paper.take(_SMALL, _small)


def _fact(kind: FactKind, match: re.Match[str], text: str, *, weak: bool = False) -> Fact:
    readings = frozenset({text})
    return Fact(kind=kind, readings=readings, text=text, said=match[0], start=match.start(), weak=weak)


def _url(match: re.Match[str]) -> Fact:
    bare = match[0].rstrip(".,;:!?)]}*_'").lower()
    text = bare.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
    return _fact(FactKind.URL, match, f"www.{text}")


def _phone(match: re.Match[str]) -> Fact:
    return _fact(FactKind.PHONE, match, "+" + re.sub("[^0-9]", "", match[0]))


def _quote(match: re.Match[str]) -> Fact:
    inner = " ".join(next(part for part in match.groups() if part is not None).split())
    readings = frozenset({inner.casefold()})
    text = f"\u201c{inner}\u201d"
    return Fact(kind=FactKind.QUOTE, readings=readings, text=text, said=match[0], start=match.start())


def _identifier(match: re.Match[str], noun: str) -> Fact:
    code = match["code"].upper()
    readings = frozenset({(noun, code)})
    text = f"{noun} {code}" if noun else f"#{code}"
    return Fact(kind=FactKind.IDENTIFIER, readings=readings, text=text, said=match[0], start=match.start())


def _number(match: re.Match[str], decimal: str) -> Fact | None:
    known = readings_of(match["n"], decimal=decimal)
    if not known:
        return None
    values = frozenset((-one if match["sign"] else one).normalize() + 0 for one in known)
    text = digits_of(min(values)) if len(values) == 1 else match[0]
    return Fact(kind=FactKind.NUMBER, readings=values, text=text, said=match["n"], start=match.start("n"))


def _small(match: re.Match[str]) -> Fact:
    word = match[0].lower()
    value = Decimal(SMALL.get(word, 1))
    return Fact(
        kind=FactKind.NUMBER,
        readings=frozenset({value}),
        text=str(value) if word in SMALL else "one",
        said=match[0],
        start=match.start(),
        weak=word not in SMALL,
    )
