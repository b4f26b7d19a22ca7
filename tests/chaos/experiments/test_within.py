"""Tolerances, by Chaos Toolkit's rules."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.chaos.experiments import substitute, told_tolerance, values_of, within
from agentops_eval.domain import Asked, Json, Tolerance
from tests.chaos.experiments._kit import experiment, probe
from tests.examples import examples


def tolerance_of(said: Any) -> Tolerance:
    """A tolerance as a file says it."""
    read = experiment(**{"steady-state-hypothesis": {"title": "t", "probes": [probe(tolerance=said)]}})
    assert read.hypothesis is not None
    found = read.hypothesis.probes[0].tolerance
    assert found is not None
    return found


def holds(said: Any, value: Json, **values: Json) -> bool:
    """Whether a value is within it."""
    return within(tolerance_of(said), value, ask=lambda _, __: False, values=values)


@pytest.mark.parametrize(
    ("said", "value", "met"),
    [
        (True, True, True),
        (True, 1, True),
        (False, None, False),
        (200, {"status": 200}, True),
        (200, {"status": 500}, False),
        (200, {"code": 200}, False),
        (0, 0, True),
        ("up", "up", True),
        ("up", {"status": "up"}, False),
        ([200, 299], 250, True),
        ([200, 299], 300, False),
        ([200, 204, 301], 301, True),
        ([200, 204], {"status": 201}, False),
        ([200, 204], {"status": 204}, True),
        (["a", "b"], 1, False),
        ([1, 5], "3", False),
        ([7], 7, True),
        ({"type": "regex", "pattern": "^ok"}, "ok then", True),
        ({"type": "regex", "pattern": "^ok"}, "not ok", False),
        ({"type": "regex", "pattern": "ok", "target": "stdout"}, {"stdout": "ok\n"}, True),
        ({"type": "regex", "pattern": "ok", "target": "stdout"}, "ok", False),
        ({"type": "regex", "pattern": "1"}, 1, False),
        ({"type": "jsonpath", "path": "$.a"}, {"a": None}, True),
        ({"type": "jsonpath", "path": "$.a"}, '{"a": 1}', True),
        ({"type": "jsonpath", "path": "$.a"}, "no json", False),
        ({"type": "jsonpath", "path": "$.a", "count": 0}, "no json", True),
        ({"type": "jsonpath", "path": "$.a[*]", "count": 2}, {"a": [1, 2]}, True),
        ({"type": "jsonpath", "path": "$.a[*]", "expect": [1, 2]}, {"a": [1, 2]}, True),
        ({"type": "jsonpath", "path": "$.a", "expect": "x", "target": "body"}, {"body": {"a": "x"}}, True),
        ({"type": "jsonpath", "path": "$.a", "expect": None}, {"b": 1}, False),
        ({"type": "range", "range": [1, 2.5]}, "2.5", True),
        ({"type": "range", "range": [1, 2.5]}, 2.6, False),
        ({"type": "range", "range": [1, 2]}, "many", False),
        ({"type": "range", "range": [1, 2]}, None, False),
        ({"type": "range", "range": [1, 2], "target": "n"}, {"n": 2}, True),
    ],
)
def test_each_kind_judges_as_chaos_toolkit_does(said: Any, value: Json, met: bool) -> None:
    """Scalars, lists, expressions, paths and ranges; what would end Chaos Toolkit is out of the tolerance."""
    assert holds(said, value) is met
    assert told_tolerance(tolerance_of(said))


def test_names_in_a_tolerance_become_their_values() -> None:
    """A text, a pattern, a path and what is expected may name configured values of any type."""
    assert holds("${word}", "up", word="up")
    assert holds("${words}", "b", words=["a", "b", "c"])
    assert holds({"type": "regex", "pattern": "${start}.*"}, "abc", start="^a")
    assert holds({"type": "jsonpath", "path": "$.${name}", "expect": "${n}"}, {"a": 3}, name="a", n=3)
    assert not holds({"type": "regex", "pattern": "${start}"}, "abc", start="(")


def test_another_activity_may_judge() -> None:
    """A tolerance that is a probe is asked with the value, and its answer counts as true or false."""
    said = {"type": "probe", "name": "judge", "provider": {"type": "process", "path": "true"}}
    tolerance, asked = tolerance_of(said), list[tuple[str, Json]]()
    assert isinstance(tolerance, Asked)

    def ask(activity: Any, value: Json) -> bool:
        asked.append((activity.name, value))
        return True

    assert within(tolerance, {"a": 1}, ask=ask)
    assert asked == [("judge", {"a": 1})]


def test_a_name_alone_keeps_its_type_and_others_become_text() -> None:
    """``${n}`` is the number, ``at ${n}`` a text; what is not configured stays, ``$$`` is a dollar."""
    values = values_of({"n": 3, "shared": "config"}, {"group": {"pw": "x", "shared": "secret"}})
    said = {"a": "${n}", "b": ["at ${n}", "$n"], "c": "${shared} ${pw}", "d": "${nobody}", "e": "$$5"}
    assert substitute(said, values) == {
        "a": 3,
        "b": ["at 3", 3],
        "c": "config x",
        "d": "${nobody}",
        "e": "$5",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
SAID = st.sampled_from(
    [
        True,
        7,
        "x",
        [1, 2],
        [1, "x", None],
        {"type": "regex", "pattern": ".", "target": "a"},
        {"type": "jsonpath", "path": "$..a", "expect": [1]},
        {"type": "range", "range": [-1, 1]},
    ]
)


@given(said=SAID, value=JSON)
@examples(150)
def test_any_value_is_judged(said: Any, value: Json) -> None:
    """Whatever a probe gives, the answer is yes or no."""
    assert holds(said, value) in (True, False)
