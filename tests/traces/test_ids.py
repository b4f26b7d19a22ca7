"""Ids that a provider draws: joined, and named by their place in the run."""

from __future__ import annotations

import json

from agentops_eval.traces import derive
from agentops_eval.traces import semconv as sc
from tests.traces._kit import OPENAI, Events, calls, post, refund_run, reply, tool_answer

ASK = [{"role": "user", "content": "Hi"}]


def trace_of(events):
    return derive(events.all if isinstance(events, Events) else events, agent="desk", case="case")


def test_ids_of_calls_join_messages_and_executions():
    """call_1 is the same call in the answer, in the execution and in the next chat's history."""
    trace = trace_of(refund_run())
    answer = json.loads(trace.spans[1].attributes[sc.OUTPUT_MESSAGES])[0]["parts"][0]
    history = json.loads(trace.spans[3].attributes[sc.INPUT_MESSAGES])
    assert answer["id"] == "call_1"
    assert trace.spans[2].attributes[sc.TOOL_CALL_ID] == "call_1"
    assert [history[2]["parts"][0]["id"], history[3]["parts"][0]["id"]] == ["call_1", "call_1"]
    assert trace.spans[4].attributes[sc.TOOL_CALL_ID] == "call_2"


def test_executions_are_joined_by_name_and_arguments():
    """Three calls of one message, executed in another order, get their own ids; a fourth gets none."""
    events = Events()
    asked = [("c1", "get", {"id": 1}), ("c2", "get", {"id": 2}), ("c3", "find", {"id": 1})]
    events.chat(ASK, asked)
    for name, arguments in [
        ("find", {"id": 1}),
        ("get", {"id": 2, "deep": False}),
        ("get", {"id": 1}),
        ("get", {"id": 9}),
    ]:
        events.tool(name, arguments)
    assert [span.attributes.get(sc.TOOL_CALL_ID) for span in trace_of(events).spans[2:]] == [
        "call_3",
        "call_2",
        "call_1",
        None,
    ]


def test_equal_arguments_are_joined_before_those_that_defaults_added_to():
    """Of two calls that fit, the one that asked for just this is answered."""
    events = Events()
    events.chat(ASK, [("c1", "get", {"id": 1}), ("c2", "get", {"id": 1, "deep": False})])
    events.tool("get", {"id": 1, "deep": False})
    assert trace_of(events).spans[-1].attributes[sc.TOOL_CALL_ID] == "call_2"


def test_equal_calls_are_answered_one_by_one():
    """An llm that asks for the same twice gets two answers, each under its own id."""
    events = Events()
    events.chat(ASK, [("c1", "get", {"id": 1}), ("c2", "get", {"id": 1})])
    events.tool("get", {"id": 1})
    events.tool("get", {"id": 1})
    found = [span.attributes[sc.TOOL_CALL_ID] for span in trace_of(events).spans[2:]]
    assert found == ["call_1", "call_2"]


def test_an_execution_answers_the_latest_call_like_it():
    """An llm that asks again for what was not done is answered under its newest id."""
    events = Events()
    events.chat(ASK, [("c1", "get", {"id": 1})])
    events.chat(ASK, [("c2", "get", {"id": 1})])
    events.tool("get", {"id": 1})
    chat, done = trace_of(events).spans[2:]
    asked = json.loads(chat.attributes[sc.OUTPUT_MESSAGES])[0]["parts"][0]
    assert done.attributes[sc.TOOL_CALL_ID] == asked["id"] == "call_2"


def test_a_hand_off_may_carry_out_what_the_sender_was_asked_for():
    """An execution inside a hand-off is joined to a call of the agent that handed over."""
    events = Events()
    events.chat(ASK, [("c1", "get", {"id": 1})])
    events.tool("get", {"id": 1}, parent=events.handoff("helper", "go"))
    assert trace_of(events).spans[-1].attributes[sc.TOOL_CALL_ID] == "call_1"


def test_drawn_idempotency_keys_are_renamed_and_stay_equal():
    """A uuid as key differs in every recording; that two calls share it does not."""
    events = Events()
    for key in ("0a1b2c3d-0000-4000-8000-000000000001", "0a1b2c3d-0000-4000-8000-000000000001", "order-7"):
        events.tool("pay", {}, key=key)
    found = [span.attributes[sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY] for span in trace_of(events).spans[1:]]
    assert found == ["key_1", "key_1", "order-7"]


def test_a_continued_response_is_named_by_its_place():
    """The id of a stored response is drawn; which of the run's answers it was is not."""
    events = Events()
    for number, before in enumerate([None, None, "resp_b"]):
        asked = {"model": "m", "input": "Hi", "previous_response_id": before}
        answer = {"id": f"resp_{'abc'[number]}", "object": "response", "output": [], "status": "completed"}
        events.http(post("https://api.openai.test/v1/responses", asked), reply(answer))
    assert trace_of(events).spans[-1].attributes[sc.AGENTOPS_PREVIOUS_RESPONSE] == "response_2"


def test_history_with_ids_that_nobody_asked_for_is_renamed_too():
    """A conversation that begins in the middle has its ids renamed in their order."""
    events = Events()
    events.chat([calls(("zz9", "get", {})), tool_answer("zz9", "x")])
    asked = json.loads(trace_of(events).spans[1].attributes[sc.INPUT_MESSAGES])
    assert [asked[0]["parts"][0]["id"], asked[1]["parts"][0]["id"]] == ["call_1", "call_1"]
    assert OPENAI in events.all[0].boundary
