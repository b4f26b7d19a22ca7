"""Whatever a file holds, it gives a gate or says what is wrong; never anything else."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import GateInvalid
from agentops_eval.gate import GateFile, check_gate, read_gate
from tests.documents.test_json import JSON
from tests.examples import examples
from tests.gate._written import PLANNED, WHOLE

SEED = json.dumps(WHOLE, indent=1).encode()
SUFFIXES = st.sampled_from([".yaml", ".yml", ".json"])
TOKENS = st.lists(
    st.sampled_from(
        [
            "metrics:",
            "\n",
            "  ",
            "- ",
            "{name: a, margin: 0.1}",
            "name: ",
            "margin: ",
            "stages: ",
            "share: ",
            "5 %",
            "planned: ",
            "columns: ",
            "&x ",
            "*x",
            "<<: ",
            "[",
            "]",
            "{",
            "}",
            ",",
            '"',
            "!!float ",
            "---\n",
            "1e400",
            ".inf",
            "-1",
            "~",
            "é",
        ]
    ),
    max_size=30,
).map("".join)


def outcome(data: bytes, name: str) -> None:
    """A gate that can be meant, or an error of gate files that says where."""
    found: GateFile | None = None
    error: GateInvalid | None = None
    try:
        found = read_gate(data, name)
    except GateInvalid as caught:
        error = caught
    assert (found is None) != (error is None)
    assert error is None or (str(error) and error.where.startswith(name))
    assert found is None or check_gate(found.gate) == ()


@examples(300)
@given(st.binary(max_size=200), SUFFIXES)
def test_any_bytes(data, suffix):
    """Bytes of any kind, under each name."""
    outcome(data, f"gate{suffix}")


@examples(300)
@given(TOKENS)
def test_any_words_of_the_format(text):
    """Words of gate files in any order."""
    outcome(text.encode(), "gate.yaml")


@examples(300)
@given(st.integers(0, len(SEED) - 1), st.binary(max_size=3), st.integers(0, 40), SUFFIXES)
def test_a_file_with_some_bytes_changed(place, put, gone, suffix):
    """A good file in which a few bytes were replaced, left out or put in."""
    outcome(SEED[:place] + put + SEED[place + gone :], f"gate{suffix}")


def fields(example: dict) -> st.SearchStrategy:
    """The example with any values in some of its fields."""
    return st.dictionaries(st.sampled_from([*example]), JSON).map(lambda put: {**example, **put})


@examples(300)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "metrics": st.lists(fields(WHOLE["metrics"][3]), max_size=3),
            "stages": st.lists(fields(WHOLE["stages"][1]), max_size=3),
            "planned": fields(PLANNED["planned"]),
            "quality": fields(WHOLE["quality"]),
            "columns": fields(WHOLE["columns"]),
        },
    )
)
def test_any_values_in_the_fields(put):
    """Values of any kind in the fields of each structure."""
    outcome(json.dumps({**WHOLE, **put}).encode(), "gate.json")
