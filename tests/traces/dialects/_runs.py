"""The run in the dialects of the conventions, of instrumentations, and of hand-written attributes."""

from __future__ import annotations

from typing import Any

from agentops_eval.domain import SpanKind
from agentops_eval.traces.reading import SourceTrace
from tests.traces.dialects import _kit as k


def _usage(turn: int, told: bool, **names: str) -> dict[str, Any]:
    counts = {"input": k.INPUT[turn], "output": k.OUTPUT[turn], "cached": k.CACHED, "reasoned": k.REASONED}
    return {name: counts[what] for what, name in names.items()} if told else {}


def _current(turn: int, told: bool, **more: Any) -> dict[str, Any]:
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": k.LLM,
        "gen_ai.response.model": k.DATED,
        "gen_ai.response.id": f"r{turn}",
        "gen_ai.response.finish_reasons": ("stop",) if turn else ("tool_calls",),
        "gen_ai.system_instructions": k.spelled([k.text(k.SYSTEM)]),
        "gen_ai.input.messages": k.spelled(k.HISTORY_PARTS if turn else k.ASKED_PARTS),
        "gen_ai.output.messages": k.spelled([k.ANSWER_MESSAGE if turn else k.CALL_MESSAGE]),
        **_usage(
            turn,
            told,
            input="gen_ai.usage.input_tokens",
            output="gen_ai.usage.output_tokens",
            cached="gen_ai.usage.cache_read.input_tokens",
            reasoned="gen_ai.usage.reasoning.output_tokens",
        ),
        **more,
    }


def genai(told: bool = True) -> SourceTrace:
    """The current conventions; the tools' spans have no call ids."""
    run = k.Run("opentelemetry.instrumentation.genai.openai", "1.3b0")
    agent = run.add(f"invoke_agent {k.AGENT}", {"gen_ai.operation.name": "invoke_agent"})
    run.add("chat demo-1", _current(0, told), parent=agent, kind=SpanKind.CLIENT)
    for (_, name, arguments), result in zip(k.CALLS, k.TOLD, strict=True):
        run.add(
            f"execute_tool {name}",
            {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.call.arguments": k.spelled(arguments),
                "gen_ai.tool.call.result": result,
            },
            parent=agent,
        )
    run.add("chat demo-1", _current(1, told), parent=agent, kind=SpanKind.CLIENT)
    return run.trace


def _legacy_events(turn: int) -> list[Any]:
    calls = k.OPENAI_CALLS
    asked = [k.event(f"gen_ai.{m['role']}.message", content=m["content"]) for m in k.OPENAI_ASKED]
    if not turn:
        said = {"role": "assistant", "tool_calls": calls}
        body = {"index": 0, "finish_reason": "tool_calls", "message": said}
        return [*asked, k.event("gen_ai.choice", **{"agentops.log.body": body})]
    results = [
        k.event("gen_ai.tool.message", **{"agentops.log.body": {"id": c[0], "content": told}})
        for c, told in zip(k.CALLS, k.TOLD, strict=True)
    ]
    answer = k.event("gen_ai.choice", finish_reason="stop", message=k.spelled({"content": k.ANSWER}))
    return [*asked, k.event("gen_ai.assistant.message", tool_calls=k.spelled(calls)), *results, answer]


def genai_events(told: bool = True) -> SourceTrace:
    """Messages as events and joined log records, provider under its old name."""
    run = k.Run("opentelemetry.instrumentation.openai_v2", "2.1b0")
    agent = run.add(f"invoke_agent {k.AGENT}", {"gen_ai.operation.name": "invoke_agent"})
    for turn in (0, 1):
        given = {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "openai",
            "gen_ai.request.model": k.LLM,
            "gen_ai.response.model": k.DATED,
            **_usage(turn, told, input="gen_ai.usage.input_tokens", output="gen_ai.usage.output_tokens"),
        }
        run.add("chat demo-1", given, parent=agent, events=_legacy_events(turn))
        for (call_id, name, arguments), result in zip(k.CALLS, k.TOLD, strict=True) if not turn else ():
            run.add(
                f"execute_tool {name}",
                {
                    "gen_ai.tool.call.id": call_id,
                    "gen_ai.tool.name": name,
                    "gen_ai.tool.call.arguments": arguments,
                    "gen_ai.tool.call.result": result,
                },
                parent=agent,
            )
    return run.trace


