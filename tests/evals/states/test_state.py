"""The end state is as it should be: tables in any order, files, anything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evals._judged import FAIL, PASS, UNKNOWN, judged, refused, value

BEFORE = {
    "orders": [{"id": 1042, "status": "open", "at": 1}, {"id": 7, "status": "open", "at": 2}],
    "files": {"notes.txt": "hello"},
}
AFTER = {
    "orders": [{"id": 7, "status": "open", "at": 2}, {"id": 1042, "status": "refunded", "at": 9}],
    "files": {"notes.txt": "hello", "sent/1.txt": "Dear Ms Gray"},
}


def after(arguments, **more):
    return judged("state", arguments, state=AFTER, state_before=BEFORE, **more)


@pytest.mark.parametrize(
    ("expected", "found", "why"),
    [
        pytest.param({"orders": [{"id": 1042, "status": "refunded"}]}, PASS, "as expected", id="row"),
        pytest.param(
            {"orders": [{"id": 1042, "status": "open"}]},
            FAIL,
            'no row {"id": 1042, "status": "open"}; the nearest: status is "refunded" where "open"',
            id="row-differs",
        ),
        pytest.param({"orders": [{"id": 5}]}, FAIL, 'orders has no row {"id": 5}', id="row-missing"),
        pytest.param({"orders": [{"id": 7}, {"id": 7}]}, FAIL, "no other row", id="row-twice"),
        pytest.param({"orders": [{"status": "open"}, {"id": 1042}]}, PASS, "", id="loose-rows"),
        pytest.param({"orders": {"count": 2}}, PASS, "", id="count"),
        pytest.param(
            {"orders": {"count": 3}}, FAIL, "orders holds 2 where 3 are expected", id="count-differs"
        ),
        pytest.param({"invoices": []}, FAIL, "invoices is not there", id="table-missing"),
        pytest.param({"files": {"notes.txt": "hello"}}, PASS, "", id="file"),
        pytest.param(
            {"files": {"notes.txt": "bye"}}, FAIL, 'files["notes.txt"] is "hello"', id="file-differs"
        ),
        pytest.param({"files": {"sent/1.txt": {"contains": "Gray"}}}, PASS, "", id="file-holds"),
        pytest.param(
            {"files": {"sent/1.txt": {"contains": "Grey"}}},
            FAIL,
            "not something that contains",
            id="file-does-not-hold",
        ),
        pytest.param({"files": {"sent/1.txt": {"exists": True}}}, PASS, "", id="file-exists"),
        pytest.param(
            {"files": {"sent/2.txt": {"exists": True}}}, FAIL, "is not there", id="file-does-not-exist"
        ),
        pytest.param({"files": {"sent/2.txt": {"absent": True}}}, PASS, "", id="file-absent"),
        pytest.param({"files": {"notes.txt": {"absent": True}}}, FAIL, "should not be", id="file-not-absent"),
        pytest.param(
            {"orders": [{"id": {"between": [1000, 2000]}, "status": "refunded"}]}, PASS, "", id="in-a-row"
        ),
        pytest.param({"orders": [{"id": {"any_of": [1, 2]}}]}, FAIL, "orders has no row", id="in-no-row"),
        pytest.param(
            {"orders": {"contains": {"id": 7, "status": "open", "at": 2}}}, PASS, "", id="list-holds"
        ),
        pytest.param({"files": {"sent/2.txt": {"optional": "x"}}}, PASS, "", id="optional"),
        pytest.param(
            {"files": {"sent/2.txt": {"matches": "x"}}},
            FAIL,
            "not there: it should be text that matches",
            id="condition-of-nothing",
        ),
        pytest.param(
            {"files": {"notes.txt": {"exactly": {"count": 1}}}},
            FAIL,
            'is "hello", not {"count": 1}',
            id="exactly",
        ),
    ],
)
def test_states(expected, found, why):
    """The difference is told in one line with the table, the row, both values."""
    verdict = after(expected)
    assert (verdict.value, why in verdict.reason) == (found, True), verdict.reason


@pytest.mark.parametrize(
    ("arguments", "found", "why"),
    [
        pytest.param({"rows": "exact"}, FAIL, 'a row that is not expected: {"id": 7', id="rows-exact"),
        pytest.param({"fields": "exact"}, FAIL, "no row", id="fields-exact"),
        pytest.param({"fields": "exact", "ignore": ["orders[*].at"]}, PASS, "", id="ignored"),
        pytest.param(
            {"unchanged": ["files"]}, FAIL, 'files should be unchanged: ["sent/1.txt"]', id="changed"
        ),
        pytest.param({"unchanged": True}, FAIL, "files should be unchanged", id="everything-else-changed"),
        pytest.param(
            {"unchanged": ["files"], "ignore": ['files["sent/1.txt"]']}, PASS, "", id="unchanged-but-for"
        ),
        pytest.param({"unchanged": ["nothing"]}, UNKNOWN, "called nothing", id="unknown-name"),
    ],
)
def test_options(arguments, found, why):
    """Other rows, other fields, and what is to be unchanged."""
    verdict = after({"expected": {"orders": [{"id": 1042, "status": "refunded"}]}, **arguments})
    assert (verdict.value, why in verdict.reason) == (found, True), verdict.reason


def test_unchanged_may_stand_alone():
    """Nothing has to be expected beside it."""
    assert after({"unchanged": ["orders"]}).value is FAIL
    assert value("state", {"unchanged": True}, state=BEFORE, state_before=BEFORE) is PASS


def test_a_field_goes_before_a_word_of_its_name():
    """A world that has a field ``count``, or one called like a condition, is compared by it."""
    assert value("state", {"stats": {"count": 3}}, state={"stats": {"count": 3}}) is PASS
    assert value("state", {"stats": {"not": 3}}, state={"stats": {"not": 3}}) is PASS


def test_an_unknown_end_is_unknown():
    """So is a beginning that matters; what is wrong for sure fails all the same."""
    assert value("state", {"orders": []}) is UNKNOWN
    assert value("state", {"unchanged": ["orders"]}, state=AFTER) is UNKNOWN
    arguments = {"expected": {"orders": []}, "unchanged": ["files"]}
    assert value("state", arguments, state=AFTER) is FAIL


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param(None, "say what the world should hold", id="nothing"),
        pytest.param({"orders": [], "rows": "exact"}, "write expected: {...}", id="argument-beside-a-table"),
        pytest.param({"expected": {}, "ignore": ["a["]}, "no path", id="path"),
        pytest.param({"orders": [{"id": {"between": 3}}]}, "orders[0].id: between takes", id="condition"),
        pytest.param({"files": {"a": {"contain": "x"}}}, "did you mean 'contains'", id="misspelt-condition"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, why):
    """It is an error of the file."""
    assert why in refused("state", arguments)


CELL = st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3)
ROWS = st.lists(st.dictionaries(st.sampled_from("abc"), CELL, min_size=1), min_size=1, max_size=6)


@given(ROWS.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_a_state_is_itself_in_any_order_of_rows(tables):
    """Exactly: all rows, all fields."""
    rows, shuffled = tables
    arguments = {"expected": {"orders": rows}, "rows": "exact", "fields": "exact"}
    assert value("state", arguments, state={"orders": shuffled}) is PASS


@given(ROWS, st.data())
def test_parts_of_rows_are_found(rows, data):
    """Some rows with some of their fields are in the whole, however many rows are alike."""
    some = data.draw(st.lists(st.sampled_from(range(len(rows))), unique=True, min_size=1))
    parts = [
        {key: rows[number][key] for key in data.draw(st.sets(st.sampled_from(sorted(rows[number]))))}
        for number in some
    ]
    assert value("state", {"expected": {"orders": parts}}, state={"orders": rows}) is PASS


@given(ROWS, ROWS)
def test_one_row_more_than_there_are_fails(rows, more):
    """Each expected row has one of its own."""
    assert (
        value("state", {"expected": {"orders": [*rows, *more, {}]}}, state={"orders": [*rows, *more]}) is FAIL
    )


def test_thousands_of_rows_are_compared():
    """Also where every row has to find its own."""
    rows = [{"id": number, "status": "open"} for number in range(3_000)]
    arguments = {"expected": {"orders": rows[::-1]}, "rows": "exact"}
    assert value("state", arguments, state={"orders": rows}) is PASS
