"""From events to spans."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Effect, Failure, HttpRequest, Label, SpanKind, StatusCode
from agentops_eval.traces import derive, golden_bytes, observe
from agentops_eval.traces import semconv as sc
from tests.examples import examples
from tests.traces._kit import (
    CUT,
    Events,
    chat_exchange,
    post,
    refund_run,
    reply,
)

ASK = [{"role": "user", "content": "Hi"}]


def trace_of(events, *, agent="desk", case="case", **more):
    return derive(events.all if isinstance(events, Events) else events, agent=agent, case=case, **more)


def names(trace):
    return [span.name for span in trace]


def test_a_run_becomes_a_tree():
    """The agent is the root; llm and tool calls hang below it in their order."""
    trace = trace_of(refund_run(), agent="refund_agent")
    assert names(trace) == [
        "invoke_agent refund_agent",
        "chat gpt-test",
        "execute_tool get_order",
        "chat gpt-test",
        "execute_tool issue_refund",
        "chat gpt-test",
    ]
    assert {span.parent_id for span in trace.spans[1:]} == {trace.root.span_id}
    assert [span.kind for span in trace.spans[:3]] == [SpanKind.INTERNAL, SpanKind.CLIENT, SpanKind.INTERNAL]
    assert trace.tool_names == ("get_order", "issue_refund")


def test_a_chat_span_says_what_was_asked_and_answered():
    """Names, reasons and tokens are attributes; unknown counts are absent."""
    chat = trace_of(refund_run()).spans[1].attributes
    assert chat[sc.REQUEST_MODEL] == "gpt-test"
    assert chat[sc.RESPONSE_FINISH_REASONS] == ("tool_call",)
    assert (chat[sc.USAGE_INPUT_TOKENS], chat[sc.USAGE_OUTPUT_TOKENS]) == (10, 5)
    assert sc.USAGE_CACHE_READ not in chat
    assert json.loads(chat[sc.INPUT_MESSAGES])[1]["parts"][0]["content"] == "Order 1042 arrived broken."


def test_a_tool_span_says_what_it_did():
    """Arguments keep the order of the signature; effect and idempotency key are there."""
    refund = trace_of(refund_run()).spans[4].attributes
    assert refund[sc.TOOL_CALL_ARGUMENTS] == '{"order":1042,"amount":59.9}'
    assert refund[sc.TOOL_CALL_RESULT] == '{"refunded":59.9}'
    assert refund[sc.AGENTOPS_TOOL_EFFECT] == "write"
    assert refund[sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY] == "refund-1042"


def test_what_a_provider_draws_does_not_show():
    """Two recordings that differ in ids only give the same bytes."""
    one = trace_of(refund_run(prefix="call_abc", response="chatcmpl-1"))
    other = trace_of(refund_run(prefix="toolu_xyz", response="chatcmpl-2"))
    assert golden_bytes(one) == golden_bytes(other)
    assert "abc" not in golden_bytes(one).decode()


def test_what_happens_inside_a_tool_is_left_out():
    """A replay does not run tools, so their inner calls are no part of the trace, however deep."""
    events = Events()
    outer = events.tool("research", {})
    inner = events.handoff("helper", "go", parent=outer)
    events.chat(ASK, parent=inner)
    events.chat(ASK, "after")
    assert names(trace_of(events)) == ["invoke_agent desk", "execute_tool research", "chat gpt-test"]


def test_hand_offs_nest():
    """What the recipient does hangs below its own span."""
    events = Events()
    billing = events.handoff("billing", {"order": 7}, {"paid": True})
    events.chat(ASK, parent=billing)
    audit = events.handoff("audit", "check", parent=billing)
    events.tool("log", {}, parent=audit)
    events.tool("mail", {})
    trace = trace_of(events)
    by_id = {span.span_id: span.name for span in trace}
    assert [(span.name, by_id.get(span.parent_id)) for span in trace] == [
        ("invoke_agent desk", None),
        ("invoke_agent billing", "invoke_agent desk"),
        ("chat gpt-test", "invoke_agent billing"),
        ("invoke_agent audit", "invoke_agent billing"),
        ("execute_tool log", "invoke_agent audit"),
        ("execute_tool mail", "invoke_agent desk"),
    ]
    assert trace.spans[1].attributes[sc.AGENTOPS_HANDOFF_MESSAGE] == '{"order":7}'
    assert trace.spans[1].attributes[sc.AGENTOPS_HANDOFF_REPLY] == '{"paid":true}'


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("approved", "approved"),
        ("rejected", "rejected"),
        (Failure(kind="TimeoutError", module="builtins", message=""), "timeout"),
        (None, "pending"),
    ],
)
def test_approvals_are_checkpoints(answer, status):
    """A question to a human is a span of its own that tells how it ended."""
    events = Events()
    events.human("refund", {"amount": 500}, answer)
    span = trace_of(events).spans[1]
    assert span.name == "agentops.hitl_checkpoint"
    assert span.attributes[sc.AGENTOPS_HITL_STATUS] == status
    assert span.attributes[sc.AGENTOPS_HITL_ACTION] == "refund"
    assert span.attributes[sc.AGENTOPS_HITL_DETAILS] == '{"amount":500}'
    assert sc.AGENTOPS_HITL_ANSWER not in span.attributes


def test_clock_and_entropy_leave_no_spans():
    """Readings of time and chance are recorded, but they are no calls."""
    events = Events()
    events.draw()
    events.chat(ASK)
    assert len(trace_of(events)) == 2


def test_other_http_calls_are_client_spans():
    """A plain request has method, host, path, query and its JSON body; the port is no part of it."""
    events = Events()
    events.http(post("http://127.0.0.1:8123/orders/7?full=1", {"b": 1, "a": 2}), reply({"ok": True}))
    span = trace_of(events).spans[1]
    assert (span.name, span.kind) == ("POST /orders/7", SpanKind.CLIENT)
    assert span.attributes == {
        sc.HTTP_REQUEST_METHOD: "POST",
        sc.SERVER_ADDRESS: "127.0.0.1",
        sc.URL_PATH: "/orders/7",
        sc.URL_QUERY: "full=1",
        sc.HTTP_RESPONSE_STATUS_CODE: 200,
        sc.AGENTOPS_HTTP_REQUEST_BODY: '{"a":2,"b":1}',
    }


def chat_with(outcome):
    events = Events()
    events.http(chat_exchange(ASK, "x")[0], outcome)
    return trace_of(events).spans[1]


def test_an_upload_is_the_same_under_every_boundary():
    """The boundary of a multipart body is drawn anew every time."""
    goldens = []
    for boundary in ("aaaa", "bbbb"):
        events = Events()
        body = f'--{boundary}\r\ncontent-disposition: form-data; name="f"\r\n\r\nx\r\n--{boundary}--\r\n'
        kind = (("content-type", f"multipart/form-data; boundary={boundary}"),)
        request = HttpRequest(method="POST", url="https://h/up", headers=kind, body=body.encode())
        events.http(request, reply({"ok": True}))
        goldens.append(golden_bytes(trace_of(events)))
    assert goldens[0] == goldens[1]


def test_failures_set_the_error():
    """Exceptions, error statuses, cut bodies, errors told in the body and cancelled calls are errors."""
    refused = Failure(kind="ConnectError", module="httpx2", message="refused <a at 0x7f00deadbeef>")
    told = {"error": {"code": "server_error"}}
    found = [
        (span.attributes[sc.ERROR_TYPE], span.status, span.status_message)
        for span in (
            chat_with(refused),
            chat_with(reply({"error": {"code": "rate_limit_exceeded"}}, 429)),
            chat_with(reply({}, end=CUT)),
            chat_with(reply(told)),
            chat_with(None),
        )
    ]
    assert found == [
        ("ConnectError", StatusCode.ERROR, "refused <a at 0x...>"),
        ("429", StatusCode.ERROR, "rate_limit_exceeded"),
        ("RemoteProtocolError", StatusCode.ERROR, ""),
        ("server_error", StatusCode.ERROR, ""),
        ("cancelled", StatusCode.ERROR, ""),
    ]


def test_a_stream_closed_by_the_caller_is_no_error():
    """Whether a client reads on after the last word is its own affair."""
    from agentops_eval.domain import EndKind, StreamEnd

    span = chat_with(reply(chat_exchange(ASK, "x")[1].body.data, end=StreamEnd(kind=EndKind.CLOSED)))
    assert (span.status, sc.ERROR_TYPE in span.attributes) == (StatusCode.UNSET, False)


def test_every_attempt_is_a_span():
    """Retries are calls like any other."""
    events = Events()
    request, answered = chat_exchange(ASK, "x")
    events.http(request, reply({}, 429))
    events.http(request, reply({}, 503))
    events.http(request, answered)
    assert [span.attributes.get(sc.ERROR_TYPE) for span in trace_of(events).spans[1:]] == ["429", "503", None]


def test_a_failed_tool_has_its_error_and_no_result():
    """A tool's exception is its outcome."""
    events = Events()
    events.tool(
        "pay", {}, Failure(kind="CardDeclined", module="shop", message="no funds"), effect=Effect.EXTERNAL
    )
    span = trace_of(events).spans[1]
    assert (span.attributes[sc.ERROR_TYPE], span.status_message) == ("CardDeclined", "no funds")
    assert sc.TOOL_CALL_RESULT not in span.attributes


