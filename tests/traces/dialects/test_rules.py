"""Single rules: what a dialect's peculiarity becomes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agentops_eval.domain import Seam, StatusCode
from agentops_eval.traces import derive
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import essential, normalise
from agentops_eval.traces.dialects._values import KINDS
from agentops_eval.traces.llm import Usage
from agentops_eval.traces.reading import Origin, SourceSpan, SourceTrace
from tests.traces import _kit as events
from tests.traces.dialects import _kit as k


def read(name: str, attributes: dict[str, object], scope: str = "", **more: object) -> dict[str, object]:
    """The attributes that one span becomes."""
    run = k.Run(scope)
    run.add(name, attributes, **more)  # type: ignore[arg-type]
    normal = normalise(run.trace)
    return {"name": normal.trace.spans[0].name, **normal.trace.spans[0].attributes}


CHAT = {"gen_ai.operation.name": "chat"}


def test_every_attribute_of_the_table_has_a_kind():
    """An attribute that is added to the table says what its values are."""
    names = {
        value for key, value in vars(sc).items() if key.isupper() and isinstance(value, str) and "." in value
    }
    others = {sc.SCHEMA_URL, sc.HITL_CHECKPOINT, sc.SERVICE_NAME, sc.AGENTOPS_REQUEST, sc.AGENTOPS_LOG_BODY}
    others |= {sc.AGENTOPS_SCHEMA_VERSION, sc.AGENTOPS_CASE, sc.AGENTOPS_PREFIX_SHA256, sc.AGENTOPS_BLOBS}
    others |= {sc.AGENTOPS_SOURCE_DIALECT}  # of goldens' resource
    others |= {sc.EVALUATION_RESULT, sc.EVALUATION_NAME}  # of events
    others |= {sc.EVALUATION_SCORE_VALUE, sc.EVALUATION_SCORE_LABEL}
    assert names - others == {*KINDS, *sc.MESSAGE_KEYS}
    assert set(sc.ALIASES.values()) <= names
    assert not names & set(sc.ALIASES)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("OpenAI", "openai"),
        ("az.ai.openai", "azure.ai.openai"),
        ("vertex_ai", "gcp.vertex_ai"),
        ("gemini", "gcp.gemini"),
        ("xai", "x_ai"),
        ("AWS", "aws.bedrock"),
        ("Acme", "acme"),
        ("Langchain", None),
    ],
)
def test_providers_have_one_spelling(told, name):
    """Old and own spellings become the conventions'; a framework is no provider."""
    assert read("chat", {**CHAT, "gen_ai.system": told}).get(sc.PROVIDER_NAME) == name


@pytest.mark.parametrize(
    ("told", "reasons"),
    [
        (("tool_calls",), ("tool_call",)),
        ('["tool_calls"]', ("tool_call",)),
        ("end_turn", ("stop",)),
        (("MAX_TOKENS",), ("length",)),
        ("FinishReason.STOP", ("stop",)),
        ("content-filter", ("content_filter",)),
        (("SAFETY", "STOP"), ("content_filter", "stop")),
        ("something new", ("something new",)),
        (7, None),
    ],
)
def test_finish_reasons_are_the_conventions(told, reasons):
    """Whoever spelt them, and whether as a list, as one string, or as a list in a string."""
    given = {**CHAT, "gen_ai.response.finish_reasons": told}
    assert read("chat", given).get(sc.RESPONSE_FINISH_REASONS) == reasons


def test_a_reply_that_asks_for_tools_has_not_stopped():
    """Some APIs say completed and ask for tools; an import says the same for each."""
    said = {"gen_ai.output.messages": k.spelled([k.CALL_MESSAGE])}
    given = {**CHAT, **said, "gen_ai.response.finish_reasons": ("stop",)}
    assert read("chat", given)[sc.RESPONSE_FINISH_REASONS] == ("tool_call",)


