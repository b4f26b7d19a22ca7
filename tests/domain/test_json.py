"""Any value becomes JSON, the same way in every process, and never fails."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import to_json


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
