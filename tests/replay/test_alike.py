"""Calls that only redaction makes equal are found when they are recorded, and no others are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentops_eval.replay import Alike, MatchRules, alike
from agentops_eval.traces.redaction import RedactionRules, Redactor
from tests.replay._kit import RULES, chat, event, post, use

ANN = "sk-proj-ann0123456789abcdefghijklmnop"
BOB = "sk-proj-bob0123456789abcdefghijklmnop"


def found(*events, rules: MatchRules = RULES, redaction: RedactionRules | None = None) -> tuple[Alike, ...]:
    """What is alike among these events."""
    return alike(events, rules=rules, redactor=Redactor(redaction or RedactionRules()))


def asked(index, name, value, answer=None):
    """A call that is like any other but for one header."""
    headers = (("content-type", "application/json"), (name, value))
    return event(index, post({"q": "balance"}, headers=headers), answer)


def test_two_customers_behind_their_keys_are_alike() -> None:
    """Arguments that differ in a key alone are named, with the kind of what is hidden."""
    (one,) = found(
        event(0, use("balance", key=ANN)), event(1, use("order", n=1)), event(2, use("balance", key=BOB))
    )
    assert [call.number for call in one.calls] == [1, 3]
    assert str(one) == (
        "call 1, call 3, tool balance, differ only in what redaction hides; "
        "a replay tells them apart by their order alone"
    )
    assert ANN not in repr(one)
    assert BOB not in repr(one)


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "api-key"])
def test_who_asks_is_a_difference(name) -> None:
    """Headers that say who asks count, although matching leaves them out."""
    assert len(found(asked(0, name, ANN), asked(1, name, BOB))) == 1


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Authorization", ("AWS4-HMAC-SHA256 Signature=ab01", "AWS4-HMAC-SHA256 Signature=cd02")),
        ("Cookie", ("session=0123456789abcdef0", "session=fedcba98765432100")),
        ("X-Csrf-Token", ("0123456789abcdef0", "fedcba98765432100")),
        ("X-Request-Id", ("1", "2")),
    ],
    ids=["signature", "cookie", "token", "id"],
)
def test_what_differs_in_every_call_by_itself_is_none(name, values) -> None:
    """Signatures, sessions and ids would make every repetition a finding."""
    assert found(asked(0, name, values[0]), asked(1, name, values[1])) == ()


def test_what_tells_calls_apart_is_no_finding() -> None:
    """Another body, another span, or a header that matching looks at: order is not needed."""
    assert found(event(0, use("balance", key=ANN, n=1)), event(1, use("balance", key=BOB, n=2))) == ()
    assert (
        found(event(0, use("balance", key=ANN), span="/a#0"), event(1, use("balance", key=BOB), span="/b#0"))
        == ()
    )
    tenants = [
        replace(call.request, headers=(*call.request.headers, ("x-tenant", tenant)))
        for call, tenant in ((asked(0, "X-Api-Key", ANN), "ann"), (asked(1, "X-Api-Key", BOB), "bob"))
    ]
    assert found(*(event(index, request) for index, request in enumerate(tenants))) == ()


def test_a_header_of_the_users_own_that_is_hidden_is_a_difference() -> None:
    """A name in ``redact_headers`` would tell calls apart, were it not hidden."""
    rules = RedactionRules(headers=("x-tenant",))
    calls = asked(0, "x-tenant", "customer-ann"), asked(1, "x-tenant", "customer-bob")
    assert found(*calls) == ()
    assert len(found(*calls, redaction=rules)) == 1


def test_repetitions_and_equal_answers_are_no_finding() -> None:
    """The same call twice, or two calls with one answer, cannot be confused with harm."""
    assert found(event(0, use("balance", key=ANN)), event(1, use("balance", key=ANN))) == ()
    assert found(event(0, use("balance", key=ANN), "none"), event(1, use("balance", key=BOB), "none")) == ()


def test_calls_without_an_answer_and_draws_are_passed_over() -> None:
    """What a replay never answers, or never mixes, is not compared."""
    given_up = replace(event(1, use("balance", key=BOB)), outcome=None)
    assert found(event(0, use("balance", key=ANN)), given_up) == ()


def test_what_is_allowed_to_stand_is_not_hidden() -> None:
    """A value that looks like a key and is none tells the calls apart, once it may stand."""
    calls = event(0, chat(f"for {ANN}")), event(1, chat(f"for {BOB}"))
    assert len(found(*calls)) == 1
    assert found(*calls, redaction=RedactionRules(allow=("sk-proj-(ann|bob).*",))) == ()


def test_what_matching_leaves_out_makes_no_difference() -> None:
    """A generated id and a redacted key in an ignored field are not what was asked."""
    rules = MatchRules(ignore=("$.key",))
    assert found(event(0, use("balance", key=ANN)), event(1, use("balance", key=BOB)), rules=rules) == ()
