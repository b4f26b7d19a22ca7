"""The JSON Schema and the reader agree on what a gate file may say."""

from __future__ import annotations

import copy
import dataclasses
import json
from functools import cache

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import GateInvalid
from agentops_eval.gate import gate_schema, read_gate
from agentops_eval.gate._bounds import BOUNDS
from agentops_eval.gate._gate import Gate, Metric, Planned, Quality, Stage
from agentops_eval.gate._schema import PARTS
from tests.documents.test_json import JSON, WORDS
from tests.examples import examples
from tests.gate._written import PLANNED, WHOLE


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(gate_schema())


def refusals(value) -> list[str]:
    return [error.message for error in validator().iter_errors(value)]


def is_read(value) -> bool:
    try:
        read_gate(json.dumps(value).encode(), "gate.json")
    except GateInvalid:
        return False
    return True


def test_the_schema_is_one():
    """It is valid by the meta-schema of its draft, and small enough for an editor."""
    schema = gate_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert len(json.dumps(schema)) < 20_000


def test_every_field_is_described():
    """An editor has something to say of each field of each structure."""
    schema = gate_schema()
    fields = {
        f"{name}.{field}": part
        for name, one in [("", schema), *schema["$defs"].items()]
        if name.endswith("Fields") or not name
        for field, part in one["properties"].items()
    }
    assert len(fields) > 50
    assert [name for name, part in fields.items() if not part.get("description")] == []


@pytest.mark.parametrize("kind", PARTS, ids=lambda one: one.__name__)
def test_files_have_the_fields_of_gates(kind):
    """What can be said in Python can be said in a file, under the same name, and nothing else can."""
    of_file = {field.encode_name for field in msgspec.structs.fields(kind)} - {"columns"}
    assert of_file == {field.name for field in dataclasses.fields(PARTS[kind])}


@pytest.mark.parametrize("value", [WHOLE, PLANNED], ids=["whole", "planned"])
def test_the_examples_with_everything_are_accepted(value):
    """Schema and reader both take files that use every field."""
    assert (refusals(value), is_read(value)) == ([], True)


SMALL = st.none() | st.booleans() | st.integers(-2, 3) | st.floats(-2, 3) | WORDS
OTHER = (
    SMALL
    | st.sampled_from(["binary", "limit", "goal", "margin", "same", "no-harm", "5 %", 0.5, 1, 1000])
    | st.lists(SMALL, max_size=2)
    | st.dictionaries(st.sampled_from(["name", "n", "share", "alpha", "case"]), SMALL, max_size=2)
)
NAMES = st.sampled_from(["nope", "margin", "share", "n", "limit", "direction", "$schema", "x-y"])


def places(value, at=()):
    yield at
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in parts:
        yield from places(item, (*at, key))


@st.composite
def changed(draw):
    """A whole file with one or two changes: a value replaced, a field left out, added or renamed."""
    document = copy.deepcopy(draw(st.sampled_from([WHOLE, PLANNED])))
    for _ in range(draw(st.integers(1, 2))):
        choices = [place for place in places(document) if place]
        if not choices:
            break
        *outer, last = draw(st.sampled_from(choices))
        parent = document
        for part in outer:
            parent = parent[part]
        what = draw(st.sampled_from(["replace", "remove", "add", "rename"]))
        if what == "replace":
            parent[last] = draw(OTHER)
        elif what == "remove" or isinstance(parent, list):
            del parent[last]
        elif what == "add":
            parent[draw(NAMES)] = draw(OTHER)
        else:
            parent[f"{last}s"] = parent.pop(last)
    return document


@examples(500)
@given(changed())
def test_what_the_schema_refuses_is_not_read(document):
    """An editor that finds fault with a file is right."""
    assert not (refusals(document) and is_read(document))


ALONE = {
    Gate: (PLANNED, ()),
    Metric: (PLANNED, ("metrics", 0)),
    Stage: (WHOLE, ("stages", 1)),
    Planned: (PLANNED, ("planned",)),
    Quality: (WHOLE, ("quality",)),
}
OF_KIND = {
    "quantile": {"kind": "unbounded"},
    "limit": {"kind": "limit", "margin": None},
    "most": {"kind": "unbounded"},
}
NUMBERS = [(part, name) for part, fields in BOUNDS.items() for name in fields]


