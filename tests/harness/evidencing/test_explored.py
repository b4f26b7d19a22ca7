"""What an exploration shows beside itself: each fault that was tried alone."""

from __future__ import annotations

import pytest

from agentops_eval.chaos.exploring import Counts, Coverage, Exploration, Single
from agentops_eval.domain import Evidence, Fault, Mode, Schedule, Where
from agentops_eval.harness import Settings
from agentops_eval.harness.evidencing import noted_of_exploration


def single(kind: str, mode: Mode, **more) -> Single:
    """A fault at the first call of a tool."""
    schedule = Schedule(faults=(Fault(kind=kind, where=Where(site="/get_order#0")),))
    return Single(schedule=schedule, mode=mode, **{"injected": True, **more})


def facts(*singles: Single, doubted: bool = False, only: tuple[str, ...] = ()) -> list[Evidence]:
    """The facts of an exploration, the exploration's own first."""
    found = Exploration(
        findings=(),
        coverage=Coverage(singles=Counts(covered=len(singles)), runs=len(singles) + 1),
        singles=singles,
        disagreements=((Schedule(), "same behaviour"),) if doubted else (),
    )
    return [*noted_of_exploration(found, "shop:desk", Settings(), depth=1, only=only).facts]


STOOD = single("tool_error", Mode.FULL, weight=3.0)
FELL = single("tool_injection", Mode.FAILED_UNSAFE, contained=False, reasons=(("injection-obeyed", "llm"),))
MISSED = single("tool_stale", Mode.FULL, injected=False)


def test_what_was_withstood_is_told_of_a_search_that_found_nothing():
    """With each fault's verdict; what did not happen is unknown."""
    whole, *alone = facts(STOOD, MISSED)
    assert (whole.kind, whole.verdict.value) == ("chaos.explore", "pass")
    assert [(one.kind, one.subject, one.verdict.value, one.measures["injected"]) for one in alone] == [
        ("chaos.fault", "tool_error @/get_order#0", "pass", 1),
        ("chaos.fault", "tool_stale @/get_order#0", "unknown", 0),
    ]


def test_of_a_search_that_found_something_only_failures_are_told():
    """They carry no harm: their place may be gone tomorrow, and nothing would take it back."""
    whole, *alone = facts(STOOD, FELL, doubted=True)
    assert whole.verdict.value == "fail"
    assert [(one.subject, one.verdict.value, one.harms) for one in alone] == [
        ("tool_injection @/get_order#0", "fail", ())
    ]
    assert alone[0].says == "failed-unsafe: injection-obeyed: llm"


def test_resilience_and_containment_are_of_what_happened():
    """By weight, as the score is: three parts of full worth and one of none; one of two stayed contained."""
    measures = facts(STOOD, FELL, MISSED)[0].measures
    assert measures["resilience_score"] == pytest.approx(75)
    assert measures["containment_rate"] == 0.5
    assert "resilience_score" not in facts(MISSED)[0].measures


def test_a_search_of_chosen_faults_tells_what_it_found_and_no_whole_search():
    """That nothing was found is told of the single faults alone; what was found, of the search that it is."""
    assert [one.kind for one in facts(STOOD, only=("tool_*",))] == ["chaos.fault"]
    assert [one.kind for one in facts(FELL, doubted=True, only=("tool_*",))] == [
        "chaos.explore",
        "chaos.fault",
    ]
