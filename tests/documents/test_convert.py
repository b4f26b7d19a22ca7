"""A document becomes a struct or a dataclass, or everything that is wrong with it is said at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.documents import DocumentKind, convert
from agentops_eval.domain import GateInvalid, SamplesInvalid
from tests.documents._kit import GATE_FILE, read, refused
from tests.documents.test_json import JSON

SMALL = "^[a-z]+$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    case: Annotated[str, msgspec.Meta(pattern=SMALL)]


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    name: str
    kind: Literal["binary", "bounded", "count"] = "binary"
    direction: Direction = Direction.UP
    margin: Annotated[float, msgspec.Meta(gt=0)] = 0.05
    stages: tuple[Literal["shadow", "canary"], ...] = ()
    digest: str = field(default="", init=False)

    def __post_init__(self) -> None:
        if self.kind == "count" and self.margin < 1:
            raise ValueError("the margin of a count is 1 at least")


class HardLimit(msgspec.Struct, kw_only=True, frozen=True):
    when: str = msgspec.field(name="if")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    metrics: Annotated[tuple[Metric, ...], msgspec.Meta(min_length=1)]
    limits: list[HardLimit] = field(default_factory=list)
    columns: dict[str, HardLimit] = field(default_factory=dict)
    main: Metric | None = None


def gate(text: str) -> Gate:
    return convert(read(text), Gate, GATE_FILE)


def wrong(text: str) -> GateInvalid:
    with pytest.raises(GateInvalid) as caught:
        gate(text)
    return caught.value


def test_what_fits_is_read():
    """Structures within lists, tuples and mappings are read; defaults and the names of a file hold."""
    text = """
$schema: gate.schema.json
x-note: mine
metrics: [{name: passed}, {name: cost, direction: down, margin: 1, stages: [shadow]}]
limits: [{if: paid}]
columns: {a: {if: b}}
main:
"""
    assert gate(text) == Gate(
        metrics=(
            Metric(name="passed"),
            Metric(name="cost", direction=Direction.DOWN, margin=1.0, stages=("shadow",)),
        ),
        limits=[HardLimit(when="paid")],
        columns={"a": HardLimit(when="b")},
    )


@pytest.mark.parametrize(
    ("text", "where", "what", "remedy"),
    [
        (
            "metrics: [{name: a}]\nlimit: []",
            "gate.yaml:2 limit",
            'no field "limit" of a gate file',
            "did you mean 'limits'?",
        ),
        ("limits: []", "gate.yaml:1", "a gate file lacks metrics", "metrics: ..."),
        ("[]", "gate.yaml:1", "a gate file is a mapping, not []", ""),
        (
            "metrics: {name: a}",
            "gate.yaml:1 metrics",
            "a list is expected",
            "put it into a list:  metrics: [{...}]",
        ),
        ("metrics: []", "gate.yaml:1 metrics", "[] does not fit: a list of length >= 1 is expected", ""),
        (
            "metrics:\n- name: a\n  margn: 1",
            "gate.yaml:3 metrics[0].margn",
            'no field "margn" of a metric',
            "did you mean 'margin'?",
        ),
        (
            "metrics:\n- {name: a}\n- {name: b, margin: 0}",
            "gate.yaml:3 metrics[1].margin",
            "0 does not fit: a number > 0.0 is expected",
            "",
        ),
        (
            "metrics: [{name: a, margin: 5 %}]",
            "gate.yaml:1 metrics[0].margin",
            '"5 %" does not fit: a number is expected, not a text',
            "write 0.05",
        ),
        (
            "metrics: [{name: a, kind: binry}]",
            "gate.yaml:1 metrics[0].kind",
            'there is no choice "binry"',
            "did you mean 'binary'?",
        ),
        (
            "metrics: [{name: a, direction: upp}]",
            "gate.yaml:1 metrics[0].direction",
            'there is no choice "upp"',
            "did you mean 'up'?",
        ),
        (
            "metrics: [{name: a, stages: [shadow, canry]}]",
            "gate.yaml:1 metrics[0].stages[1]",
            'there is no choice "canry"',
            "did you mean 'canary'?",
        ),
        (
            "metrics: [{name: a, kind: count}]",
            "gate.yaml:1 metrics[0]",
            "the margin of a count is 1 at least",
            "",
        ),
        (
            "metrics: [{name: a, digest: b}]",
            "gate.yaml:1 metrics[0].digest",
            'no field "digest" of a metric',
            "",
        ),
        (
            "metrics: [{name: a}]\nlimits: [{when: a, if: b}]",
            "gate.yaml:2 limits[0].when",
            'no field "when" of a hard limit',
            "use one of if",
        ),
        (
            "metrics: [{name: a}]\ncolumns: {x: {}}",
            "gate.yaml:2 columns.x",
            "a hard limit lacks if",
            "if: ...",
        ),
        ("metrics: [{name: a}]\nmain: 7", "gate.yaml:2 main", "7 does not fit", ""),
    ],
    ids=lambda one: one[:28],
)
def test_one_mistake_is_said_with_line_path_and_remedy(text, where, what, remedy):
    """Each mistake names the line and the field's path, what is expected and is there, and what was meant."""
    error = wrong(text)
    assert error.where == where
    assert what in error.what
    assert remedy in error.remedy


