"""What holds of lint whatever the trace: it never fails, and gives the same for the same spans."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Level, Span, SpanKind, Trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import normalise
from agentops_eval.traces.lint import RULES, LintConfig, lint, lint_runs, report_json, report_lines
from agentops_eval.traces.reading import Origin, Problems, SourceSpan, SourceTrace, read_traces
from tests.examples import examples
from tests.traces._traces import traces
from tests.traces.dialects.test_hostile import TRACE
from tests.traces.lint._runs import TRACE_ID, Run

HITL = st.sampled_from(
    [sc.AGENTOPS_HITL_STATUS, sc.AGENTOPS_HITL_ACTION, sc.AGENTOPS_DECISION_CHOSEN, sc.AGENTOPS_TOOL_EFFECT]
)
WORD = st.sampled_from(["approved", "write", "destructive", "refund", "execute_tool refund", ""])


@st.composite
def hostile(draw):
    """Any normal trace, with attributes of approvals and decisions strewn over its spans."""
    normal = normalise(draw(TRACE))
    spans = []
    for span in normal.trace.spans:
        extra = draw(st.dictionaries(HITL, WORD, max_size=2))
        name = draw(st.sampled_from([span.name, sc.HITL_CHECKPOINT]))
        spans.append(replace(span, name=name, attributes={**span.attributes, **extra}))
    return replace(normal, trace=replace(normal.trace, spans=tuple(spans)))


@examples(200)
@given(hostile(), st.sampled_from([LintConfig(), LintConfig(destructive_tools=("*",), ignore=("AL8",))]))
def test_lint_never_fails_and_repeats_itself(normal, config):
    """Whatever the spans hold, there is a report; twice the same trace gives the same, with sound counts."""
    report = lint(normal, config=config)
    again = lint(normal, config=config)
    assert (report.findings, report.emitted, report.groups) == (again.findings, again.emitted, again.groups)
    assert all(0 <= group.passed <= group.checks for group in report.groups)
    assert sum(report.counts.values()) == sum(report.by_level.values())
    assert Counter(one.rule for one in (*report.findings, *report.emitted)) == Counter(report.counts)
    assert 0 <= report.conforming <= report.emitting
    assert report_json(report)
    assert all(text.isprintable() for text, _ in report_lines(report, everything=True))


@examples(100)
@given(hostile(), st.randoms(use_true_random=False))
def test_the_order_of_spans_does_not_matter(normal, rng):
    """Shuffled spans, and sources in another order, give the same findings."""
    spans, sources = list(normal.trace.spans), list(normal.sources.items())
    rng.shuffle(spans)
    rng.shuffle(sources)
    shuffled = replace(normal, trace=replace(normal.trace, spans=tuple(spans)), sources=dict(sources))
    one, other = lint(normal), lint(shuffled)
    assert sorted(map(repr, one.findings)) == sorted(map(repr, other.findings))
    assert sorted(map(repr, one.emitted)) == sorted(map(repr, other.emitted))
    assert one.groups == other.groups


@examples(60)
@given(traces())
def test_any_plain_trace_is_linted(trace):
    """A trace needs no source: it is taken as its own."""
    assert lint(trace).runs[0].trace_id == trace.spans[0].trace_id


@examples(40)
@given(st.lists(TRACE, max_size=4))
def test_a_report_over_runs_is_the_sum_of_theirs(sources):
    """Checks and findings of several runs are those of each, added up; span names alone are told over all."""
    config = LintConfig(ignore=("AL803",))
    runs = [normalise(source) for source in sources]
    whole, parts = lint_runs(runs, config=config), [lint(run, config=config) for run in runs]
    assert whole.counts == dict(sum((Counter(part.counts) for part in parts), Counter()))
    assert sum(group.checks for group in whole.groups) == sum(
        group.checks for part in parts for group in part.groups
    )
    assert [run.score for run in whole.runs] == [part.runs[0].score for part in parts]


@examples(60)
@given(st.sets(st.sampled_from(sorted(RULES))))
def test_what_is_ignored_is_neither_told_nor_counted(ignored):
    """Without some rules everything else stays as it was."""
    spoilt = Run().without("human", "tool").set("again", {sc.RESPONSE_MODEL: None, "gen_ai.systm": "x"})
    whole, rest = spoilt.lint(), spoilt.lint(ignore=tuple(ignored))
    assert rest.counts == {rule: count for rule, count in whole.counts.items() if rule not in ignored}
    kept = spoilt.lint(select=tuple(set(RULES) - ignored)) if ignored != set(RULES) else rest
    assert (kept.counts, kept.groups) == (rest.counts, rest.groups)


def wide(count: int, parent: str) -> SourceTrace:
    """Many chats below one span, or each below the one before it, all of them failing a rule or two."""
    spans = [
        Span(
            name="chat",
            trace_id=TRACE_ID,
            span_id=f"{number + 1:016x}",
            parent_id={"chain": f"{number:016x}" if number else "", "ring": f"{number or count:016x}"}.get(
                parent, parent if number else ""
            ),
            kind=SpanKind.CLIENT,
            start_ns=10**15 + number,
            end_ns=10**15 + number,
            attributes={
                sc.OPERATION_NAME: sc.EXECUTE_TOOL,
                sc.TOOL_NAME: f"t{number}",
                "gen_ai.x": str(number),
            },
        )
        for number in range(count)
    ]
    return SourceTrace(
        trace_id=TRACE_ID, spans=tuple(SourceSpan(span=one, origin=Origin(scope="x")) for one in spans)
    )


def test_deep_wide_and_circular_traces_are_walked_once():
    """Ten thousand spans below each other, beside each other or in a ring; findings are bounded."""
    for parent in ("chain", "ring", f"{1:016x}"):
        report = lint(normalise(wide(10_000, parent)))
        assert report.counts["AL906"] == 10_000
        assert sum(one.rule == "AL906" for one in report.emitted) == 1000
        assert report.counts.get("AL705", 0) == (parent == "ring")


GIANTS = ["a" * 1_000_000, "ab-" * 300_000, "[" * 100_000, "@ " * 300_000, "A_" * 300_000, "1." * 300_000]


@pytest.mark.parametrize("value", GIANTS, ids="letters hex brackets signs variables versions".split())
def test_giants_cost_time_in_proportion(value):
    """A megabyte of anything, as a name, a key or a value, is looked through once and told in a line."""
    run = Run().set("human", {sc.AGENTOPS_HITL_APPROVER_HASH: value, sc.AGENTOPS_HITL_ACTION: value})
    run.set("chat", {sc.RESPONSE_MODEL: value, sc.OUTPUT_MESSAGES: value, value: "x"}, name=value)
    run.set("tool", {sc.TOOL_NAME: value, sc.TOOL_CALL_ARGUMENTS: value, "gen_ai." + value: value})
    report = run.lint()
    assert max(len(one.message) for one in (*report.findings, *report.emitted)) < 1000


def test_an_empty_trace_is_unknown():
    """Nothing to check is no score, and no pass."""
    report = lint(Trace())
    assert (report.score, [group.score for group in report.groups]) == (None, [None] * 9)
    assert not report
    assert lint_runs([]).runs == ()


def test_nothing_depends_on_the_seed_of_dictionaries():
    """Names in sets are sorted before they are told."""
    run = Run()
    options = [f"tool-{random.Random(number).random()}" for number in range(5)]
    run.set("chat", {sc.AGENTOPS_DECISION_OPTIONS: tuple(options)})
    (found,) = run.lint(select=("AL303",)).findings
    assert found.message.endswith(", ".join(options))
    assert found.level is Level.WARN


def test_how_spans_are_packed_does_not_matter(tmp_path):
    """One request a span checks no more, and finds no more, than all of them in one request."""
    secret = {"key": "deploy.key", "value": {"stringValue": "sk-proj-" + "a1B2" * 10}}
    spans = [
        {"traceId": TRACE_ID, "spanId": f"{number:016x}", "name": "step", "startTimeUnixNano": "1"}
        for number in range(1, 5)
    ]
    reports = []
    for name, packed in (("together", [spans]), ("alone", [[span] for span in spans])):
        path = tmp_path / f"{name}.jsonl"
        requests = [
            {"resourceSpans": [{"resource": {"attributes": [secret]}, "scopeSpans": [{"spans": held}]}]}
            for held in packed
        ]
        path.write_text("".join(json.dumps(request) + "\n" for request in requests))
        reports.append(lint_runs(map(normalise, read_traces([path], Problems())), config=LintConfig()))
    one, other = reports
    assert one.groups == other.groups
    assert one.counts == other.counts
    assert one.counts["AL801"] == 1
