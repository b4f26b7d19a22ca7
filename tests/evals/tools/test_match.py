"""Lists of calls against lists of expected ones: orders, modes, partial credit, reasons."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import ToolCall
from agentops_eval.evals import match_tool_calls
from agentops_eval.evals.tools._align import ORDERS, align
from agentops_eval.evals.tools._expected import FULL, Options, expect
from tests.evals.tools._kit import FAIL, PASS, UNKNOWN, call, untold

CALL = st.builds(
    lambda name, one, two: call(name, {"order": one, "note": two} if two else {"order": one}),
    st.sampled_from(["get_order", "issue_refund", "mail"]),
    st.integers(1, 2),
    st.sampled_from(["", "a"]),
)
CALLS = st.lists(CALL, max_size=5)


def named(calls):
    """Calls as expected ones."""
    return [{"name": one.name, "arguments": one.arguments} for one in calls]


def passes(calls, expected, order, **more) -> bool:
    return match_tool_calls(calls, named(expected), order=order, **more).passed


def shares(calls, expected, order="any_order"):
    options = Options()
    wanted = [expect(one.name, one.arguments, options=options, path="x") for one in expected]
    return align(calls, wanted, order=order)


A, B, C = call("a"), call("b"), call("c")


@pytest.mark.parametrize(
    ("calls", "expected", "orders"),
    [
        pytest.param([A, B], [A, B], "strict in_order any_order subset superset", id="the same"),
        pytest.param([B, A], [A, B], "any_order subset superset", id="the other way round"),
        pytest.param([A, C, B], [A, B], "in_order superset", id="another between"),
        pytest.param([B, C, A], [A, B], "superset", id="another, the other way round"),
        pytest.param([A], [A, B], "subset", id="one is missing"),
        pytest.param([A, C], [A, B], "", id="one is missing, another there"),
        pytest.param([A, A], [A], "in_order superset", id="once too often"),
        pytest.param([A], [A, A], "subset", id="once too few"),
        pytest.param([], [A], "subset", id="none"),
        pytest.param([A], [], "", id="none is expected"),
        pytest.param([], [], "strict in_order any_order subset superset", id="none at all"),
    ],
)
def test_what_each_order_asks(calls, expected, orders: str):
    """Exactly these orders pass."""
    assert " ".join(order for order in ORDERS if passes(calls, expected, order)) == orders


@given(CALLS, CALLS)
def test_orders_imply_each_other(calls, expected):
    """Strict implies in order and any order, each of these superset; any order is subset and superset."""
    found = {order: passes(calls, expected, order) for order in ORDERS}
    assert found["strict"] <= found["in_order"] <= found["superset"]
    assert found["strict"] <= found["any_order"]
    if expected:  # where nothing is expected, nothing may be called
        assert found["any_order"] == (found["subset"] and found["superset"])


@given(CALLS, CALLS, st.randoms(use_true_random=False), st.sampled_from(["any_order", "subset", "superset"]))
def test_permutations_do_not_matter_where_order_does_not(calls, expected, rng: random.Random, order):
    """Value and score are the same for every permutation of either side."""
    found = match_tool_calls(calls, named(expected), order=order)
    turned = match_tool_calls(
        rng.sample(calls, len(calls)), named(rng.sample(expected, len(expected))), order=order
    )
    assert (found.value, found.score) == (turned.value, turned.score)


@given(CALLS, CALLS, st.sampled_from(["strict", "any_order"]))
def test_symmetric_orders_have_no_sides(calls, expected, order):
    """Exchanging calls and expected calls changes neither the value nor the score."""
    there = match_tool_calls(calls, named(expected), order=order)
    back = match_tool_calls(expected, named(calls), order=order)
    assert (there.value, there.score) == (back.value, back.score)


@given(st.lists(CALL, min_size=1, max_size=4), st.lists(CALL, min_size=1, max_size=4))
def test_subset_and_superset_mirror(calls, expected):
    """Calls are a subset of others where those are a superset of them, and precision becomes recall."""
    assert passes(calls, expected, "subset") == passes(expected, calls, "superset")
    assert shares(calls, expected, "subset").precision == shares(expected, calls, "superset").recall


@given(CALLS, CALLS, st.sampled_from(ORDERS))
def test_shares_are_within_their_bounds(calls, expected, order):
    """All are from 0 to 1, F1 lies between precision and recall, and 1 for both is a full match."""
    found = shares(calls, expected, order)
    low, high = sorted([found.precision, found.recall])
    assert 0 <= low <= found.f1 <= high <= 1 or (low == 0 == found.f1)
    assert (found.f1 == 1) == (found.full == len(calls) == len(expected))
    assert found.holds <= (found.score == 1)


@given(CALLS, st.lists(CALL, min_size=1, max_size=5), st.integers(0, 5), st.sampled_from(ORDERS))
def test_an_unrelated_call_never_raises_precision(calls, expected, place: int, order):
    """A further call of another tool takes nothing from recall and gives nothing to precision."""
    before = shares(calls, expected, order)
    after = shares([*calls[:place], call("unrelated"), *calls[place:]], expected, order)
    assert after.precision <= before.precision
    assert after.recall == before.recall


@given(CALLS, CALLS)
def test_any_order_gives_at_least_the_credit_of_a_fixed_one(calls, expected):
    """A pairing that may cross is worth at least one that may not."""
    assert shares(calls, expected, "any_order").credit >= shares(calls, expected, "in_order").credit


@given(CALLS, CALLS, st.sampled_from(ORDERS))
def test_passing_is_a_score_of_one(calls, expected, order):
    """at_least: 1 passes what the order itself passes, and only that."""
    assert passes(calls, expected, order) == passes(calls, expected, order, at_least=1.0)


def test_repeated_calls_share_credit_as_well_as_they_can():
    """Three of four expected calls were made, in whatever order the calls are looked at."""
    expected = [call("get", {"order": number}) for number in (1, 2, 3, 4)]
    calls = [call("get", {"order": number}) for number in (4, 3, 9, 1)]
    found = match_tool_calls(calls, named(expected))
    assert (found.value, found.score) == (FAIL, 0.75)
    assert found.reason == "get.order is 9, not 2 (precision 0.75, recall 0.75, F1 0.75)"


@pytest.mark.parametrize(
    ("at_least", "value"), [pytest.param(0.7, PASS, id="reached"), pytest.param(0.8, FAIL, id="missed")]
)
def test_partial_credit(at_least: float, value):
    """A threshold decides, and the reason tells all three shares, the threshold and what is wrong."""
    calls = [call("get", {"order": 1}), call("refund", {"order": 1, "amount": 5990})]
    expected = [call("get", {"order": 1}), call("refund", {"order": 1, "amount": 59.9})]
    found = match_tool_calls(calls, named(expected), at_least=at_least)
    shares_ = f"(precision 0.75, recall 0.75, F1 0.75; 0.75 of at least {at_least:g})"
    assert (found.value, found.score) == (value, 0.75)
    assert found.reason == f"refund.amount is 5990, not 59.9 {shares_}"


@pytest.mark.parametrize(
    ("order", "score"),
    [
        pytest.param("any_order", 0.8, id="F1"),
        pytest.param("superset", 1.0, id="recall"),
        pytest.param("in_order", 1.0, id="recall in order"),
        pytest.param("subset", 2 / 3, id="precision"),
    ],
)
def test_what_the_score_is(order, score: float):
    """Recall where other calls are allowed, precision where calls may be missing, else F1."""
    assert match_tool_calls([A, C, B], ["a", "b"], order=order).score == pytest.approx(score)


@pytest.mark.parametrize(
    ("calls", "expected", "order", "said"),
    [
        pytest.param([], ["a"], "strict", "a was not called, nor any other tool", id="nothing"),
        pytest.param([B], ["a"], "superset", "a was not called", id="missing"),
        pytest.param([A, C], ["a"], "any_order", "c was called (call 2), and is not expected", id="extra"),
        pytest.param(
            [A, A, A], ["a"], "any_order", "a was called 3 times, not once, and 1 more", id="too often"
        ),
        pytest.param([A], ["a", "a"], "any_order", "a was called once, not twice", id="too few"),
        pytest.param([B, A], ["a", "b"], "in_order", "b (call 1) came before a (call 2)", id="swapped"),
        pytest.param(
            [B, C, A], ["a", "b"], "strict", "b (call 1) came before a (call 3)", id="swapped, strict"
        ),
        pytest.param(
            [A, C, B], ["a", "b"], "strict", "c was called (call 2), and is not expected", id="strict"
        ),
        pytest.param(
            [A, B],
            [],
            "strict",
            "a was called (call 1), and no tool is expected, and 1 more",
            id="none expected",
        ),
        pytest.param([A, B], ["a", "b"], "strict", "2 of 2 expected calls", id="all"),
        pytest.param([A], ["a", "b"], "subset", "1 call, all of them expected", id="subset"),
        pytest.param([], [], "any_order", "no tool was called, as expected", id="none"),
        pytest.param(
            [call("get", {"order": 1})],
            [{"name": "get", "arguments": {"order": 1}}, {"name": "get", "arguments": {"order": 2}}],
            "any_order",
            "get was called once, not twice; none with {order: 2}",
            id="which is missing",
        ),
    ],
)
def test_reasons_say_what_is_wrong_with_the_calls(calls, expected, order, said: str):
    """One line, with the first thing that is wrong and how many more there are."""
    assert match_tool_calls(calls, expected, order=order).reason.split(" (precision")[0] == said


def test_evidence_names_the_spans_that_are_wrong():
    """Of a failure those of the wrong calls, of a pass those of the expected ones."""
    calls = [call("a", span="s1"), call("b", {"x": 1}, span="s2"), call("c", span="s3")]
    assert match_tool_calls(calls, ["a", {"name": "b", "arguments": {"x": 2}}, "c"]).evidence == ("s2",)
    assert match_tool_calls(calls, ["a", "c"], order="superset").evidence == ("s1", "s3")
    assert match_tool_calls(calls, ["a", "b"]).evidence == ("s3",)


@pytest.mark.parametrize(
    "spelt",
    [
        pytest.param(ToolCall(name="get", arguments={"order": 1}), id="a ToolCall"),
        pytest.param({"name": "get", "arguments": {"order": 1}}, id="named"),
        pytest.param({"name": "get", "arguments": '{"order": 1}'}, id="JSON text"),
        pytest.param({"name": "get", "args": {"order": 1}, "id": "call_1", "type": "tool_call"}, id="args"),
        pytest.param({"type": "tool_use", "id": "x", "name": "get", "input": {"order": 1}}, id="input"),
        pytest.param(
            {"id": "x", "type": "function", "function": {"name": "get", "arguments": '{"order":1}'}},
            id="function",
        ),
        pytest.param({"get": {"order": 1}}, id="by name"),
    ],
)
def test_calls_are_read_as_providers_spell_them(spelt):
    """Each spelling is the same call."""
    assert match_tool_calls([spelt], [{"get": {"order": [1]}}]).passed
    assert not match_tool_calls([spelt], [{"get": {"order": [2]}}]).passed


@pytest.mark.parametrize(
    ("calls", "acceptable", "said"),
    [
        pytest.param([5], [], "5 is no tool call", id="no call"),
        pytest.param(
            [{"get": 5}], [], "is no tool call: write {name: ..., arguments: {...}}", id="no arguments"
        ),
        pytest.param(
            [{"name": "get", "arguments": "{"}], [], "the arguments of get are no JSON", id="no JSON"
        ),
        pytest.param(
            [{"name": "get", "arguments": [1]}],
            [],
            "the arguments of get are [1], not an object",
            id="a list",
        ),
        pytest.param({"get": {}}, [], "calls is a list", id="not a list of calls"),
        pytest.param([], {"get": {}}, "acceptable is a list", id="not a list of acceptable calls"),
        pytest.param([], [5], "[0]: 5 is no acceptable call", id="no acceptable call"),
        pytest.param(
            [], [{"a": {}, "b": {}}], '[0]: {"a": {}, "b": {}} is no acceptable call', id="two tools"
        ),
        pytest.param([], [{"name": "a", "argument": {}}], "did you mean 'arguments'?", id="a misspelt key"),
        pytest.param(
            [], [{"name": "a", "arguments": 5}], "arguments have names, and 5 has none", id="no names"
        ),
        pytest.param([], [{"name": ""}], "names no tool", id="no name"),
        pytest.param([], [{"name": "a", "mode": "exakt"}], "did you mean 'exact'?", id="a misspelt mode"),
    ],
)
def test_what_is_no_call_is_refused(calls, acceptable, said: str):
    """The message shows what was given and what to write."""
    with pytest.raises(ValueError) as caught:
        match_tool_calls(calls, acceptable)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"order": "inorder"}, "did you mean 'in_order'?", id="order"),
        pytest.param({"arguments": "exakt"}, "did you mean 'exact'?", id="arguments"),
        pytest.param({"at_least": 0}, "at_least is 0; it is a score above 0", id="zero"),
        pytest.param({"at_least": 1.5}, "at_least is 1.5", id="beyond one"),
        pytest.param({"tools": [{"parameters": {}}]}, "it has no name", id="a tool without a name"),
    ],
)
def test_options_that_mean_nothing_are_refused(options, said: str):
    """A word that is misspelt, or a number that cannot be, is an error."""
    with pytest.raises(ValueError) as caught:
        match_tool_calls([], [], **options)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("calls", "expected", "options", "value"),
    [
        pytest.param([untold("a")], [{"name": "a", "arguments": {}}], {}, UNKNOWN, id="it decides"),
        pytest.param([untold("a")], ["a"], {}, PASS, id="arguments do not matter"),
        pytest.param(
            [untold("a")], [{"name": "a", "arguments": {"x": 1}}], {"arguments": "ignore"}, PASS, id="ignored"
        ),
        pytest.param([untold("a")], [{"name": "b", "arguments": {}}], {}, FAIL, id="another tool"),
        pytest.param([untold("a"), C], [{"name": "a", "arguments": {}}], {}, FAIL, id="wrong in any case"),
        pytest.param(
            [untold("a"), A],
            [{"name": "a", "arguments": {}}],
            {"order": "superset"},
            PASS,
            id="right in any case",
        ),
        pytest.param(
            [untold("a"), B], [{"name": "a", "arguments": {}}, "b"], {"at_least": 0.5}, PASS, id="enough"
        ),
    ],
)
def test_untold_arguments_pass_only_where_they_cannot_matter(calls, expected, options, value):
    """A call that tells no arguments could be right or wrong: it is unknown where that decides."""
    found = match_tool_calls(calls, expected, **options)
    assert found.value is value
    if value is UNKNOWN:
        assert (found.score, found.reason) == (None, "the trace does not tell what a was given")


def test_a_name_may_stand_for_several_tools():
    """An asterisk in an expected name stands for anything, and nothing else is special."""
    assert match_tool_calls([call("get_order"), call("get_user")], ["get_*", "get_*"]).passed
    assert not match_tool_calls([call("set_order")], ["get_*"]).passed
    assert match_tool_calls([call("a[b]?c")], ["a[b]?*"]).passed
    assert not match_tool_calls([call("abxc")], ["a[b]?*"]).passed


def test_two_hundred_calls_are_paired_in_order_of_their_worth():
    """Two long lists of one tool, turned and with some calls spoilt, get the credit of those left right."""
    expected = [call("search", {"query": f"q{number % 20}", "page": number % 7}) for number in range(200)]
    calls = random.Random(5).sample(expected, 200)
    calls[::10] = [call("search", {"query": "none", "page": -1})] * 20
    found = match_tool_calls(calls, named(expected))
    assert (found.value, found.score) == (FAIL, 0.9)


@pytest.mark.parametrize("order", ORDERS)
def test_each_call_is_compared_with_each_expected_call_a_few_times(order):
    """The work of comparing is the product of both lengths, however the lists are mixed."""
    compared = 0

    def check(arguments) -> bool:
        nonlocal compared
        compared += 1
        return arguments["number"] % 3 == 0

    calls = [call("act", {"number": number}) for number in range(60)]
    match_tool_calls(calls, [{"name": "act", "arguments": check}] * 40, order=order)
    assert 60 * 40 <= compared <= 3 * 60 * 40


@pytest.mark.parametrize(
    ("given_", "value"),
    [pytest.param({"amount": 50}, PASS, id="accepted"), pytest.param({"amount": 500}, FAIL, id="refused")],
)
def test_a_function_may_judge_arguments(given_, value):
    """In Python a function of the arguments stands for conditions; what it says is the reason."""

    def affordable(arguments):
        return "" if arguments["amount"] <= 100 else "too much"

    found = match_tool_calls([call("refund", given_)], [{"name": "refund", "arguments": affordable}])
    assert found.value is value
    assert ("refund: too much" in found.reason) == (value is FAIL)


def test_full_credit_can_be_shared_by_up_to_sixteen_arguments():
    """The credit of a call is a whole number for every share of up to sixteen arguments."""
    assert [number for number in range(1, 17) if FULL % number] == []
