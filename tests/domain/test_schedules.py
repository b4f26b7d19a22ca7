"""Schedules of faults: told as JSON and as text, and read back as they were."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Fault, FaultInvalid, Schedule, Where
from tests.examples import examples

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
NUMBERS = st.integers(1, 50)
WINDOWS = st.tuples(NUMBERS, st.none() | NUMBERS).filter(lambda pair: pair[1] is None or pair[1] >= pair[0])


@st.composite
def wheres(draw: st.DrawFn) -> Where:
    """Which calls are hit: single ones, or a window of them."""
    more: dict[str, Any] = {"target": draw(st.text(max_size=8)), "site": draw(st.text(max_size=8))}
    if draw(st.booleans()):
        more["nth"] = tuple(draw(st.lists(NUMBERS, min_size=1, max_size=3)))
    else:
        more["first"], more["last"] = draw(WINDOWS)
    return Where(**more, probability=draw(st.floats(0, 1)))


FAULTS = st.builds(
    Fault,
    kind=st.text(min_size=1, max_size=8),
    parameters=st.dictionaries(st.text(max_size=6), JSON, max_size=3),
    where=wheres(),
)
SCHEDULES = st.builds(
    Schedule, faults=st.lists(FAULTS, max_size=3).map(tuple), seed=st.integers(-(2**70), 2**70)
)


@given(schedule=SCHEDULES)
@examples(200)
def test_a_schedule_comes_back_as_it_was(schedule: Schedule) -> None:
    """Told as JSON, written and read, it is equal, and has the same text and digest."""
    read = Schedule.from_json(json.loads(json.dumps(schedule.to_json())))
    assert read == schedule
    assert (str(read), read.digest) == (str(schedule), schedule.digest)


@given(schedule=SCHEDULES, other=SCHEDULES)
@examples(100)
def test_other_schedules_have_other_digests(schedule: Schedule, other: Schedule) -> None:
    """Digests are equal where the JSON is."""
    same = json.dumps(schedule.to_json(), sort_keys=True) == json.dumps(other.to_json(), sort_keys=True)
    assert (schedule.digest == other.digest) is same


@given(value=JSON)
@examples(200)
def test_whatever_is_no_schedule_is_refused(value: Any) -> None:
    """Any other JSON is refused with an error that says where."""
    if isinstance(value, dict) and value.keys() <= {"faults", "seed"}:
        return
    with pytest.raises(FaultInvalid, match=r"AE660(.|\n)*file\.json"):
        Schedule.from_json(value, where="file.json")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([], "a schedule is an object"),
        ({"fault": []}, "did you mean 'faults'?"),
        ({"faults": "x"}, "faults is 'x', not a list"),
        ({"seed": True}, "seed is True, not a whole number"),
        ({"faults": [{}]}, "not the name of a fault"),
        ({"faults": [{"fault": "latency", "nht": 1}]}, "did you mean 'nth'?"),
        ({"faults": [{"fault": "latency", "nth": [0]}]}, "whole numbers from 1"),
        ({"faults": [{"fault": "latency", "nth": []}]}, "whole numbers from 1"),
        ({"faults": [{"fault": "latency", "first": 3, "last": 2}]}, "last lies before first"),
        ({"faults": [{"fault": "latency", "nth": 1, "last": 2}]}, "cannot be told together"),
        ({"faults": [{"fault": "latency", "probability": 1.5}]}, "a number from 0 to 1"),
        ({"faults": [{"fault": "latency", "parameters": []}]}, "not an object"),
        ({"faults": [{"fault": "latency", "target": 3}]}, "target is 3, not a text"),
    ],
)
def test_what_cannot_be_meant_is_named(told: Any, said: str) -> None:
    """The error names the field, what is there and what could be, and the fault by its number."""
    with pytest.raises(FaultInvalid) as error:
        Schedule.from_json(told, where="chaos.json")
    assert said in str(error.value)
    assert "chaos.json" in str(error.value)


def test_the_text_of_a_schedule_is_short_and_stable() -> None:
    """Parameters are in order, what is at its default is left out, faults are joined by a plus."""
    schedule = Schedule(
        faults=(
            Fault(
                kind="kill", parameters={"resume": 1, "landed": True}, where=Where(target="refund", nth=(2,))
            ),
            Fault(kind="latency", where=Where(first=2, last=3, probability=0.25)),
        )
    )
    assert str(schedule) == "kill(landed=true, resume=1) @refund #2 + latency #2-3 p=0.25"
    assert str(Schedule()) == "no fault"


def test_one_number_may_stand_alone() -> None:
    """A person may write ``nth: 2`` for the second call."""
    assert Fault.from_json({"fault": "kill", "nth": 2}).where.nth == (2,)
