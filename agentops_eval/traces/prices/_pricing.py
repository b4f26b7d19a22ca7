"""What an llm call cost, by everything that may tell it, and what holds where nothing does."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from agentops_eval.domain import LlmUnpriced, Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._cost import (
    PRICED_BY,
    Price,
    find_prices,
    listed_price,
    llm_of,
    table_date,
    tokens_of,
    told_price,
)
from agentops_eval.traces.prices._table import PriceTable

OWN = "prices file"
ZERO = "zero"


class UnknownLlm(StrEnum):
    """What a call costs whose llm no table prices: an error, nothing, or an unknown amount."""

    ERROR = "error"
    ZERO = "zero"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """Prices llm calls. What the trace tells comes first, then the team's own table, then the public one.

    A price's ``source`` says which it was: ``trace``, ``prices file``, ``genai-prices``, ``zero``.
    """

    table: PriceTable | None = None
    unknown: UnknownLlm = UnknownLlm.UNKNOWN

    def __call__(self, span: Span) -> Price | None:
        """The price of a call; None where it is unknown. Raises LlmUnpriced where that is asked for."""
        return told_price(span) or self.listed(span)

    def listed(self, span: Span) -> Price | None:
        """The price by the tables alone, whatever the trace tells."""
        name, tokens = llm_of(span), tokens_of(span)
        provider = str(span.attributes.get(sc.PROVIDER_NAME, ""))
        if name and tokens is not None:
            own = None if self.table is None else self.table.find(name, provider)
            if own is not None:
                amount = own.of(tokens)
                return None if amount is None else Price(amount=amount, source=OWN)
            found = listed_price(name, provider, tokens, span.start_ns) if find_prices() else None
            if found is not None:
                return found
        return self._unpriced(span, name, known=tokens is not None)

    def _unpriced(self, span: Span, name: str, *, known: bool) -> Price | None:
        """Tokens that nobody counted have no price in any table: they stay unknown, and are no 0."""
        if self.unknown is UnknownLlm.ERROR and known:
            raise LlmUnpriced(
                f"no table has a price for the llm {name[:200]!r}" if name else "an llm call names no llm",
                where=f"trace {span.trace_id}, span {span.span_id}",
                difference=f"asked: {'; '.join(self.tables) or 'no table: genai-prices is not installed'}",
                remedy="name a file with its price: --prices FILE; or leave --unknown-llm error away",
            )
        if self.unknown is UnknownLlm.ZERO and known:
            return Price(amount=Decimal(0), source=ZERO)
        return None

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table that is asked, with its date."""
        own = () if self.table is None else (f"{OWN} of {self.table.date}",)
        public = (table_date(),) if find_prices() else ()
        return (*own, *public)

    def dates(self, sources: frozenset[str]) -> tuple[str, ...]:
        """The tables that priced something, with their dates."""
        return tuple(one for one in self.tables if one.startswith(tuple(sources & {OWN, PRICED_BY})))