def test_all_mistakes_are_one_error():
    """Several mistakes are listed by line under the file's name, each with its remedy."""
    error = wrong("metrics:\n- {nam: a}\n- {name: b, margin: -1}\n")
    assert (error.what, error.where) == ("3 problems in the gate file", "gate.yaml")
    assert error.difference.splitlines() == [
        'gate.yaml:2 metrics[0].nam: there is no field "nam" of a metric',
        "    did you mean 'name'?",
        "gate.yaml:2 metrics[0]: a metric lacks name",
        "    name: ...",
        "gate.yaml:3 metrics[1].margin: -1 does not fit: a number > 0.0 is expected",
    ]


def test_the_kind_of_a_file_gives_error_words_and_remedies():
    """The class of the error, the noun, patterns in words and frequent slips are those of the kind."""
    samples = DocumentKind(
        noun="experiment",
        error=SamplesInvalid,
        forms={SMALL: "small letters"},
        instead={"id": "write case"},
    )
    with pytest.raises(SamplesInvalid) as caught:
        convert(read('{"case": "A", "id": 1}', "a.json"), Row, samples)
    assert caught.value.what == "2 problems in the experiment"
    assert 'a.json:1 case: "A" does not fit: small letters is expected' in caught.value.difference
    assert 'there is no field "id" of an experiment\n    write case' in caught.value.difference


@pytest.mark.parametrize("name", ["gate.toml", "gate", "gate.jsonl"])
def test_a_name_with_another_suffix_is_refused(name):
    """Only YAML and JSON are read, by the name's suffix; the remedy lists what there is."""
    error = refused("{}", name)
    assert error.what == "the file's name is not that of a gate file"
    assert error.remedy == "name it .yaml, .yml, .json"


FIELDS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("name", "kind", "direction", "margin", "stages"), JSON)
)


@given(
    st.fixed_dictionaries({"metrics": st.lists(FIELDS, max_size=3) | JSON}, optional={"limits": JSON}) | JSON
)
def test_any_value_is_a_gate_or_an_error_with_its_place(value: Any):
    """Whatever JSON a file holds, it becomes the type, or an error of its kind that names the file."""
    found: Gate | None = None
    where = "gate.json"
    try:
        found = convert(read(msgspec.json.encode(value), "gate.json"), Gate, GATE_FILE)
    except GateInvalid as error:
        where = error.where
    assert where.startswith("gate.json")
    assert found is None or all(metric.margin > 0 for metric in found.metrics)
