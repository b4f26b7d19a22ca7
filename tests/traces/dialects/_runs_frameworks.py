"""The run in the dialects of agent frameworks."""

from __future__ import annotations

from typing import Any

from agentops_eval.traces.reading import SourceTrace
from tests.traces.dialects import _kit as k
from tests.traces.dialects._runs import _current, _usage


def openinference(told: bool = True) -> SourceTrace:
    """LangGraph's nodes as chains; one tool has a bare value for its arguments, results are messages."""
    run = k.Run("openinference.instrumentation.langchain", "0.1.80")
    kind = "openinference.span.kind"
    about = k.spelled({"lc_agent_name": k.AGENT, "thread_id": "t"})
    agent = run.add(k.AGENT, {kind: "AGENT", "metadata": about, "input.value": "{}"})
    calls = [{"tool_call": call} for call in k.OPENAI_CALLS]
    for turn in (0, 1):
        node = run.add("model", {kind: "CHAIN", "input.value": "{}", "output.value": "[]"}, parent=agent)
        said = {"content": k.ANSWER} if turn else {"tool_calls": calls}
        asked = [{"message": message} for message in k.OPENAI_ASKED]
        if turn:
            asked += [{"message": {"role": "assistant", "tool_calls": calls}}]
            asked += [{"message": message} for message in k.OPENAI_HISTORY[-2:]]
        given = {
            kind: "LLM",
            "llm.provider": "openai",
            "llm.model_name": k.DATED,
            "llm.invocation_parameters": k.spelled({"model": k.LLM, "temperature": 0.5, "stop": None}),
            "llm.finish_reason": "stop" if turn else "tool_calls",
            **k.flat("llm.input_messages", asked),
            **k.flat("llm.output_messages", [{"message": {"role": "assistant", **said}}]),
            **k.flat("llm.tools", [{"tool": {"json_schema": k.spelled(k.TOOLS[0])}}]),
            **_usage(
                turn,
                told,
                input="llm.token_count.prompt",
                output="llm.token_count.completion",
                cached="llm.token_count.prompt_details.cache_read",
                reasoned="llm.token_count.completion_details.reasoning",
            ),
        }
        run.add("ChatOpenAI", given, parent=node)
        for (call_id, name, arguments), result in zip(k.CALLS, k.TOLD, strict=True) if not turn else ():
            answer = {"type": "tool", "data": {"content": result, "tool_call_id": call_id, "name": name}}
            bare = k.spelled(arguments) if len(arguments) > 1 else str(arguments["order"])
            tool = {kind: "TOOL", "tool.name": name, "input.value": bare, "output.value": k.spelled(answer)}
            run.add(name, tool, parent=run.add("tools", {kind: "CHAIN"}, parent=agent))
    return run.trace


def pydantic_ai_v5(told: bool = True) -> SourceTrace:
    """Totals apart, arguments of calls as text, results under another name."""
    run = k.Run("pydantic-ai", "2.68.0")
    named = {"gen_ai.agent.name": k.AGENT, "gen_ai.agent.call.id": "x"}
    calls = [{**part, "arguments": k.spelled(part["arguments"])} for part in k.CALL_PARTS]
    said = [{"role": "assistant", "parts": calls, "finish_reason": "tool_call"}]
    totals = _usage(0, told, input="gen_ai.aggregated_usage.input_tokens")
    agent = run.add(
        f"invoke_agent {k.AGENT}",
        {"gen_ai.operation.name": "invoke_agent", "agent_name": k.AGENT, "final_result": k.ANSWER, **totals}
        | {"pydantic_ai.all_messages": k.spelled([*k.HISTORY_PARTS, k.ANSWER_MESSAGE])},
    )
    first = _current(0, told, **named, **{"gen_ai.output.messages": k.spelled(said)})
    first |= {"model_request_parameters": "{}", "gen_ai.system": "openai"}
    run.add("chat demo-1", first, parent=agent)
    for (call_id, name, arguments), result in zip(k.CALLS, k.TOLD, strict=True):
        tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name, **named}
        tool |= {"gen_ai.tool.call.id": call_id, "gen_ai.tool.call.arguments": k.spelled(arguments)}
        run.add(f"execute_tool {name}", {**tool, "gen_ai.tool.call.result": result}, parent=agent)
    run.add("chat demo-1", _current(1, told, **named), parent=agent)
    return run.trace


