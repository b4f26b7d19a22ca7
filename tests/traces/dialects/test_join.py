"""Executions of tools find the calls that asked for them."""

from __future__ import annotations

import json

import pytest

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import normalise
from tests.traces.dialects import _kit as k


def asks(run: k.Run, *calls: tuple[str | None, str, object], parent=None):
    parts = [
        {"type": "tool_call", "name": name, "arguments": arguments} | ({"id": one} if one else {})
        for one, name, arguments in calls
    ]
    said = k.spelled([{"role": "assistant", "parts": parts}])
    given = {"gen_ai.operation.name": "chat", "gen_ai.output.messages": said}
    return run.add("chat", given, parent=parent)


def executes(run: k.Run, name: str, arguments: object = None, call_id: str | None = None, parent=None):
    told = arguments if isinstance(arguments, (str, type(None))) else k.spelled(arguments)
    given = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": name,
        "gen_ai.tool.call.id": call_id,
    }
    return run.add(f"execute_tool {name}", {**given, "gen_ai.tool.call.arguments": told}, parent=parent)


def tools(run: k.Run) -> list[tuple[object, object]]:
    found = [span.attributes for span in normalise(run.trace).trace if sc.TOOL_NAME in span.attributes]
    return [
        (one.get(sc.TOOL_CALL_ID), json.loads(str(one.get(sc.TOOL_CALL_ARGUMENTS, "null")))) for one in found
    ]


def test_an_id_joins_whatever_else_is_told():
    """With an id, the arguments that the execution does not tell are those that were asked for."""
    run = k.Run()
    asks(run, ("a", "look", {"n": 1}), ("b", "look", {"n": 2}))
    executes(run, "look", call_id="b")
    executes(run, "look", "two words", call_id="a")
    assert tools(run) == [("b", {"n": 2}), ("a", {"n": 1})]


def test_equal_arguments_join_before_the_order():
    """Without ids, equal arguments decide, then those that defaults were added to."""
    run = k.Run()
    asks(run, ("a", "look", {"n": 1}), ("b", "look", {"n": 2}), ("c", "look", {"n": 3}))
    executes(run, "look", {"n": 3, "deep": False})
    executes(run, "look", {"n": 2})
    executes(run, "look", {"n": "1"})
    assert [one for one, _ in tools(run)] == ["c", "b", "a"]


def test_the_order_joins_where_nothing_is_told():
    """Parallel calls of one tool without ids and arguments are taken in the order of asking."""
    run = k.Run()
    asks(run, ("a", "look", {"n": 1}), ("b", "look", {"n": 2}))
    executes(run, "look")
    executes(run, "look", "2")
    assert tools(run) == [("a", {"n": 1}), ("b", {"n": 2})]


def test_the_preceding_message_comes_first():
    """A call that was asked for again belongs to the last asking."""
    run = k.Run()
    asks(run, ("a", "look", {"n": 1}))
    asks(run, ("b", "look", {"n": 1}))
    executes(run, "look", {"n": 1})
    assert [one for one, _ in tools(run)] == ["b"]


def test_an_agent_s_own_calls_come_first():
    """Two agents that work at one time and call one tool do not swap their calls."""
    run = k.Run()
    left = run.add("invoke_agent left", {"gen_ai.operation.name": "invoke_agent"})
    right = run.add("invoke_agent right", {"gen_ai.operation.name": "invoke_agent"})
    asks(run, ("l", "look", {}), parent=left)
    asks(run, ("r", "look", {}), parent=right)
    executes(run, "look", parent=left)
    executes(run, "look", parent=right)
    assert [one for one, _ in tools(run)] == ["l", "r"]


@pytest.mark.parametrize("name", ["look", "seek"])
def test_what_nobody_asked_for_stays_without_an_id(name):
    """A tool that the program calls by itself, before or besides any llm, is joined to nothing."""
    run = k.Run()
    executes(run, "look", {"n": 9})
    asks(run, ("a", "look", {"n": 1}))
    asks(run, ("b", "find", {}))
    executes(run, name, {"n": 9})
    assert [one for one, _ in tools(run)] == [None, None]


def test_a_call_is_answered_once():
    """A second execution with the same id is a retry, and takes no other call's arguments."""
    run = k.Run()
    asks(run, ("a", "look", {"n": 1}))
    executes(run, "look", call_id="a")
    executes(run, "look", call_id="a")
    assert tools(run) == [("a", {"n": 1}), ("a", None)]
