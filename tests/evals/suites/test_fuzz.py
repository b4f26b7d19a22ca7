"""Whatever a file holds, it gives a suite or says what is wrong; never anything else."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import ScenarioInvalid, Suite
from agentops_eval.evals.suites import HEAD_BYTES, SUFFIXES, looks_like_scenarios
from tests.documents.test_json import JSON
from tests.evals.suites._kit import read
from tests.evals.suites.test_schema import WHOLE
from tests.examples import examples

SEED = json.dumps(WHOLE, indent=1).encode()
TOKENS = st.lists(
    st.sampled_from(
        [
            "scenarios:",
            "\n",
            "  ",
            "- ",
            "id: ",
            "a",
            "input: ",
            "{{a}}",
            "&x ",
            "*x",
            "<<: ",
            "[",
            "]",
            "{",
            "}",
            ": ",
            ",",
            '"',
            "'",
            "|",
            "\t",
            "#",
            "!!str ",
            "---\n",
            "expect: ",
            "answer: ",
            "foreach: ",
            "é",
            "1",
            "~",
        ]
    ),
    max_size=30,
).map("".join)


def outcome(data: bytes, name: str) -> None:
    assert looks_like_scenarios(data[:HEAD_BYTES], name) in {True, False}
    try:
        found = read(data, name)
        suite, problems = found.suite, found.problems
    except ScenarioInvalid as error:
        suite, problems = None, (error,)
    assert isinstance(suite, Suite) != bool(problems)
    assert all(str(problem) and problem.where.startswith(name) for problem in problems)


@examples(300)
@given(st.binary(max_size=200), st.sampled_from(SUFFIXES))
def test_any_bytes(data, suffix):
    """Bytes of any kind, under each name."""
    outcome(data, f"a{suffix}")


@examples(300)
@given(TOKENS, st.sampled_from([".yaml", ".csv", ".jsonl"]))
def test_any_words_of_the_format(text, suffix):
    """Words of the formats in any order."""
    outcome(text.encode(), f"a{suffix}")


@examples(300)
@given(
    st.integers(0, len(SEED) - 1),
    st.binary(max_size=3),
    st.integers(0, 40),
    st.sampled_from([".json", ".yaml"]),
)
def test_a_file_with_some_bytes_changed(place, put, gone, suffix):
    """A good file in which a few bytes were replaced, left out or put in."""
    outcome(SEED[:place] + put + SEED[place + gone :], f"a{suffix}")


@examples(200)
@given(
    st.dictionaries(st.sampled_from(["scenarios", "suite", "defaults", "matrix", "variables", "agent"]), JSON)
)
def test_any_values_in_the_fields(document):
    """Values of any kind in the fields of a file."""
    outcome(json.dumps(document).encode(), "a.json")


@examples(200)
@given(
    st.lists(st.dictionaries(st.sampled_from([*WHOLE["scenarios"][0], "user"]), JSON), min_size=1, max_size=3)
)
def test_any_values_in_the_fields_of_scenarios(scenarios):
    """Values of any kind in the fields of scenarios."""
    outcome(json.dumps({"scenarios": scenarios}).encode(), "a.json")