def pydantic_ai_v1(told: bool = True) -> SourceTrace:
    """Messages as one list of events, tools by the names of old, usage repeated on the agent."""
    run = k.Run("pydantic-ai", "1.0.0")
    counts = {"input": "gen_ai.usage.input_tokens", "output": "gen_ai.usage.output_tokens"}
    history = [{"event.name": f"gen_ai.{m['role']}.message", **m} for m in k.OPENAI_HISTORY]
    asked = history[:2]
    agent = run.add(
        "agent run",
        {"agent_name": k.AGENT, "model_name": k.LLM, "all_messages_events": k.spelled(asked)}
        | _usage(1, told, **counts),
    )
    for turn in (0, 1):
        said = {"content": k.ANSWER} if turn else {"tool_calls": k.OPENAI_CALLS}
        choice = {"event.name": "gen_ai.choice", "index": 0, "message": {"role": "assistant", **said}}
        details = {"cached": "gen_ai.usage.details.cached_tokens"}
        details |= {"reasoned": "gen_ai.usage.details.reasoning_tokens"}
        given = {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "openai",
            "gen_ai.request.model": k.LLM,
            "gen_ai.response.model": k.DATED,
            "events": k.spelled([*(history if turn else asked), choice]),
            **_usage(turn, told, **counts, **details),
        }
        run.add("chat demo-1", given, parent=agent)
        outer = None if turn else run.add("running 2 tools", {"tools": ("find_order", "price")}, parent=agent)
        for (call_id, name, arguments), result in zip(k.CALLS, k.TOLD, strict=True) if not turn else ():
            tool = {"gen_ai.tool.name": name, "gen_ai.tool.call.id": call_id}
            tool |= {"tool_arguments": k.spelled(arguments), "tool_response": result}
            run.add("running tool", tool, parent=outer)
    return run.trace


def logfire(told: bool = True) -> SourceTrace:
    """The provider's own request and reply; the agent and tools by other instrumentations."""
    run = k.Run("logfire.openai")
    agent = run.add(f"invoke_agent {k.AGENT}", {"gen_ai.operation.name": "invoke_agent"}, scope="x")
    for turn in (0, 1):
        asked = {"model": k.LLM, "messages": k.OPENAI_HISTORY if turn else k.OPENAI_ASKED, "tools": k.TOOLS}
        said = {"content": k.ANSWER} if turn else {"content": None, "tool_calls": k.OPENAI_CALLS}
        usage = {"prompt_tokens": k.INPUT[turn], "completion_tokens": k.OUTPUT[turn]}
        usage |= {"prompt_tokens_details": {"cached_tokens": k.CACHED}}
        usage |= {"completion_tokens_details": {"reasoning_tokens": k.REASONED}}
        reply = {"message": {"role": "assistant", **said}, "usage": usage if told else None}
        given = {"gen_ai.system": "openai", "gen_ai.response.model": k.DATED}
        given |= {"request_data": k.spelled(asked), "response_data": k.spelled(reply)}
        run.add("Chat Completion with 'demo-1'", given, parent=agent)
        for (_, name, arguments), result in zip(k.CALLS, k.TOLD, strict=True) if not turn else ():
            tool = {"gen_ai.tool.name": name, "gen_ai.operation.name": "execute_tool"}
            tool |= {"gen_ai.tool.call.arguments": k.spelled(arguments), "gen_ai.tool.call.result": result}
            run.add(name, tool, parent=agent, scope="x")
    return run.trace


def agent_framework(told: bool = True) -> SourceTrace:
    """Finish reasons as text, a URL for a server, usage repeated on the agent, messages as log records."""
    run = k.Run("agent_framework", "1.23.0")
    totals = _usage(1, told, input="gen_ai.usage.input_tokens", output="gen_ai.usage.output_tokens")
    top = run.add("workflow.run", {"workflow.name": "flow"})
    step = run.add("executor.process desk", {"executor.id": "desk"}, parent=top)
    named = {"gen_ai.operation.name": "invoke_agent", "gen_ai.provider.name": "microsoft.agent_framework"}
    agent = run.add(f"invoke_agent {k.AGENT}", {**named, "gen_ai.agent.name": k.AGENT, **totals}, parent=step)
    for turn in (0, 1):
        given = _current(turn, told)
        given |= {"gen_ai.response.finish_reasons": k.spelled(["stop" if turn else "tool_calls"])}
        given |= {"server.address": "http://127.0.0.1:8080/v1/"}
        said = given.pop("gen_ai.output.messages"), given.pop("gen_ai.input.messages")
        assert all(said)
        history = k.OPENAI_HISTORY[1:] if turn else k.OPENAI_ASKED[1:]
        asked = [k.event(f"gen_ai.{m['role']}.message", **{"agentops.log.body": m}) for m in history]
        message = {"content": k.ANSWER} if turn else {"tool_calls": k.OPENAI_CALLS}
        choice = k.event("gen_ai.choice", **{"agentops.log.body": {"index": 0, "message": message}})
        run.add("chat demo-1", given, parent=agent, events=[*asked, choice])
        for (call_id, name, arguments), result in zip(k.CALLS, k.TOLD, strict=True) if not turn else ():
            tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name}
            tool |= {"gen_ai.tool.call.id": call_id, "gen_ai.tool.call.result": result}
            run.add(
                f"execute_tool {name}",
                tool | {"gen_ai.tool.call.arguments": k.spelled(arguments)},
                parent=agent,
            )
    return run.trace


