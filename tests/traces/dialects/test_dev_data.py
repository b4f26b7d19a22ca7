"""What real instrumentations exported, against the truth of how it was made."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from agentops_eval.domain import StatusCode, Trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace, essential, normalise
from agentops_eval.traces.llm import Usage
from agentops_eval.traces.reading import Problems, read_traces

pytestmark = pytest.mark.skipif(
    "AGENTOPS_DEV_DATA" not in os.environ, reason="AGENTOPS_DEV_DATA names no folder"
)

CALLS = [("call_w1", "get_weather", {"city": "Paris"}), ("call_a1", "add", {"a": 2, "b": 3})]
RESULTS = [{"city": "Paris", "temp_c": 21}, 5]
ANSWER = "It is 21C in Paris and 2+3=5."
OPENAI = Usage(input_tokens=160, output_tokens=45, cache_read_tokens=32, reasoning_tokens=8)
NO_REASONING = Usage(input_tokens=160, output_tokens=45, cache_read_tokens=32)
ANTHROPIC = Usage(input_tokens=202, output_tokens=45, cache_read_tokens=32, cache_creation_tokens=10)
UNKNOWN = Usage()

# Per file: what each run used, in the order of the runs; the dialects of its spans; spans that repeat others.
FILES = {
    "openai-genai": ([OPENAI, OPENAI], {"genai", "unknown"}, 0),
    "openai_agents-genai": ([OPENAI, UNKNOWN], {"genai"}, 0),
    "anthropic-traceloop": ([ANTHROPIC, ANTHROPIC], {"openllmetry-0.62", "anthropic-sdk", "unknown"}, 4),
    "langgraph-openinference": ([OPENAI, OPENAI], {"openinference"}, 0),
    "pydanticai-native-v5": ([OPENAI, OPENAI, OPENAI], {"pydantic-ai"}, 0),
    "strands-native": ([NO_REASONING], {"strands"}, 0),
    "openai-traceloop_0.40": ([NO_REASONING, UNKNOWN], {"openllmetry-0.40", "unknown"}, 0),
}
WITHOUT_TOOL_SPANS = {"openai-genai", "anthropic-traceloop", "openai-traceloop_0.40"}
every = pytest.mark.parametrize("name", FILES)


def normal_traces(*stems: str) -> list[NormalTrace]:
    folder = Path(os.environ["AGENTOPS_DEV_DATA"]) / "otel-traces"
    found = [path for stem in stems for path in (folder / f"{stem}.jsonl", folder / f"{stem}.logs.jsonl")]
    problems = Problems()
    traces = [normalise(trace) for trace in read_traces([path for path in found if path.exists()], problems)]
    assert problems.kept == []
    return traces


def chats(trace: Trace) -> list[dict[str, object]]:
    return [dict(span.attributes) for span in trace if span.attributes.get(sc.OPERATION_NAME) == "chat"]


def runs(name: str) -> list[NormalTrace]:
    """The traces that are runs of the whole question: two llm calls, the first asks for two tools."""
    found = [one for one in normal_traces(name) if len(chats(one.trace)) == 2]
    return [one for one in found if str(chats(one.trace)[0][sc.OUTPUT_MESSAGES]).count('"tool_call"') == 2]


@every
def test_tokens_are_those_that_were_used(name):
    """Each call counts once, also where two spans tell it, and usage that was not told is unknown."""
    assert [normal.usage for normal in runs(name)] == FILES[name][0]


@every
def test_the_llm_asked_for_the_tools_and_answered(name):
    """Models, finish reasons, calls and answer are those of the script."""
    for normal in runs(name):
        first, last = chats(normal.trace)
        dated = {"anthropic-traceloop": "claude-fake-20260101", "strands-native": None}
        llm = "claude-fake" if name.startswith("anthropic") else "gpt-fake"
        assert (first[sc.REQUEST_MODEL], last[sc.REQUEST_MODEL]) == (llm, llm)
        assert {one.get(sc.RESPONSE_MODEL) for one in (first, last)} == {
            dated.get(name, "gpt-fake-2026-01-01")
        }
        assert (first[sc.RESPONSE_FINISH_REASONS], last[sc.RESPONSE_FINISH_REASONS]) == (
            ("tool_call",),
            ("stop",),
        )
        (asked,), (said,) = (json.loads(str(one[sc.OUTPUT_MESSAGES])) for one in (first, last))
        assert [(part["id"], part["name"], part["arguments"]) for part in asked["parts"]] == CALLS
        assert [part["content"].strip() for part in said["parts"]] == [ANSWER]
        history = json.loads(str(last[sc.INPUT_MESSAGES]))
        assert [message["role"] for message in history] == ["user", "assistant", "tool", "tool"]
        assert [message["parts"][0]["response"] for message in history[2:]] == RESULTS


@every
def test_tools_were_executed_in_order(name):
    """Every tool span has the id of its call, its arguments and its result, whoever left one of them out."""
    for normal in runs(name):
        tools = [
            span.attributes
            for span in normal.trace
            if span.attributes.get(sc.OPERATION_NAME) == "execute_tool"
        ]
        told = [
            (t[sc.TOOL_CALL_ID], t[sc.TOOL_NAME], json.loads(str(t[sc.TOOL_CALL_ARGUMENTS]))) for t in tools
        ]
        assert told == ([] if name in WITHOUT_TOOL_SPANS else CALLS)
        assert [json.loads(str(t[sc.TOOL_CALL_RESULT])) for t in tools] == ([] if not told else RESULTS)


@every
def test_runs_are_comparable_across_dialects(name):
    """Agents, llm calls and tools in one order, without nodes, cycles, workflows and repetitions."""
    for normal in runs(name):
        trace = essential(normal)
        agents = [span for span in trace if span.name.startswith("invoke_agent")]
        middle = [] if name in WITHOUT_TOOL_SPANS else ["execute_tool get_weather", "execute_tool add"]
        llm = "chat claude-fake" if name.startswith("anthropic") else "chat gpt-fake"
        assert [span.name for span in trace if span not in agents] == [llm, *middle, llm]
        assert len(agents) == (0 if name in WITHOUT_TOOL_SPANS else 1)
        assert all(str(agent.attributes[sc.AGENT_NAME]).startswith("weather_agent") for agent in agents)


@every
def test_every_span_is_understood(name):
    """Each span has the dialect of its sender, and no attribute of the files is left unread."""
    normals = normal_traces(name)
    assert {dialect for one in normals for dialect in one.dialects.values()} == FILES[name][1]
    assert sum(len(one.duplicates) for one in normals) == FILES[name][2]
    assert {key for one in normals for keys in one.unmapped.values() for key in keys} == set()


def test_failures_are_told():
    """A refused call has an error and no usage, a failing tool an error type."""
    for name in ("openai-genai", "openai-traceloop_0.40"):
        spans = [span for one in normal_traces(name) for span in one.trace if span.name == "chat gpt-err429"]
        assert [span.status for span in spans] == [StatusCode.ERROR]
        assert sc.USAGE_INPUT_TOKENS not in spans[0].attributes
    supervisor = next(one for one in normal_traces("openai_agents-genai") if len(one.trace) == 5)
    (tool,) = (span for span in supervisor.trace if span.name == "execute_tool get_weather")
    assert (tool.status, tool.attributes[sc.ERROR_TYPE]) == (StatusCode.ERROR, "_OTHER")
    assert (tool.attributes[sc.TOOL_CALL_ID], supervisor.usage) == ("call_w1", OPENAI)


def test_single_calls_and_embeddings_are_counted():
    """Embeddings have input only; a call alone is a trace of its own."""
    for name in ("openai-genai", "openai-traceloop_0.40"):
        counted = [
            one.usage for one in normal_traces(name) if one.trace.spans[0].name == "embeddings emb-fake"
        ]
        assert [(usage.input_tokens, usage.output_tokens) for usage in counted] == [(3, None)]


def test_both_sides_of_mcp_are_one_call_each():
    """The files of client and server together hold three tool calls, the last of which failed."""
    normals = normal_traces("mcp-native-client", "mcp-native-server")
    assert sorted(len(one.sources) for one in normals) == [1, 2, 9]
    whole = max(normals, key=lambda one: len(one.sources))
    tools = essential(whole)
    assert tools.tool_names == ("get_weather", "add", "boom")
    assert [span.attributes.get(sc.ERROR_TYPE) for span in tools] == [None, None, "tool_error"]
    assert len(whole.duplicates) == 3
    assert Counter(dialect for one in normals for dialect in one.dialects.values()) == {
        "mcp": 11,
        "unknown": 1,
    }
