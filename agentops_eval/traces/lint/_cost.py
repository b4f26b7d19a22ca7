"""Group 5: what calls cost, and whether totals agree with their parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agentops_eval.domain import Attribute, Level, Rule, Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import failed, number, number_of, text_of
from agentops_eval.traces._cost import Price
from agentops_eval.traces.lint._model import Group
from agentops_eval.traces.lint._sheet import Sheet
from agentops_eval.traces.lint._view import View

RULES = (
    Rule(
        id="AL501",
        slug="cost-unknown",
        level=Level.INFO,
        group=Group.COST,
        title="what a call cost is neither told nor to be computed",
        explanation="The span tells no cost, and its tokens or its llm are unknown, or no price table knows "
        "the llm (`pip install genai-prices`). Unknown is not 0.",
        fix=f"set {sc.AGENTOPS_COST_AMOUNT} and {sc.AGENTOPS_COST_CURRENCY}, or the tokens",
    ),
    Rule(
        id="AL502",
        slug="cost-invalid",
        level=Level.WARN,
        group=Group.COST,
        title="a cost is negative",
        explanation="Budgets and sums are wrong by twice the amount.",
        fix="report what was charged, 0 or more",
    ),
    Rule(
        id="AL503",
        slug="currency-missing",
        level=Level.WARN,
        group=Group.COST,
        title="a cost has no currency",
        explanation="An amount alone cannot be added to others.",
        fix=f"set {sc.AGENTOPS_COST_CURRENCY}, such as USD",
    ),
    Rule(
        id="AL504",
        slug="currencies-mixed",
        level=Level.WARN,
        group=Group.COST,
        title="the calls of one run tell costs in several currencies",
        explanation="Their sum means nothing.",
        fix="convert where the cost is written, to one currency for all",
    ),
    Rule(
        id="AL505",
        slug="total-disagrees",
        level=Level.WARN,
        group=Group.COST,
        title="a total is not the sum of the calls below it",
        explanation="An agent or workflow repeats tokens or cost of its calls, and the numbers differ: calls "
        "are missing in the trace, or are counted twice. It is only checked where every call is known.",
        fix="leave totals out, or compute them from the calls",
    ),
    Rule(
        id="AL506",
        slug="call-told-twice",
        level=Level.INFO,
        group=Group.COST,
        title="two spans tell the same llm call",
        explanation="A plain sum over all spans counts its tokens twice. Here the call counts once. It comes "
        "from two instrumentations of one client, or from one below a client that traces itself.",
        fix="remove one of the two instrumentations",
    ),
)

_CLOSE = 1e-6
_SUMMED = (sc.USAGE_INPUT_TOKENS, sc.USAGE_OUTPUT_TOKENS, sc.AGENTOPS_COST_AMOUNT)
Pricer = Callable[[Span], Price | None]


def check(view: View, sheet: Sheet, price: Pricer) -> None:
    """Check every call, and then the totals above them."""
    currencies: dict[str, Span] = {}
    for span in view.llms:
        amount = number_of(span, sc.AGENTOPS_COST_AMOUNT)
        if amount is not None:
            currency = text_of(span, sc.AGENTOPS_COST_CURRENCY)
            sheet.check("AL502", amount >= 0, span, f"the cost is {amount}")
            sheet.check("AL503", currency, span, f"the cost is {amount}, of no currency")
            currencies.setdefault(currency or "?", span)
        if not failed(span) and sheet.asks("AL501"):
            sheet.check("AL501", amount is not None or price(span), span)
    if currencies:
        named = sorted(set(currencies) - {"?"})
        sheet.check("AL504", len(named) < 2, currencies[min(currencies)], f"costs are in {', '.join(named)}")
    _duplicates(view, sheet)
    if sheet.asks("AL505"):
        _totals(view, sheet)


def _duplicates(view: View, sheet: Sheet) -> None:
    calls = {span.span_id for span in view.llms}
    for gone, kept in sorted(view.normal.duplicates.items()):
        if kept in calls and gone in view.normal.sources:
            what = f"{view.by_id[kept].name} is told by another span too"
            sheet.broken("AL506", view.normal.sources[gone].span, what)


@dataclass(slots=True)
class _Sum:
    """What is known of the calls below a span; a key is gone where one of them does not tell it."""

    calls: int = 0
    known: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_SUMMED, 0.0))

    def add(self, other: _Sum) -> None:
        self.calls += other.calls
        self.known = {
            key: value + other.known[key] for key, value in self.known.items() if key in other.known
        }


def _totals(view: View, sheet: Sheet) -> None:
    """From the leaves up, so that each span is looked at once."""
    sums: dict[str, _Sum] = {}
    calls = {span.span_id for span in view.llms}
    for span in reversed(view.downward()):
        found = sums.pop(span.span_id, _Sum())
        if span.span_id in calls:
            found.add(_of(span))
        elif found.calls:
            _compare(span, found, view, sheet)
        if view.above(span) is not None:
            sums.setdefault(span.parent_id, _Sum()).add(found)


def _of(span: Span) -> _Sum:
    told = {key: number_of(span, key) for key in _SUMMED}
    return _Sum(calls=1, known={key: float(value) for key, value in told.items() if value is not None})


def _compare(span: Span, found: _Sum, view: View, sheet: Sheet) -> None:
    emitted = view.source(span).attributes
    for key, keys in ((sc.AGENTOPS_COST_AMOUNT, sc.COST_KEYS), *sc.TOTAL_KEYS.items()):
        total = _first(emitted, keys)
        if total is not None and key in found.known:
            summed = found.known[key]
            close = abs(summed - total) <= _CLOSE * max(1.0, abs(summed), abs(total))
            sheet.check(
                "AL505", close, span, f"{key} is {total:g}, of {found.calls} calls below it {summed:g}"
            )


def _first(emitted: Mapping[str, Attribute], keys: tuple[str, ...]) -> int | float | None:
    return next((value for key in keys if (value := number(emitted.get(key))) is not None), None)
