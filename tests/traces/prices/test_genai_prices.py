"""The public price table, where it is installed (extra ``prices``)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from agentops_eval.traces import price_of, table_date
from agentops_eval.traces.prices import Pricing
from tests.traces._live import T0
from tests.traces.prices.test_prices import call

genai_prices = pytest.importorskip("genai_prices")

OPENAI = {"gen_ai__provider__name": "openai", "gen_ai__request__model": "gpt-4o-mini"}


def test_a_known_llm_has_the_tables_price():
    """The price is what the table's own function says for the same tokens."""
    usage = genai_prices.Usage(input_tokens=1000, output_tokens=100)
    expected = genai_prices.calc_price(usage, "gpt-4o-mini", provider_id="openai").total_price
    found = price_of(call(**OPENAI))
    assert found is not None
    assert (found.amount, found.source) == (Decimal(expected), "genai-prices")


def test_the_release_of_the_table_is_told():
    """Its data carries no date, so its release stands for it."""
    assert table_date() == f"genai-prices {genai_prices.__version__}"
    assert Pricing().tables == (table_date(),)


@pytest.mark.parametrize(
    "told",
    [
        {"gen_ai__request__model": "nobody-knows-me"},
        {"gen_ai__provider__name": "nobody"},
        {"gen_ai__usage__cache_read__input_tokens": 5000},
    ],
    ids=["llm", "provider", "more-cached-than-asked"],
)
def test_what_the_table_does_not_know_is_unknown(told: dict[str, object]):
    """An unknown llm or provider, and impossible tokens, have no price."""
    assert price_of(call(**{**OPENAI, **told})) is None


@pytest.mark.parametrize("start_ns", [0, T0, 2**63 - 1, -5], ids=["logical", "real", "far", "before"])
def test_no_time_breaks_the_table(start_ns: int):
    """The price is that of the call's day, and today's where its day cannot be told."""
    assert price_of(replace(call(**OPENAI), start_ns=start_ns)) is not None
