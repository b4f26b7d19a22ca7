"""Runs of any origin become stories: real goldens, recordings, other frameworks' exports, and nonsense."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from agentops_eval.domain import Label, StatusCode
from agentops_eval.harness import RunToTell, read_recorded, story_of
from agentops_eval.reports import Clock, StepKind, TraceStep, TraceStory, trace_html
from agentops_eval.traces import read_golden
from agentops_eval.traces.dialects import NormalTrace, normal_of, normalise
from tests.reports.test_page import Page
from tests.reports.trace._stories import story as everything
from tests.traces.dialects import _kit as k
from tests.traces.dialects.test_hostile import GIANTS, TRACE
from tests.traces.dialects.test_table import RUNS

GOLDENS = Path(__file__).resolve().parents[2] / "golden_traces"
SHIPPED = sorted(GOLDENS.rglob("*.otlp.jsonl"))
DESK = GOLDENS / "scenarios/desk"
NOON_NS = 1_800_000_000 * 10**9
OURS = Page(trace_html(everything()))


def told(normal: NormalTrace) -> TraceStory:
    """An export, told."""
    return story_of(RunToTell(trace=normal.trace, normal=normal, timed=normal.trace))


def recorded(name: str) -> TraceStory:
    """A recording of this project's own suite, told."""
    found = read_recorded(DESK / f"{name}.cassette.jsonl")
    normal = normal_of(found.trace)
    return story_of(RunToTell(trace=found.trace, normal=normal, timed=found.timed, labels=found.labels))


def of(story: TraceStory, kind: StepKind) -> list[TraceStep]:
    """The steps of a kind."""
    return [one for one in story.steps if one.kind is kind]


@pytest.mark.parametrize("path", SHIPPED, ids=[path.parent.name + "/" + path.stem for path in SHIPPED])
def test_every_golden_of_this_project_is_told(path: Path) -> None:
    """Each call is a step, what was asked and answered stands there, and no time is made up."""
    golden = read_golden(path).trace
    story = story_of(RunToTell(trace=golden, normal=normal_of(golden), timed=golden, source=path.name))
    assert [one.span_id for one in story.steps] == [span.span_id for span in golden]
    assert story.clock is Clock.ORDER
    assert story.began == ""
    assert {one.took_ms for one in story.steps} == {None}
    said = Page(trace_html(story)).said
    assert "this file tells no time" in said
    assert "asked its llm" in said
    answers = [one.said for one in of(story, StepKind.LLM) if one.said and not one.wishes]
    assert answers[-1].split()[0] in said


def test_a_permission_leads_from_the_action_to_the_person() -> None:
    """In the recording in which a discount was approved the change stands on the question before it."""
    story = recorded("discount-approved")
    (person,) = of(story, StepKind.HUMAN)
    (change,) = (one for one in story.steps if one.acts)
    assert person.asked is not None
    assert person.asked.status == "approved"
    assert change.asked is not None
    assert change.asked.step == person.number < change.number
    assert change.name == person.name == "grant_discount"
    assert story.clock is Clock.REAL


def test_a_silent_person_is_told_with_the_wait() -> None:
    """Nobody answered within the deadline, nothing was changed, and the llm was told so."""
    story = recorded("discount-silence@1.1")
    (person,) = of(story, StepKind.HUMAN)
    assert person.asked is not None
    assert (person.asked.status, person.asked.deadline_s) == ("timeout", 120.0)
    assert person.asked.waited_ms is not None
    assert person.asked.waited_ms >= 120_000
    assert not any(one.acts for one in story.steps)
    assert "asked a person once, who did not answer. It changed nothing." in Page(trace_html(story)).said
    assert {one.label for one in story.steps} <= {None, Label.BRANCH}


def test_agents_hand_over_to_each_other() -> None:
    """Each step is its agent's own; what was asked for, seen and answered is there."""
    golden = read_golden(next(GOLDENS.rglob("test_team-both-*.otlp.jsonl"))).trace
    story = story_of(RunToTell(trace=golden, normal=normal_of(golden), timed=golden))
    assert {one.actor for one in story.steps} == {"team", "billing", "shipping"}
    handed = [(one.sender, one.name) for one in of(story, StepKind.AGENT)[1:]]
    assert handed == [("supervisor", "billing"), ("supervisor", "shipping")]
    first, *_, last = of(story, StepKind.LLM)
    assert [one.who for one in first.heard] == ["system", "user"]
    assert [one.tool for one in first.wishes] == ["ask_billing", "ask_shipping"]
    assert [one.source for one in last.heard] == ["ask_billing", "ask_shipping"]
    assert last.details["system"] == f"(as in step {first.number})"