IN, OUT = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"
READ, WRITTEN = "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_write.input_tokens"


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        ({IN: 78, OUT: 31, READ: 16, WRITTEN: 5}, 78),
        ({IN: 10, OUT: 31, READ: 16, WRITTEN: 5}, 31),
        ({IN: 57, OUT: 31, READ: 16, WRITTEN: 5, "gen_ai.usage.total_tokens": 109}, 78),
        ({IN: 78, OUT: 31, READ: 16, WRITTEN: 5, "gen_ai.usage.total_tokens": 109}, 78),
        ({IN: "57", OUT: 31}, 57),
        ({IN: 0, OUT: 0}, None),
        ({IN: -1, OUT: 3}, None),
        ({"gen_ai.usage.prompt_tokens": 5, IN: 57, OUT: 1}, 57),
    ],
)
def test_input_includes_what_was_cached(told, counted):
    """Counts that stand beside each other are added, where the numbers show that they do."""
    run = k.Run()
    run.add("chat", {**CHAT, **told})
    assert normalise(run.trace).usage.input_tokens == counted


def test_the_provider_s_own_counts_are_read_by_its_rules():
    """Anthropic counts cached tokens beside the input, in a reply that Logfire keeps as it came."""
    usage = {"input_tokens": 57, "output_tokens": 31, "cache_read_input_tokens": 16}
    reply = {
        "message": {"role": "assistant", "content": "Hi"},
        "usage": {**usage, "cache_creation_input_tokens": 5},
    }
    run = k.Run("logfire.anthropic")
    run.add("Message with 'c'", {"request_data": '{"model": "c"}', "response_data": k.spelled(reply)})
    assert normalise(run.trace).usage == Usage(
        input_tokens=78, output_tokens=31, cache_read_tokens=16, cache_creation_tokens=5
    )


def test_environment_variables_do_not_leak():
    """What LangSmith copies from the environment is dropped, and no finding either."""
    run = k.Run("langsmith")
    leak = {
        "LANGSMITH_API_KEY": "lsv2",
        "langsmith.metadata.LANGSMITH_ENDPOINT": "x",
        "metadata.LANGCHAIN_X": "y",
    }
    run.add("chain", {"langsmith.span.kind": "chain", **leak})
    normal = normalise(run.trace)
    assert not [key for span in normal.trace for key in span.attributes if "LANG" in key]
    assert set(normal.unmapped.values()) == {()}


def test_what_no_rule_reads_is_listed():
    """Unknown attributes and values of the wrong type are named, and kept out."""
    run = k.Run()
    run.add("chat", {**CHAT, "gen_ai.unheard_of": 1, "gen_ai.request.temperature": "warm", "mine": 2})
    normal = normalise(run.trace)
    assert normal.unmapped == {k.number(1): ("gen_ai.request.temperature", "gen_ai.unheard_of", "mine")}


HAND = {
    "agent.id": "a-1",
    "agent.step_type": "tool_call",
    "agent.tool_name": "pay",
    "agent.cost_usd": "0.25",
    "agent.confidence_score": 0.8,
    "agent.step_success": False,
    "agent.retriable": "true",
}


def test_hand_written_attributes_are_read():
    """Type, cost, confidence, success and whether a retry may help."""
    found = read("step", HAND)
    assert found["name"] == "execute_tool pay"
    assert found[sc.AGENT_ID] == "a-1"
    assert (found[sc.AGENTOPS_COST_AMOUNT], found[sc.AGENTOPS_COST_CURRENCY]) == (0.25, "USD")
    assert (found[sc.AGENTOPS_CONFIDENCE], found[sc.AGENTOPS_ERROR_RETRIABLE]) == (0.8, True)
    assert found[sc.ERROR_TYPE] == "_OTHER"
    assert read("step", {**HAND, "agent.error_type": "timeout"})[sc.ERROR_TYPE] == "timeout"


def test_hand_written_steps_of_other_types_stay_steps():
    """A decision or a reflection is a step of that type, with its name."""
    found = read("weigh", {"agent.step_type": "decision", "agent.id": "a"})
    assert (found[sc.AGENTOPS_STEP], found[sc.AGENTOPS_STEP_TYPE]) == ("weigh", "decision")
    assert read("think", {"agent.model": "m", "agent.response": "x", "agent.id": "a"})["name"] == "chat m"