@pytest.mark.parametrize(("part", "name"), NUMBERS, ids=[f"{part.__name__}-{name}" for part, name in NUMBERS])
def test_schema_and_reader_know_the_same_ends(part, name):
    """At, within and beyond each end of a number the schema refuses what the bounds refuse."""
    bounds, (example, place) = BOUNDS[part][name], ALONE[part]
    ends = [end for end in (bounds.least, bounds.above, bounds.most, bounds.below) if end is not None]
    step = 1 if bounds.whole else 1e-9
    values = [bounds.example, *ends, *(end + step for end in ends), *(end - step for end in ends)]
    for value in values:
        document = copy.deepcopy(example)
        found = document
        for key in place:
            found = found[key]
        found |= OF_KIND.get(name, {}) if part is Metric else {}
        found[name] = value
        assert (refusals(document) == []) == bounds.hold(value), value


@examples(200)
@given(st.dictionaries(st.sampled_from([*WHOLE]), JSON))
def test_any_values_in_the_fields(document):
    """Whatever stands in its fields, a file that the schema refuses is not read."""
    assert not (refusals(document) and is_read(document))


@pytest.mark.parametrize(
    ("metric", "field"),
    [
        ({"margin": 5}, "margin"),
        ({"margin": -0.05}, "margin"),
        ({"margin": None}, "margin"),
        ({"kind": "unbounded"}, "margin"),
        ({"kind": "unbounded", "margin": 20}, "margin"),
        ({"kind": "count", "margin": 15.5}, "margin"),
        ({"kind": "unbounded", "margin": 1, "direction": "higher"}, "margin"),
        ({"kind": "bounded", "margin": 1}, "margin"),
        ({"margin": 0, "direction": "same"}, "margin"),
        ({"margin": 0, "rollback": "margin"}, "margin"),
        ({"kind": "limit", "margin": 1}, "margin"),
        ({"kind": "limit", "direction": "lower"}, "direction"),
        ({"kind": "limit", "role": "goal"}, "role"),
        ({"margin": 0.1, "limit": 0.1}, "limit"),
        ({"margin": 0.1, "range": [0, 2]}, "range"),
        ({"margin": 0.1, "most": 5}, "most"),
        ({"kind": "count", "margin": 0.1, "quantile": 0.9}, "quantile"),
        ({"kind": "unbounded", "margin": 0.1, "quantile": 0.9, "direction": "same"}, "quantile"),
        ({"margin": 0.1, "role": "goal", "weight": 2}, "weight"),
        ({"margin": 0.1, "role": "goal", "rollback": "margin"}, "rollback"),
    ],
    ids=str,
)
def test_what_a_kind_does_not_have_is_refused_by_the_schema(metric, field):
    """An editor marks a margin beyond what its kind has, and a field that is another kind's."""
    document = {"metrics": [{"name": "a", **metric}]}
    found = [*validator().iter_errors(document)]
    assert found
    assert all(field in (*error.absolute_path, *error.message.split("'")) for error in found)
    assert not is_read(document)


RELATIVES = st.sampled_from([-2e6, -3, -1, -0.999, -0.5, 0, 1e-7, 0.05, 0.999, 0.9995, 1, 1.01, 5, 2e6])
TOLD = st.fixed_dictionaries(
    {"name": st.just("a"), "kind": st.sampled_from(["binary", "bounded", "unbounded", "count", "limit"])},
    optional={
        "margin": RELATIVES | st.none(),
        "direction": st.sampled_from(["higher", "lower", "same", None]),
        "role": st.sampled_from(["guardrail", "goal"]),
        "rollback": st.sampled_from(["baseline", "margin"]),
        "weight": st.sampled_from([1, 2, 0]),
        "quantile": st.sampled_from([None, 0.95, 1]),
        "limit": st.sampled_from([0, 1]),
        "most": st.sampled_from([1e9, 5, 0]),
    },
)


@examples(1000)
@given(TOLD)
def test_schema_and_reader_agree_about_one_metric(metric):
    """Whatever its kind, and whatever else is said of it, one refuses it where the other does."""
    document = {"metrics": [metric]}
    assert (refusals(document) == []) == is_read(document)
