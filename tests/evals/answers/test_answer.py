"""The same facts in other words pass; changed, missing, added or denied ones fail."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agentops_eval.domain import Verdict
from tests.evals._judged import BROKEN_BY_AGENT, BROKEN_BY_JUDGE, FAIL, PASS, UNKNOWN, judged, refused, value
from tests.evals.answers._paraphrases import (
    AMOUNTS,
    DATES,
    REFERENCE,
    TEMPLATES,
    amounts,
    days,
    orders,
    told,
)
from tests.examples import examples

REFUND = "Order 1042 was refunded: 59.90 EUR will be on your card by 3 December 2026."


def held(reference: str, output: Any, **more: Any) -> Verdict:
    return judged("answer", {"reference": reference, **more}, output=output)


def reference(order: str, amount: Decimal, day: date) -> str:
    return REFERENCE.format(order=order, amount=amount, date=day.isoformat())


# -- twenty variants of each ------------------------------------------------------------------------


@pytest.mark.parametrize("template", TEMPLATES)
@examples(20)
@given(data=st.data(), order=orders, amount=amounts, day=days)
def test_the_same_facts_in_other_words_pass(template, data, order, amount, day):
    """Whatever the words, their order, the layout and the spelling of an amount and a date: they agree."""
    spelled = data.draw(st.sampled_from(sorted(AMOUNTS)))
    dated = data.draw(st.sampled_from(sorted(DATES)))
    said = told(template, order, AMOUNTS[spelled](amount), DATES[dated](day))
    verdict = held(reference(order, amount, day), said)
    assert (verdict.value, verdict.score) == (PASS, 1.0), f"{verdict.reason}\n{said}"


@pytest.mark.parametrize("template", TEMPLATES)
@examples(20)
@given(data=st.data(), order=orders, amount=amounts, other=amounts, day=days)
def test_a_changed_amount_fails_in_any_words(template, data, order, amount, other, day):
    """An answer that says another amount fails, and the reason has both."""
    assume(amount != other)
    spelled = data.draw(st.sampled_from(sorted(AMOUNTS)))
    verdict = held(
        reference(order, amount, day), told(template, order, AMOUNTS[spelled](other), day.isoformat())
    )
    assert verdict.value is FAIL
    assert f"the answer says {other:.2f} EUR where {amount:.2f} EUR is expected" in verdict.reason


@pytest.mark.parametrize("template", TEMPLATES)
@examples(20)
@given(order=orders, other=orders, amount=amounts, day=days)
def test_another_order_fails_in_any_words(template, order, other, amount, day):
    """An answer about another order fails."""
    assume(order != other)
    verdict = held(reference(order, amount, day), told(template, other, f"{amount} EUR", day.isoformat()))
    assert verdict.value is FAIL


@pytest.mark.parametrize("template", TEMPLATES)
@examples(20)
@given(order=orders, amount=amounts, day=days, other=days)
def test_another_date_fails_in_any_words(template, order, amount, day, other):
    """An answer with another date fails."""
    assume(day != other)
    verdict = held(reference(order, amount, day), told(template, order, f"{amount} EUR", other.isoformat()))
    assert verdict.value is FAIL


# -- what is missing, added, denied -----------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("We refunded 40.00 EUR for order 1042 by 3 December 2026.", id="amount"),
        pytest.param("We refunded 59.90 USD for order 1042 by 3 December 2026.", id="currency"),
        pytest.param("We refunded 5990 EUR for order 1042 by 3 December 2026.", id="cents-taken-for-euros"),
        pytest.param("We refunded 59.90 EUR for order 1043 by 3 December 2026.", id="order"),
        pytest.param("We refunded 59.90 EUR for order 1042 by 4 December 2026.", id="date"),
        pytest.param("We refunded 59.90 EUR by 3 December 2026.", id="order-missing"),
        pytest.param("We refunded order 1042 by 3 December 2026.", id="amount-missing"),
        pytest.param(
            "We refunded 59.90 EUR for order 1042, and 5 EUR more, by 3 December 2026.", id="amount-added"
        ),
        pytest.param("We refunded 59.90 EUR (90 %) for order 1042 by 3 December 2026.", id="percent-added"),
        pytest.param(
            "Refunded 59.90 EUR for order 1042 and order 1043 by 3 December 2026.", id="order-added"
        ),
        pytest.param("", id="empty"),
        pytest.param("I could not find anything.", id="nothing"),
    ],
)
def test_other_facts_fail(said):
    """One fact that is changed, missing or added fails."""
    assert held(REFUND, said).value is FAIL


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("Order 1042 was not refunded: 59.90 EUR by 3 December 2026.", id="not"),
        pytest.param("Order 1042 wasn't refunded. It is about 59.90 EUR and 3 December 2026.", id="n't"),
        pytest.param("We could not refund order 1042 (59.90 EUR, 3 December 2026).", id="could-not"),
        pytest.param("We are unable to refund 59.90 EUR for order 1042 by 3 December 2026.", id="unable"),
        pytest.param("There is no refund of 59.90 EUR for order 1042 by 3 December 2026.", id="no"),
        pytest.param(
            "The refund of 59.90 EUR for order 1042 due by 3 December 2026 was declined.", id="declined"
        ),
        pytest.param(
            "The refund of 59.90 EUR for order 1042, which you wanted, was never issued by 3 December 2026.",
            id="relative-clause-between",
        ),
        pytest.param("Die Bestellung 1042 wurde nicht erstattet: 59,90 EUR, 3. Dezember 2026.", id="german"),
        pytest.param(
            "Für Bestellung 1042 gibt es keine Erstattung (59,90 EUR, 3.12.2026).", id="german-kein"
        ),
        pytest.param("Order 1042 is non-refundable: 59.90 EUR, 3 December 2026.", id="non"),
    ],
)
def test_a_denial_fails(said):
    """The same facts with the opposite said of them fail, and the reason quotes the clause."""
    verdict = held(REFUND, said)
    assert verdict.value is FAIL
    assert "turns round what is said of" in verdict.reason


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("No refund was made for order 1042.", id="no"),
        pytest.param("Unfortunately order 1042 could not be reimbursed.", id="other-word"),
        pytest.param("The refund for order 1042 was declined.", id="declined"),
        pytest.param("Bestellung 1042: leider keine Rückerstattung.", id="german"),
    ],
)
def test_a_denial_that_is_expected_passes(said):
    """What the reference denies, the answer may deny in other words."""
    assert held("Order 1042 was not refunded.", said).value is PASS


def test_what_is_no_longer_denied_fails():
    """An answer that affirms what the reference denies fails."""
    assert held("Order 1042 was not refunded.", "Order 1042 was refunded.").value is FAIL


def test_silence_about_what_is_denied_is_unknown():
    """Whether words that we do not know deny it, nobody can say here."""
    verdict = held("Order 1042 was not refunded.", "Order 1042 stays as it is.")
    assert (verdict.value, verdict.score) == (UNKNOWN, None)
    assert "of which the answer does not speak" in verdict.reason


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("It was handed over: delivered yesterday.", PASS, id="said"),
        pytest.param("It has not been delivered.", FAIL, id="denied"),
        pytest.param("The courier brought it.", UNKNOWN, id="in-unknown-words"),
    ],
)
def test_a_reference_of_words_alone_is_judged_by_what_it_affirms(said, expected):
    """Without any fact there is still the action that is affirmed or denied."""
    assert held("Your parcel has been delivered.", said).value is expected


def test_a_reference_without_facts_is_unknown_unless_it_is_repeated():
    """What cannot be told passes only where the answer is the reference."""
    assert held("Hello, how can I help?", "Hi!").value is UNKNOWN
    assert held("Hello, how can I help?", "hello,  how can I help?").value is PASS


def test_the_score_is_the_share_of_the_facts():
    """Two facts of three are two thirds."""
    assert held(REFUND, "Order 1042: 59.90 EUR.").score == pytest.approx(2 / 3)


# -- options ----------------------------------------------------------------------------------------


def test_extra_facts_are_allowed_on_request():
    """All of them, or those of some kinds."""
    said = REFUND + " The fee of 2.00 EUR is waived, a discount of 10 % waits for you."
    assert held(REFUND, said).value is FAIL
    assert held(REFUND, said, allow_extra=True).value is PASS
    assert held(REFUND, said, allow_extra=["amount", "percent"]).value is PASS
    assert held(REFUND, said, allow_extra=["amount"]).value is FAIL


def test_kinds_of_facts_can_be_left_out():
    """A kind that is ignored is neither asked for nor held against the answer."""
    said = "We refunded 59.90 EUR for order 1042 by 9 December 2027."
    assert held(REFUND, said).value is FAIL
    assert held(REFUND, said, ignore=["date"]).value is PASS


def test_an_answer_of_one_turn_or_of_one_field_can_be_meant():
    """Turns count from 1; a field is a path in an answer of JSON."""
    turns = ("Which order?", "59.90 EUR are on their way.")
    assert value("answer", {"reference": "59.90 EUR", "turn": 2}, output="Bye", answers=turns) is PASS
    assert value("answer", {"reference": "59.90 EUR", "turn": 3}, output="Bye", answers=turns) is FAIL
    given_json = '{"reply": {"text": "EUR 59,90"}}'
    assert value("answer", {"reference": "59.90 EUR", "field": "reply.text"}, output=given_json) is PASS


def test_the_agents_error_fails_and_anothers_is_unknown():
    """A run that broke off has no answer; only the agent's own error is its failure."""
    assert value("answer", REFUND, error=BROKEN_BY_AGENT) is FAIL
    assert value("answer", REFUND, error=BROKEN_BY_JUDGE) is UNKNOWN


