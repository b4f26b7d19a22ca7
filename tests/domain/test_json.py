"""Any value becomes JSON, the same way in every process, and never fails."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval import faults
from agentops_eval.domain import Json, Schedule, ascii_json, canonical_json, to_json
from agentops_eval.harness._chained import chained_digest


class Colour(Enum):
    """An enum whose values are plain."""

    RED = "red"


class Level(IntEnum):
    """A number with a name."""

    HIGH = 3


class Word(StrEnum):
    """A text with a name."""

    YES = "yes"


@dataclass
class Point:
    """A pair."""

    x: int
    y: float


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (Word.YES, "yes"),
        (Point(1, 2.5), {"x": 1, "y": 2.5}),
        ({1: "a"}, {"1": "a"}),
        ((1, 2), [1, 2]),
        ({"b", "a"}, ["a", "b"]),
        (b"\x00\xff", {"$bytes": "00ff"}),
        (math.inf, {"$float": "inf"}),
        (object(), {"$repr": "object"}),
    ],
    ids=["enum", "int-enum", "str-enum", "dataclass", "keys", "tuple", "set", "bytes", "inf", "object"],
)
def test_known_kinds(value: object, expected: object) -> None:
    """Each kind has one rendering, without memory addresses or hash order."""
    assert to_json(value) == expected
    assert type(to_json(value)) is type(expected)


def test_endless_nesting_is_cut() -> None:
    """A list that contains itself ends at the depth limit."""
    loop: list[object] = []
    loop.append(loop)
    text = json.dumps(to_json(loop))
    assert "$truncated" in text


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=12,
    )
)
def test_json_stays_as_it_is(value: object) -> None:
    """Plain JSON is its own rendering."""
    assert to_json(value) == value


SPELT: Json = {"b": [1, 2.5, None, True], "a": "\u00e9 \u2028 \U0001f600"}


def test_a_value_has_one_spelling() -> None:
    """Compact, its keys sorted; as it is, or in ASCII; in the order given where that is asked for."""
    assert canonical_json(SPELT) == '{"a":"\u00e9 \u2028 \U0001f600","b":[1,2.5,null,true]}'
    assert ascii_json(SPELT) == '{"a":"\\u00e9 \\u2028 \\ud83d\\ude00","b":[1,2.5,null,true]}'
    assert canonical_json({"b": 1, "a": 2}, sort_keys=False) == '{"b":1,"a":2}'


def test_digests_are_those_of_files_already_written() -> None:
    """Schedules in journals and rows in results are found again by these very digests."""
    schedule = Schedule(
        faults=(faults.tool_error("\u00e9*", nth=2), faults.rate_limit("llm", retry_after_s=20)), seed=7
    )
    assert schedule.digest == "65b10aad363ff798"
    row: dict[str, Json] = {"b": [1, 2.5, None, True], "a": "\u00e9 \u2028 \ud83d\ude00"}
    assert chained_digest(row, after="x") == "5ecb722a8c3b39ee1377ed7022e12c9a"
