"""One run in every dialect: what comes out is the same, as far as the dialect tells it."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from agentops_eval.domain import SpanKind
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import essential, normalise
from agentops_eval.traces.llm import Usage
from tests.traces.dialects import _kit as k
from tests.traces.dialects import _runs as r
from tests.traces.dialects import _runs_frameworks as f

PARTS = {"tool_call", "stop"}


@dataclass(frozen=True)
class Told:
    """What a dialect leaves out of the run."""

    cached: bool = True
    reasoned: bool = True
    dated: bool = True
    finished: bool = True
    provider: str | None = "openai"


RUNS = {
    "genai": (r.genai, Told()),
    "genai-events": (r.genai_events, Told(cached=False, reasoned=False)),
    "openllmetry-0.40": (r.openllmetry_040, Told()),
    "openllmetry-0.62": (r.openllmetry_062, Told()),
    "agent-attributes": (r.agent_attributes, Told(cached=False, reasoned=False, dated=False)),
    "langsmith": (r.langsmith, Told(cached=False, reasoned=False, dated=False, finished=False)),
    "openinference": (f.openinference, Told()),
    "pydantic-ai": (f.pydantic_ai_v5, Told()),
    "pydantic-ai v1": (f.pydantic_ai_v1, Told(finished=False)),
    "logfire": (f.logfire, Told(finished=False)),
    "agent-framework": (f.agent_framework, Told()),
    "strands": (f.strands, Told(reasoned=False, dated=False, provider=None)),
    "google-adk": (f.google_adk, Told(provider=None)),
}
every = pytest.mark.parametrize(("name", "build", "told"), [(n, *row) for n, row in RUNS.items()], ids=RUNS)


@every
def test_the_same_run_gives_the_same_spans(name, build, told):
    """Whatever wraps it, the run is an agent that asks, calls two tools, and asks again."""
    trace = essential(normalise(build()))
    assert [span.name for span in trace] == [
        f"invoke_agent {k.AGENT}",
        f"chat {k.LLM}",
        "execute_tool find_order",
        "execute_tool price",
        f"chat {k.LLM}",
    ]
    agent, *calls = trace
    assert [span.parent_id for span in calls] == [agent.span_id] * 4
    assert [span.kind for span in trace] == [
        SpanKind[one] for one in "INTERNAL CLIENT INTERNAL INTERNAL CLIENT".split()
    ]
    assert agent.attributes[sc.AGENT_NAME] == k.AGENT


@every
def test_tools_have_ids_arguments_and_results(name, build, told):
    """An execution has the id of the call it answers, its arguments as an object, its result as JSON."""
    tools = [span for span in normalise(build()).trace if span.attributes.get(sc.TOOL_NAME)]
    assert [
        (
            span.attributes[sc.TOOL_CALL_ID],
            span.attributes[sc.TOOL_NAME],
            json.loads(span.attributes[sc.TOOL_CALL_ARGUMENTS]),
        )
        for span in tools
    ] == list(k.CALLS)
    assert [json.loads(span.attributes[sc.TOOL_CALL_RESULT]) for span in tools] == list(k.RESULTS)


@every
def test_llm_calls_are_told_alike(name, build, told):
    """Who answered, why it ended, and what was said, in one spelling."""
    chats = [span.attributes for span in normalise(build()).trace if span.name == f"chat {k.LLM}"]
    assert [chat.get(sc.PROVIDER_NAME) for chat in chats] == [told.provider] * 2
    assert [chat[sc.REQUEST_MODEL] for chat in chats] == [k.LLM] * 2
    assert [chat.get(sc.RESPONSE_MODEL) for chat in chats] == [k.DATED if told.dated else None] * 2
    reasons = [("tool_call",), ("stop",)] if told.finished else [None, None]
    assert [chat.get(sc.RESPONSE_FINISH_REASONS) for chat in chats] == reasons
    assert [json.loads(chat[sc.OUTPUT_MESSAGES]) for chat in chats] == [
        [{"role": "assistant", "parts": k.CALL_PARTS}],
        [{"role": "assistant", "parts": [k.text(k.ANSWER)]}],
    ]
    if sc.INPUT_MESSAGES in chats[0]:
        assert json.loads(chats[0][sc.INPUT_MESSAGES]) == k.ASKED_PARTS
    assert json.loads(chats[0].get(sc.SYSTEM_INSTRUCTIONS, "[]")) in ([], [k.text(k.SYSTEM)])


@every
def test_tokens_are_counted_once(name, build, told):
    """Totals that agents repeat do not count, and cached tokens are part of the input."""
    normal = normalise(build())
    assert normal.usage == Usage(
        input_tokens=sum(k.INPUT),
        output_tokens=sum(k.OUTPUT),
        cache_read_tokens=2 * k.CACHED if told.cached else None,
        reasoning_tokens=2 * k.REASONED if told.reasoned else None,
    )
    others = [span for span in normal.trace if not span.name.startswith("chat")]
    assert not [key for span in others for key in span.attributes if "usage" in key]


@every
def test_usage_that_nobody_told_is_unknown(name, build, told):
    """No counts are no counts, and not 0."""
    assert normalise(build(told=False)).usage == Usage()


@every
def test_every_span_names_its_dialect_and_loses_nothing_unseen(name, build, told):
    """Each attribute is read, dropped by a rule, or listed as unmapped; the sources stay at hand."""
    source = build()
    normal = normalise(source)
    assert name.split()[0] in set(normal.dialects.values())
    assert list(normal.sources.values()) == sorted(
        source.spans, key=lambda one: list(normal.sources).index(one.span.span_id)
    )
    assert {key for keys in normal.unmapped.values() for key in keys} <= {"tools"}