@pytest.mark.parametrize(("granted", "status"), [(True, "approved"), ("false", "rejected"), (None, None)])
def test_a_question_to_a_person_is_a_checkpoint(granted, status):
    """Hand-written approvals become what our own runs write."""
    given = {"agent.step_type": "human_approval", "agent.action": "refund", "agent.step_success": granted}
    found = read("ask", given)
    assert found["name"] == sc.HITL_CHECKPOINT
    assert (found[sc.AGENTOPS_HITL_ACTION], found.get(sc.AGENTOPS_HITL_STATUS)) == ("refund", status)
    assert sc.OPERATION_NAME not in found


def test_a_hand_off_names_both_agents():
    """Whoever hands over is the sender, whoever takes over is invoked."""
    given = {"agent.step_type": "handoff", "agent.name": "desk", "agent.handoff_to": "refunds"}
    found = read("pass on", given)
    assert (found["name"], found[sc.AGENTOPS_HANDOFF_SENDER]) == ("invoke_agent refunds", "desk")
    node = {"openinference.span.kind": "AGENT", "graph.node.id": "refunds", "graph.node.parent_id": "desk"}
    found = read("Agent", node)
    assert (found["name"], found[sc.AGENTOPS_HANDOFF_SENDER]) == ("invoke_agent refunds", "desk")


def test_an_exception_gives_a_failing_span_its_error():
    """The last exception noted on a failed span is its error's type; one that was handled is none."""
    noted = [k.event("exception", **{"exception.type": name}) for name in ("First", "Last")]
    assert read("chat", CHAT, events=noted, status=StatusCode.ERROR)[sc.ERROR_TYPE] == "Last"
    assert sc.ERROR_TYPE not in read("chat", CHAT, events=noted)


def test_content_kept_off_the_span_is_found_in_its_event():
    """Messages in the details event stand for those that the span does not have."""
    details = {"gen_ai.input.messages": tuple(k.ASKED_PARTS), "gen_ai.request.model": "m"}
    found = read("chat m", CHAT, events=[k.event("gen_ai.client.inference.operation.details", **details)])
    assert (json.loads(str(found[sc.INPUT_MESSAGES])), found[sc.REQUEST_MODEL]) == (k.ASKED_PARTS, "m")


def test_tools_told_as_messages_have_arguments_and_results():
    """Strands' experimental form: the execution holds a call and its response as messages."""
    part = {"type": "tool_call", "id": "c1", "name": "look", "arguments": [{"content": '{"n": 1}'}]}
    answer = {"type": "tool_call_response", "id": "c1", "response": [{"text": "[1, 2]"}]}
    given = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "look",
        "gen_ai.input.messages": k.spelled([{"role": "tool", "parts": [part]}]),
        "gen_ai.output.messages": k.spelled([{"role": "tool", "parts": [answer]}]),
    }
    found = read("execute_tool look", given, "strands.telemetry.tracer")
    assert (found[sc.TOOL_CALL_ARGUMENTS], found[sc.TOOL_CALL_RESULT]) == ('{"n":1}', "[1,2]")


@pytest.mark.parametrize(
    ("result", "kept"),
    [
        ("two words", '"two words"'),
        ("007", '"007"'),
        ("1e5", '"1e5"'),
        ("NaN", '"NaN"'),
        ("null", "null"),
        (5, "5"),
    ],
)
def test_results_are_json(result, kept):
    """What spells JSON is read; codes and words that only look like numbers stay text."""
    given = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "t",
        "gen_ai.tool.call.result": result,
    }
    assert read("execute_tool t", given)[sc.TOOL_CALL_RESULT] == kept


