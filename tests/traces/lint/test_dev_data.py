"""Lint of what real instrumentations exported: how it is written, and what is amiss."""

from __future__ import annotations

import os

import pytest

from agentops_eval.domain import Level
from agentops_eval.traces.lint import LintReport, lint_runs
from tests.traces.dialects.test_dev_data import FILES, normal_traces

pytestmark = pytest.mark.skipif(
    "AGENTOPS_DEV_DATA" not in os.environ, reason="AGENTOPS_DEV_DATA names no folder"
)

# Per file: spans as the conventions say, of how many; rules that its spans break as emitted; warnings.
EMITTED = {
    "openai-genai": (7, 7, set(), {"AL202"}),
    "openai_agents-genai": (10, 17, {"AL902"}, {"AL106", "AL107"}),
    "anthropic-traceloop": (0, 8, {"AL902", "AL903", "AL906"}, {"AL202"}),
    "langgraph-openinference": (0, 10, {"AL901"}, set()),
    "pydanticai-native-v5": (0, 15, {"AL906", "AL907"}, set()),
    "strands-native": (0, 7, {"AL901", "AL902", "AL903", "AL906", "AL907"}, {"AL102", "AL104"}),
    "openai-traceloop_0.40": (0, 6, {"AL901", "AL906", "AL907"}, {"AL106", "AL107", "AL113", "AL202"}),
}


def report(*names: str) -> LintReport:
    return lint_runs(normal_traces(*names), price=lambda _: None)


def test_every_sample_is_covered():
    """The table has each file of a single process."""
    assert set(EMITTED) == set(FILES)


@pytest.mark.parametrize("name", EMITTED)
def test_how_a_sample_is_written_and_what_it_lacks(name):
    """As emitted and as a trace; nobody's sample holds an error."""
    found = report(name)
    conforming, emitting, emitted, warnings = EMITTED[name]
    assert (found.conforming, found.emitting) == (conforming, emitting)
    assert {one.rule for one in found.emitted} == emitted
    assert {one.rule for one in found.findings if one.level is Level.WARN} == warnings
    assert found
    assert found.score is not None


def test_two_sides_of_mcp_hang_together():
    """Client and server are one trace without orphans; the server alone serves callers that are elsewhere."""
    whole, alone = report("mcp-native-client", "mcp-native-server"), report("mcp-native-server")
    for one in (whole, alone):
        assert one
        assert one.counts.keys().isdisjoint({"AL701", "AL702", "AL711"})


def test_a_call_that_two_spans_tell_is_noted():
    """The provider's own client and an instrumentation around it: four calls, each told twice."""
    assert report("anthropic-traceloop").counts["AL506"] == 4
