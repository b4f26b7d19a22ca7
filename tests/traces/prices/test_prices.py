"""What an llm call cost: by the trace, by a team's own table, and what holds where neither tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import ConfigInvalid, LlmUnpriced, Span
from agentops_eval.traces._cost import Tokens
from agentops_eval.traces._money import money, share_of, total_money
from agentops_eval.traces.prices import LlmPrice, PriceTable, Pricing, UnknownLlm, read_table
from tests.traces._live import T0

TABLE = PriceTable(
    date=date(2026, 11, 1),
    llm={
        "acme-*": LlmPrice(input=Decimal(1), output=Decimal(2)),
        "acme-large": LlmPrice(input=Decimal(3), output=Decimal(15), cache_read=Decimal("0.3")),
        "acme-large-eu*": LlmPrice(input=Decimal(4), output=Decimal(20)),
        "shared": LlmPrice(input=Decimal(9), output=Decimal(9), provider="azure.ai.openai"),
    },
)


def call(**attributes: object) -> Span:
    told: dict[str, object] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "acme",
        "gen_ai.request.model": "acme-large",
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 100,
        **{key.replace("__", "."): value for key, value in attributes.items()},
    }
    kept = {key: value for key, value in told.items() if value is not None}
    return Span(name="chat", trace_id="ab" * 16, span_id="cd" * 8, start_ns=T0, attributes=kept)  # type: ignore


def priced(span: Span, **pricing: object) -> tuple[Decimal, str] | None:
    found = Pricing(**{"table": TABLE, **pricing})(span)  # type: ignore[arg-type]
    return None if found is None else (found.amount, found.source)


def test_what_the_trace_tells_comes_first():
    """A cost that the trace tells is taken before any table's, and labelled so."""
    assert priced(call(agentops__cost__amount=0.25)) == (Decimal("0.25"), "trace")
    assert priced(call(agentops__cost__amount=0.25, agentops__cost__currency="usd")) == (
        Decimal("0.25"),
        "trace",
    )


@pytest.mark.parametrize("amount", [-0.01, float("nan"), float("inf"), 1e300, True, "0.5", 2**64])
def test_absurd_amounts_are_not_told(amount: object):
    """Negative, infinite, absurd and mistyped costs are as if they were not there."""
    assert priced(call(agentops__cost__amount=amount)) == (Decimal("0.0045"), "prices file")


def test_other_currencies_are_not_added_to_dollars():
    """A cost in another currency is not taken for dollars: the table's price holds, or none."""
    span = call(agentops__cost__amount=0.25, agentops__cost__currency="EUR")
    assert priced(span) == (Decimal("0.0045"), "prices file")
    assert priced(span, table=None) is None


def test_prices_are_per_million_tokens_and_cached_ones_are_part_of_the_input():
    """Input, output and cached input have their own prices; without one, cached tokens cost as input."""
    assert priced(call()) == (Decimal("0.0045"), "prices file")
    cached = {"gen_ai__usage__cache_read__input_tokens": 400}
    assert priced(call(**cached)) == (Decimal("0.00342"), "prices file")
    assert TABLE.llm["acme-*"].of(Tokens(input=1000, output=0, cache_read=400)) == Decimal("0.001")
    assert priced(call(gen_ai__usage__cache_read__input_tokens=1001)) is None


@pytest.mark.parametrize(
    ("name", "provider", "dollars"),
    [
        ("ACME-LARGE", "acme", "0.0045"),
        ("acme-large-eu-1", "acme", "0.006"),
        ("acme-small", "acme", "0.0012"),
        ("shared", "azure.ai.openai", "0.0099"),
        ("shared", "acme", None),
    ],
)
def test_an_llm_is_found_by_name_then_by_the_longest_pattern(name: str, provider: str, dollars: str | None):
    """The equal name wins over patterns, the longer pattern over the shorter; providers are kept apart."""
    found = priced(call(gen_ai__request__model=name, gen_ai__provider__name=provider))
    assert (found and found[0]) == (dollars and Decimal(dollars))


def test_the_llm_that_answered_is_priced():
    """Where the answer names another llm than the request, that one was used."""
    assert priced(call(gen_ai__response__model="acme-small")) == (Decimal("0.0012"), "prices file")


def test_an_unknown_llm_is_unknown_or_zero_or_an_error_by_choice():
    """The default leaves the cost unknown; zero is labelled; an error names the call and the way out."""
    span = call(gen_ai__request__model="nobody-knows-me")
    assert priced(span) is None
    assert priced(span, unknown=UnknownLlm.ZERO) == (Decimal(0), "zero")
    with pytest.raises(LlmUnpriced, match="nobody-knows-me") as raised:
        priced(span, unknown=UnknownLlm.ERROR)
    assert "prices file of 2026-11-01" in raised.value.difference
    assert (span.span_id in raised.value.where, raised.value.exit_code) == (True, 1)


@pytest.mark.parametrize("unknown", UnknownLlm)
@pytest.mark.parametrize("tokens", [None, -1, True, 2**63, "7"])
def test_uncounted_tokens_have_no_price(unknown: UnknownLlm, tokens: object):
    """Whatever holds for unknown llms, a call whose tokens nobody counted is never free."""
    span = call(gen_ai__usage__output_tokens=tokens, gen_ai__request__model="nobody-knows-me")
    assert priced(span, unknown=unknown) is None


