"""Runs are read from goldens, recordings and exports alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentops_eval.domain import Span, Trace, TraceUnreadable
from agentops_eval.harness import read_recorded, read_runs
from agentops_eval.traces import canonical, golden_bytes, read_golden
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace, normal_of
from agentops_eval.traces.reading import Problems

KEPT = Path(__file__).resolve().parents[2] / "golden_traces/tests/demo/test_goldens"
GOLDENS = sorted(KEPT.glob("*.otlp.jsonl"))
VCR = """
interactions:
- request: {method: GET, uri: 'https://shop.test/orders/7', headers: {}, body: null}
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: '{"state": "sent"}'}}
version: 1
"""


def _but_messages(span: Span) -> dict[str, object]:
    return {key: value for key, value in span.attributes.items() if key not in sc.MESSAGE_KEYS}


def _only(path: Path) -> NormalTrace:
    problems = Problems()
    (run,) = read_runs([path], problems)
    assert problems.count == 0
    return run


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda path: path.name)
def test_a_golden_is_read_as_itself(golden: Path) -> None:
    """Nothing of a golden is lost or left unread; only its messages are spelt as in any other trace."""
    run, trace = _only(golden), read_golden(golden).trace
    assert [_but_messages(span) for span in run.trace] == [_but_messages(span) for span in trace]
    assert [span.name for span in run.trace] == [span.name for span in trace]
    assert not any(run.unmapped.values())
    assert all(sc.is_logical(span.start_ns) for span in run.trace)


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda path: path.name)
def test_a_recording_gives_its_golden_with_the_times_of_the_run(golden: Path) -> None:
    """Times and response ids are the recorded run's; everything else is as in the golden beside it."""
    recording = golden.with_name(golden.name.replace(".otlp.jsonl", ".cassette.jsonl"))
    run = _only(recording)
    assert golden_bytes(canonical(read_recorded(recording).timed)) == golden.read_bytes()
    root = run.trace.spans[0]
    assert not sc.is_logical(root.start_ns)
    assert all(root.start_ns <= span.start_ns and span.end_ns <= root.end_ns for span in run.trace)
    assert any(sc.RESPONSE_ID in span.attributes for span in run.trace)


def test_a_cassette_of_vcrpy_is_a_run(tmp_path: Path) -> None:
    """Its calls are spans, in YAML and in JSON; its times are unknown."""
    path = tmp_path / "orders.yaml"
    path.write_text(VCR)
    run = _only(path)
    assert [span.name for span in run.trace][1:] == ["GET /orders/7"]
    assert all(sc.is_logical(span.start_ns) for span in run.trace)


def test_files_of_all_kinds_are_read_in_one_go(tmp_path: Path) -> None:
    """Goldens and recordings come as they are named; exports, which may belong together, at the end."""
    export = tmp_path / "export.jsonl"
    export.write_text(json.dumps([json.loads(line) for line in GOLDENS[0].read_text().splitlines()]))
    runs = list(read_runs([export, GOLDENS[1]], Problems()))
    roots = [run.trace.spans[0] for run in runs]
    assert [root.trace_id for root in roots] == [
        read_golden(golden).trace.spans[0].trace_id for golden in (GOLDENS[1], GOLDENS[0])
    ]


def test_a_file_without_a_run_is_an_error(tmp_path: Path) -> None:
    """What holds nothing is refused by name."""
    path = tmp_path / "notes.txt"
    path.write_text("nothing here\n")
    with pytest.raises(TraceUnreadable) as failed:
        list(read_runs([path], Problems()))
    assert str(path) in failed.value.where


def test_an_empty_trace_is_a_run_without_spans() -> None:
    """Nothing is made up for a trace that holds nothing."""
    assert len(normal_of(Trace()).trace) == 0
