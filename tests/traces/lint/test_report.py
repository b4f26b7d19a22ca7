"""What a report says: its score, its levels, and how it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentops_eval.domain import ConfigInvalid, Level, Trace, VerdictValue
from agentops_eval.traces import read_golden
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.lint import LintConfig, find_rule, lint, report_lines, verdict
from tests.traces.lint._runs import ANSWER, TOLD, Run, spelled

ROOT = Path(__file__).parents[3]
GOLDENS = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("agentops_eval/demo/goldens", "golden_traces")
    for path in (ROOT / folder).rglob("*.otlp.jsonl")
)


def test_the_score_is_the_share_of_checks_that_passed():
    """One broken check of a group lowers that group and the whole by one check, and no other group."""
    clean, spoilt = Run().lint(), Run().set("chat", {sc.PROVIDER_NAME: None}).lint()
    before, after = (report.groups for report in (clean, spoilt))
    assert [(one.group, one.checks) for one in before] == [(one.group, one.checks) for one in after]
    assert [one.checks - one.passed for one in after] == [1, *[0] * 8]
    checks = sum(one.checks for one in after)
    assert spoilt.score == pytest.approx((checks - 1) / checks)
    assert spoilt.runs[0].score == pytest.approx((checks - 2) / (checks - 1))  # span names are of all runs


def test_rules_of_level_info_do_not_count():
    """A missing content lowers nothing, until its rule is raised."""
    run = Run().set("again", {sc.INPUT_MESSAGES: None})
    assert (run.lint().score, run.lint().by_level) == (1.0, {Level.INFO: 1})
    raised = run.lint(levels={"content-missing": Level.ERROR})
    assert raised.score is not None
    assert raised.score < 1
    assert not raised


def test_what_does_not_apply_is_unknown():
    """A run without tools and people has no score for them."""
    report = Run().without("tool", "served", "human", "chat").lint()
    scores = {group.group: group.score for group in report.groups}
    assert scores["tool"] is None
    assert scores["human checkpoint"] is None
    assert scores["llm call"] == 1.0


def test_as_emitted_is_told_apart():
    """An old spelling costs no point: it is reported beside the score."""
    report = Run().set("chat", {"gen_ai.system": "openai"}, name="openai.chat").lint()
    assert (report.score, report.findings) == (1.0, ())
    assert {one.rule for one in report.emitted} == {"AL903", "AL907"}
    assert report.emitting - report.conforming == 1


def test_coverage_counts_what_spans_tell():
    """For each type of span that occurs, how many have each attribute."""
    coverage = {one.span_type: one for one in Run().set("again", {sc.PROVIDER_NAME: None}).lint().coverage}
    assert coverage["llm call"].spans == 2
    assert coverage["llm call"].present[sc.PROVIDER_NAME] == 1
    assert coverage["tool"].present[sc.TOOL_CALL_ID] == 1
    assert "embeddings" not in coverage


def test_a_finding_says_what_where_and_how_to_mend_it():
    """Level, offending value, span, file and line stand in it."""
    (found,) = Run().set("agent", {sc.AGENTOPS_CONFIDENCE: 90}).lint().findings
    assert (found.rule, found.level, found.where) == ("AL602", Level.WARN, "prod.jsonl:1")
    assert "90" in found.message
    assert (found.span, found.span_id) == ("invoke_agent desk", f"{1:016x}")


def test_secrets_are_not_repeated():
    """The finding names the place and the kind; the value itself is masked."""
    key = "ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY12aB"
    report = Run().set("tool", {"http.request.header.authorization": key}).lint()
    found = [one for one in report.findings if one.rule == "AL801"]
    assert len(found) == 1
    assert "http.request.header.authorization" in found[0].message
    assert key not in repr(report.findings)
    allowed = LintConfig().redaction.__class__(allow=("ghp_.*",))
    assert "AL801" not in Run().set("tool", {"note": key}).lint(redaction=allowed).counts


def test_a_secret_in_the_history_is_told_once():
    """Each chat repeats what was said before; the first that holds a secret is the place."""
    key = "ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY12aB"
    asked = {"role": "user", "parts": [{"type": "text", "content": f"use {key}"}]}
    run = Run().set("chat", {sc.INPUT_MESSAGES: spelled([asked])})
    run.set("again", {sc.INPUT_MESSAGES: spelled([asked, *ANSWER, TOLD])})
    (found,) = run.lint(select=("AL801",)).findings
    assert found.span_id == run.spans["chat"].span_id


def test_one_approval_covers_what_it_names_only():
    """An approval of one tool is none for another; one that names no tool is for all that follow."""
    other = Run().set("chat", {sc.OUTPUT_MESSAGES: None}).set("again", {sc.OUTPUT_MESSAGES: None})
    other.add(
        "tool", {sc.TOOL_NAME: "delete_account", sc.TOOL_CALL_ID: "c2"}, name="execute_tool delete_account"
    )
    assert other.lint().counts["AL401"] == 1
    assert "AL401" not in other.set("human", {sc.AGENTOPS_HITL_ACTION: "go on"}).lint().counts


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "above", "approved"),
    [
        (110, 210, "agent", True),
        (110, 215, "agent", False),
        (215, 220, "tool", True),
        (215, 220, "agent", False),
    ],
)
def test_an_approval_ends_before_the_tool_begins(start_ms, end_ms, above, approved):
    """Only what was answered before counts, and what the tool itself asked."""
    run = Run().at("human", start_ms, end_ms)
    run.set("human", parent_id=run.spans[above].span_id)
    assert ("AL401" not in run.lint().counts) is approved


def test_a_refusal_counts_for_a_tool_of_unknown_effect():
    """What a person refused by its very name did not have leave, whatever it does; a read tool did."""
    run = (
        Run().set("human", {sc.AGENTOPS_HITL_STATUS: "rejected"}).set("tool", {sc.AGENTOPS_TOOL_EFFECT: None})
    )
    assert run.lint().counts["AL403"] == 1
    assert "AL403" not in run.set("tool", {sc.AGENTOPS_TOOL_EFFECT: "read"}).lint().counts
    vague = run.set("tool", {sc.AGENTOPS_TOOL_EFFECT: None}).set(
        "human", {sc.AGENTOPS_HITL_ACTION: "refund 7"}
    )
    assert "AL403" not in vague.lint().counts


def test_a_tools_own_span_may_tell_who_approved():
    """Where the question has no span of its own, the status on the tool's counts."""
    run = Run().without("human").set("tool", {sc.AGENTOPS_HITL_STATUS: "approved"})
    assert run.lint().counts.keys().isdisjoint({"AL401", "AL403"})
    assert run.set("tool", {sc.AGENTOPS_HITL_STATUS: "rejected"}).lint().counts["AL403"] == 1


