"""One run in every dialect is one run to the diff, but for what a dialect does not tell, or tells besides."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentops_eval.traces import golden_bytes, read_golden, write_golden
from agentops_eval.traces.dialects import essential, normalise
from agentops_eval.traces.diff import Kind, Op, diff
from agentops_eval.traces.redaction import Redactor
from tests.traces.dialects import _runs as r
from tests.traces.dialects.test_table import RUNS

LESS_USAGE = {"tokens read from cache": Op.REMOVED, "tokens for reasoning": Op.REMOVED}
AGENTS_OWN = {"input": Op.ADDED, "history": Op.ADDED}  # the agent's span repeats the conversation

# By dialect: each field that differs from the run in the current conventions, and how. None more, none less.
DECLARED: dict[str, dict[str, Op]] = {
    "genai": {},
    "genai-events": LESS_USAGE,
    "openllmetry-0.40": {"tools": Op.ADDED},
    "openllmetry-0.62": {},
    "agent-attributes": {
        **LESS_USAGE,
        "agentops.confidence": Op.ADDED,
        "agentops.cost.currency": Op.ADDED,
        "answered by": Op.REMOVED,
        "history": Op.REMOVED,
        "input": Op.REMOVED,
        "system": Op.REMOVED,
    },
    "langsmith": {**LESS_USAGE, "answered by": Op.REMOVED, "finish reasons": Op.REMOVED},
    "openinference": {"temperature": Op.ADDED, "tools": Op.ADDED},
    "pydantic-ai": {**AGENTS_OWN, "answer": Op.ADDED},
    "pydantic-ai v1": {**AGENTS_OWN, "llm": Op.ADDED, "system": Op.ADDED, "finish reasons": Op.REMOVED},
    "logfire": {"tools": Op.ADDED, "finish reasons": Op.REMOVED},
    "agent-framework": {"server.address": Op.ADDED},
    "strands": {
        **AGENTS_OWN,
        "system": Op.ADDED,
        "answered by": Op.REMOVED,
        "provider": Op.REMOVED,
        "tokens for reasoning": Op.REMOVED,
    },
    "google-adk": {"provider": Op.REMOVED},
}
every = pytest.mark.parametrize("name", RUNS)


@every
def test_the_diff_tells_only_what_is_declared(name: str) -> None:
    """No step is added, removed or moved, no value is another: fields are only there or not there."""
    found = diff(essential(normalise(r.genai())), essential(normalise(RUNS[name][0]())))
    assert not {Kind.ADDED, Kind.REMOVED, Kind.MOVED} & set(found.counts)
    changes = {change.field: change.op for step in found.steps for change in step.changes}
    assert changes == DECLARED[name]


@every
def test_a_run_equals_the_golden_made_of_it(name: str, tmp_path: Path) -> None:
    """Written and read back, nothing of what the agent did has changed; done twice, not a byte."""
    trace = essential(normalise(RUNS[name][0]()))
    path = tmp_path / "g.otlp.jsonl"
    write_golden(path, trace, redactor=Redactor())
    again = read_golden(path).trace
    assert not diff(trace, again)
    assert golden_bytes(again) == path.read_bytes()
