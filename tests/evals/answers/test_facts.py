"""Facts are read whatever their spelling."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentops_eval.evals.answers.facts import FactKind, numbers_in, stated_in
from tests.evals.answers._paraphrases import AMOUNTS, DATES, TEMPLATES, amounts, days, orders, told


def read(text: str) -> list[str]:
    """The facts of a text, each in its one spelling."""
    return [fact.text for fact in stated_in(text).facts if not fact.weak]


def meant(text: str) -> set[tuple[FactKind, frozenset[object]]]:
    return {(fact.kind, fact.readings) for fact in stated_in(text).facts}


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        pytest.param("59.90 EUR", ["59.90 EUR"], id="code"),
        pytest.param("EUR 59,90", ["59.90 EUR"], id="code-before"),
        pytest.param("\u20ac59.90", ["59.90 EUR"], id="sign"),
        pytest.param("59.9 euros", ["59.90 EUR"], id="word"),
        pytest.param("EUR: 59.90", ["59.90 EUR"], id="colon"),
        pytest.param("1.234,56 \u20ac", ["1234.56 EUR"], id="german-thousands"),
        pytest.param("$1,234", ["1234.00 $"], id="money-has-no-third-decimal"),
        pytest.param("1'234.50 CHF", ["1234.50 CHF"], id="swiss"),
        pytest.param("1.5 million dollars", ["1500000.00 $"], id="million"),
        pytest.param("US$ 20k", ["20000.00 USD"], id="thousand-short"),
        pytest.param("2 Mio. Euro", ["2000000.00 EUR"], id="german-million"),
        pytest.param("59 euros and 90 cents", ["59.90 EUR"], id="cents"),
        pytest.param("fifty-nine euros and 90 cents", ["59.90 EUR"], id="spelled"),
        pytest.param("neunundfünfzig Euro", ["59.00 EUR"], id="spelled-german"),
        pytest.param("90 cents", ["90 cents"], id="cents-alone"),
        pytest.param("59,- \u20ac", ["59.00 EUR"], id="dash"),
        pytest.param("-59.90 EUR", ["-59.90 EUR"], id="negative"),
        pytest.param("minus 59.90 EUR", ["-59.90 EUR"], id="minus"),
        pytest.param("50-60 EUR", ["50", "60.00 EUR"], id="range"),
        pytest.param("EUR 5.00, EUR 6.00", ["5.00 EUR", "6.00 EUR"], id="two-before"),
        pytest.param("5.00 EUR 6.00 EUR", ["5.00 EUR", "6.00 EUR"], id="two-behind"),
        pytest.param("\u00a312 and 12 pounds", ["12.00 GBP", "12.00 GBP"], id="pounds"),
        pytest.param("15 %, 15%, 15 percent, fifteen per cent", ["15 %"] * 4, id="percents"),
        pytest.param("2,5 Prozent", ["2.5 %"], id="percent-german"),
        pytest.param("2026-12-03", ["2026-12-03"], id="iso"),
        pytest.param("3.12.2026, 03.12.26", ["2026-12-03"] * 2, id="dotted"),
        pytest.param(
            "December 3rd, 2026; 3 Dec 2026; the 3rd of December 2026", ["2026-12-03"] * 3, id="named"
        ),
        pytest.param("3. Dezember 2026", ["2026-12-03"], id="german"),
        pytest.param("bis zum 3.12.", ["3 December"], id="german-without-year"),
        pytest.param("December 2026", ["December 2026"], id="month"),
        pytest.param("31/12/2026", ["2026-12-31"], id="only-day-first"),
        pytest.param("31.02.2026", ["#31.02.2026"], id="no-such-day"),
        pytest.param("2:30 pm, 14:30, 14.30 Uhr", ["14:30"] * 3, id="times"),
        pytest.param("9 am, 9 Uhr", ["09:00"] * 2, id="hours"),
        pytest.param("12 am, 12 pm", ["00:00", "12:00"], id="noon-and-midnight"),
        pytest.param("order 1042, Order #1042, Bestellung Nr. 1042", ["order 1042"] * 3, id="orders"),
        pytest.param("invoice INV-2026/17", ["invoice INV-2026/17"], id="invoice"),
        pytest.param("#1042, A-1042, v1.2.3", ["#1042", "#A-1042", "#V1.2.3"], id="codes"),
        pytest.param("write to Help@Shop.example.", ["help@shop.example"], id="email"),
        pytest.param("see https://Shop.example/a?b=1).", ["www.shop.example/a?b=1"], id="url"),
        pytest.param("call +49 30 123456-78", ["+493012345678"], id="phone"),
        pytest.param("the \u201cBlue  Kettle\u201d", ["\u201cBlue Kettle\u201d"], id="quoted"),
        pytest.param("3 to 5 days, two parcels, zwölf", ["3", "5", "2", "12"], id="numbers"),
        pytest.param("1. First\n2. Second", [], id="list-numbers"),
        pytest.param("the 2nd try, one of us", [], id="ordinals-and-one"),
        pytest.param("no fact at all", [], id="none"),
    ],
)
def test_facts_of_a_text(text, facts):
    """Each fact is told in its one spelling, in the order of the text."""
    assert read(text) == facts


@given(st.data(), st.sampled_from(sorted(TEMPLATES)), orders, amounts, days)
def test_reading_is_idempotent(data, template, order, amount, day):
    """The one spelling of every fact is read as that fact again."""
    spelled = data.draw(st.sampled_from(sorted(AMOUNTS)))
    dated = data.draw(st.sampled_from(sorted(DATES)))
    for fact in stated_in(told(template, order, AMOUNTS[spelled](amount), DATES[dated](day))).facts:
        if not fact.weak:
            assert (fact.kind, fact.readings) in meant(f"x {fact.text} x"), fact


@given(st.data(), st.sampled_from(sorted(TEMPLATES)), orders, amounts, days)
def test_case_white_space_and_emphasis_count_for_nothing(data, template, order, amount, day):
    """Capitals, line breaks between words, bold, italics and lists change no fact."""
    spelled = data.draw(st.sampled_from(sorted(AMOUNTS)))
    said = told(template, order, AMOUNTS[spelled](amount), day.isoformat())
    plain = meant(said)
    assert meant(said.upper()) == plain
    assert meant(said.lower()) == plain
    assert meant(said.replace(" ", "  ")) == plain
    assert meant(f"**{said}**") == plain
    assert meant(said.replace(f" {order} ", f" **{order}** ")) == plain
    assert meant("\n".join(f"- {line}" for line in said.splitlines() if line.strip())) == plain


@given(st.sampled_from(sorted(AMOUNTS)), amounts)
def test_every_spelling_of_an_amount_is_that_amount(spelled, amount):
    """Separators, signs and words do not change what is meant."""
    (fact,) = stated_in(f"You get {AMOUNTS[spelled](amount)} today").facts
    assert (fact.kind, fact.readings) == (FactKind.AMOUNT, {(amount.normalize(), "EUR")})


@given(st.sampled_from(sorted(DATES)), days)
def test_every_spelling_of_a_date_is_that_date(spelled, day):
    """The day is among the readings, with its year where that is told."""
    (fact,) = stated_in(f"It comes by {DATES[spelled](day)} at last").facts
    year = None if spelled == "no-year" else day.year
    assert fact.kind is FactKind.DATE
    assert (year, day.month, day.day) in fact.readings


@given(st.text(max_size=300))
@example("-0")
@example("minus 5 of 7")
def test_any_text_is_read(text):
    """No text raises, and facts stand where they say."""
    stated = stated_in(text)
    assert all(stated.text[fact.start :].startswith(fact.said[:1]) for fact in stated.facts if fact.said)


@pytest.mark.parametrize(
    ("numeral", "readings"),
    [
        pytest.param("1,234", {"1234", "1.234"}, id="either"),
        pytest.param("0.234", {"0.234"}, id="below-one"),
        pytest.param("1,234.5", {"1234.5"}, id="both"),
        pytest.param("1.234.567", {"1234567"}, id="groups"),
        pytest.param("12,34", {"12.34"}, id="decimal"),
    ],
)
def test_separators_have_readings(numeral, readings):
    """A separator before three digits may be either; anything else tells itself."""
    (found,) = numbers_in(numeral)
    assert found == {Decimal(one) for one in readings}


def test_an_ambiguous_date_has_both_readings():
    """03/04/2026 is in March or in April."""
    (fact,) = stated_in("on 03/04/2026").facts
    assert fact.readings == {(2026, 3, 4), (2026, 4, 3)}