def openllmetry_040(told: bool = True) -> SourceTrace:
    """Indexed attributes; agents and tools as Traceloop's entities."""
    run = k.Run("opentelemetry.instrumentation.openai.v1", "0.40.14")
    flow = run.add("desk.workflow", {"traceloop.span.kind": "workflow", "traceloop.entity.name": "flow"})
    agent = run.add(
        "desk.agent", {"traceloop.span.kind": "agent", "traceloop.entity.name": k.AGENT}, parent=flow
    )
    own = [{"id": i, "name": n, "arguments": k.spelled(a)} for i, n, a in k.CALLS]
    history = [dict(m, tool_calls=own) if "tool_calls" in m else m for m in k.OPENAI_HISTORY]
    for turn in (0, 1):
        reply = {"role": "assistant", "finish_reason": "stop", "content": k.ANSWER}
        asks = {"role": "assistant", "finish_reason": "tool_calls", "tool_calls": own}
        given = {
            "llm.request.type": "chat",
            "gen_ai.system": "OpenAI",
            "gen_ai.request.model": k.LLM,
            "gen_ai.response.model": k.DATED,
            "llm.is_streaming": False,
            "llm.headers": "None",
            **k.flat("gen_ai.prompt", history if turn else k.OPENAI_ASKED),
            **k.flat("gen_ai.completion", [reply if turn else asks]),
            **k.flat("llm.request.functions", [{"name": "find_order", "parameters": k.spelled(k.SCHEMA)}]),
            **_usage(
                turn,
                told,
                input="gen_ai.usage.prompt_tokens",
                output="gen_ai.usage.completion_tokens",
                cached="gen_ai.usage.cache_read_input_tokens",
                reasoned="gen_ai.usage.reasoning_tokens",
            ),
        }
        step = run.add(
            "ask.task", {"traceloop.span.kind": "task", "traceloop.entity.name": "ask"}, parent=agent
        )
        run.add("openai.chat", given, parent=step)
        for (_, name, arguments), result in zip(k.CALLS, k.TOLD, strict=True) if not turn else ():
            entity = {
                "traceloop.span.kind": "tool",
                "traceloop.entity.name": name,
                "traceloop.entity.input": k.spelled({"args": [], "kwargs": arguments}),
                "traceloop.entity.output": result,
            }
            run.add(f"{name}.tool", entity, parent=agent)
    return run.trace


def openllmetry_062(told: bool = True) -> SourceTrace:
    """The conventions' names for llm calls beside Traceloop's for everything else, LangChain's wrappers."""
    run = k.Run("opentelemetry.instrumentation.langchain", "0.62.4")
    agent = run.add("desk.agent", {"traceloop.span.kind": "agent", "traceloop.entity.name": k.AGENT})
    node = run.add(
        "node.task", {"gen_ai.operation.name": "execute_task", "traceloop.entity.path": "x"}, parent=agent
    )
    run.add("openai.chat", _current(0, told, **{"gen_ai.is_streaming": False}), parent=node)
    for (call_id, name, arguments), result in zip(k.CALLS, k.TOLD, strict=True):
        message = {"lc": 1, "type": "constructor", "id": ["ToolMessage"]}
        message |= {"kwargs": {"content": result, "tool_call_id": call_id, "type": "tool"}}
        entity = {
            "traceloop.span.kind": "tool",
            "traceloop.entity.name": name,
            "traceloop.entity.input": k.spelled({"input_str": str(arguments), "inputs": arguments}),
            "traceloop.entity.output": k.spelled({"output": message, "kwargs": {}}),
        }
        run.add(f"{name}.tool", entity, parent=node)
    run.add("openai.chat", _current(1, told), parent=node)
    return run.trace