def strands(told: bool = True) -> SourceTrace:
    """Content blocks in events, cycles of the loop, both names of each count, totals on the agent."""
    run = k.Run("strands.telemetry.tracer")
    both = {"input": "gen_ai.usage.prompt_tokens", "output": "gen_ai.usage.completion_tokens"}
    new = {"input": "gen_ai.usage.input_tokens", "output": "gen_ai.usage.output_tokens"}
    cached = {"cached": "gen_ai.usage.cache_read_input_tokens"}
    named = {"gen_ai.system": "strands-agents"}
    asked = [k.event("gen_ai.system.message", content=k.spelled([{"text": k.SYSTEM}]))]
    asked += [k.event("gen_ai.user.message", content=k.spelled([{"text": k.ASK}]))]
    uses = [{"toolUse": {"toolUseId": i, "name": n, "input": a}} for i, n, a in k.CALLS]
    told_back = [
        {"toolResult": {"toolUseId": call[0], "status": "success", "content": [{"text": result}]}}
        for call, result in zip(k.CALLS, k.TOLD, strict=True)
    ]
    later = [k.event("gen_ai.assistant.message", content=k.spelled(uses))]
    later += [k.event("gen_ai.tool.message", content=k.spelled(told_back))]
    given = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": k.AGENT, **named}
    agent = run.add(f"invoke_agent {k.AGENT}", {**given, **_usage(1, told, **both)}, events=asked)
    for turn in (0, 1):
        loop = {"gen_ai.operation.name": "execute_event_loop_cycle", "event_loop.cycle_id": "x", **named}
        cycle = run.add("execute_event_loop_cycle", loop, parent=agent, events=asked)
        said = k.spelled([{"text": k.ANSWER}] if turn else uses)
        choice = k.event("gen_ai.choice", message=said, finish_reason="end_turn" if turn else "tool_use")
        chat = {"gen_ai.operation.name": "chat", "gen_ai.request.model": k.LLM, **named}
        chat |= {"gen_ai.server.time_to_first_token": 250}
        chat |= _usage(turn, told, **both) | _usage(turn, told, **new, **cached)
        run.add("chat", chat, parent=cycle, events=[*asked, *(later if turn else ()), choice])
        for (call_id, name, arguments), result in zip(k.CALLS, k.TOLD, strict=True) if not turn else ():
            tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name, **named}
            got = [k.event("gen_ai.tool.message", content=k.spelled(arguments), id=call_id, role="tool")]
            got += [k.event("gen_ai.choice", message=k.spelled([{"text": result}]), id=call_id)]
            run.add(f"execute_tool {name}", tool | {"gen_ai.tool.call.id": call_id}, parent=cycle, events=got)
    return run.trace


def google_adk(told: bool = True) -> SourceTrace:
    """Requests and replies as JSON of the kit, a merged tool span, reasoning counted twice."""
    run = k.Run("gcp.vertex.agent")
    own = "gcp.vertex.agent."
    top = run.add("invocation")
    agent = run.add(f"agent_run [{k.AGENT}]", parent=top)
    uses = [{"function_call": {"id": i, "name": n, "args": a}} for i, n, a in k.CALLS]
    answered = [
        {"function_response": {"id": call[0], "name": call[1], "response": {"result": result}}}
        for call, result in zip(k.CALLS, k.RESULTS, strict=True)
    ]
    for turn in (0, 1):
        contents: list[Any] = [{"role": "user", "parts": [{"text": k.ASK}]}]
        if turn:
            contents += [{"role": "model", "parts": uses}, {"role": "user", "parts": answered}]
        asked = {"model": k.LLM, "contents": contents, "config": {"system_instruction": k.SYSTEM}}
        counts = {"prompt_token_count": k.INPUT[turn], "total_token_count": k.INPUT[turn] + k.OUTPUT[turn]}
        counts |= {"thoughts_token_count": k.REASONED, "cached_content_token_count": k.CACHED}
        reply = {"content": {"role": "model", "parts": [{"text": k.ANSWER}] if turn else uses}}
        reply |= {
            "finish_reason": "STOP",
            "model_version": k.DATED,
            "usage_metadata": counts if told else None,
        }
        given = {"gen_ai.system": "gcp.vertex.agent", "gen_ai.request.model": k.LLM}
        given |= {own + "llm_request": k.spelled(asked), own + "llm_response": k.spelled(reply)}
        given |= {"gen_ai.usage.output_tokens": k.OUTPUT[turn] + k.REASONED} if told else {}
        run.add("call_llm", given, parent=agent)
        for (call_id, name, arguments), result in zip(k.CALLS, k.RESULTS, strict=True) if not turn else ():
            tool: dict[str, Any] = {"gen_ai.tool.name": name, "gen_ai.tool.call.id": call_id}
            tool |= {own + "tool_call_args": k.spelled(arguments)}
            run.add(
                f"execute_tool {name}",
                tool | {own + "tool_response": k.spelled({"result": result})},
                parent=agent,
            )
        if not turn:
            run.add("execute_tool (merged)", {"gen_ai.tool.name": "(merged tools)"}, parent=agent)
    return run.trace
