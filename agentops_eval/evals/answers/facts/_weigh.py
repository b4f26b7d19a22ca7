"""Two texts weighed by what they state: what is missing, what is said instead, what is denied."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from agentops_eval.evals.answers.facts._extract import Stated
from agentops_eval.evals.answers.facts._model import Fact, FactKind
from agentops_eval.evals.answers.facts._moments import Day, same_day

CONTRADICTING = frozenset({FactKind.AMOUNT, FactKind.PERCENT, FactKind.DATE, FactKind.TIME})
"""Sorts of which an answer must not say more than the reference: another amount contradicts."""

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
    nouns = {_noun(fact) for fact in asked} - {""}
    extra = _once(
        fact
        for fact in given
        if fact.kind in kinds
        and (fact.kind in CONTRADICTING or _noun(fact) in nouns)
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
        return bool(_numbers(one) & _numbers(other))
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


def _numbers(fact: Fact) -> frozenset[Decimal]:
    if fact.kind is FactKind.AMOUNT:
        return frozenset(value for value, _ in cast("frozenset[tuple[Decimal, str]]", fact.readings))
    return cast("frozenset[Decimal]", fact.readings)


def _is_code(named: Fact, number: Fact) -> bool:
    """A code of digits may stand there as a number, whatever separates its thousands."""
    ((_, code),) = cast("frozenset[tuple[str, str]]", named.readings)
    return code.isdigit() and (number.said == code or (code[0] != "0" and Decimal(code) in _numbers(number)))


# -- what is denied -------------------------------------------------------------------------------


def _facts_denied(asked: tuple[Fact, ...], reference: Stated, answer: Stated) -> Iterator[tuple[str, str]]:
    """Facts whose clause is turned round wherever the answer tells them.

    What a clause says that neither affirms nor denies a known topic is not turned by one that affirms;
    of amounts and percents it is by one that denies.
    """
    for fact in asked:
        told = {_holds(reference, one) for one in reference.facts if one == fact}
        mentions = [one for one in answer.facts if agree(fact, one)]
        found = {_holds(answer, one) for one in mentions}
        turned = (
            (told == {True} and found == {False})
            or (told == {False} and found == {True})
            or (told == {None} and found == {False} and fact.kind in _MONEY)
        )
        if turned:
            clause = answer.clause_of(mentions[0])
            yield fact.text, answer.said(clause) if clause is not None else ""


def _holds(stated: Stated, fact: Fact) -> bool | None:
    clause = stated.clause_of(fact)
    return None if clause is None else clause.holds


def _topics_denied(reference: Stated, answer: Stated) -> Iterator[tuple[str, str]]:
    given = answer.topics
    for topic, holds in reference.topics.items():
        if len(holds) == 1 and given.get(topic) == {not next(iter(holds))}:
            clause = next(one for one in answer.clauses if topic in dict(one.topics))
            yield topic, answer.said(clause)
