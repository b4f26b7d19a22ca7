"""The reference of faults tells of every kind, once, with what it takes."""

from __future__ import annotations

import json
import re
from collections import Counter
from inspect import Parameter, signature
from pathlib import Path

import pytest

from agentops_eval.chaos import CATALOGUE, Kind, faults
from agentops_eval.domain import Fault

PAGE = (Path(__file__).parents[3] / "docs/reference/faults.md").read_text(encoding="utf-8")
KINDS = PAGE.partition("## The kinds")[2].partition("\n## ")[0]
NAMES = PAGE.partition("## The names of parameters")[2].partition("\n## ")[0]
ROWS = {found[1]: found[0] for found in re.finditer(r"^\| `(\w+)` \|.*$", KINDS, re.MULTILINE)}


def row(kind: Kind) -> str:
    """The line of a kind as the reference has it."""
    told = [f"`{name}` {json.dumps(value, ensure_ascii=False)}" for name, value in kind.parameters.items()]
    about = kind.about.rstrip(".").replace("``", "`")
    return f"| `{kind.name}` | {about} | {kind.fault_class.value} | {'; '.join(told) or 'none'} |"


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_kind_has_its_row(name: str) -> None:
    """What a fault does, its class and its parameters with their defaults stand in the table of its seam."""
    assert ROWS.get(name) == row(CATALOGUE[name])


def test_no_row_is_of_another_time() -> None:
    """A kind that is gone leaves no row behind, and none stands in two tables."""
    counts = Counter(re.findall(r"^\| `(\w+)` \|", KINDS, re.MULTILINE))
    assert set(counts) == set(CATALOGUE)
    assert set(counts.values()) == {1}


def test_one_name_for_each_thing() -> None:
    """Each name of a parameter has one meaning, whatever the kind: the reference tells of it once."""
    told = Counter(re.findall(r"^\| `(\w+)` \|", NAMES, re.MULTILINE))
    assert set(told) == {name for kind in CATALOGUE.values() for name in kind.parameters}
    assert set(told.values()) == {1}


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_constructor_says_what_its_kind_says(name: str) -> None:
    """What ``faults`` takes for a kind are parameters of it, by their names, with the same defaults."""
    usual = CATALOGUE[name].parameters
    given = signature(getattr(faults, name)).parameters.values()
    said = {one.name: one.default for one in given if one.kind is Parameter.KEYWORD_ONLY}
    assert said == {key: usual[key] for key in said}


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_kind_has_a_constructor(name: str) -> None:
    """``faults`` makes each kind by its name, and what it makes is of that kind and can be run."""
    made = getattr(faults, name)()
    assert isinstance(made, Fault)
    assert made.kind == name
    assert made.parameters.keys() <= CATALOGUE[name].parameters.keys()


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_a_kind_tries_is_allowed(name: str) -> None:
    """The variants of a kind, and what they shrink to, are parameters that it takes; shrinking ends."""
    kind = CATALOGUE[name]
    assert kind.variants
    for variant in kind.variants:
        pending, seen = [dict(variant)], 0
        while pending and seen < 200:
            parameters = pending.pop()
            seen += 1
            assert kind.check({**kind.parameters, **parameters}) == ""
            assert parameters.keys() <= kind.parameters.keys()
            smaller = [dict(found) for found in kind.smaller(parameters)]
            assert parameters not in smaller
            pending += smaller[:1]
        assert seen < 200
