"""Calls, tokens and money of some runs, as one value that can be added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from agentops_eval.domain import Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import count_of
from agentops_eval.traces._cost import Price
from agentops_eval.traces._money import share_of, total_money
from agentops_eval.traces.llm._parts import total


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What calls took. A sum is over what is known, and None where nothing is.

    ``without_usage`` and ``without_cost`` count the llm calls that are missing in it; ``sources`` counts
    who told the costs. Adding is exact and its order does not matter.
    """

    llm_calls: int = 0
    failed_llm_calls: int = 0
    tool_calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cost: Decimal | None = None
    without_usage: int = 0
    without_cost: int = 0
    sources: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Bill) -> Bill:
        names = sorted({*self.sources, *other.sources})
        return Bill(
            llm_calls=self.llm_calls + other.llm_calls,
            failed_llm_calls=self.failed_llm_calls + other.failed_llm_calls,
            tool_calls=self.tool_calls + other.tool_calls,
            input_tokens=total(self.input_tokens, other.input_tokens),
            output_tokens=total(self.output_tokens, other.output_tokens),
            cache_read_tokens=total(self.cache_read_tokens, other.cache_read_tokens),
            cost=total_money((self.cost, other.cost)),
            without_usage=self.without_usage + other.without_usage,
            without_cost=self.without_cost + other.without_cost,
            sources={name: self.sources.get(name, 0) + other.sources.get(name, 0) for name in names},
        )

    @property
    def tokens(self) -> int | None:
        """Input and output together; None where those of any call are unknown, or there is no call."""
        return None if self.without_usage else total(self.input_tokens, self.output_tokens)

    def per(self, successes: int) -> Decimal | None:
        """The cost of one success; None where there is none, or the cost of any call is unknown."""
        if self.cost is None or self.without_cost or not successes:
            return None
        return share_of(self.cost, successes)


TOOL_CALL = Bill(tool_calls=1)


def bill_of(span: Span, price: Price | None, *, failed: bool) -> Bill:
    """What one llm call took."""
    asked = count_of(span, sc.USAGE_INPUT_TOKENS)
    answered = count_of(span, sc.USAGE_OUTPUT_TOKENS)
    return Bill(
        llm_calls=1,
        failed_llm_calls=int(failed),
        input_tokens=asked,
        output_tokens=answered,
        cache_read_tokens=count_of(span, sc.USAGE_CACHE_READ),
        cost=None if price is None else price.amount,
        without_usage=int(asked is None or answered is None),
        without_cost=int(price is None),
        sources={} if price is None else {price.source: 1},
    )