def agent_attributes(told: bool = True) -> SourceTrace:
    """Attributes as a team writes them by hand."""
    run = k.Run("desk.tracing")
    agent = run.add("handle", {"agent.id": "a-1", "agent.name": k.AGENT, "agent.step_type": "agent"})
    for turn in (0, 1):
        given = {
            "agent.step_type": "llm_call",
            "agent.model": k.LLM,
            "agent.provider": "OpenAI",
            "agent.cost_usd": 0.25,
            "agent.confidence_score": 0.9,
            "agent.finish_reason": "stop" if turn else "tool_calls",
            "agent.response": k.ANSWER
            if turn
            else k.spelled({"role": "assistant", "tool_calls": k.OPENAI_CALLS}),
            **_usage(turn, told, input="agent.input_tokens", output="agent.output_tokens"),
        }
        run.add("think", given, parent=agent)
        for (_, name, arguments), result in zip(k.CALLS, k.TOLD, strict=True) if not turn else ():
            tool = {"agent.step_type": "tool_call", "agent.tool_name": name, "agent.step_success": True}
            tool |= {"agent.tool_input": k.spelled(arguments), "agent.tool_output": result}
            run.add("act", tool, parent=agent)
    return run.trace


def langsmith(told: bool = True) -> SourceTrace:
    """Inputs and outputs as LangChain's JSON, metadata spread out, and a leaked environment."""
    run = k.Run("langsmith")
    leak = {"langsmith.metadata.LANGSMITH_PROJECT": "secret", "LANGSMITH_API_KEY": "secret"}
    about = {"langsmith.metadata.lc_agent_name": k.AGENT, "langsmith.metadata.thread_id": "t", **leak}
    chain = {"langsmith.span.kind": "chain", "gen_ai.operation.name": "chain", **about}
    agent = run.add(k.AGENT, {**chain, "gen_ai.prompt": "{}"})
    for turn in (0, 1):
        node = run.add("model", {**chain, "gen_ai.prompt": "{}"}, parent=agent)
        given = {
            "langsmith.span.kind": "llm",
            "langsmith.metadata.ls_provider": "openai",
            "langsmith.metadata.ls_model_name": k.LLM,
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "langchain",
            "gen_ai.prompt": k.spelled({"messages": [_langchain(turn)]}),
            "gen_ai.completion": k.spelled(
                {"generations": [[{"text": "", "message": _langchain_answer(turn)}]]}
            ),
            **_usage(turn, told, input="gen_ai.usage.input_tokens", output="gen_ai.usage.output_tokens"),
            **about,
        }
        run.add("ChatOpenAI", given, parent=node)
        for (call_id, name, arguments), result in zip(k.CALLS, k.TOLD, strict=True) if not turn else ():
            answer = {"content": result, "tool_call_id": call_id, "type": "tool", "status": "success"}
            tool = {
                "langsmith.span.kind": "tool",
                "gen_ai.prompt": k.spelled({"input": k.spelled(arguments)}),
            }
            tool |= {"gen_ai.completion": k.spelled({"output": answer}), **about}
            run.add(name, tool, parent=agent)
    return run.trace


def _constructor(kind: str, **kwargs: Any) -> dict[str, Any]:
    return {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", kind], "kwargs": kwargs}


def _langchain(turn: int) -> list[Any]:
    asked = [_constructor("SystemMessage", content=k.SYSTEM), _constructor("HumanMessage", content=k.ASK)]
    results = [
        _constructor("ToolMessage", content=told, tool_call_id=c[0])
        for c, told in zip(k.CALLS, k.TOLD, strict=True)
    ]
    return [*asked, _langchain_answer(0), *results] if turn else asked


def _langchain_answer(turn: int) -> Any:
    calls = [{"name": n, "args": a, "id": i, "type": "tool_call"} for i, n, a in k.CALLS]
    return _constructor("AIMessage", content=k.ANSWER if turn else "", tool_calls=[] if turn else calls)
