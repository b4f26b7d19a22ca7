"""What comes before what, how often, never twice, and with which key."""

from __future__ import annotations

import pytest

from agentops_eval.domain import Effect, ScenarioInvalid, Trace
from tests.evals.tools._kit import FAIL, PASS, UNKNOWN, call, judge, untold


def get(order=1, **more):
    return call("get_order", {"order": order}, effect=Effect.READ, **more)


def refund(order=1, amount=5, **more):
    return call("issue_refund", {"order": order, "amount": amount}, **{"effect": Effect.WRITE, **more})


LINKED = {"before": [{"first": "get_order", "then": "issue_refund", "same": ["order"]}]}


@pytest.mark.parametrize(
    ("arguments", "calls", "value"),
    [
        pytest.param(["get_order", "issue_refund"], [get(), refund()], PASS, id="before"),
        pytest.param(["get_order", "issue_refund"], [refund(), get()], FAIL, id="after"),
        pytest.param(["get_order", "issue_refund"], [get()], PASS, id="the later one is not called"),
        pytest.param(["get_order", "issue_refund"], [get(), refund(), refund()], PASS, id="once for both"),
        pytest.param(
            ["get_order", "issue_refund"], [get(error="Timeout"), refund()], FAIL, id="the earlier one failed"
        ),
        pytest.param(
            ["get_order", "issue_refund"],
            [get(error="Timeout"), get(), refund()],
            PASS,
            id="a retry succeeded",
        ),
        pytest.param(["get_*", "issue_refund"], [get(), refund()], PASS, id="patterns"),
        pytest.param(
            ["get_order", "approve", "issue_refund"],
            [get(), refund()],
            FAIL,
            id="a link of a chain is missing",
        ),
        pytest.param(
            [["get_order", "issue_refund"], ["approve", "mail"]], [get(), refund()], PASS, id="several chains"
        ),
        pytest.param(
            [["get_order", "issue_refund"], ["approve", "mail"]],
            [get(), call("mail")],
            FAIL,
            id="one of several",
        ),
        pytest.param(LINKED, [get(1), get(2), refund(2), refund(1)], PASS, id="of the same order"),
        pytest.param(LINKED, [get(1), refund(2)], FAIL, id="of another order"),
        pytest.param(LINKED, [get(1), call("issue_refund")], FAIL, id="without an order"),
        pytest.param(LINKED, [get(1), untold("issue_refund")], UNKNOWN, id="of an untold order"),
        pytest.param(LINKED, [untold("get_order"), refund(1)], UNKNOWN, id="after an untold order"),
        pytest.param(
            LINKED, [untold("get_order"), get(1), refund(1)], PASS, id="after an untold one and the same"
        ),
        pytest.param(LINKED, [untold("issue_refund")], FAIL, id="untold, and nothing before"),
    ],
)
def test_before(arguments, calls, value):
    """Each later call needs an earlier one of the first tool that succeeded, with the same arguments."""
    assert judge("tools_ordered", arguments, calls).value is value


@pytest.mark.parametrize(
    ("arguments", "count", "value"),
    [
        pytest.param({"at_most": {"get_order": 2}}, 2, PASS, id="at most, reached"),
        pytest.param({"at_most": {"get_order": 2}}, 3, FAIL, id="at most, passed"),
        pytest.param({"at_most": {"get_*": 0}}, 1, FAIL, id="never"),
        pytest.param({"at_least": {"get_order": 2}}, 2, PASS, id="at least, reached"),
        pytest.param({"at_least": {"get_order": 2}}, 1, FAIL, id="at least, missed"),
        pytest.param({"at_least": {"get_order": 1}, "at_most": {"get_order": 1}}, 1, PASS, id="exactly once"),
    ],
)
def test_counts(arguments, count: int, value):
    """How often a tool is called is counted over all its calls, whether they succeeded or not."""
    calls = [get(error="Timeout" if number % 2 else "") for number in range(count)]
    assert judge("tools_ordered", arguments, calls).value is value


@pytest.mark.parametrize(
    ("which", "calls", "value"),
    [
        pytest.param(["issue_refund"], [refund(), refund()], FAIL, id="again"),
        pytest.param(["issue_refund"], [refund(), refund(2)], PASS, id="with other arguments"),
        pytest.param(["issue_refund"], [refund(1, 5), refund(1, 5.0)], FAIL, id="5 is 5.0"),
        pytest.param(["issue_refund"], [refund(error="Timeout"), refund()], PASS, id="after a failure"),
        pytest.param(
            ["issue_refund"], [refund(), refund(error="Timeout")], FAIL, id="again, and that failed"
        ),
        pytest.param(["issue_refund"], [refund(key="k"), refund(key="k")], PASS, id="with the same key"),
        pytest.param(["issue_refund"], [refund(key="k"), refund(key="l")], FAIL, id="with another key"),
        pytest.param(["issue_refund"], [get(), get()], PASS, id="another tool"),
        pytest.param(["issue_refund"], [untold("issue_refund")], PASS, id="untold, once"),
        pytest.param(["issue_refund"], [untold("issue_refund")] * 2, UNKNOWN, id="untold, twice"),
        pytest.param(["issue_refund"], [refund(), untold("issue_refund")], UNKNOWN, id="untold, later"),
        pytest.param(["issue_refund"], [untold("issue_refund"), refund()], UNKNOWN, id="untold, earlier"),
        pytest.param(True, [refund(), refund()], FAIL, id="a write again"),
        pytest.param(True, [get(), get()], PASS, id="a read again"),
        pytest.param(True, [refund(effect=None), refund(effect=None)], UNKNOWN, id="an untold effect"),
        pytest.param(
            True, [refund(effect=None), refund(2, effect=None)], PASS, id="untold effects, once each"
        ),
    ],
)
def test_never_twice(which, calls, value):
    """After a success, the same call with the same arguments is a repetition, unless its key is the same."""
    assert judge("tools_ordered", {"never_twice": which}, calls).value is value