@pytest.mark.parametrize("name", RUNS)
def test_other_frameworks_runs_tell_the_same_story(name: str) -> None:
    """Whatever wraps it: what was asked, two tools that were chosen and used, what was answered."""
    normal = normalise(RUNS[name][0]())
    said = " ".join(Page(trace_html(told(normal)).replace("</dt>", "</dt> ")).said.split())
    unasked = name == "agent-attributes"  # which tells of answers alone
    assert ("asked what it was asked is not told" if unasked else f"asked {k.ASK} step") in said
    assert f"answered {k.ANSWER} step" in said
    assert f"{k.AGENT} asked its llm twice and used tools twice." in said
    assert "decided to use 2 tools at once: find_order, price." in said
    assert f"{k.AGENT} used find_order: order: 7." in said


def timed() -> k.Run:
    """A run in the present, of an agent whose second step has no time."""
    run = k.Run()
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "desk"}
    root = run.add("invoke_agent desk", agent, times=(NOON_NS, NOON_NS + 10**9))
    tool: dict[str, Any] = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "pay"}
    acts = {**tool, "agentops.tool.effect": "write"}
    run.add("execute_tool pay", acts, parent=root, times=(NOON_NS + 10**8, NOON_NS + 2 * 10**8))
    run.add("execute_tool pay", tool, parent=root, times=(0, 0), status=StatusCode.ERROR)
    run.add("execute_tool pay", tool, parent=root, times=(NOON_NS + 5 * 10**8, NOON_NS))
    return run


def test_times_that_are_missing_are_not_drawn() -> None:
    """Steps without a time, or with an end before their start, have no duration; the others keep theirs."""
    story = told(normalise(timed().trace))
    assert story.began == "2027-01-15T08:00:00Z"
    run, *steps = [(one.start, one.end, one.took_ms) for one in story.steps]
    assert run == (0.0, 1000.0, 1000.0)
    assert sorted(steps, key=str) == [(100.0, 200.0, 100.0), (500.0, 500.0, None), (None, None, None)]
    said = Page(trace_html(story)).said
    assert "1 step not drawn" in said
    assert "In 1 s desk used tools 3 times." in said
    assert "1 step failed." in said


def test_ids_that_several_spans_share_do_not_mix_their_steps() -> None:
    """A trace whose spans all have one id is told whole, and nothing is invented for the others."""
    normal = normalise(timed().trace)
    spans = tuple(replace(span, span_id="ab" * 8, parent_id="") for span in normal.trace)
    same = replace(normal.trace, spans=spans)
    story = story_of(RunToTell(trace=same, normal=normal_of(same), timed=same))
    assert len(story.steps) == len(spans)
    assert trace_html(story)


@settings(max_examples=30, deadline=None)
@given(TRACE)
def test_any_trace_is_told_and_nothing_in_it_is_markup(source: Any) -> None:
    """Wrong types, circles, ids twice, any text anywhere: a page of our own elements and attributes alone."""
    html = trace_html(told(normalise(source)))
    page = Page(html)
    assert set(page.tags) <= {*OURS.tags, "wbr"}
    assert page.attributes <= OURS.attributes
    assert page.tags["script"] == 1
    assert html.encode()


HUGE = {
    **{name: text for name, text in GIANTS.items() if len(text) <= 100_000},
    "a large text": "x" * 1_000_000,
    "a large document": k.spelled([{"role": "user", "content": "x" * 200}] * 2_000),
}


@pytest.mark.parametrize("value", HUGE.values(), ids=HUGE)
def test_giants_are_cut(value: str) -> None:
    """Documents that are too deep or too large make a page that can be opened."""
    run = k.Run()
    chat = {"gen_ai.operation.name": "chat", "gen_ai.input.messages": value, "gen_ai.output.messages": value}
    tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": value[:100_000]}
    run.add("chat", chat)
    run.add("execute_tool", {**tool, "gen_ai.tool.call.arguments": value, "gen_ai.tool.call.result": value})
    assert len(trace_html(told(normalise(run.trace)))) < 300_000