FAILED = {"type": "tool", "data": {"content": "x", "tool_call_id": "c", "status": "error"}}
FAILING = {
    "strands.telemetry.tracer": {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.status": "error"},
    "openinference.x": {"openinference.span.kind": "TOOL", "output.value": k.spelled(FAILED)},
}


@pytest.mark.parametrize(("scope", "given"), FAILING.items(), ids=FAILING)
def test_a_tool_s_message_tells_its_failure(scope, given):
    """A framework that catches a tool's error ends the span well and says so in the answer."""
    assert read("execute_tool t", given, scope)[sc.ERROR_TYPE] == "_OTHER"


def test_totals_of_a_workflow_are_not_counted():
    """A workflow holds no usage and no cost, as no agent does."""
    given = {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.usage.input_tokens": 9,
        "llm.cost.total": 1.5,
    }
    assert set(read("invoke_workflow", given)) == {"name", sc.OPERATION_NAME}


def test_a_url_as_server_address_is_taken_apart():
    """agent-framework writes a URL where a host belongs."""
    found = read("chat", {**CHAT, "server.address": "https://llm.example:8443/v1"}, "agent_framework")
    assert (found[sc.SERVER_ADDRESS], found[sc.SERVER_PORT]) == ("llm.example", 8443)


def test_parents_elsewhere_stay_and_circles_are_cut():
    """A remote parent is part of what was told; a circle is not, and nothing is lost by it."""
    run = k.Run()
    run.add("chat", CHAT)
    spans = list(run.trace.spans)
    span = spans[0].span
    remote = replace(span, parent_id=k.number(99))
    ring = [
        replace(span, span_id=k.number(n), parent_id=k.number(5 - n), name="step", attributes={})
        for n in (2, 3)
    ]
    trace = SourceTrace(
        trace_id=k.TRACE_ID, spans=tuple(SourceSpan(span=one, origin=Origin()) for one in (remote, *ring))
    )
    normal = normalise(trace)
    assert {one.span_id: one.parent_id for one in normal.trace} == {
        k.number(1): k.number(99),
        k.number(2): "",
        k.number(3): k.number(2),
    }
    assert [one.parent_id for one in essential(normal)] == [""]


def test_our_own_traces_come_back_as_they_were():
    """A run of ours, normalised, is the same run: approvals, hand-offs and tools included."""
    made = events.Events()
    made.chat([{"role": "user", "content": "Refund"}], [("c1", "pay", {"n": 1})])
    made.tool("pay", {"n": 1}, {"ok": True})
    made.human("pay", {"n": 1}, "approved")
    made.handoff("clerk", "please", "done")
    made.http(events.post("http://shop.example/orders", {"n": 1}), events.reply({}))
    assert {event.seam for event in made.all} >= {Seam.HUMAN, Seam.AGENT}
    trace = derive(made.all, agent="desk", case="c")
    source = SourceTrace(
        trace_id=trace.spans[0].trace_id,
        spans=tuple(SourceSpan(span=span, origin=Origin(scope=sc.SCOPE)) for span in trace),
    )
    normal = normalise(source)
    assert set(normal.dialects.values()) == {"agentops"}
    assert [(s.name, s.kind, dict(s.attributes)) for s in normal.trace] == [
        (s.name, s.kind, dict(s.attributes)) for s in trace
    ]
    assert [span.name.split()[0] for span in essential(normal)] == [
        "invoke_agent",
        "chat",
        "execute_tool",
        "agentops.hitl_checkpoint",
        "invoke_agent",
        "POST",
    ]


def test_openinference_names_what_is_no_agent():
    """The root of OpenAI Agents is a workflow; embeddings and look-ups are operations of their own."""
    kind = "openinference.span.kind"
    assert read("Agent workflow", {kind: "AGENT"})["name"] == "invoke_workflow Agent workflow"
    found = read(
        "CreateEmbeddings", {kind: "EMBEDDING", "embedding.model_name": "e", "llm.token_count.prompt": 3}
    )
    assert (found["name"], found[sc.USAGE_INPUT_TOKENS]) == ("embeddings e", 3)
    found = read("search", {kind: "RETRIEVER", "input.value": "orders"})
    assert (found["name"], found[sc.RETRIEVAL_QUERY_TEXT]) == ("retrieval", "orders")


def test_the_record_of_a_stream_s_end_is_a_step():
    """Logfire notes what a stream said in a record beside the call, which is no second call."""
    reply = {"combined_chunk_content": "Hi", "chunk_count": 2}
    given = {"logfire.span_type": "log", "request_data": '{"model": "m"}', "response_data": k.spelled(reply)}
    found = read("streaming response from 'm' took 0.10s", given, "logfire.openai")
    assert found[sc.AGENTOPS_STEP_TYPE] == "stream"
    assert sc.OPERATION_NAME not in found


@pytest.mark.parametrize("name", ["agent_run [desk]", "invoke_agent desk"])
def test_adk_names_agents_in_the_span(name):
    """Two releases of the kit name the agent in two ways."""
    assert read(name, {}, "gcp.vertex.agent")["name"] == "invoke_agent desk"
