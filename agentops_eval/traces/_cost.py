"""What a call cost, by a price table that may be absent: then the cost is unknown, never 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec

from agentops_eval.domain import Attribute, Span
from agentops_eval.traces import semconv as sc

_PROVIDERS = {
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "aws.bedrock": "aws",
    "azure.ai.openai": "azure",
    "x_ai": "x-ai",
    "mistral_ai": "mistral",
    "moonshot_ai": "moonshotai",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """An amount in US dollars and who says so."""

    amount: Decimal
    source: str


def price_of(span: Span) -> Price | None:
    """The price of one llm call; None where tokens, the llm or the price table are unknown."""
    if find_spec("genai_prices") is None:
        return None
    name = span.attributes.get(sc.RESPONSE_MODEL) or span.attributes.get(sc.REQUEST_MODEL)
    asked = span.attributes.get(sc.USAGE_INPUT_TOKENS)
    answered = span.attributes.get(sc.USAGE_OUTPUT_TOKENS)
    if not isinstance(name, str) or not isinstance(asked, int) or not isinstance(answered, int):
        return None
    prices = import_module("genai_prices")
    usage = prices.Usage(
        input_tokens=asked,
        output_tokens=answered,
        cache_read_tokens=_count(span.attributes.get(sc.USAGE_CACHE_READ)),
        cache_write_tokens=_count(span.attributes.get(sc.USAGE_CACHE_CREATION)),
    )
    named = str(span.attributes.get(sc.PROVIDER_NAME, ""))
    provider = _PROVIDERS.get(named, named) or None
    try:
        found = prices.calc_price(usage, model_ref=name, provider_id=provider)
    except (LookupError, ValueError):
        return None
    return Price(amount=Decimal(found.total_price), source="genai-prices")


def _count(value: Attribute) -> int | None:
    return value if isinstance(value, int) else None