def test_a_reference_of_thousands_of_facts_is_refused():
    """Comparing each with each would take minutes."""
    assert "2,000" in refused("answer", " ".join(f"{number} EUR" for number in range(3_000)))


def test_an_unknown_kind_is_refused():
    """A kind that does not exist is an error of the file."""
    assert "ignore[0]" in refused("answer", {"reference": REFUND, "ignore": ["colour"]})


# -- hostile answers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("59.90 EUR " * 100_000, id="a-megabyte"),
        pytest.param(" ".join(f"{number}.50 EUR" for number in range(5_000)), id="thousands-of-facts"),
        pytest.param("\ud800 59.90 \udfff", id="lone-surrogates"),
        pytest.param("\x00" * 1000, id="zeros"),
        pytest.param("9" * 50_000, id="digits"),
        pytest.param("\x1b[2J\r\n\u202e09.95 RUE", id="terminal-codes"),
        pytest.param({"a": [float("nan")]}, id="nan"),
    ],
)
def test_hostile_answers_fail_in_one_safe_line(said):
    """Whatever an agent answers, the verdict is a fail with a reason that can be printed."""
    verdict = held(REFUND, said)
    assert verdict.value is FAIL
    assert verdict.reason.isprintable()
    assert len(verdict.reason) < 510


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_texts_have_a_verdict(one, other):
    """No text raises: a verdict that came of an exception would say so."""
    verdict = held(one, other)
    assert "raised" not in verdict.reason


@given(st.text(min_size=1, max_size=200).filter(str.strip))
def test_every_text_agrees_with_itself(text):
    """A text holds its own facts."""
    assert held(text, text).value is PASS
