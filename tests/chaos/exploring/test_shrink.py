"""Shrinking: the fewest faults, the least parameters, single calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.chaos import CATALOGUE, Kind
from agentops_eval.chaos.exploring import Trial, shrink
from agentops_eval.domain import Fault, Injection, Json, Schedule, Where
from tests.examples import examples

SITES = tuple(f"/act#{number}" for number in range(8))


def at(*sites: str) -> Schedule:
    """One fault at each of these sites."""
    return Schedule(faults=tuple(Fault(kind="tool_error", where=Where(site=site)) for site in sites))


def sites(schedule: Schedule) -> set[str]:
    """Where its faults hit."""
    return {fault.where.site for fault in schedule}


@given(
    wanted=st.sets(st.sampled_from(SITES), min_size=1, max_size=4),
    more=st.sets(st.sampled_from(SITES), max_size=8),
)
@examples(60)
def test_the_fewest_faults_that_fail(wanted: set[str], more: set[str]) -> None:
    """Whatever else a schedule holds, what is left is what the failure needs."""
    found = shrink(
        at(*sorted(wanted | more)), lambda one: Trial(fails=wanted <= sites(one)), kinds=CATALOGUE, most=2_000
    )
    assert sites(found.schedule) == wanted
    assert not found.spent


def test_a_true_minimum_up_to_four_faults() -> None:
    """Where two parts fail for themselves the smaller one is found, in at most fourteen runs more."""

    def fails(one: Schedule) -> Trial:
        hit = sites(one)
        return Trial(fails=set(SITES[:3]) <= hit or {SITES[3]} <= hit)

    found = shrink(at(*SITES[:4]), fails, kinds=CATALOGUE)
    assert sites(found.schedule) == {SITES[3]}
    assert found.runs <= 15


def test_what_could_not_be_injected_is_no_smaller_schedule() -> None:
    """A part in which a fault did not happen shows nothing."""
    found = shrink(
        at(SITES[0], SITES[1]), lambda one: Trial(fails=True, whole=len(one) == 2), kinds=CATALOGUE
    )
    assert len(found.schedule) == 2


def halves(parameters: Mapping[str, Json]) -> Iterable[Mapping[str, Json]]:
    """Every smaller number of seconds, the least first."""
    seconds = parameters["seconds"]
    assert isinstance(seconds, int)
    return [{"seconds": less} for less in range(1, seconds)]


SLOW = replace(CATALOGUE["latency"], name="slow", parameters={"seconds": 64}, smaller=halves)
KINDS: Mapping[str, Kind] = {**CATALOGUE, "slow": SLOW}


@given(limit=st.integers(1, 64))
@examples(30)
def test_the_least_parameter_by_halves(limit: int) -> None:
    """Among many smaller values the least that fails is found by halving, in few runs."""

    def fails(one: Schedule) -> Trial:
        seconds = one.faults[0].parameters.get("seconds", 64)
        assert isinstance(seconds, int)
        return Trial(fails=seconds >= limit)

    found = shrink(Schedule(faults=(Fault(kind="slow"),)), fails, kinds=KINDS)
    assert found.schedule.faults[0].parameters.get("seconds", 64) == limit
    assert found.runs < 40


def test_a_window_becomes_the_call_that_matters() -> None:
    """A fault that hits every call is narrowed to the one whose failure shows."""

    def fails(one: Schedule) -> Trial:
        fault = one.faults[0]
        hit = [fault.where.site] if fault.where.site else list(SITES)
        injections = tuple(Injection(number=0, kind=fault.kind, index=0, site=site) for site in hit)
        return Trial(fails=SITES[5] in hit, injections=injections)

    found = shrink(Schedule(faults=(Fault(kind="tool_error"),)), fails, kinds=CATALOGUE)
    assert sites(found.schedule) == {SITES[5]}


def test_what_does_not_fail_comes_back() -> None:
    """A schedule that passes when it is tried again is left as it was."""
    whole = at(*SITES[:3])
    assert shrink(whole, lambda _: Trial(fails=False), kinds=CATALOGUE).schedule == whole


def test_runs_are_bounded() -> None:
    """When no run is left the smallest so far is given, and it says so."""
    found = shrink(at(*SITES[:4]), lambda one: Trial(fails=len(one) == 4), kinds=CATALOGUE, most=3)
    assert (found.spent, found.runs, len(found.schedule)) == (True, 3, 4)
