"""Failures out of impacts and files: what was hit, and that whatever stands in a file breaks nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_eval.domain import Dependency, Evidence, RunbookFacts, ShownBy, VerdictValue
from agentops_eval.harness import settings_for_reading
from agentops_eval.harness.evidencing import Noted, keep_evidence
from agentops_eval.harness.operating import explored_in, is_exploration, known_failures, redacted
from agentops_eval.harness.operating._impacts import seen_of
from agentops_eval.operations import runbooks_of
from agentops_eval.traces.redaction import Redactor

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ("mode", "harms", "reasons", "injected", "blast_radius", "recovery", "cost")
LOST = {"faults": [{"fault": "tool_reply_lost", "target": "book"}], "seed": 0}


def hit(fault: dict, *injected: str):
    """What the faults of a schedule hit."""
    impact = {"schedule": {"faults": [fault], "seed": 0}, "injected": list(injected), "mode": "hung"}
    seen = seen_of(impact, agent="a", by=ShownBy.FAULTS)
    assert seen is not None
    return seen.causes, seen.dependencies


@pytest.mark.parametrize(
    ("fault", "injected", "expected"),
    [
        ({"fault": "tool_error", "target": "book"}, [], (("unavailable",), ((Dependency.TOOL, "book"),))),
        ({"fault": "tool_error"}, ["/b#0/book#1: raised"], (("unavailable",), ((Dependency.TOOL, "book"),))),
        ({"fault": "latency", "site": "0.2:/book#0"}, [], (("slow",), ((Dependency.TOOL, "book"),))),
        ({"fault": "overloaded", "target": "llm"}, [], (("unavailable",), ((Dependency.LLM, "llm"),))),
        (
            {"fault": "reset", "site": "/POST https://a.example/v1/x#0"}, [],
            (("unavailable",), ((Dependency.HTTP, "POST https://a.example/v1/x"),)),
        ),
        ({"fault": "agent_down", "target": "money"}, [], (("unavailable",), ((Dependency.AGENT, "money"),))),
        ({"fault": "approver_silent", "target": "refund"}, [], (("human",), ((Dependency.HUMAN, "refund"),))),
        ({"fault": "of_another_release", "target": "book"}, [], ((), ((Dependency.TOOL, "book"),))),
    ],
)  # fmt: skip
def test_what_a_fault_hit(fault, injected, expected):
    """Its site's callee, else its target, else whatever was hit, with its sort and the class of the fault."""
    assert hit(fault, *injected) == expected


@settings(max_examples=60)
@given(st.fixed_dictionaries(dict.fromkeys(KEYS, JSON)))
def test_whatever_stands_in_an_impact_breaks_nothing(told):
    """Any JSON gives a failure whose runbook can be made, or none."""
    seen = seen_of({**told, "schedule": LOST}, agent="a", by=ShownBy.CHECK)
    assert seen is not None
    assert len(runbooks_of([seen], RunbookFacts())) <= 1


@given(JSON)
def test_without_a_schedule_there_is_no_failure(value):
    """Nobody can say what was done to the agent."""
    assert seen_of({"schedule": value, "mode": "hung"}, agent="a", by=ShownBy.CHECK) is None or isinstance(
        value, dict
    )


def test_an_explorations_file_is_known_by_its_first_line(tmp_path):
    """Its journal and what --json printed, and nothing else; an endless line is not read to its end."""
    texts = {
        "journal": '{"agent":"a:b","exploration":1}\n',
        "printed": json.dumps({"agent": "a", "schedule": LOST, "found_with": "x"}) + "\n",
        "trace": '{"resourceSpans":[]}\n',
        "endless": "x" * 100_000,
        "empty": "",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    assert {name for name in texts if is_exploration(tmp_path / name)} == {"journal", "printed"}
    assert not is_exploration(tmp_path / "missing")


@settings(max_examples=30)
@given(st.lists(JSON, max_size=5))
def test_broken_lines_of_an_exploration_are_told(tmp_path_factory, lines):
    """Each line that is no object is named; findings behind it are still read."""
    path = tmp_path_factory.mktemp("x") / "explore.jsonl"
    finding = {"finding": {"schedule": LOST, "mode": "hung", "reasons": [["past-deadline", ""]]}}
    path.write_text("".join(json.dumps(one) + "\n" for one in [*lines, {"agent": "m:desk"}, finding]))
    told: list[str] = []
    found = list(
        explored_in(path, path.parent, settings_for_reading(path.parent), lambda where, _: told.append(where))
    )
    assert told == [f"explore.jsonl:{n}" for n, one in enumerate(lines, start=1) if not isinstance(one, dict)]
    assert (found[-1].agent, found[-1].harms, found[-1].command) == (
        "desk", ("past-deadline",), "agentops-eval chaos explore m:desk --faults tool_reply_lost --depth 1",
    )  # fmt: skip


def test_evidence_says_whose_a_run_of_an_experiment_was(tmp_path):
    """Whatever the project is called today; of two agents under the same faults each has its own run."""
    runs = [
        {"agent": f"shop:{name}", "faults": "tool_reply_lost @book", "schedule": LOST, "mode": mode}
        for name, mode in (("one", "hung"), ("other", "failed-safe"))
    ]
    proof = {"journals": [{"title": "day", "path": "day.yaml", "owner": "role:lead", "runs": runs}]}
    facts = [
        Evidence(
            agent=agent, kind="chaos.fault", subject="tool_reply_lost @book", at="", verdict=VerdictValue.FAIL
        )
        for agent in ("one", "other")
    ]
    keep_evidence(tmp_path, Redactor(), Noted(facts=facts, proof=proof))
    renamed = replace(settings_for_reading(tmp_path), agent_name="third")
    known = known_failures(tmp_path, renamed, lambda *_: None)
    assert [(one.agent, one.mode, one.owner) for one in known.seen] == [
        ("one", "hung", "role:lead"), ("other", "failed-safe", "role:lead"),
    ]  # fmt: skip


def test_an_empty_project_knows_of_nothing(tmp_path):
    """Nothing is read, and nothing is made."""
    known = known_failures(tmp_path, settings_for_reading(tmp_path), lambda *_: None)
    assert (known.seen, known.incidents, known.read) == ((), (), 0)
    assert not list(tmp_path.iterdir())


def test_no_text_of_a_failure_keeps_a_secret():
    """All of its texts are gone over, however deep; what is no text stays what it is."""
    seen = seen_of(
        {"schedule": LOST, "mode": "hung", "harms": ["s3cret"],
         "blast_radius": {"tools": ["s3cret"], "hops": 2}, "reasons": [{"harm": "x", "text": "s3cret"}]},
        agent="s3cret", by=ShownBy.CHECK, source="s3cret",
    )  # fmt: skip
    clean = redacted(seen, lambda text: text.replace("s3cret", "*"))
    assert "s3cret" not in repr(clean)
    assert (clean.by, clean.reach.hops, clean.dependencies) == (
        ShownBy.CHECK,
        2,
        ((Dependency.TOOL, "book"),),
    )
