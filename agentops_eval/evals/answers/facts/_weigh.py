"""Two texts weighed by what they state: what is missing, what is said instead, what is denied."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from agentops_eval.evals.answers.facts._extract import Stated
from agentops_eval.evals.answers.facts._model import Fact, FactKind
from agentops_eval.evals.answers.facts._moments import Day, same_day
from agentops_eval.evals.answers.facts._polarity import Clause

CONTRADICTING = frozenset({FactKind.AMOUNT, FactKind.PERCENT, FactKind.DATE, FactKind.TIME})
"""Sorts of which an answer must not say more than the reference: another amount contradicts."""

_TWO_DECIMALS = re.compile(r"[0-9.,']*[0-9][.,][0-9]{2}")
_MONEY = frozenset({FactKind.AMOUNT, FactKind.PERCENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """``asked`` facts of the reference, which of them are ``missing``, and what is ``extra`` in the answer.

    ``denied`` holds pairs of what is denied (or no longer denied) and the answer's words. ``silent`` are the
    things that the reference denies and of which the answer does not speak, ``unsaid`` all that it does not
    speak of.
    """

    asked: tuple[Fact, ...]
    missing: tuple[Fact, ...]
    extra: tuple[Fact, ...]
    denied: tuple[tuple[str, str], ...]
    silent: tuple[str, ...]
    unsaid: tuple[str, ...]


def weigh(reference: Stated, answer: Stated, *, kinds: Collection[FactKind]) -> Weighed:
    """Hold an answer against a reference, by the facts of ``kinds``."""
    asked = _once(fact for fact in reference.facts if fact.kind in kinds and not fact.weak)
    given = [fact for fact in answer.facts if not fact.weak]
    missing = tuple(fact for fact in asked if not _is_in(fact, answer))
    priced = any(fact.kind is FactKind.AMOUNT for fact in asked)
    nouns = {_noun(fact) for fact in asked} - {""}
    extra = _once(
        fact
        for fact in given
        if fact.kind in kinds
        and (fact.kind in CONTRADICTING or _noun(fact) in nouns or (priced and _is_price(fact)))
        and not any(agree(known, fact) for known in reference.facts)
    )
    unsaid = tuple(topic for topic in reference.topics if topic not in answer.topics)
    return Weighed(
        asked=asked,
        missing=missing,
        extra=extra,
        denied=tuple(
            dict.fromkeys([*_facts_denied(asked, reference, answer), *_topics_denied(reference, answer)])
        ),
        silent=tuple(topic for topic in unsaid if reference.topics[topic] == {False}),
        unsaid=unsaid,
    )


def _once(facts: Iterator[Fact]) -> tuple[Fact, ...]:
    return tuple(dict.fromkeys(facts))


def _is_price(fact: Fact) -> bool:
    """Whether a bare number is spelled as money, with two decimals, as in a column of amounts."""
    return fact.kind is FactKind.NUMBER and _TWO_DECIMALS.fullmatch(fact.said) is not None


def _is_in(fact: Fact, answer: Stated) -> bool:
    if fact.kind is FactKind.QUOTE:
        (wanted,) = cast("frozenset[str]", fact.readings)
        return wanted in " ".join(answer.text.split()).casefold()
    return any(agree(fact, one) for one in answer.facts)


def _noun(fact: Fact) -> str:
    if fact.kind is not FactKind.IDENTIFIER:
        return ""
    ((noun, _),) = cast("frozenset[tuple[str, str]]", fact.readings)
    return noun


# -- whether two facts agree ----------------------------------------------------------------------


def agree(one: Fact, other: Fact) -> bool:
    """Whether two facts may mean the same."""
    if one.kind is other.kind:
        return _SAME.get(one.kind, _share)(one, other)
    kinds = {one.kind, other.kind}
    if kinds == {FactKind.AMOUNT, FactKind.NUMBER}:  # the currency stands elsewhere, as above a column
        return bool(one.numbers & other.numbers)
    if kinds == {FactKind.IDENTIFIER, FactKind.NUMBER}:
        named, number = (one, other) if one.kind is FactKind.IDENTIFIER else (other, one)
        return _is_code(named, number)
    return False


def _share(one: Fact, other: Fact) -> bool:
    return bool(one.readings & other.readings)


def _same_date(one: Fact, other: Fact) -> bool:
    days, others = (cast("frozenset[Day]", fact.readings) for fact in (one, other))
    return any(same_day(left, right) for left in days for right in others)


def _same_identifier(one: Fact, other: Fact) -> bool:
    ((noun, code),), ((other_noun, other_code),) = (
        cast("frozenset[tuple[str, str]]", fact.readings) for fact in (one, other)
    )
    return code == other_code and (noun == other_noun or not noun or not other_noun)


_SAME: dict[FactKind, Callable[[Fact, Fact], bool]] = {
    FactKind.DATE: _same_date,
    FactKind.IDENTIFIER: _same_identifier,
}


def _is_code(named: Fact, number: Fact) -> bool:
    """A code of digits may stand there as a number, whatever separates its thousands."""
    ((_, code),) = cast("frozenset[tuple[str, str]]", named.readings)
    return code.isdigit() and (number.said == code or (code[0] != "0" and Decimal(code) in number.numbers))


# -- what is denied -------------------------------------------------------------------------------


def _facts_denied(asked: tuple[Fact, ...], reference: Stated, answer: Stated) -> Iterator[tuple[str, str]]:
    """Facts whose clause is turned round wherever the answer tells them.

    A clause that affirms is turned round by one that denies, and the reverse, where both speak of the same
    topic. Amounts and percents ask for no topic: a clause that denies turns round all but one that denies.
    """
    for fact in asked:
        told = [reference.clause_of(one) for one in reference.facts if one == fact]
        given = [answer.clause_of(one) for one in answer.facts if agree(fact, one)]
        held, found = {_holds(one) for one in told}, {_holds(one) for one in given}
        shared = _topics(told) & _topics(given)
        turned = (
            (held == {True} and found == {False} and shared)
            or (held == {False} and found == {True} and shared)
            or (False not in held and found == {False} and fact.kind in _MONEY)
        )
        if turned and given[0] is not None:
            yield fact.text, answer.said(given[0])


def _holds(clause: Clause | None) -> bool | None:
    return None if clause is None else clause.holds


def _topics(clauses: Iterable[Clause | None]) -> set[str]:
    return {topic for clause in clauses if clause is not None for topic, _ in clause.topics}


def _topics_denied(reference: Stated, answer: Stated) -> Iterator[tuple[str, str]]:
    given = answer.topics
    for topic, holds in reference.topics.items():
        if len(holds) == 1 and given.get(topic) == {not next(iter(holds))}:
            clause = next(one for one in answer.clauses if topic in dict(one.topics))
            yield topic, answer.said(clause)
