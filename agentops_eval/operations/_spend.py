"""Why spending changed from one month to the next: by volume, by tokens per run, by price per token.

With runs N, tokens per run t and dollars per token p, spending is N t p. Each factor's part is its own change
times the mean of the others over both orders in which they can change (Shapley's value): of the volume

    (N1 - N0) ((2 t0 p0 + t0 p1 + t1 p0 + 2 t1 p1) / 6)

and likewise of the others. The three add up to N1 t1 p1 - N0 t0 p0, and none depends on which is taken first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction

from agentops_eval.domain import AgentMonth, LlmUse, SpendChange

_QUANTUM = 10**12
"""Parts are told to a millionth of a millionth of a dollar; the last takes what rounding leaves."""

_EXACT = Context(prec=1_000)
"""Digits enough for any amount that a trace may tell: 28, as by default, are not."""


@dataclass(frozen=True, slots=True)
class _Use:
    runs: int
    tokens: int | None
    usd: Fraction


def usd_of(amount: Decimal | None, *, signed: bool = False) -> str:
    """Dollars as people read them, to a cent from one dollar on; a question mark for what is unknown."""
    if amount is None:
        return "?"
    size, sign = abs(amount), "-" if amount < 0 else "+" if signed and amount else ""
    if 0 < size < Decimal("0.0001"):
        return f"{sign}<$0.0001"
    told = f"{size:,.2f}" if size >= 1 or not size else f"{size:.4f}"
    return f"{sign}${told}"


def spend_changes(before: Iterable[AgentMonth], after: Iterable[AgentMonth]) -> tuple[SpendChange, ...]:
    """The change of each agent's spending on each llm, the largest first; unknown ones before all."""
    old, new = ({one.agent: one for one in months} for months in (before, after))
    found = [
        _change(agent, llm, old.get(agent), new.get(agent))
        for agent in sorted({*old, *new})
        for llm in sorted({*_llms(old.get(agent)), *_llms(new.get(agent))})
    ]
    return tuple(sorted(found, key=_rank))


def _rank(one: SpendChange) -> tuple[bool, Decimal, str, str]:
    size = Decimal(0) if one.change is None else abs(one.change)
    return one.change is not None, -size, one.agent, one.llm


def _llms(month: AgentMonth | None) -> Mapping[str, LlmUse]:
    return {} if month is None else {one.llm: one for one in month.llms}


def _change(agent: str, llm: str, old: AgentMonth | None, new: AgentMonth | None) -> SpendChange:
    uses = [_llms(month).get(llm, LlmUse(llm=llm)) for month in (old, new)]
    before, after = (one.spent.whole for one in uses)
    if before is None or after is None:
        return SpendChange(agent=agent, llm=llm, before=before, after=after)
    runs = [0 if month is None else month.runs for month in (old, new)]
    known = [
        _Use(count, use.tokens, Fraction(amount))
        for count, use, amount in zip(runs, uses, (before, after), strict=True)
    ]
    volume, tokens, price, unsplit = split_change(known[0], known[1])
    return SpendChange(
        agent=agent,
        llm=llm,
        before=before,
        after=after,
        volume=volume,
        tokens=tokens,
        price=price,
        unsplit=unsplit,
    )


def split_change(old: _Use, new: _Use) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """The parts of volume, tokens, price, and what cannot be split; they add up to the change, exactly."""
    with localcontext(_EXACT):
        return _split(old, new)


def _split(old: _Use, new: _Use) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    whole = _decimal(new.usd - old.usd)
    rates = _rates(old, new)
    if rates is None:
        volume = _decimal(_of_two(old, new))
        return volume, Decimal(0), Decimal(0), whole - volume
    (t0, p0), (t1, p1) = rates
    n0, n1 = old.runs, new.runs
    volume = _decimal(_part(n0, n1, t0, t1, p0, p1))
    tokens = _decimal(_part(t0, t1, n0, n1, p0, p1))
    return volume, tokens, whole - volume - tokens, Decimal(0)


def _rates(old: _Use, new: _Use) -> list[tuple[Fraction, Fraction]] | None:
    """Tokens per run and dollars per token of both months; None where they cannot be told apart.

    What is not there in one month has the rate that it has in the other, so that its coming or going is
    volume, or tokens, and no change of price.
    """
    per_run: list[Fraction | None] = []
    per_token: list[Fraction | None] = []
    for use in (old, new):
        if use.tokens is None or (use.usd and not (use.tokens and use.runs)):
            return None
        per_run.append(Fraction(use.tokens, use.runs) if use.runs else None)
        per_token.append(use.usd / use.tokens if use.tokens else None)
    return [(_filled(per_run, at), _filled(per_token, at)) for at in (0, 1)]


def _filled(rates: list[Fraction | None], at: int) -> Fraction:
    own, other = rates[at], rates[1 - at]
    return own if own is not None else other if other is not None else Fraction(0)


def _part(a0: int | Fraction, a1: int | Fraction, *others: int | Fraction) -> Fraction:
    b0, b1, c0, c1 = others
    return Fraction(a1 - a0) * (2 * b0 * c0 + b0 * c1 + b1 * c0 + 2 * b1 * c1) / 6


def _of_two(old: _Use, new: _Use) -> Fraction:
    """The volume's part where only dollars per run are known."""
    per_run = [one.usd / one.runs if one.runs else None for one in (old, new)]
    return Fraction(new.runs - old.runs) * (_filled(per_run, 0) + _filled(per_run, 1)) / 2


def _decimal(amount: Fraction) -> Decimal:
    """To the quantum, half to even; exact where the amount has no more digits."""
    return Decimal(round(amount * _QUANTUM)).scaleb(-12).normalize() + 0
