"""What went wrong in a run: rules over its steps, and how often they are right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Incident, IncidentClass, LogStep, Suspect, VerdictValue
from agentops_eval.operations import incident_of, localise


def said(agent: str, text: str = "I will look into it.", **more) -> LogStep:
    return LogStep(agent=agent, text=text, **more)


def answer(text: str = "42", *, error: str = "", tool: str = "find", **more) -> LogStep:
    return LogStep(agent="tools", text=text, kind="tool", tool=tool, error=error, **more)


PLAN = said("planner", "Find the order, then refund it.")
CASES = {
    "harm": (
        [PLAN, said("desk", harms=("injection-obeyed",))],
        IncidentClass.SECURITY, "desk", 1, "injection-obeyed",
    ),
    "effect": (
        [PLAN, said("desk", harms=("duplicated-effect",))],
        IncidentClass.TOOL_CALL, "desk", 1, "duplicated-effect",
    ),
    "person": (
        [PLAN, said("desk"), LogStep(agent="role:approver", kind="human", error="timeout")],
        IncidentClass.HUMAN, "role:approver", 2, "timeout",
    ),
    "unreached": (
        [PLAN, said("desk"), answer(error="infrastructure")],
        IncidentClass.INFRASTRUCTURE, "tools", 2, "not reached",
    ),
    "dear": (
        [said("planner", cost_usd=0.01), said("desk", cost_usd=2.0), said("desk", cost_usd=0.1)],
        IncidentClass.COST_BLOWOUT, "desk", 1, "2 US dollars",
    ),
    "loop": (
        [PLAN, *[said("desk", tool="find", arguments="{}")] * 3],
        IncidentClass.REASONING, "desk", 3, "third time",
    ),
    "ping-pong": (
        [PLAN, *[said(who, "Please go on with what I have just said to you.") for who in ("a", "b", "a")]],
        IncidentClass.COORDINATION, "a", 3, "third time",
    ),
    "opening": (
        [said("desk"), answer("", error="permanent"), said("clerk")],
        IncidentClass.TOOL_CALL, "desk", 0, "first action",
    ),
    "claim": (
        [PLAN, said("desk", "Here are the prices: 3 and 4.")],
        IncidentClass.REASONING, "", 1, "no tool had told any",
    ),
    "made up": (
        [PLAN, said("desk", "There is no file, so mock data must do.")],
        IncidentClass.REASONING, "", 1, "'mock'",
    ),
    "failed call": (
        [PLAN, said("desk"), answer("KeyError", error="permanent"), said("desk")],
        IncidentClass.TOOL_CALL, "", 1, "failed: permanent",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_rule_names_what_it_is_for(case: str):
    """Class, agent, step and reason are those that the steps were made to show."""
    steps, kind, agent, step, reason = CASES[case]
    found = incident_of(steps)
    assert (found.kind, found.agent, found.step) == (kind, agent, step)
    assert reason in found.reason
    assert 0 < found.confidence < 1


def test_nothing_to_see_is_unknown():
    """Where no rule says anything, nobody is blamed, and nothing is made up."""
    assert incident_of([]) == Incident()
    found = incident_of([PLAN, said("desk", "Done.")])
    assert (found.kind, found.agent, found.step) == (IncidentClass.UNKNOWN, "", None)


def test_what_is_not_sure_enough_is_unknown():
    """A suspect below the least confidence is told, and is no answer."""
    steps, *_ = CASES["made up"]
    found = incident_of(steps, least_confidence=0.9)
    assert (found.kind, found.step, len(found.suspects)) == (IncidentClass.UNKNOWN, None, 1)


def test_an_agent_alone_may_begin_with_an_action():
    """Where nobody else speaks, to act first is no mistake."""
    assert incident_of([said("desk"), answer("42"), said("desk", "Done.")]) == Incident()


def test_an_error_that_passed_is_no_incident():
    """A tool that answered at the next try was reached."""
    found = incident_of([PLAN, said("desk"), answer(error="transient"), answer("42"), said("desk", "Done.")])
    assert found.kind is not IncidentClass.INFRASTRUCTURE


def test_the_step_that_crosses_the_budget_is_to_blame():
    """Of even steps it is the one with which the budget was spent."""
    steps = [said("desk", cost_usd=0.3)] * 5
    found = incident_of(steps, budget_usd=1.0)
    assert (found.kind, found.step) == (IncidentClass.COST_BLOWOUT, 3)
    assert incident_of(steps, budget_usd=2.0).kind is not IncidentClass.COST_BLOWOUT


def test_modes_of_mast_are_told_where_the_log_decides_them():
    """Step repetition, no verification, going on after the end, and stopping on a failure."""
    assert "FM-1.3" in incident_of(CASES["loop"][0]).mast
    assert "FM-3.2" in incident_of(CASES["claim"][0]).mast
    assert "FM-1.5" in incident_of([PLAN, said("desk", "TERMINATE"), said("desk", "And so on.")]).mast
    ended = [PLAN, said("desk"), answer(error="permanent"), said("desk", "TERMINATE")]
    assert incident_of(ended).mast == ("FM-3.1",)


STEPS = st.lists(
    st.builds(
        LogStep,
        agent=st.sampled_from("ab"),
        text=st.sampled_from(["", "Here is the mock", "TERMINATE", "```x```", "a long text " * 5]),
        tool=st.sampled_from(["", "find"]),
        kind=st.sampled_from(["", "tool", "human"]),
        error=st.sampled_from(["", "transient", "permanent", "infrastructure", "policy", "odd"]),
        cost_usd=st.none() | st.floats(0, 10),
        harms=st.sampled_from([(), ("secret-leaked",), ("odd",)]),
    ),
    max_size=12,
)


@given(STEPS)
def test_any_steps_are_judged(steps: list[LogStep]):
    """Whatever the steps, suspects stand on steps that are there, the surest first."""
    found = incident_of(steps, budget_usd=5.0)
    assert [one.confidence for one in found.suspects] == sorted(
        (one.confidence for one in found.suspects), reverse=True
    )
    assert all(steps[one.step].agent == one.agent and one.reason for one in found.suspects)


def blaming(step: int):
    """Rules that always blame one step."""

    def rules(steps) -> Incident:
        suspect = Suspect(
            rule="r",
            kind=IncidentClass.REASONING,
            step=step,
            agent=steps[step].agent,
            confidence=0.5,
            reason="r",
        )
        return Incident(kind=suspect.kind, step=step, agent=suspect.agent, suspects=(suspect,))

    return rules


LOG = [said(who) for who in "abcdd"]


def test_rules_that_are_right_beat_the_baselines():
    """Rules that name the third step of every log, where it is to blame, pass for agent and step."""
    found = localise([(LOG, ("c", 2))] * 12, rules=blaming(2))
    assert (found.agent, found.step) == (VerdictValue.PASS, VerdictValue.PASS)
    assert (found.rules.agent.value, found.rules.step.value) == (1, 1)
    by_name = {one.name: (one.agent.value, one.step.value) for one in found.baselines}
    assert by_name["most frequent agent"] == (0, 0)
    assert by_name["chance"] == pytest.approx((0.25, 0.2))


def test_rules_that_do_no_better_are_unknown():
    """Rules that name the first step are right as often as that baseline, and add nothing."""
    found = localise([(LOG, ("a", 0))] * 12, rules=blaming(0))
    assert (found.agent, found.step, found.rules.step.value) == (
        VerdictValue.UNKNOWN, VerdictValue.UNKNOWN, 1
    )  # fmt: skip


def test_rules_that_are_worse_do_not_pass():
    """To be wrong where a baseline is right differs from it, and shows nothing."""
    found = localise([(LOG, ("a", 0))] * 12, rules=blaming(2))
    assert (found.agent, found.step) == (VerdictValue.UNKNOWN, VerdictValue.UNKNOWN)
    assert found.step_p is not None
    assert found.step_p < 0.05


def test_a_table_says_unknown_where_rules_add_nothing():
    """Their figure stands beside it, with its limits."""
    table = localise([(LOG, ("a", 0))] * 12, rules=blaming(0)).table
    assert "| rules | unknown: 1.00 (0.76 to 1.00) | unknown: 1.00 (0.76 to 1.00) |" in table
    assert "| first step | 1.00 (0.76 to 1.00) | 1.00 (0.76 to 1.00) |" in table


def test_rules_without_an_answer_are_unknown():
    """Nothing was answered, so nothing was right."""
    found = localise([(LOG, ("a", 0))], rules=lambda steps: Incident())
    assert (found.answered, found.agent, found.rules.agent.value) == (0, VerdictValue.UNKNOWN, None)


def test_the_only_step_that_costs_anything_is_not_dear():
    """Most agents pay for one llm call and for nothing else: that is no blow-out."""
    found = incident_of([said("desk", cost_usd=0.01), answer(error="permanent")])
    assert IncidentClass.COST_BLOWOUT not in [one.kind for one in found.suspects]
