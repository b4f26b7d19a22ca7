"""Other values in place of what was answered: always of JSON's form, always another one, never in place."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.chaos.kinds._texts import blown_up, with_text
from agentops_eval.chaos.kinds._values import (
    Impossible,
    aged,
    cut,
    drifted,
    emptied,
    leaves,
    mistaken,
    scaled,
)
from tests.examples import examples

ORDER: dict[str, Any] = {
    "order_id": "o-1042",
    "total": 59.9,
    "paid": True,
    "placed": "2026-01-02",
    "lines": [{"sku": "a1"}],
}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
EDITS = {
    "emptied": emptied,
    "cut": lambda value: cut(value, 0.5),
    "number": lambda value: mistaken(value, "number", 10.0, Random(1))[0],
    "id": lambda value: mistaken(value, "id", 10.0, Random(1))[0],
    "boolean": lambda value: mistaken(value, "boolean", 10.0, Random(1))[0],
    "aged": lambda value: aged(value, 86_400.0),
    "renamed": lambda value: drifted(value, "renamed", Random(1))[0],
    "retyped": lambda value: drifted(value, "retyped", Random(1))[0],
    "moved": lambda value: drifted(value, "moved", Random(1))[0],
    "text": lambda value: with_text(value, "read this"),
    "blown": lambda value: blown_up(value, 2_000),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@given(value=VALUES)
@examples(60)
def test_any_value_is_edited_or_said_to_be_uneditable(edit: Any, value: Any) -> None:
    """An edit gives JSON and leaves alone what it was given; what it cannot do it says, for any value."""
    before = copy.deepcopy(value)
    try:
        other = edit(value)
    except Impossible:
        return
    assert value == before
    assert json.loads(json.dumps(other)) is not ...


def test_what_is_empty_is_of_the_same_kind() -> None:
    """A list becomes an empty list, a tuple an empty tuple, a text an empty text, a number nothing."""
    assert [emptied(one) for one in ([1], {"a": 1}, "x", 3, {"$tuple": [1]}, {"$decimal": "1"})] == [
        [],
        {},
        "",
        None,
        {"$tuple": []},
        None,
    ]


def test_half_of_it_is_the_first_part() -> None:
    """Lists, fields and texts keep their first half; a single record in a list is halved itself."""
    assert cut([1, 2, 3, 4], 0.5) == [1, 2]
    assert cut({"a": 1, "b": 2, "c": 3}, 0.5) == {"a": 1}
    assert cut([{"a": 1, "b": 2}], 0.5) == [{"a": 1}]
    assert cut({"$tuple": [1, 2]}, 0.5) == {"$tuple": [1]}
    with pytest.raises(Impossible):
        cut(3, 0.5)


def test_a_wrong_value_is_of_the_same_form() -> None:
    """One number is scaled, one identity becomes its neighbour, one yes a no, and nothing else changes."""
    assert mistaken(ORDER, "number", 10.0, Random(0))[0] == {**ORDER, "total": 599.0}
    assert mistaken({"order_id": "o-1042"}, "id", 1.0, Random(0))[0] == {"order_id": "o-1043"}
    assert mistaken(ORDER, "boolean", 1.0, Random(0))[0] == {**ORDER, "paid": False}
    other, told = mistaken([{"id": 1}, {"id": 2}], "id", 1.0, Random(0))
    assert other in ([{"id": 2}, {"id": 2}], [{"id": 1}, {"id": 1}])
    assert "became" in told


def test_whole_numbers_and_decimals_stay_what_they_are() -> None:
    """A scaled int is an int, a decimal a decimal; zero becomes another number too."""
    assert (scaled(3, 10.0), scaled(0, 10.0), scaled(1.5, 10.0)) == (30, 1, 15.0)
    assert (scaled(10**400, 10.0), scaled(10**400, 0.9)) == (10**401, 9 * 10**399)
    assert scaled({"$decimal": "59.90"}, 10.0) == {"$decimal": "599.000"}


def test_what_is_old_has_earlier_dates_and_other_prices() -> None:
    """Dates keep their form, prices move, everything else stays."""
    old = aged({"price": 10.0, "day": "2026-01-02", "at": "2026-01-02T10:00:00Z", "id": 7}, 86_400.0)
    assert old == {"price": 9.0, "day": "2026-01-01", "at": "2026-01-01T10:00:00Z", "id": 7}
    assert aged({"$date": "2026-01-02"}, 86_400.0) == {"$date": "2026-01-01"}
    with pytest.raises(Impossible):
        aged({"name": "Ann"}, 60.0)


def test_every_record_of_a_list_drifts_alike() -> None:
    """A new version of an interface renames a field everywhere."""
    other, told = drifted([{"unit_price": 1}, {"unit_price": 2}], "renamed", Random(0))
    assert other == [{"unitPrice": 1}, {"unitPrice": 2}]
    assert told == "the field unit_price renamed"


def test_a_text_goes_where_people_read() -> None:
    """The field with a text's name is taken before others, and identities stay what they are."""
    assert with_text({"id": "o-1", "note": "none", "state": "in transit today"}, "!") == {
        "id": "o-1",
        "note": "none\n\n!",
        "state": "in transit today",
    }
    assert with_text({"id": "o-1", "total": 3}, "!") == {"id": "o-1", "total": 3, "note": "!"}
    with pytest.raises(Impossible):
        with_text(3, "!")


def test_an_enormous_answer_has_about_the_size_that_was_asked_for() -> None:
    """It has at least that, less than twice that, and the same form."""
    for value in ([{"a": 1}], "word", {"text": "ä"}, {"n": 1}):
        size = len(json.dumps(blown_up(value, 100_000), ensure_ascii=False).encode())
        assert 100_000 <= size < 200_000
    with pytest.raises(Impossible):
        blown_up("x" * 200, 100)


def test_tagged_texts_are_single_parts() -> None:
    """A decimal or a date is one part of a value, and a tuple is a list of them."""
    assert list(leaves({"a": {"$decimal": "1"}, "b": {"$tuple": [1]}})) == [
        (("a",), {"$decimal": "1"}),
        (("b", "$tuple", 0), 1),
    ]