@pytest.mark.parametrize(
    ("arguments", "calls", "value"),
    [
        pytest.param({"idempotency_key": True}, [refund(key="k"), get()], PASS, id="a key"),
        pytest.param({"idempotency_key": True}, [refund()], FAIL, id="no key"),
        pytest.param({"idempotency_key": True}, [get()], PASS, id="a read"),
        pytest.param({"idempotency_key": True}, [refund(effect=None)], UNKNOWN, id="an untold effect"),
        pytest.param({"idempotency_key": ["issue_refund"]}, [refund(effect=None)], FAIL, id="by name"),
        pytest.param({"idempotency_key": ["mail"]}, [refund()], PASS, id="another tool"),
        pytest.param(
            {"idempotency_key": True, "key_argument": "order"}, [refund()], PASS, id="as an argument"
        ),
        pytest.param(
            {"idempotency_key": True, "key_argument": "order"}, [refund("")], FAIL, id="as an empty argument"
        ),
        pytest.param(
            {"idempotency_key": ["issue_refund"], "key_argument": "id"},
            [untold("issue_refund")],
            UNKNOWN,
            id="untold",
        ),
    ],
)
def test_idempotency_keys(arguments, calls, value):
    """Calls that change something, or those named, carry a key in the trace or as an argument."""
    assert judge("tools_ordered", arguments, calls).value is value


@pytest.mark.parametrize(
    ("arguments", "calls", "said", "evidence"),
    [
        pytest.param(
            ["approve", "issue_refund"],
            [refund(span="s1")],
            "issue_refund(order=1, amount=5) (call 1) has no call of approve before it",
            ("s1",),
            id="before",
        ),
        pytest.param(
            ["get_order", "issue_refund"],
            [get(error="x"), refund(span="s1")],
            "issue_refund(order=1, amount=5) (call 2) has no successful call of get_order before it",
            ("s1",),
            id="failed",
        ),
        pytest.param(
            LINKED,
            [get(2), refund(span="s1")],
            "issue_refund(order=1, amount=5) (call 2) has no call of get_order of the same order before it",
            ("s1",),
            id="same",
        ),
        pytest.param(
            {"at_most": {"get_order": 1}},
            [get(span="s1"), get(span="s2")],
            "get_order was called twice, and should be at most once",
            ("s2",),
            id="at most",
        ),
        pytest.param(
            {"at_most": {"get_*": 0}},
            [get(span="s1")],
            "get_* was called once, and should be never",
            ("s1",),
            id="never",
        ),
        pytest.param(
            {"at_least": {"approve": 2}},
            [],
            "approve was called never, and should be at least twice",
            (),
            id="at least",
        ),
        pytest.param(
            {"never_twice": True},
            [refund(span="s1"), get(), refund(span="s2")],
            "issue_refund(order=1, amount=5) (call 3) repeats call 1, which had succeeded",
            ("s1", "s2"),
            id="twice",
        ),
        pytest.param(
            {"idempotency_key": True},
            [refund(span="s1"), refund(span="s2")],
            "issue_refund(order=1, amount=5) (call 1) has no idempotency key, and 1 more",
            ("s1", "s2"),
            id="key",
        ),
        pytest.param(
            ["get_order", "issue_refund"], [get(), refund()], "2 calls, as they should be", (), id="fine"
        ),
    ],
)
def test_reasons(arguments, calls, said: str, evidence):
    """The reason names the call, what it lacks, and the spans to look at."""
    found = judge("tools_ordered", arguments, calls)
    assert (found.reason, found.evidence) == (said, evidence)


def test_the_score_is_the_share_of_what_holds():
    """Each pair, count and call that is looked at is one check."""
    found = judge(
        "tools_ordered", {"before": ["a", "issue_refund"], "at_most": {"issue_refund": 1}}, [refund()]
    )
    assert (found.value, found.score) == (FAIL, 0.5)
    assert judge("tools_ordered", ["a", "b"], trace=Trace()).value is UNKNOWN


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(None, "it asks for nothing", id="nothing"),
        pytest.param({"never_twice": False}, "it asks for nothing", id="nothing but false"),
        pytest.param({"never_twice": []}, "it asks for nothing", id="nothing but an empty list"),
        pytest.param(["a"], "name two tools or more", id="one name"),
        pytest.param(["a", ["b", "c"]], "not both", id="names and lists"),
        pytest.param({"at_most": {"a": -1}}, "a count is not below 0", id="a count"),
        pytest.param({"before": [{"first": "a", "than": "b"}]}, "did you mean 'then'?", id="a misspelt key"),
        pytest.param({"befor": ["a", "b"]}, "did you mean 'before'?", id="a misspelt argument"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments, said: str):
    """A constraint that constrains nothing, or is misspelt, is an error."""
    with pytest.raises(ScenarioInvalid) as caught:
        judge("tools_ordered", arguments)
    assert said in str(caught.value)