def test_tools_are_destructive_by_name_too():
    """A pattern of the configuration makes a tool destructive whose effect is not told."""
    run = Run().without("human").set("tool", {sc.AGENTOPS_TOOL_EFFECT: None})
    assert "AL401" not in run.lint().counts
    assert run.lint(destructive_tools=("ref*",)).counts["AL401"] == 1


def test_plain_traces_are_asserted_on():
    """``assert lint(trace)`` takes any trace; its failure tells the first errors."""
    trace = Trace(spans=tuple(Run().spans.values()))
    assert lint(trace)
    broken = lint(Trace(spans=tuple(Run().without("human").spans.values())))
    assert not broken
    assert repr(broken).startswith("<LintReport score 0.9")
    assert "AL401 execute_tool refund: refund ran, and no approval stands before it" in repr(broken)


def test_as_an_evaluator_it_gives_a_verdict():
    """Pass and fail by errors, with the spans as evidence; unknown where there is nothing to judge."""
    passed = verdict(Trace(spans=tuple(Run().spans.values())))
    failed = verdict(Trace(spans=tuple(Run().without("human").spans.values())))
    unknown = verdict(Trace())
    assert (passed.value, passed.passed, passed.evidence) == (VerdictValue.PASS, True, ())
    assert (failed.value, failed.evidence) == (VerdictValue.FAIL, (f"{5:016x}",))
    assert failed.reason.startswith("AL401")
    assert (unknown.value, unknown.score, unknown.passed) == (VerdictValue.UNKNOWN, None, False)


@pytest.mark.parametrize("golden", GOLDENS)
def test_our_own_goldens_have_no_error_and_are_written_by_the_conventions(golden):
    """What this project approves of passes its own lint, names, kinds and types included."""
    report = lint(read_golden(ROOT / golden).trace)
    assert report
    assert report.emitted == ()
    assert report.conforming == report.emitting > 0


def test_the_text_tells_the_worst_first_and_folds_what_repeats():
    """Errors, warnings, notes; a rule once, with its count and first places."""
    run = Run().without("human")
    for number in range(5):
        run.spans[f"m{number}"] = run.spans["billing"]
        run.set(f"m{number}", {sc.AGENT_NAME: None}, span_id=f"{50 + number:016x}", name="invoke_agent")
    told = [text for text, _ in report_lines(run.lint())]
    assert told[0] == "1 run, 10 spans"
    assert told.index("errors") < told.index("warnings")
    (at,) = (number for number, text in enumerate(told) if "AL708 agent-name-missing (5)" in text)
    assert told[at + 4].strip() == "and 2 more"
    whole = [text for text, _ in report_lines(run.lint(), everything=True)]
    assert sum("invoke_agent 00000000000000" in text for text in whole) >= 5
    assert any("gen_ai.provider.name" in text for text in whole)


def test_rules_are_found_by_id_and_slug_and_the_nearest_is_named():
    """Letters' case does not matter; what does not exist is an error that helps."""
    assert find_rule("al401") is find_rule("Destructive-Unapproved")
    for name, near in (("AL4o1", "AL401"), ("orphans", "AL702"), ("", "--explain all")):
        with pytest.raises(ConfigInvalid) as caught:
            find_rule(name)
        assert near in caught.value.remedy
    with pytest.raises(ConfigInvalid):
        Run().lint(ignore=("AL42x",))
    assert Run().without("human").lint(ignore=("AL4",)).counts == {}
