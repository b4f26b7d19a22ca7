"""Runbooks out of failures that were shown: how they are grouped, and what is said where nothing is known."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_eval.domain import (
    DeclaredMode,
    Dependency,
    FailureReach,
    FailureSeen,
    FaultClass,
    Harm,
    IncidentClass,
    Mode,
    RunbookFacts,
    Say,
    ShownBy,
)
from agentops_eval.operations import failure_mode, runbooks_of
from agentops_eval.operations._runbook_rules import ACTIONS, CAUSES, GRAVEST, SYMPTOMS
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.lint import RULES

TOOL = (Dependency.TOOL, "issue_refund")


def seen(**more) -> FailureSeen:
    """One failure that an exploration found."""
    plain = {
        "agent": "desk",
        "by": ShownBy.EXPLORATION,
        "causes": ("lost",),
        "dependencies": (TOOL,),
        "mode": "failed-unsafe",
        "harms": ("duplicated-effect",),
        "under": "tool_reply_lost @issue_refund #1",
    }
    return FailureSeen(**{**plain, **more})


def incident(kind: str = "tool-call", **more) -> FailureSeen:
    """One run in operation that failed."""
    return FailureSeen(agent="desk", by=ShownBy.RUN, causes=(kind,), **more)


def said(*some: FailureSeen, facts: RunbookFacts | None = None) -> dict[str, str]:
    """The parts of the one runbook as plain text."""
    (one,) = runbooks_of(some, facts or RunbookFacts())
    return {
        part.id: "\n".join(
            "".join(piece.text for piece in line)
            for line in (
                *part.lines,
                *(cell for row in (part.table.rows if part.table else ()) for cell in row),
            )
        )
        for part in one.sheet.parts
    }


def test_every_harm_mode_and_class_has_words_and_an_action():
    """A new harm, class of fault or of incident is not forgotten by the rules."""
    assert {*GRAVEST} == {*Harm}
    assert {*CAUSES} == {*FaultClass}
    assert {*SYMPTOMS} >= {*Harm, *({*Mode} - {"full", "unknown"}), *({*IncidentClass} - {"unknown"})}
    acted = frozenset().union(*(one.of for one in ACTIONS))
    assert acted >= {*FaultClass, *({*IncidentClass} - {"unknown"})}


@pytest.mark.parametrize("harm", [*Harm])
def test_detection_names_what_there_is(harm):
    """Attributes are those that our telemetry writes, and rules of lint are rules."""
    for cause in FaultClass:
        for sort in Dependency:
            told = said(seen(causes=(cause.value,), dependencies=((sort, "thing"),), harms=(harm.value,)))
            named = re.findall(r"\b(?:gen_ai|agentops|http|server|error)\.[a-z_.]+", told["detection"])
            assert {*named} <= {value for value in vars(sc).values() if isinstance(value, str)}
            rules = re.findall(r"--select (\w+)", told["detection"])
            assert all(any(rule.startswith(one) for rule in RULES) for one in rules)
            assert "ops incidents TRACES --agent desk" in told["detection"]


def test_failures_are_one_mode_by_cause_dependency_and_gravest_harm():
    """Another fault of the same class is the same failure; another harm, dependency or agent is another."""
    same = [
        seen(),
        seen(under="tool_reply_lost @issue_refund #2"),
        seen(harms=("duplicated-effect", "undeclared")),
    ]
    assert len(runbooks_of(same, RunbookFacts())) == 1
    others = [
        seen(agent="other"), seen(causes=("slow",)), seen(harms=("secret-leaked", "duplicated-effect")),
        seen(dependencies=((Dependency.TOOL, "other"),)), seen(mode="hung", harms=()), incident(),
    ]  # fmt: skip
    assert len(runbooks_of([*same, *others], RunbookFacts())) == 1 + len(others)


@pytest.mark.parametrize("mode", ["full", "unknown", ""])
def test_what_went_well_or_nobody_can_tell_is_no_failure(mode):
    """No runbook comes of it."""
    assert failure_mode(seen(mode=mode, harms=())) is None
    assert runbooks_of([seen(mode=mode, harms=())], RunbookFacts()) == ()
    assert runbooks_of([], RunbookFacts()) == ()


def test_the_order_of_what_is_read_does_not_matter():
    """The same failures in any order give the same runbooks, harm of the world first."""
    some = [
        *(seen(under=f"fault {n}", harms=(harm,), mode="hung") for n, harm in enumerate(Harm)),
        *(incident(kind, trace=f"{n:032x}") for n, kind in enumerate(["human", "security"])),
    ]
    expected = runbooks_of(some, RunbookFacts())
    for draw in range(5):
        mixed = random.Random(draw).sample(some, len(some))
        assert runbooks_of(mixed, RunbookFacts()) == expected
    unsafe = [one.unsafe for one in expected]
    assert unsafe == sorted(unsafe, reverse=True)
    assert {True, False} == {*unsafe}


def test_one_run_that_two_sources_tell_of_counts_once():
    """Whichever tells how far it reached is the one that is believed."""
    far = seen(reach=FailureReach(steps=0.5, tools=("send_email",)), source="proof.json")
    for order in ([seen(), far], [far, seen()]):
        (one,) = runbooks_of(order, RunbookFacts())
        assert one.shown == 1
    assert "send_email" in said(seen(), far)["blast-radius"]


def test_what_is_unknown_is_said_and_never_made_up():
    """No radius, no rollback, no owner, no command: each part says so."""
    told = said(seen())
    assert "Unknown" in told["blast-radius"]
    assert "Unknown" in told["rollback"]
    assert told["owner"].startswith("Nobody: name one")
    assert "Unknown" in told["evidence"]
    assert "Declared: nothing" in told["degraded-mode"]
    partly = said(seen(reach=FailureReach(tools=("a",))))["blast-radius"]
    assert partly.count("unknown") == 5  # steps, hops, contained, recovery, cost
    assert "0 %" not in partly


def test_an_owner_is_the_experiments_then_the_inventorys():
    """A role that a plan names goes before that of the agent."""
    facts = RunbookFacts(owners={"desk": "role:desk"})
    (named,) = runbooks_of([seen(owner="role:lead")], facts)
    (usual,) = runbooks_of([seen()], facts)
    assert (named.owner, usual.owner) == ("role:lead", "role:desk")


def test_what_is_declared_stands_beside_what_was_shown():
    """A declaration counts where dependency, fault and agent fit; a mode that it does not accept is told."""
    rule = DeclaredMode(
        file="degradation.yaml", agent="desk", dependency="issue_*", faults=("lost",), accept=("failed-safe",)
    )
    told = said(seen(), facts=RunbookFacts(declared=(rule,)))["degraded-mode"]
    assert "Declared in degradation.yaml: failed-safe" in told
    assert "Shown: failed-unsafe (1 time), not declared" in told
    safe = said(seen(mode="failed-safe", harms=()))["degraded-mode"]
    assert "failed-safe (1 time), which needs no declaration" in safe
    for other in (
        replace(rule, agent="else"), replace(rule, dependency="get_*"), replace(rule, faults=("slow",))
    ):  # fmt: skip
        assert "Declared: nothing" in said(seen(), facts=RunbookFacts(declared=(other,)))["degraded-mode"]
    judged = replace(rule, agent="else", file="chaos/x.yaml")
    by = said(seen(contract="x.yaml"), facts=RunbookFacts(declared=(judged,)))["degraded-mode"]
    assert "Declared in chaos/x.yaml" in by


def test_rollbacks_come_from_experiments_contracts_gates_and_prompts():
    """Each with where it is from."""
    facts = RunbookFacts(
        undone_by={"issue_refund": ("take_back", "d.yaml")},
        prompts=(("desk", "1.2.0"),),
        decisions={"desk": ("hold", "proof.json")},
    )
    told = said(seen(undo=("close the account",)), facts=facts)["rollback"]
    for words in ("close the account", "take_back takes back issue_refund", "hold", "desk 1.2.0"):
        assert words in told


@settings(max_examples=50)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_name_has_an_id_of_a_few_safe_characters(agent, name):
    """An id is a file's name, and two modes never have the same."""
    one, other = (
        failure_mode(seen(agent=agent, dependencies=((Dependency.TOOL, tool),)))
        for tool in (name, name + "x")
    )
    assert one is not None
    assert other is not None
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", one.id)
    assert len(one.id) <= 80
    assert one.id != other.id


def test_what_others_wrote_is_never_a_word_of_ours():
    """Names, reasons and schedules of agents stand in pieces that say so."""
    mark = "zzhostilezz"
    (one,) = runbooks_of(
        [seen(agent=mark, dependencies=((Dependency.TOOL, mark),), reasons=(mark,), under=mark, owner=mark,
              remedy=mark, undo=(mark,),
              reach=FailureReach(tools=(mark,), effects=(mark,), tenants=(mark,)))],
        RunbookFacts(declared=(DeclaredMode(file="d.yaml", message=mark),), undone_by={mark: (mark, "d")}),
    )  # fmt: skip
    lines = [line for part in one.sheet.parts for line in part.lines]
    lines += [cell for part in one.sheet.parts if part.table for row in part.table.rows for cell in row]
    pieces = [piece for line in lines for piece in line if mark in piece.text]
    assert len(pieces) > 10
    assert Say.WORDS not in {piece.say for piece in pieces}
