"""What changed in tools, and whether a call that was right before may be refused now."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.evals.prompts import ToolSchema, compare_tools
from tests.examples import examples

STRING, INTEGER = {"type": "string"}, {"type": "integer"}


def tool(schema=None, *, name="t", description="d"):
    """A tool with these parameters."""
    return ToolSchema(name=name, description=description, parameters=schema or {})


def of(properties, *required):
    """A schema of an object."""
    return {"type": "object", "properties": properties, "required": list(required)}


def changes(before, after):
    """What changed between two schemas: kind, path and whether it breaks."""
    return [
        (one.kind.value, one.path, one.breaking) for one in compare_tools((tool(before),), (tool(after),))
    ]


CASES = {
    "added-optional": (of({}), of({"a": STRING}), ("parameter-added", "a", False)),
    "added-required": (of({}), of({"a": STRING}, "a"), ("parameter-added", "a", True)),
    "removed": (of({"a": STRING}), of({}), ("parameter-removed", "a", True)),
    "required": (of({"a": STRING}), of({"a": STRING}, "a"), ("parameter-required", "a", True)),
    "optional": (of({"a": STRING}, "a"), of({"a": STRING}), ("parameter-optional", "a", False)),
    "type": (of({"a": STRING}), of({"a": INTEGER}), ("type-changed", "a", True)),
    "wider-number": (of({"a": INTEGER}), of({"a": {"type": "number"}}), ("type-changed", "a", False)),
    "narrower-number": (of({"a": {"type": "number"}}), of({"a": INTEGER}), ("type-changed", "a", True)),
    "nullable": (of({"a": STRING}), of({"a": {"type": ["string", "null"]}}), ("type-changed", "a", False)),
    "any-type": (of({"a": STRING}), of({"a": {}}), ("type-changed", "a", False)),
    "value-gone": (
        of({"a": {"enum": ["x", "y"]}}),
        of({"a": {"enum": ["x"]}}),
        ("values-changed", "a", True),
    ),
    "value-new": (
        of({"a": {"enum": ["x"]}}),
        of({"a": {"enum": ["y", "x"]}}),
        ("values-changed", "a", False),
    ),
    "values-listed": (of({"a": {}}), of({"a": {"const": 1}}), ("values-changed", "a", True)),
    "description": (
        of({"a": STRING}),
        of({"a": {**STRING, "description": "new"}}),
        ("description-changed", "a", False),
    ),
    "minimum-up": (of({"a": {"minimum": 1}}), of({"a": {"minimum": 2}}), ("limit-changed", "a", True)),
    "maximum-up": (of({"a": {"maximum": 1}}), of({"a": {"maximum": 2}}), ("limit-changed", "a", False)),
    "pattern": (of({"a": {}}), of({"a": {"pattern": "x"}}), ("limit-changed", "a", True)),
    "pattern-gone": (of({"a": {"pattern": "x"}}), of({"a": {}}), ("limit-changed", "a", False)),
    "closed": (of({}), {**of({}), "additionalProperties": False}, ("limit-changed", "", True)),
    "default": (of({"a": {}}), of({"a": {"default": 1}}), ("note-changed", "a", False)),
    "items": (
        of({"a": {"items": of({"b": STRING})}}),
        of({"a": {"items": of({"b": INTEGER})}}),
        ("type-changed", "a[].b", True),
    ),
    "nested": (of({"a": of({"b": STRING})}), of({"a": of({})}), ("parameter-removed", "a.b", True)),
    "order": (of({}, "a", "b"), of({}, "b", "a"), ("note-changed", "", False)),
    "no-schema": ({"items": [STRING]}, {"items": [INTEGER]}, ("limit-changed", "", True)),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_change_is_named_and_judged(case):
    """A change of a schema is one change, at its path, and breaking where less is allowed."""
    before, after, expected = CASES[case]
    assert changes(before, after) == [expected]


def test_whole_tools_come_and_go():
    """A tool that is gone breaks, a new one does not, and a description breaks nothing."""
    before = (tool(name="a"), tool(name="b"))
    after = (tool(name="b", description="e"), tool(of({"x": STRING}), name="c"))
    assert [(one.tool, one.kind.value, one.breaking, one.after) for one in compare_tools(before, after)] == [
        ("a", "tool-removed", True, ""),
        ("b", "description-changed", False, "e"),
        ("c", "tool-added", False, "c(x)"),
    ]


KINDS = [
    *(STRING, INTEGER, {"type": "number"}, {"type": ["string", "null"]}, {}),
    *({"enum": ["a", 1]}, {"enum": ["a"]}, {"minimum": 2}, {"minimum": 1}, {"maxLength": 1}),
]
names = st.sampled_from(["a", "b"])
kinds = st.sampled_from(KINDS)
calls = st.dictionaries(names, st.sampled_from(["a", "ab", 1, 3, 1.5, None]), min_size=1, max_size=2)


@st.composite
def schemas(draw):
    """Two schemas with the same parameters, of which some are another kind, needed or not."""
    both = draw(st.dictionaries(names, kinds, min_size=1, max_size=2))
    needed = draw(st.sets(names))
    other = {**both, **draw(st.dictionaries(st.sampled_from(sorted(both)), kinds, max_size=1))}
    return of(both, *sorted(needed)), of(other, *sorted(draw(st.sampled_from([needed, set()]))))


@examples(400)
@given(schemas(), calls)
def test_where_nothing_breaks_no_call_is_refused(pair, arguments):
    """A call of the old parameters that the new schema refuses is one that a breaking change tells of."""
    before, after = pair
    told = {name: value for name, value in arguments.items() if name in before["properties"]}
    fits = [jsonschema.Draft202012Validator(one).is_valid(told) for one in pair]
    assert fits != [True, False] or any(breaking for _, _, breaking in changes(before, after))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "string"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from("type enum properties required items const a minimum anyOf description".split()),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from(["type", "required", "items", "x"]), json_values),
    json_values,
    json_values,
)
def test_no_change_of_a_schema_is_overlooked(schema, one, other):
    """Whatever stands where a schema should, there is a change where two are unlike, and none where not."""
    before, after = ({**schema, "properties": value} for value in (one, other))
    unlike = json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True)
    assert bool(changes(before, after)) == unlike