def parallel(order, times, *, asked=()):
    events = Events()
    events.chat(ASK, asked or "go", times=(0.0, 1.0))
    for position in order:
        name, span = times[position]
        events.tool(name, {"n": position}, times=span)
    return events


OVERLAPPING = [("c", (1.0, 5.0)), ("a", (1.1, 4.0)), ("b", (1.2, 3.0)), ("a", (1.3, 2.0))]


@examples(50)
@given(st.permutations(range(4)))
def test_races_cause_no_churn(order):
    """Calls that ran at the same time give the same bytes, in whichever order they began."""
    expected = golden_bytes(trace_of(parallel(range(4), OVERLAPPING)))
    assert golden_bytes(trace_of(parallel(order, OVERLAPPING))) == expected


def test_equal_calls_at_one_time_are_ordered_by_what_they_answered():
    """Nothing else tells them apart, and which began first is chance."""
    traces = []
    for answers in (("one", "two"), ("two", "one")):
        events = Events()
        for answer in answers:
            events.tool("poll", {}, answer, times=(1.0, 2.0))
        traces.append(golden_bytes(trace_of(events)))
    assert traces[0] == traces[1]


def test_calls_one_after_the_other_keep_their_order():
    """Without overlap the order is behaviour, and it shows."""
    times = [("b", (1.0, 2.0)), ("a", (2.0, 3.0))]
    assert trace_of(parallel([0, 1], times)).tool_names == ("b", "a")
    assert trace_of(parallel([1, 0], [("b", (2.0, 3.0)), ("a", (1.0, 2.0))])).tool_names == ("a", "b")


