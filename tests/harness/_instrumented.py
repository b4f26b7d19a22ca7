"""An agent with spans by hand, in the conventions' words, around real SDK clients and a tool of ours."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anthropic
import openai
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agentops_eval import Settings, handoff, tool
from agentops_eval.testing import CallTools, Fail, LlmServer, Rule, Say, ToolUse
from agentops_eval.traces import canonical, golden_bytes

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from agentops_eval.traces.dialects import NormalTrace

COLLECTING = replace(Settings(), capture=True)
ORDERED = Rule(
    when=lambda told: told.answer("get_order") is None,
    then=CallTools([ToolUse("get_order", {"order": 1042})]),
)
RULES = [ORDERED, Rule(then=Say("It is refunded."))]
ASK = "Order 1042 arrived broken."
SCHEMA = {"type": "object", "properties": {"order": {"type": "integer"}}}


@functools.cache
def global_exporter() -> InMemorySpanExporter:
    """What the process's own provider exports; one that is set already is used."""
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


def own_provider() -> tuple[TracerProvider, InMemorySpanExporter]:
    """A provider that nobody set."""
    provider, exporter = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider, exporter


def tracer() -> Tracer:
    return own_provider()[0].get_tracer("acme.agents")


@tool
def get_order(order: int) -> str:
    """Look an order up; what happens in here is not replayed."""
    with trace.get_tracer("acme.database").start_as_current_span("SELECT"):
        return f"order {order}: broken"


def attributes(operation: str, **more: Any) -> dict[str, Any]:
    """Attributes of the conventions; double underscores are dots."""
    found = {f"gen_ai.{key.replace('__', '.')}": value for key, value in more.items()}
    return {"gen_ai.operation.name": operation, **found}


def execute(spans: Tracer, name: str, given: dict[str, Any], call_id: str) -> str:
    told = attributes("execute_tool", tool__name=name, tool__call__id=call_id)
    with spans.start_as_current_span(f"execute_tool {name}", attributes=told):
        return get_order(**given)


def with_anthropic(url: str, spans: Tracer, *, instrumented: bool = True, retries: int = 0) -> str:
    """Two turns with a tool in between, each under spans of the agent's own."""
    with anthropic.Anthropic(base_url=url, api_key="unused", max_retries=retries) as client:
        return _converse(client, spans, instrumented=instrumented)


def _converse(client: anthropic.Anthropic, spans: Tracer, *, instrumented: bool) -> str:
    tools: Any = [{"name": "get_order", "description": "d", "input_schema": SCHEMA}]
    messages: list[Any] = [{"role": "user", "content": ASK}]
    with spans.start_as_current_span("run", attributes=attributes("invoke_agent", agent__name="desk")):
        with spans.start_as_current_span("plan", attributes=attributes("plan", agent__name="desk")):
            pass
        while True:
            asked: Any = {"model": "m", "max_tokens": 99, "messages": messages, "tools": tools}
            if instrumented:
                told = attributes("chat", request__model="m", usage__input_tokens=10**6)
                with spans.start_as_current_span("chat m", attributes={**told, "acme.prompt": "v7"}):
                    reply = client.messages.create(**asked)
            else:
                reply = client.messages.create(**asked)
            messages.append({"role": "assistant", "content": [block.model_dump() for block in reply.content]})
            uses = [block for block in reply.content if block.type == "tool_use"]
            if not uses:
                return reply.content[0].text
            answers = [(use.id, execute(spans, use.name, use.input, use.id)) for use in uses]
            results = [{"type": "tool_result", "tool_use_id": key, "content": text} for key, text in answers]
            messages.append({"role": "user", "content": results})


def with_openai(url: str, spans: Tracer, *, current: bool = True, streamed: bool = False) -> str:
    """One question; ``current`` says whether the instrumentation makes its span the current one."""
    with openai.OpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=2) as client:
        return _ask(client, spans, current=current, streamed=streamed)


def _ask(client: openai.OpenAI, spans: Tracer, *, current: bool, streamed: bool) -> str:
    told = attributes("chat", request__model="m")
    asked: Any = {"model": "m", "messages": [{"role": "user", "content": ASK}]}
    with spans.start_as_current_span("run", attributes=attributes("invoke_agent", agent__name="desk")):
        span = spans.start_span("chat m", attributes=told)
        with trace.use_span(span if current else trace.get_current_span(), end_on_exit=False):
            if streamed:
                chunks = client.chat.completions.create(stream=True, **asked)
                text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
            else:
                text = client.chat.completions.create(**asked).choices[0].message.content or ""
        span.end()
        return text


def with_handoff(url: str, spans: Tracer) -> str:
    """One agent hands over to another, which has spans of its own."""

    def clerk(message: str) -> str:
        told = attributes("plan", agent__name="clerk")
        with spans.start_as_current_span("plan", attributes=told):
            return with_openai(url, spans)

    with spans.start_as_current_span("run", attributes=attributes("invoke_agent", agent__name="chief")):
        return handoff("clerk", ASK, clerk, sender="chief")


def server(*first: Fail) -> LlmServer:
    """A scripted llm; the given failures come before its answers, each once."""
    return LlmServer([*(Rule(then=one, times=1) for one in first), *RULES])


def tree(run: NormalTrace) -> list[str]:
    """The names of the spans, indented."""
    depth: dict[str, int] = {}
    for span in run.trace:
        depth[span.span_id] = depth.get(span.parent_id, -1) + 1
    return ["  " * depth[span.span_id] + span.name for span in run.trace]


def settled(run: NormalTrace) -> bytes:
    """The trace without what differs from run to run."""
    return golden_bytes(canonical(run.trace))