def test_a_file_of_prices_is_toml_or_yaml(tmp_path: Path):
    """Both notations give the same table, with exact decimals."""
    toml, yaml = tmp_path / "p.toml", tmp_path / "p.yaml"
    toml.write_text('date = 2026-11-01\n[llm."acme-1"]\ninput = 0.1\noutput = "0.30"\n')
    yaml.write_text("date: 2026-11-01\nllm:\n  acme-1: {input: 0.1, output: '0.30'}\n")
    expected = LlmPrice(input=Decimal("0.1"), output=Decimal("0.30"))
    assert read_table(toml) == read_table(yaml)
    assert read_table(toml) == PriceTable(date=date(2026, 11, 1), llm={"acme-1": expected})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[llm.a]\ninput = 1\noutput = 1", "`date`"),
        ("date = 2026-11-01\n[llm.a]\ninput = 1", "`output`"),
        (
            "date = 2026-11-01\n[llm.a]\ninput = -1\noutput = 1",
            "'a': a price is a number from 0 - at `input`",
        ),
        (
            "date = 2026-11-01\n[llm.a]\ninput = 1\noutput = nan",
            "'a': a price is a number from 0 - at `output`",
        ),
        ("date = 2026-11-01\n[llm.a]\ninput = true\noutput = 1", "the llm 'a': Expected"),
        (
            "date = 2026-11-01\n[llm.a]\ninput = 1\noutptu = 1",
            "'a': there is no key 'outptu'; did you mean output?",
        ),
        ("date = 2026-11-01\n[llm.a]\ninput = 1\noutput = 1\ncache_reed = 1", "did you mean cache_read?"),
        ("date = 2026-11-01\n[llms.a]\ninput = 1\noutput = 1", "there is no key 'llms'; did you mean llm?"),
        ("date = 2026-11-01\nllm = {a = 3}", "'a': it is no table of prices"),
        ("date: 2026-11-01\nllm: {a: {input: 1, output: 1}}", "its content is YAML: name the file p.yaml"),
        ('date = 2026-11-01\ncurrency = "EUR"\n[llm.a]\ninput = 1\noutput = 1', "EUR"),
        ("date = ", "Invalid value"),
        ("", "`date`"),
    ],
)
def test_a_wrong_file_of_prices_says_what_is_wrong(tmp_path: Path, text: str, told: str):
    """Each mistake is told with the file and the field, and what a right file looks like."""
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(ConfigInvalid) as raised:
        read_table(path)
    assert told in raised.value.what
    assert (raised.value.where, "acme-large" in raised.value.remedy) == (str(path), True)


def test_a_toml_file_by_another_name_is_told(tmp_path: Path):
    """A file whose name tells another notation than its content is said to be so."""
    path = tmp_path / "p.json"
    path.write_text("date = 2026-11-01\n[llm.a]\ninput = 1\noutput = 1\n")
    with pytest.raises(ConfigInvalid, match=r"its content is TOML: name the file p\.toml"):
        read_table(path)


def test_a_missing_file_of_prices_names_the_one_that_may_be_meant(tmp_path: Path):
    """A misspelt path is no wrong table: the nearest file beside it is told."""
    (tmp_path / "prices.toml").write_text("")
    with pytest.raises(ConfigInvalid, match="there is no such file of prices") as raised:
        read_table(tmp_path / "price.toml")
    assert raised.value.remedy == f"did you mean {tmp_path / 'prices.toml'}?"


@pytest.mark.parametrize("data", [b"\xff\xfe", b"{" * 100_000, b"[" * 100_000, b"a: &a [*a]", b"- 1"])
def test_hostile_files_of_prices_are_refused(tmp_path: Path, data: bytes):
    """Bytes that are no table end in the error for it, and nothing else."""
    path = tmp_path / "p.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigInvalid):
        read_table(path)


AMOUNTS = st.decimals(min_value=0, max_value=10**14, places=12) | st.floats(0, 1e14)


@given(st.lists(AMOUNTS, max_size=30).flatmap(lambda kept: st.tuples(st.just(kept), st.permutations(kept))))
def test_sums_of_money_do_not_depend_on_the_order(both: tuple[list[object], list[object]]):
    """Adding is exact: any order, and any grouping, gives the same sum."""
    one, other = ([money(amount) for amount in amounts] for amounts in both)
    half = len(other) // 2
    grouped = total_money([total_money(other[:half]), total_money(other[half:])])
    assert total_money(one) == grouped == (sum(map(_fraction, one)) if one else None)


def _fraction(amount: Decimal | None):
    from fractions import Fraction

    assert amount is not None
    return Fraction(amount)


def test_money_is_written_without_an_exponent():
    """Equal amounts are written alike."""
    assert [str(money(value)) for value in (0, 1e-7, 100, 1e14, Decimal("1.50"))] == [
        "0",
        "1E-7",
        "100",
        "100000000000000",
        "1.5",
    ]
    assert f"{money(1e-7):f}" == "0.0000001"
    assert share_of(Decimal(1), 3) == Decimal("0.333333333333")


def test_tables_are_dated_where_they_told_something():
    """The own table is shown with its date, and only where a price came from it."""
    pricing = Pricing(table=TABLE)
    assert pricing.tables[0] == "prices file of 2026-11-01"
    assert pricing.dates(frozenset({"trace", "zero"})) == ()
    assert pricing.dates(frozenset({"prices file"})) == ("prices file of 2026-11-01",)
    assert replace(pricing, table=None).dates(frozenset({"prices file"})) == ()
