"""Lint of runs with 10,000 spans together, read and normalised before; beside it what reading takes."""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Iterator

from agentops_eval.domain import Span, SpanKind
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace, normalise
from agentops_eval.traces.lint import RULES, lint_runs
from agentops_eval.traces.reading import Origin, SourceSpan, SourceTrace
from benchmarks._rows import Row

IDS = ("trace.lint",)
SPANS = 10_000
TURNS = 12
PER_RUN = 2 * TURNS + 1
REPEATS = 5
GOAL = 5_000
_MS = 1_000_000
_DAY_NS = 86_400 * 1_000 * _MS


PLAIN = "I will look that up for you."
NAMING_SECRETS = "Your password, the access token and the api_key stay secret."


def rows() -> Iterator[Row]:
    """Measure lint alone, and what it takes to normalise the same runs."""
    runs = [run_of(number) for number in range(SPANS // PER_RUN)]
    spans = sum(len(run.spans) for run in runs)
    normal = [normalise(run) for run in runs]
    report = lint_runs(normal)
    times = _times(normal, REPEATS)
    naming = [normalise(run_of(number, said=NAMING_SECRETS)) for number in range(len(runs) // 4)]
    worst = sum(len(run.trace) for run in naming) / statistics.median(_times(naming, 3))
    start = time.process_time()
    for run in runs:
        normalise(run)
    normalised = time.process_time() - start
    ours = spans / statistics.median(times)
    checks = sum(group.checks for group in report.groups)
    yield Row(
        id="trace.lint",
        what=f"spans per CPU s that lint checks: {len(runs)} runs of {PER_RUN} spans, content captured",
        n=spans,
        settings=(
            f"ours: median of {REPEATS}, slowest {spans / max(times):.0f}; {len(RULES)} rules with secrets, "
            f"{checks} checks that count, {sum(report.counts.values())} findings. "
            f"{worst:.0f}/s where every answer speaks of passwords and tokens. "
            f"other: normalise on the same spans, once"
        ),
        ours=ours,
        other=spans / normalised,
        ratio=ours,
        goal=f">= {GOAL}/s",
        met=ours >= GOAL,
    )


def _times(runs: list[NormalTrace], repeats: int) -> list[float]:
    times = []
    for _ in range(repeats):
        gc.collect()
        start = time.process_time()
        lint_runs(runs)
        times.append(time.process_time() - start)
    return times


def run_of(number: int, *, said: str = PLAIN) -> SourceTrace:
    """An agent that asks an llm and calls a tool, twelve times; each chat repeats all that was said."""
    trace_id = f"{number + 1:032x}"
    history: list[object] = [
        {"role": "user", "parts": [_text(f"Look after the orders of customer {number}.")]}
    ]
    spans = [
        Span(
            name="invoke_agent desk",
            trace_id=trace_id,
            span_id=f"{number + 1:08x}{1:08x}",
            start_ns=_DAY_NS,
            end_ns=_DAY_NS + 1_000 * _MS,
            attributes={sc.OPERATION_NAME: sc.INVOKE_AGENT, sc.AGENT_NAME: "desk"},
        )
    ]
    for turn in range(TURNS):
        spans += _turn(spans[0], turn, history, said)
    origin = Origin(resource={sc.SERVICE_NAME: "shop"}, scope="bench")
    sources = tuple(SourceSpan(span=span, origin=origin) for span in spans)
    return SourceTrace(trace_id=trace_id, spans=sources)


def _turn(root: Span, turn: int, history: list[object], said: str) -> list[Span]:
    call_id, arguments = f"call_{turn}", {"order": 1000 + turn, "reason": "the customer asked for it"}
    call = {"type": "tool_call", "id": call_id, "name": "find_order", "arguments": arguments}
    answer = {"role": "assistant", "parts": [_text(said), call]}
    asked = json.dumps(history)
    told = {"state": "sent", "lines": [{"sku": f"A-{n}", "count": n} for n in range(5)]}
    result = {"type": "tool_call_response", "id": call_id, "response": json.dumps(told)}
    history += [answer, {"role": "tool", "parts": [result]}]
    start = root.start_ns + turn * 50 * _MS
    chat = {
        sc.OPERATION_NAME: sc.CHAT,
        sc.PROVIDER_NAME: "openai",
        sc.REQUEST_MODEL: "large",
        sc.RESPONSE_MODEL: "large-2026-01-01",
        sc.RESPONSE_ID: f"r-{root.trace_id}-{turn}",
        sc.RESPONSE_FINISH_REASONS: ("tool_call",),
        sc.USAGE_INPUT_TOKENS: 100 + 40 * turn,
        sc.USAGE_OUTPUT_TOKENS: 30,
        sc.INPUT_MESSAGES: asked,
        sc.OUTPUT_MESSAGES: json.dumps([answer]),
    }
    tool = {
        sc.OPERATION_NAME: sc.EXECUTE_TOOL,
        sc.TOOL_NAME: "find_order",
        sc.TOOL_CALL_ID: call_id,
        sc.TOOL_CALL_ARGUMENTS: json.dumps(arguments),
        sc.TOOL_CALL_RESULT: json.dumps(told),
    }
    return [
        _span(root, 2 * turn + 2, "chat large", SpanKind.CLIENT, start, chat),
        _span(root, 2 * turn + 3, "execute_tool find_order", SpanKind.INTERNAL, start + 30 * _MS, tool),
    ]


def _span(
    root: Span, number: int, name: str, kind: SpanKind, start_ns: int, attributes: dict[str, object]
) -> Span:
    return Span(
        name=name,
        trace_id=root.trace_id,
        span_id=f"{root.span_id[:8]}{number:08x}",
        parent_id=root.span_id,
        kind=kind,
        start_ns=start_ns,
        end_ns=start_ns + 20 * _MS,
        attributes=attributes,  # type: ignore[arg-type]
    )


def _text(content: str) -> dict[str, str]:
    return {"type": "text", "content": content}
