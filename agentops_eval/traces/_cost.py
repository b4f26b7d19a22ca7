"""What a call cost: what the trace says, else by a price table that may be absent; unknown is never 0."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from agentops_eval.domain import Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import count_of, text_of
from agentops_eval.traces._moment import moment_of
from agentops_eval.traces._money import money

PRICED_BY = "genai-prices"
EXTRA = "install the extra `prices`"
TOLD_BY = "trace"
_PROVIDERS = {
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "aws.bedrock": "aws",
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "x_ai": "x-ai",
    "mistral_ai": "mistral",
    "moonshot_ai": "moonshotai",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """An amount in US dollars and who says so."""

    amount: Decimal
    source: str


Pricer = Callable[[Span], Price | None]
"""Tells what an llm call cost, by everything that it goes by; None where that is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What an llm call is charged for. Input includes what was read from and written to a cache."""

    input: int
    output: int
    cache_read: int | None = None
    cache_creation: int | None = None


def price_of(span: Span) -> Price | None:
    """What the price table says of one llm call; None where tokens, the llm or the table are unknown."""
    name, tokens = llm_of(span), tokens_of(span)
    if find_prices() is None or not name or tokens is None:
        return None
    named = str(span.attributes.get(sc.PROVIDER_NAME, ""))
    return listed_price(name, named, tokens, span.start_ns)


def cost_of(span: Span) -> Price | None:
    """What one llm call cost: what the trace tells itself, else what the price table says."""
    return told_price(span) or price_of(span)


def unpriced(calls: Iterable[tuple[Span, Price | None]]) -> tuple[str, ...]:
    """The llms whose tokens are told and whose price is not known, each once."""
    missing = (llm_of(span) for span, price in calls if price is None and tokens_of(span) is not None)
    return tuple(dict.fromkeys(name for name in missing if name))


def told_price(span: Span) -> Price | None:
    """What the trace itself says that a call cost, in US dollars."""
    amount = money(span.attributes.get(sc.AGENTOPS_COST_AMOUNT))
    currency = span.attributes.get(sc.AGENTOPS_COST_CURRENCY, "USD")
    if amount is None or not isinstance(currency, str) or currency.upper() != "USD":
        return None
    return Price(amount=amount, source=TOLD_BY)


def llm_of(span: Span) -> str:
    """The llm that answered, else the one that was asked; empty where neither is told."""
    return text_of(span, sc.RESPONSE_MODEL) or text_of(span, sc.REQUEST_MODEL)


def tokens_of(span: Span) -> Tokens | None:
    """What a call used; None where input or output is not told."""
    asked = count_of(span, sc.USAGE_INPUT_TOKENS)
    answered = count_of(span, sc.USAGE_OUTPUT_TOKENS)
    if asked is None or answered is None:
        return None
    return Tokens(
        input=asked,
        output=answered,
        cache_read=count_of(span, sc.USAGE_CACHE_READ),
        cache_creation=count_of(span, sc.USAGE_CACHE_CREATION),
    )


# -- the price table of genai-prices --------------------------------------------------------------


@cache
def find_prices() -> Any:
    """The package with the price table, or None where it is not installed (extra ``prices``)."""
    return None if find_spec("genai_prices") is None else import_module("genai_prices")


def listed_price(name: str, provider: str, tokens: Tokens, start_ns: int) -> Price | None:
    """The price in the table on the day of the call; today's where its time is not known."""
    prices = find_prices()
    spelt = _PROVIDERS.get(provider, provider) or None
    if not _is_listed(name, spelt, id(prices.data_snapshot.get_snapshot())):
        return None
    try:
        usage = prices.Usage(
            input_tokens=tokens.input,
            output_tokens=tokens.output,
            cache_read_tokens=tokens.cache_read,
            cache_write_tokens=tokens.cache_creation,
        )
        found = prices.calc_price(
            usage,
            model_ref=name,
            provider_id=spelt,
            genai_request_timestamp=moment_of(start_ns),
        )
    except (LookupError, ValueError):
        return None
    amount = money(Decimal(found.total_price))
    return None if amount is None else Price(amount=amount, source=PRICED_BY)


@lru_cache(maxsize=1_024)
def _is_listed(name: str, provider: str | None, table: int) -> bool:
    """Whether the table of this id knows the llm: it searches all of itself, every time that it does not."""
    prices = find_prices()
    try:
        prices.calc_price(prices.Usage(input_tokens=0, output_tokens=0), model_ref=name, provider_id=provider)
    except LookupError:
        return False
    except ValueError:  # which is about the tokens
        return True
    return True


@cache
def table_date() -> str:
    """The table's release, which stands for its date: its data carries none. Empty where it is missing."""
    try:
        return f"{PRICED_BY} {version(PRICED_BY)}"
    except PackageNotFoundError:
        return ""
