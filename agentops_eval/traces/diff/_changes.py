"""What differs in a step that both traces have, by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from agentops_eval.domain import Json, Span
from agentops_eval.traces._cost import Price
from agentops_eval.traces._elide import same
from agentops_eval.traces.diff._classes import field_name, kind_of
from agentops_eval.traces.diff._deep import differences
from agentops_eval.traces.diff._forest import NEW, Node
from agentops_eval.traces.diff._model import Change, Kind, Op

MAX_CHANGES = 100
_PRICED = {Kind.TOKENS, Kind.LLM}


def changes_between(
    baseline: Node, candidate: Node, *, price: Callable[[Span], Price | None]
) -> list[Change]:
    """Every change from one version of a step to the other, in the order of their kinds and fields."""
    if baseline.own == candidate.own:
        return []
    found = [change for key in _keys(baseline, candidate) for change in _field(baseline, candidate, key)]
    if any(change.kind in _PRICED for change in found):
        found += _cost(price(baseline.span), price(candidate.span))
    order = list(Kind)
    return sorted(found, key=lambda change: order.index(change.kind))


def _keys(baseline: Node, candidate: Node) -> Iterator[str]:
    """The fields to compare. The same whole history is no difference, however much of it is new."""
    skipped = NEW if baseline.whole == candidate.whole else frozenset[str]()
    for key in [*baseline.fields, *(key for key in candidate.fields if key not in baseline.fields)]:
        if key not in skipped:
            yield key


def _field(baseline: Node, candidate: Node, key: str) -> Iterator[Change]:
    kind, name = kind_of(key), field_name(key)
    if key not in candidate.fields:
        yield Change(kind=kind, field=name, at="", op=Op.REMOVED, before=baseline.fields[key], after=None)
    elif key not in baseline.fields:
        yield Change(kind=kind, field=name, at="", op=Op.ADDED, before=None, after=candidate.fields[key])
    elif not same(baseline.fields[key], candidate.fields[key]):
        for one in differences(baseline.fields[key], candidate.fields[key]):
            yield Change(kind=kind, field=name, at=one.at, op=one.op, before=one.before, after=one.after)


def _cost(baseline: Price | None, candidate: Price | None) -> list[Change]:
    """Costs in US dollars as decimal strings; an unknown one is None, and both unknown is no change."""
    before, after = _amount(baseline), _amount(candidate)
    if before == after:
        return []
    op = Op.ADDED if before is None else Op.REMOVED if after is None else Op.CHANGED
    return [
        Change(kind=Kind.COST, field="cost $", at="", op=op, before=_spelled(before), after=_spelled(after))
    ]


def _amount(price: Price | None) -> Decimal | None:
    return None if price is None else price.amount


def _spelled(amount: Decimal | None) -> Json:
    return None if amount is None else f"{amount:f}"
