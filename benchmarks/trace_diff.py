"""The diff of two traces of 10,000 spans: ours against plain DeepDiff on the same pair."""

from __future__ import annotations

import gc
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import log2

import deepdiff
from deepdiff import DeepDiff

from agentops_eval.domain import Span, Trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.diff import diff
from agentops_eval.traces.diff._align import align
from agentops_eval.traces.diff._forest import forest_of
from agentops_eval.traces.diff._text import summary
from benchmarks._rows import Row, at_most

IDS = ("trace.diff_10k",)
SPANS = 10_000
PER_AGENT = 20
EDITED = 0.1
REPEATS = 5
SAMPLE = 1_000


def rows() -> Iterator[Row]:
    """Measure the alignment, the whole diff, and DeepDiff on the same spans as plain lists."""
    baseline = trace_of(SPANS, random.Random(7))
    candidate = edited(baseline, EDITED, random.Random(8))
    forests = forest_of(baseline), forest_of(baseline), forest_of(candidate)
    equal = _median(lambda: align(*forests[:2]))
    alone = _median(lambda: align(forests[0], forests[2]))
    whole = _median(lambda: diff(baseline, candidate))
    one, other = _plain(baseline), _plain(candidate)
    in_order = _median(lambda: DeepDiff(one, other), repeats=3)
    reported = sum(len(found) for found in DeepDiff(one, other).values())
    half, part = (_median(lambda n=n: _unordered(one, other, n), repeats=1) for n in (SAMPLE // 2, SAMPLE))  # type: ignore[misc]
    estimate = part * (SPANS / SAMPLE) ** max(1.0, log2(part / half))
    goal, met = at_most(1.0, alone, " s")
    yield Row(
        id="trace.diff_10k",
        what=(
            f"CPU s to align {len(baseline)} spans with {len(candidate)}, {EDITED:.0%} of the calls removed, "
            f"inserted or changed; told: {summary(diff(baseline, candidate))}"
        ),
        n=SPANS,
        settings=(
            f"ours: median of {REPEATS}; equal traces {equal:.2f} s; with both traces read and all changes "
            f"explained {whole:.2f} s. other: deepdiff {deepdiff.__version__}, lists of spans in order, "
            f"reports {reported} changes; with ignore_order=True {part:.1f} s for {SAMPLE} spans, "
            f"ESTIMATE for all {estimate:.0f} s, by its growth from {SAMPLE // 2} to {SAMPLE}"
        ),
        ours=alone,
        other=in_order,
        ratio=alone,
        goal=goal,
        met=met,
    )


def trace_of(count: int, rng: random.Random) -> Trace:
    """Agents below a root, each with tool calls of five names."""
    spans = [_agent("root", "")]
    for number in range(count - 1):
        if number % PER_AGENT == 0:
            spans.append(_agent(f"agent-{number}", "root"))
        else:
            spans.append(_tool(f"call-{number}", rng.randrange(5), number % 997, spans))
    return Trace(spans=tuple(spans))


def edited(trace: Trace, share: float, rng: random.Random) -> Trace:
    """The trace with a share of its tool calls removed, doubled by a new one, or answered differently."""
    spans: list[Span] = []
    for number, span in enumerate(trace.spans):
        edit = rng.randrange(3) if span.span_id.startswith("call") and rng.random() < share else None
        if edit != 0:
            result = {sc.TOOL_CALL_RESULT: json.dumps({"state": f"other {number}"}, separators=(",", ":"))}
            spans.append(replace(span, attributes={**span.attributes, **result}) if edit == 1 else span)
        if edit == 2:
            new = _tool(f"new-{number}", rng.randrange(5), SPANS + number, spans)
            spans.append(replace(new, parent_id=span.parent_id))
    return Trace(spans=tuple(spans))


def _agent(span_id: str, parent: str) -> Span:
    return Span(
        name="invoke_agent worker",
        trace_id="0",
        span_id=span_id,
        parent_id=parent,
        attributes={sc.OPERATION_NAME: sc.INVOKE_AGENT, sc.AGENT_NAME: "worker"},
    )


def _tool(span_id: str, name: int, order: int, before: list[Span]) -> Span:
    parent = before[-1].span_id if before[-1].span_id.startswith("agent") else before[-1].parent_id
    return Span(
        name=f"execute_tool tool-{name}",
        trace_id="0",
        span_id=span_id,
        parent_id=parent,
        attributes={
            sc.OPERATION_NAME: sc.EXECUTE_TOOL,
            sc.TOOL_NAME: f"tool-{name}",
            sc.TOOL_CALL_ARGUMENTS: json.dumps({"order": order, "lines": [1, 2]}, separators=(",", ":")),
            sc.TOOL_CALL_RESULT: '{"state":"sent"}',
        },
    )


def _plain(trace: Trace) -> list[object]:
    return [[span.name, dict(span.attributes)] for span in trace.spans]


def _unordered(one: list[object], other: list[object], count: int) -> DeepDiff:
    return DeepDiff(one[:count], other[:count], ignore_order=True)


def _median(work: Callable[[], object], *, repeats: int = REPEATS) -> float:
    times = []
    for _ in range(repeats):
        gc.collect()
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)
