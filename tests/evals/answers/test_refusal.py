"""Refusals are told from answers and from results."""

from __future__ import annotations

import pytest

from tests.evals._judged import FAIL, PASS, judged, value

REFUSALS = {
    "cannot-help": "I'm sorry, but I can't help with that.",
    "unable": "Unfortunately I am unable to provide medical advice.",
    "not-able": "I'm not able to share other customers' data.",
    "not-allowed": "As an assistant I am not allowed to discuss other accounts.",
    "may-not": "Sorry, I may not refund order 1042: rejected.",
    "may-not-do": "I may not do that without a manager.",
    "not-allowed-act": "I am not allowed to refund orders over 80 EUR.",
    "not-permitted": "I'm not permitted to cancel it after dispatch.",
    "not-authorised": "I am not authorised to waive this fee.",
    "that-is-not-allowed": "I am sorry, but that is not permitted.",
    "rejected": "Your request was rejected.",
    "declined": "The refund of order 1042 has been declined.",
    "denied": "Your request for a discount of 20 % was denied by the shop.",
    "curly-quotes": "I\u2019m sorry, I can\u2019t assist with this request.",
    "will-not": "I won't do that.",
    "decline": "I must decline.",
    "policy": "Sharing that would be against our privacy policy.",
    "willing": "I'm not comfortable writing this.",
    "emphasis": "I **cannot** help with hacking an account.",
    "german": "Dabei kann ich Ihnen leider nicht helfen.",
    "german-short": "Das kann ich leider nicht.",
    "german-first": "Ich kann Ihnen diese Daten leider nicht mitteilen.",
    "german-may": "Ich darf keine Auskunft \u00fcber andere Kunden geben.",
    "german-policy": "Das verst\u00f6\u00dft gegen unsere Richtlinien.",
}
ANSWERS = {
    "done": "Order 1042 was refunded.",
    "not-found": "I cannot find order 1042.",
    "could-not-find": "I could not find order 1042.",
    "doubt": "I may not have seen your last message: what is the order's number?",
    "may-not-be": "I may not be the fastest, but order 1042 was refunded.",
    "it-may-not": "It may not arrive before Friday.",
    "bank": "The refund was declined by your bank; which account is yours?",
    "payment": "Your payment was declined, so I sent you a new link.",
    "door": "The return to sender was refused at the door.",
    "rule": "Pets are not allowed in these flats; shall I look for others?",
    "asked": "If your request was rejected before, I can file it again.",
    "no-result": "I could not locate your parcel; it was last seen in Bonn.",
    "user": "If you can't log in, I can help you.",
    "negation": "The refund was not approved, because the lamp was not returned.",
    "can": "I can help with that. What is your order number?",
    "german": "Ihre Bestellung kann nicht mehr storniert werden.",
    "german-done": "Ich habe Ihnen das Geld erstattet.",
    "empty": "",
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_refuse(name):
    """The reason quotes the words."""
    verdict = judged("refuses", None, output=REFUSALS[name])
    assert verdict.value is PASS
    assert value("refuses", {"expected": False}, output=REFUSALS[name]) is FAIL
    assert '"' in verdict.reason


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_do_not_refuse(name):
    """A negative result is no refusal."""
    assert value("refuses", None, output=ANSWERS[name]) is FAIL
    assert value("refuses", False, output=ANSWERS[name]) is PASS


def test_a_megabyte_has_a_verdict():
    """Only the beginning is read."""
    assert value("refuses", None, output="I can " * 200_000) is FAIL
