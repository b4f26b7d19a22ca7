"""Which calls a fault hits: by name, by number, in a window, by chance; and how faults combine."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval import faults, tool
from agentops_eval.chaos import Limits
from agentops_eval.domain import Fault, FaultInvalid, Schedule, Where
from agentops_eval.harness.faulting import Runner, subject_of
from tests.examples import examples

NAMES = st.lists(st.sampled_from(["look", "list_all", "write"]), max_size=12)
NUMBERS = st.integers(1, 6)


@tool
def look() -> str:
    """Look."""
    return "look"


@tool
def list_all() -> str:
    """List."""
    return "list"


@tool
def write() -> str:
    """Write."""
    return "write"


TOOLS = {"look": look, "list_all": list_all, "write": write}


def hit_by(names: list[str], fault: Fault, *, seed: int = 0) -> list[int]:
    """Which of the calls, counted from 0, a fault hits."""

    def agent() -> list[bool]:
        hits = []
        for name in names:
            try:
                TOOLS[name]()
            except OSError:
                hits.append(True)
            else:
                hits.append(False)
        return hits

    subject = subject_of(agent, limits=Limits(repeats=0))
    found = Runner(subject)(Schedule(faults=(fault,), seed=seed))
    output = found.output
    assert isinstance(output, list)
    hits = [number for number, hit in enumerate(output) if hit]
    assert [one.index for one in found.injections] == hits
    assert bool(found.not_injected) is not bool(hits)
    return hits


@given(names=NAMES, nth=st.lists(NUMBERS, min_size=1, max_size=3, unique=True))
@examples(40)
def test_numbers_count_the_calls_that_fit(names: list[str], nth: list[int]) -> None:
    """The second ``l*`` call is the second of those whose name begins so, wherever others stand."""
    fitting = [number for number, name in enumerate(names) if name.startswith("l")]
    expected = [at for count, at in enumerate(fitting, 1) if count in nth]
    assert hit_by(names, faults.tool_error("l*", nth=tuple(nth))) == expected


@given(names=NAMES, after=st.integers(0, 4), until=st.none() | NUMBERS)
@examples(40)
def test_a_window_has_a_first_and_a_last(names: list[str], after: int, until: int | None) -> None:
    """``after`` spares so many calls, ``until`` is the last that is hit; an empty one is refused."""
    fitting = [number for number, name in enumerate(names) if name == "look"]
    window = Where(target="look", first=after + 1, last=until)
    expected = [
        at for count, at in enumerate(fitting, 1) if count > after and (until is None or count <= until)
    ]
    fault = Fault(kind="tool_error", where=window)
    if until is None or until > after:
        assert hit_by(names, fault) == expected
    else:
        with pytest.raises(FaultInvalid, match="ends with call"):
            hit_by(names, fault)


@given(seed=st.integers(0, 1_000), order=st.permutations(["look", "list_all", "write"]))
@examples(30)
def test_chance_does_not_depend_on_the_order_of_calls(seed: int, order: list[str]) -> None:
    """Whether a call is hit follows from the seed and its site alone, whatever was called before it."""
    fault = faults.tool_error(probability=0.5)
    straight = {
        ["look", "list_all", "write"][n] for n in hit_by(["look", "list_all", "write"], fault, seed=seed)
    }
    assert {order[n] for n in hit_by(order, fault, seed=seed)} == straight


def test_a_greater_chance_hits_what_a_smaller_one_hit() -> None:
    """Of two hundred calls about half are hit at one half, none at zero, all at one."""
    names = ["look"] * 200
    sets = [set(hit_by(names, faults.tool_error(probability=p))) for p in (0.0, 0.1, 0.5, 1.0)]
    assert all(less <= more for less, more in pairwise(sets))
    assert (len(sets[0]), len(sets[3])) == (0, 200)
    assert 70 < len(sets[2]) < 130


@given(kinds=st.lists(st.sampled_from(["latency", "tool_duplicated"]), min_size=1, max_size=3))
@examples(20)
def test_faults_on_one_call_multiply(kinds: list[str]) -> None:
    """Each doubling doubles what is inside of it, each delay counts as often as it is passed."""
    ran: list[int] = []

    @tool
    def count() -> int:
        ran.append(1)
        return len(ran)

    scheduled = tuple(Fault(kind=kind) for kind in kinds)
    found = Runner(subject_of(count))(Schedule(faults=scheduled))
    deliveries, seconds = 1, 0.0
    for kind in kinds:
        seconds += 8.0 * deliveries if kind == "latency" else 0.0
        deliveries *= 2 if kind == "tool_duplicated" else 1
    assert (len(ran), found.elapsed_s) == (deliveries, seconds)
    assert [one.number for one in found.injections] == list(range(len(kinds)))
