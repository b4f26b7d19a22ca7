"""How the spans of a trace stand does not follow from how a file has them."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.traces import golden_bytes, synthesise
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace, essential, normalise
from agentops_eval.traces.reading import Problems, read_traces
from tests.examples import examples

TRACE_ID = "a" * 32
AGENT, LLM, TOOL = sc.INVOKE_AGENT, sc.CHAT, sc.EXECUTE_TOOL


def attribute(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}


@st.composite
def exported(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Spans that often begin and end at the same instant."""
    spans: list[dict[str, Any]] = []
    for number in range(1, draw(st.integers(2, 8)) + 1):
        kind = AGENT if number == 1 else draw(st.sampled_from([AGENT, LLM, TOOL, TOOL]))
        start = 1_700_000_000_000_000_000 + draw(st.integers(0, 2)) * 10**9
        end = start + draw(st.integers(0, 2)) * 10**9
        name = draw(st.sampled_from(["look", "pay"]))
        told = [attribute(sc.OPERATION_NAME, kind), attribute(sc.TOOL_NAME, name)]
        told.append(attribute(sc.TOOL_CALL_ARGUMENTS, json.dumps({"number": number})))
        made = {"traceId": TRACE_ID, "spanId": f"{number:016x}", "name": f"{kind} {name}"}
        if number > 1:
            made["parentSpanId"] = f"{draw(st.integers(1, number - 1)):016x}"
        times = {"startTimeUnixNano": str(start), "endTimeUnixNano": str(end)}
        spans.append({**made, **times, "attributes": told})
    return spans


def read(spans: list[dict[str, Any]]) -> NormalTrace:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.jsonl")
        requests = [{"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]} for span in spans]
        path.write_text("".join(json.dumps(request) + "\n" for request in requests))
        (found,) = read_traces([path], Problems())
        return normalise(found)


@examples(150)
@given(exported(), st.randoms(use_true_random=False))
def test_a_shuffled_export_is_the_same_run(spans: list[dict[str, Any]], chance: random.Random) -> None:
    """Its golden has the same bytes, and its calls the same order, also where times are equal."""
    one = read(spans)
    shuffled = [*spans]
    chance.shuffle(shuffled)
    other = read(shuffled)
    assert golden_bytes(essential(one)) == golden_bytes(essential(other))
    assert synthesise(one).events == synthesise(other).events


def test_spans_without_times_stand_as_the_file_has_them() -> None:
    """Nothing else tells their order."""
    told = [attribute(sc.OPERATION_NAME, TOOL)]
    spans = [
        {"traceId": TRACE_ID, "spanId": f"{number:016x}", "name": f"step {number}", "attributes": told}
        for number in (3, 1, 2)
    ]
    assert [int(span.span_id) for span in read(spans).trace] == [3, 1, 2]


def test_a_time_before_the_epoch_is_no_real_time() -> None:
    """It is as unknown as that of a golden."""
    assert (sc.is_logical(-1), sc.is_logical(0), sc.is_logical(10**18)) == (True, True, False)
