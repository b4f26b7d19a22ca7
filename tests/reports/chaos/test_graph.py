"""Blast radii as pictures: inside their frame, hops to the right, nothing lost, whatever a file holds."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Reach
from agentops_eval.reports import ImpactView, impact_view
from agentops_eval.reports._text import fitting
from agentops_eval.reports.chaos._graph import MOST_NODES, WIDTH, Graph, graph
from tests.reports.chaos._impacts import call, impact

NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?|nan|inf")
NAMES = st.text(max_size=60)
COUNTS = st.none() | st.integers(-3, 80) | st.booleans() | st.floats() | NAMES
CALLS = st.lists(
    st.builds(
        call,
        st.sampled_from(["/a#0", "/b#1", "c", "/x#0/y#2", "#", ""]) | NAMES,
        st.sampled_from([*Reach]) | NAMES,
        hops=COUNTS,
        via=COUNTS,
        kind=NAMES,
    ),
    max_size=80,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


def view(**changes: Any) -> ImpactView:
    """The view of an impact."""
    found = impact_view(impact(**changes))
    assert found is not None
    return found


def shown(**changes: Any) -> Graph:
    """Its picture."""
    return graph(view(**changes))


@given(CALLS, st.lists(NAMES, max_size=20))
def test_any_impact_is_drawn_inside_its_picture(calls: list[Any], names: list[str]) -> None:
    """All places are numbers within the frame, and rows do not lie over each other."""
    effects = {"missing": names, "extra": names[:3], "duplicated": names[:1]}
    found = shown(calls=calls, effects=effects)
    for one in found.nodes:
        assert 6 <= one.x <= WIDTH - 6
        assert 6 <= one.y <= found.height - 6
        assert one.name
    for path in (*(one.path for one in found.nodes), *(one.path for one in found.edges)):
        assert not re.search("nan|inf", path)
    for one in found.edges:
        px, py, y, x = map(float, NUMBER.findall(one.path))
        assert 0 <= px <= WIDTH
        assert 0 <= x <= WIDTH
        assert 0 <= py <= y <= found.height
    rows = sorted(one.y for one in found.nodes)
    assert all(below - above > 20 for above, below in pairwise(rows))
    assert len(found.nodes) <= MOST_NODES


@given(CALLS.filter(bool))
def test_no_call_is_lost(calls: list[Any]) -> None:
    """Each is a row, or among those of which the number is told."""
    found = shown(calls=calls, effects={})
    rows = [one for one in found.nodes if one.shape in {"call", "fault"}]
    drawn = len(rows) - sum(one.kind == "fault" for one in rows if one.shape == "fault")
    assert drawn + found.more - 2 == len(calls)
    assert found == shown(calls=calls, effects={}), "the same impact gives the same picture"


def test_hops_lead_to_the_right_and_each_call_stands_below_its_source() -> None:
    """One step a hop; the dashed limit is between the first and the second; what is past it is marked."""
    found = shown(text="a")
    by_hops = {one.hops: one for one in found.nodes if one.hops}
    steps = [by_hops[f"{n} hop{'' if n == 1 else 's'}"].x for n in range(4)]
    assert len({round(b - a, 1) for a, b in pairwise(steps)}) == 1
    assert found.limit is not None
    assert steps[1] < found.limit < steps[2]
    assert [one.beyond for one in by_hops.values()] == [False, False, True, True]
    places = {one.whole: one.y for one in found.nodes}
    assert all(places[one.source] < one.y for one in found.nodes if one.source)


def test_an_effect_stands_below_the_call_that_had_it() -> None:
    """On a solid line; one of no call that was reached hangs on a dashed one."""
    calls = [call("/pay#0", "faulted", hops=0), call("/pay#1", "retried")]
    found = shown(
        calls=calls, effects={"duplicated": ["pay(1)"], "extra": ["pay(1)"], "missing": ["mail(1)"]}
    )
    effects = {one.whole: one for one in found.nodes if one.shape == "effect"}
    assert effects["pay(1)"].source == "pay #2"
    assert "duplicated" in effects["pay(1)"].became
    assert effects["mail(1)"].source == ""
    assert sum(one.dashed for one in found.edges) == 1 + 1 + 1 + 2, "the retry; mail; the answer; who"


@pytest.mark.parametrize(
    ("contained", "hops", "words"),
    [
        (True, 1, "Contained: it went one hop at the most."),
        (True, 3, "Contained: it went 3 hops, and a contract allows it."),
        (False, 3, "Not contained: it went 3 hops."),
        (None, 3, "How far it went is not told."),
    ],
)
def test_how_far_it_went_is_said_in_words(
    contained: bool | None, hops: int, words: str
) -> None:  # three values
    """The caption says what the picture shows; of what nobody told nothing is said."""
    told = impact("a")
    told["blast_radius"] |= {"contained": contained, "hops": hops}
    found = impact_view(told)
    assert found is not None
    assert graph(found).told.startswith(words)


def test_an_impact_that_reached_nothing_shows_the_fault_alone() -> None:
    """From what was injected, with what was done to it; and the answer, which is as without it."""
    radius = {"steps": 0.0, "hops": 0, "contained": True, "calls": []}
    found = shown(text="a", blast_radius=radius, effects={}, injected=["/pay#0: pay raised"])
    assert [(one.shape, one.whole, one.became) for one in found.nodes] == [
        ("fault", "pay #1", "pay raised"),
        ("answer", "the answer", "as without the fault"),
    ]
    assert found.told == "It reached nothing: all went as without the fault."
    assert found.limit is None


@given(JSON)
def test_whatever_a_file_holds_is_read(value: Any) -> None:
    """No document breaks the reader, and what it gives can be drawn."""
    for told in (value, {"mode": "x", "blast_radius": value, "effects": value, "injected": value}):
        found = impact_view(told)
        if found is not None:
            assert math.isfinite(graph(found).height)


@given(st.text(), st.integers(1, 60))
def test_a_name_is_cut_to_its_room_and_told_whole_in_the_table(text: str, room: int) -> None:
    """A cut one ends in an ellipsis; one that fits is as it was."""
    short = fitting(text, room)
    assert len(short) <= max(room, 1)
    assert short == text or (short.endswith("\u2026") and text.startswith(short[:-1]))
