"""The matrix makes candidates of every combination, each with a name that can be a file's."""

from __future__ import annotations

import json
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evals.suites._kit import suite, wrong


def variants(matrix):
    return suite(json.dumps({"matrix": matrix, "scenarios": [{"id": "a", "input": "x"}]}), "a.json").variants


def named(matrix):
    return {variant.name: variant.parameters for variant in variants(matrix)}


def test_without_a_matrix_there_is_the_baseline_alone():
    """The baseline is the agent as it is."""
    assert named({}) == {"": {}}


def test_every_combination_but_the_baseline_is_a_candidate():
    """Candidates are called after their values; the baseline is the first combination unless it is chosen."""
    axes = {"prompt": ["v1.3", "v1.4"], "llm": ["small", "large"]}
    expected = {
        "": {"prompt": "v1.3", "llm": "small"},
        "v1.3-large": {"prompt": "v1.3", "llm": "large"},
        "v1.4-small": {"prompt": "v1.4", "llm": "small"},
        "v1.4-large": {"prompt": "v1.4", "llm": "large"},
    }
    assert named({"axes": axes}) == expected
    chosen = named({"axes": axes, "baseline": {"llm": "large"}})
    assert (chosen[""], set(chosen)) == (
        {"prompt": "v1.3", "llm": "large"},
        {"", "v1.3-small", "v1.4-small", "v1.4-large"},
    )


def test_exclusions_names_and_single_candidates():
    """A combination is left out by some of its values; values get names; single candidates stand beside."""
    matrix = {
        "axes": {"llm": {"s": {"name": "small"}, "l": {"name": "large"}}, "depth": [1, 2], "mode": ["fast"]},
        "exclude": [{"llm": "l", "depth": 2}],
        "baseline": {"seed": 7},
        "variants": {"cautious": {"temperature": 0}},
    }
    assert named(matrix) == {
        "": {"llm": {"name": "small"}, "depth": 1, "mode": "fast", "seed": 7},
        "s-depth-2": {"llm": {"name": "small"}, "depth": 2, "mode": "fast"},
        "l-depth-1": {"llm": {"name": "large"}, "depth": 1, "mode": "fast"},
        "cautious": {"temperature": 0},
    }


def test_values_become_names_of_files():
    """Signs that have no place in a file's name become hyphens; truth is written as in the file."""
    assert [*named({"axes": {"llm": ["a/b:c", "d"], "cold": [True, False]}})] == [
        "",
        "a-b-c-cold-false",
        "d-cold-true",
        "d-cold-false",
    ]


def test_numbers_and_truth_are_called_after_their_axis():
    """A candidate called ``true`` or ``0.5`` would say nothing; a sign keeps two numbers apart."""
    assert [*named({"axes": {"share": [1.0, 0.5, -0.5]}})] == ["", "share-0.5", "share--0.5"]
    assert [*named({"axes": {"polite": [False, True]}})] == ["", "polite-true"]
    assert [*named({"axes": {"max steps": [3, 1e30]}})] == ["", "max-steps-1e30"]


def test_a_number_may_have_a_name_of_its_own():
    """A mapping names values, whatever they are."""
    assert [*named({"axes": {"share": {"all": 1.0, "half": 0.5}}})] == ["", "half"]


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ({"axes": {"a": []}}, "matrix.axes.a: the axis a has no values"),
        ({"axes": {"a": [1, 1]}}, "matrix.axes.a: the axis a has a value twice"),
        ({"axes": {"a": ["x/y", "x:y"]}}, "the axis a has a value twice"),
        ({"axes": {"a": ["::"]}}, "is no name of a file"),
        ({"axes": {"a": [1.5, [2]]}}, "matrix.axes.a[1]: [2] does not fit"),
        ({"axes": {"a": ["x", "y"], "b": ["y", "z"]}, "baseline": {"b": "w"}}, 'the axis b has no value "w"'),
        (
            {"axes": {"a": ["x"]}, "exclude": [{"c": "x"}]},
            'matrix.exclude[0].c: there is no axis "c" (use one of a)',
        ),
        ({"axes": {"a": ["x"]}, "exclude": [{"a": "z"}]}, 'matrix.exclude[0].a: the axis a has no value "z"'),
        ({"axes": {"a": ["x"]}, "exclude": [{}]}, "an exclusion without values leaves everything out"),
        ({"axes": {"a": ["x", "y-z"], "b": ["x"]}, "variants": {"y-z": {}}}, 'is called "y-z" already'),
        ({"axes": {"a": ["w", "x", "x-y"], "b": ["y-z", "z"]}}, 'two combinations are called "x-y-z"'),
        ({"variants": {"a b": {}}}, 'matrix.variants."a b": "a b" is no name of a file'),
        (
            {"axes": {f"a{n}": ["x", "y", "z"] for n in range(7)}},
            "the axes make 2,187 combinations, and 1,000 are the most",
        ),
        ({"axis": {}}, "did you mean 'axes'?"),
    ],
    ids=lambda one: None if isinstance(one, dict) else one[:24],
)
def test_what_makes_no_matrix_is_said(matrix, said):
    """Empty and ambiguous axes, values and axes that are not there, and too many combinations are errors."""
    found = wrong(json.dumps({"matrix": matrix, "scenarios": [{"id": "a", "input": "x"}]}), "a.json")
    assert any(said in one for one in found)


@given(
    st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True))
)
def test_a_product_has_each_combination_once(axes):
    """Without exclusions there are as many variants as combinations, no two alike, each with all axes."""
    found = variants({"axes": axes})
    assert len(found) == prod(map(len, axes.values()))
    assert len({json.dumps(one.parameters, sort_keys=True) for one in found}) == len(found)
    assert len({one.name for one in found}) == len(found)
    assert all(one.parameters.keys() == axes.keys() for one in found)