def test_a_chain_beside_a_long_call_keeps_its_order():
    """A long call overlaps both of two sequential ones, which stay in sequence."""
    times = [("z", (1.0, 2.0)), ("m", (1.0, 9.0)), ("a", (3.0, 4.0))]
    assert trace_of(parallel([0, 1, 2], times)).tool_names == ("m", "z", "a")


def test_parallel_calls_stand_in_the_order_in_which_the_llm_asked():
    """Calls of one answer are ordered like the answer, so that quick ones, which hardly overlap, agree."""
    asked = [("c0", "z", {"n": 0}), ("c1", "a", {"n": 1})]
    together = [("z", (1.0, 2.0)), ("a", (1.5, 2.5))]
    apart = [("z", (1.0, 1.1)), ("a", (1.2, 1.3))]
    overlapped = [
        golden_bytes(trace_of(parallel(order, together, asked=asked))) for order in ([0, 1], [1, 0])
    ]
    assert overlapped == [golden_bytes(trace_of(parallel([0, 1], apart, asked=asked)))] * 2


def test_a_replay_knows_what_was_parallel_from_the_recording():
    """A replay serves calls one by one; with the recorded events they are ordered as when they overlapped."""
    recording = parallel([0, 1, 2], OVERLAPPING)
    served = [("c", (1.0, 1.0)), ("a", (1.0, 1.0)), ("b", (1.0, 1.0))]
    for order in ([0, 1, 2], [2, 0, 1]):
        replay = parallel(order, served)
        sources = {0: 0, **{index + 1: position + 1 for index, position in enumerate(order)}}
        recorded = {index: recording.all[source] for index, source in sources.items()}
        assert golden_bytes(trace_of(replay, recorded=recorded)) == golden_bytes(trace_of(recording))


def test_quick_calls_of_threads_agree_with_their_recording():
    """Calls that were over too soon to overlap, and overlap in the simulated time of the replay."""
    recording = parallel([0, 1], [("b", (1.0, 1.1)), ("a", (1.2, 1.3))])
    for order in ([0, 1], [1, 0]):
        replay = parallel(order, [("b", (1.0, 1.1)), ("a", (1.0, 1.1))])
        recorded = {0: recording.all[0], 1: recording.all[order[0] + 1], 2: recording.all[order[1] + 1]}
        assert golden_bytes(trace_of(replay, recorded=recorded)) == golden_bytes(trace_of(recording))


def test_a_swap_of_sequential_calls_shows_in_a_replay():
    """What the recording did in sequence does not become parallel by being served in another order."""
    recording = parallel([0, 1], [("b", (1.0, 2.0)), ("a", (2.0, 3.0))])
    swapped = parallel([1, 0], [("b", (1.0, 1.0)), ("a", (1.0, 1.0))])
    recorded = {0: recording.all[0], 1: recording.all[2], 2: recording.all[1]}
    assert trace_of(swapped, recorded=recorded).tool_names == ("a", "b")


def test_the_order_of_events_given_does_not_matter():
    """Events are numbered; a cassette may hold them in the order of completion."""
    events = refund_run()
    shuffled = events[:]
    random.Random(7).shuffle(shuffled)
    assert trace_of(shuffled) == trace_of(events)


def test_observations_stand_beside_the_trace():
    """Durations, labels and drawn ids are kept by span id and are no part of the golden."""
    events = refund_run()
    trace = trace_of(events)
    seen = observe(events, agent="desk", case="case")
    assert set(seen) == {span.span_id for span in trace}
    chat = seen[trace.spans[1].span_id]
    assert (chat.duration_ms, chat.label, chat.response_id) == (1000.0, Label.LIVE, "chatcmpl-a1")
    assert seen[trace.root.span_id].duration_ms == 5000.0
    assert b"duration" not in golden_bytes(trace)


def test_odd_parents_do_not_hurt():
    """A parent that is unknown, or comes later, counts as none."""
    from dataclasses import replace

    events = refund_run()
    events[1] = replace(events[1], parent=4)
    events[2] = replace(events[2], parent=99)
    assert len(trace_of(events)) == 6
