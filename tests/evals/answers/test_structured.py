"""Answers that are JSON, held against a schema or compared place by place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evals._judged import FAIL, PASS, judged, refused, value

ORDER = {
    "type": "object",
    "required": ["order", "amount"],
    "properties": {
        "order": {"type": "integer"},
        "amount": {"type": "number", "minimum": 0},
        "code": {"type": "string", "pattern": "^(a+)+$"},
    },
}
SIMPLE = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("output", "found", "why"),
    [
        pytest.param('{"order": 1042, "amount": 59.9}', PASS, "fits", id="text"),
        pytest.param({"order": 1042, "amount": 59.9}, PASS, "fits", id="value"),
        pytest.param('```json\n{"order": 1042, "amount": 1}\n```', PASS, "fits", id="fence"),
        pytest.param('{"order": 1042}', FAIL, "'amount' is a required property", id="missing"),
        pytest.param('{"order": "1042", "amount": 1}', FAIL, 'order: "1042" is not of type', id="type"),
        pytest.param('{"order": 1, "amount": -1}', FAIL, "amount: -1 is not of minimum 0", id="minimum"),
        pytest.param(
            '{"order": 1, "amount": 1, "code": "%s!"}' % ("a" * 60), FAIL, "code: ", id="hostile-text"
        ),
        pytest.param('{"order": 1, "amount": NaN}', FAIL, "NaN", id="nan"),
        pytest.param("Order 1042", FAIL, "no JSON", id="no-json"),
        pytest.param("[" * 200_000, FAIL, "nested too deep", id="deep"),
        pytest.param("[" * 80 + "]" * 80, FAIL, "64 levels", id="deeper-than-is-read"),
        pytest.param("1" * 10_000, FAIL, "", id="ten-thousand-digits"),
        pytest.param('"' + "x" * 3_000_000 + '"', FAIL, "2,000,000", id="three-megabytes"),
        pytest.param('"\\ud800"', FAIL, "is not of type", id="surrogate"),
    ],
)
def test_schemas(output, found, why):
    """The verdict names the place and what is wrong there."""
    verdict = judged("answer_schema", ORDER, output=output)
    assert (verdict.value, why in verdict.reason) == (found, True), verdict.reason
    assert verdict.reason.isprintable()


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        pytest.param({"type": "objekt"}, "no JSON Schema", id="no-schema"),
        pytest.param({"$ref": "https://schemas.example/order.json"}, "nothing is fetched", id="remote"),
        pytest.param({"$ref": "file:///order.json"}, "nothing is fetched", id="file"),
        pytest.param({"$ref": "#/$defs/nothing"}, "which is not in it", id="dangling"),
        pytest.param({"pattern": r"(a)\1"}, "linear time", id="pattern"),
    ],
)
def test_schemas_that_cannot_be_used_are_refused(schema, why):
    """Before any run: nothing is ever fetched."""
    assert why in refused("answer_schema", schema)


@pytest.mark.parametrize(
    ("output", "found"),
    [
        pytest.param("[1, true, 0, false, 2.5]", PASS, id="different"),
        pytest.param("[1, 1.0]", FAIL, id="one-is-1.0"),
        pytest.param('[{"a": 1, "b": 2}, {"b": 2, "a": 1}]', FAIL, id="any-order-of-fields"),
        pytest.param("[" + ",".join(f'{{"a": {number}}}' for number in range(20_000)) + "]", PASS, id="many"),
    ],
)
def test_items_that_are_unique(output, found):
    """Also very many, which are not compared each with each."""
    assert value("answer_schema", {"type": "array", "uniqueItems": True}, output=output) is found


def test_a_schema_may_refer_to_itself():
    """Definitions inside of it are found, recursive ones too."""
    tree = {"$defs": {"node": {"type": "array", "items": {"$ref": "#/$defs/node"}}}, "$ref": "#/$defs/node"}
    assert value("answer_schema", tree, output="[[], [[]]]") is PASS
    assert value("answer_schema", tree, output="[[], [1]]") is FAIL


@pytest.mark.parametrize(
    ("arguments", "output", "found", "why"),
    [
        pytest.param({"expected": {"a": 1}}, '{"a": 1.0}', PASS, "as expected", id="same"),
        pytest.param(
            {"expected": {"a": [1, 2]}}, '{"a": [1, 3]}', FAIL, "a[1]: 3 where 2 is expected", id="item"
        ),
        pytest.param({"expected": {"a": 1}}, '{"a": 1, "b": 2}', FAIL, "b: 2 is not expected", id="added"),
        pytest.param({"expected": {"a": 1, "b": 2}}, '{"a": 1}', FAIL, "b: 2 is missing", id="missing"),
        pytest.param({"expected": [True]}, "[1]", FAIL, "1 where true", id="true-is-not-1"),
        pytest.param(
            {"expected": [True], "significant_digits": 2},
            "[1]",
            FAIL,
            "where true",
            id="true-is-not-1-rounded",
        ),
        pytest.param(
            {"expected": {"a": 59.9}, "significant_digits": 1}, '{"a": 59.94}', PASS, "", id="rounded"
        ),
        pytest.param(
            {"expected": {"a": 60}, "significant_digits": 1}, '{"a": 59.99}', PASS, "", id="rounded-int"
        ),
        pytest.param({"expected": [1, 2], "ignore_order": True}, "[2, 1]", PASS, "", id="bag"),
        pytest.param({"expected": [1, 1], "ignore_order": True}, "[1]", FAIL, "", id="bag-counts"),
        pytest.param(
            {"expected": {"rows": [{"id": 1, "at": 5}]}, "ignore": ["rows[*].at"]},
            '{"rows": [{"id": 1, "at": 9}]}',
            PASS,
            "",
            id="ignored",
        ),
        pytest.param({"expected": ["\ud800"], "ignore_order": True}, ["x"], FAIL, "", id="surrogate"),
        pytest.param({"expected": {"a": 1}}, "a = 1", FAIL, "no JSON", id="no-json"),
    ],
)
def test_differences(arguments, output, found, why):
    """Each place that differs is told with both values."""
    verdict = judged("answer_diff", arguments, output=output)
    assert (verdict.value, why in verdict.reason) == (found, True), verdict.reason


@given(SIMPLE, SIMPLE)
def test_a_difference_is_found_exactly_where_there_is_one(one, other):
    """Equal as JSON is no difference, anything else is one."""
    equal = value("answer_equals", {"expected": [one]}, output=[other])
    assert value("answer_diff", {"expected": [one]}, output=[other]) is equal


@given(st.lists(SIMPLE, max_size=4).flatmap(lambda items: st.tuples(st.just(items), st.permutations(items))))
def test_the_order_of_a_bag_counts_for_nothing(lists):
    """A list agrees with each of its permutations."""
    items, shuffled = lists
    arguments = {"expected": items, "ignore_order": True}
    assert value("answer_diff", arguments, output=[*shuffled]) is PASS


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param({"expected": 1, "ignore": ["a["]}, "no path", id="path"),
        pytest.param({"expected": 1, "significant_digits": -1}, "significant_digits", id="digits"),
    ],
)
def test_options_that_are_none_are_refused(arguments, why):
    """They are errors of the file."""
    assert why in refused("answer_diff", arguments)
