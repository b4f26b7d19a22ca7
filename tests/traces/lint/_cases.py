"""For each rule a run that breaks it, and the nearest one that does not."""

from __future__ import annotations

from dataclasses import replace

from agentops_eval.domain import SpanEvent, SpanLink
from agentops_eval.traces import semconv as sc
from tests.traces.lint._runs import CALL, ERROR, FAILED, Run, Spoil, messages, spelled

KEY = "sk-proj-" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY" + "aB3dE5fG7hJ9"


def evaluated(name="relevance", score=0.5, label=None):
    given = {sc.EVALUATION_NAME: name, sc.EVALUATION_SCORE_VALUE: score, sc.EVALUATION_SCORE_LABEL: label}
    kept = {key: value for key, value in given.items() if value is not None}
    return (SpanEvent(name=sc.EVALUATION_RESULT, attributes=kept),)


def numbered(count):
    """So many steps whose names differ in a number only."""

    def spoil(run: Run) -> Run:
        for number in range(count):
            step = replace(run.spans["billing"], name=f"step {number}", span_id=f"{100 + number:016x}")
            run.spans[step.name] = replace(step, attributes={})
        return run

    return spoil


def placed(run: Run, environment: str) -> Run:
    run.resource["deployment.environment.name"] = environment
    return run


UNDECIDED = dict.fromkeys(
    (
        sc.AGENTOPS_DECISION_TYPE,
        sc.AGENTOPS_DECISION_OPTIONS,
        sc.AGENTOPS_DECISION_CHOSEN,
        sc.AGENTOPS_DECISION_REASON,
    )
)
EXPLAINED = spelled([{"role": "assistant", "parts": [{"type": "text", "content": "It broke."}, CALL]}])


# For each rule: how the run is spoilt, and the nearest thing that is still right.
CASES: dict[str, tuple[Spoil, Spoil]] = {
    "AL101": (
        lambda r: r.set("chat", {sc.REQUEST_MODEL: None, sc.RESPONSE_MODEL: None}),
        lambda r: r.set("chat", {sc.RESPONSE_MODEL: None}),
    ),
    "AL102": (
        lambda r: r.set("chat", {sc.PROVIDER_NAME: "langchain"}),
        lambda r: r.set("chat", {sc.PROVIDER_NAME: "acme"}),
    ),
    "AL103": (
        lambda r: r.set("chat", {sc.REQUEST_MODEL: None}),
        lambda r: r.set("chat", {sc.REQUEST_MODEL: None, sc.RESPONSE_MODEL: None}),
    ),
    "AL104": (
        lambda r: r.set("chat", {sc.RESPONSE_MODEL: None}),
        lambda r: r.set("chat", {**FAILED, sc.ERROR_TYPE: "429"}, status=ERROR),
    ),
    "AL105": (
        lambda r: r.set("chat", {sc.RESPONSE_MODEL: "large"}),
        lambda r: r.set("chat", {sc.RESPONSE_MODEL: "large-0613"}),
    ),
    "AL106": (
        lambda r: r.set("chat", {sc.USAGE_INPUT_TOKENS: None}),
        lambda r: r.set("chat", {sc.USAGE_INPUT_TOKENS: 0}),
    ),
    "AL107": (
        lambda r: r.set("chat", {sc.USAGE_OUTPUT_TOKENS: None, sc.USAGE_REASONING: None}),
        lambda r: r.set("chat", {sc.OPERATION_NAME: sc.EMBEDDINGS, sc.USAGE_OUTPUT_TOKENS: None}),
    ),
    "AL108": (
        lambda r: r.set("chat", {sc.USAGE_REASONING: 10}),
        lambda r: r.set("chat", {sc.USAGE_REASONING: 9}),
    ),
    "AL109": (
        lambda r: r.set("chat", {sc.RESPONSE_FINISH_REASONS: None}),
        lambda r: r.set("chat", {sc.RESPONSE_FINISH_REASONS: ("length",)}),
    ),
    "AL110": (
        lambda r: r.set("chat", {sc.RESPONSE_FINISH_REASONS: ("tired",)}),
        lambda r: r.set("chat", {sc.RESPONSE_FINISH_REASONS: ("end_turn",)}),
    ),
    "AL111": (
        lambda r: r.set("chat", {sc.RESPONSE_ID: None}),
        lambda r: r,
    ),
    "AL112": (
        lambda r: r.set("chat", {sc.RESPONSE_TIME_TO_FIRST_CHUNK: None}),
        lambda r: r.set("chat", {sc.RESPONSE_TIME_TO_FIRST_CHUNK: None, sc.REQUEST_STREAM: False}),
    ),
    "AL113": (
        lambda r: r.set("chat", FAILED, status=ERROR),
        lambda r: r.set("chat", {**FAILED, sc.ERROR_TYPE: "429"}, status=ERROR),
    ),
    "AL114": (
        lambda r: r.set("chat", {**FAILED, sc.ERROR_TYPE: "429"}),
        lambda r: r.set("chat", {**FAILED, sc.ERROR_TYPE: "429"}, status=ERROR),
    ),
    "AL115": (
        lambda r: r.set("again", {sc.INPUT_MESSAGES: None}),
        lambda r: r,
    ),
    "AL201": (
        lambda r: r.without("served").set(
            "tool", {sc.TOOL_NAME: None, sc.TOOL_CALL_ID: "c9"}, name="execute_tool"
        ),
        lambda r: r.set("tool", {sc.TOOL_NAME: None}, name="execute_tool refund"),
    ),
    "AL202": (
        lambda r: r.without("tool", "served"),
        lambda r: r.without("tool", "served").set(
            "chat", {sc.OUTPUT_MESSAGES: messages(("c1", "ask_billing"))}
        ),
    ),
    "AL203": (
        lambda r: r.set("chat", {sc.OUTPUT_MESSAGES: messages(("c1", "refund"), ("c2", "look"))}),
        lambda r: r.set("chat", {sc.OUTPUT_MESSAGES: messages(("c1", "refund"), ("c2", "to_billing"))}),
    ),
    "AL204": (
        lambda r: r.add("tool", {sc.TOOL_CALL_ID: "c2", sc.TOOL_NAME: "look"}, name="execute_tool look"),
        lambda r: (
            r.set("chat", {sc.OUTPUT_MESSAGES: None})
            .set("again", {sc.OUTPUT_MESSAGES: None})
            .add("tool", {sc.TOOL_CALL_ID: "c2", sc.TOOL_NAME: "look"}, name="execute_tool look")
        ),
    ),
    "AL205": (
        lambda r: r.add("tool").at("more", 301, 305),
        lambda r: r.set("tool", {sc.ERROR_TYPE: "timeout"}, status=ERROR).add(
            "tool", {sc.ERROR_TYPE: None}, start_ns=r.spans["again"].start_ns
        ),
    ),
    "AL206": (
        lambda r: r.add("tool", {sc.TOOL_CALL_ID: None, sc.TOOL_NAME: "look"}, name="execute_tool look"),
        lambda r: r.set("tool", {sc.TOOL_CALL_ID: None}),
    ),
    "AL207": (
        lambda r: r.set("chat", {sc.OUTPUT_MESSAGES: None}).set("tool", {sc.TOOL_CALL_ARGUMENTS: None}),
        lambda r: r.set("tool", {sc.TOOL_CALL_ARGUMENTS: None}),
    ),
    "AL208": (
        lambda r: r.set("chat", {sc.OUTPUT_MESSAGES: None}).set("tool", {sc.TOOL_CALL_ARGUMENTS: "seven"}),
        lambda r: r.set("tool", {sc.TOOL_CALL_ARGUMENTS: "{}"}),
    ),
    "AL209": (
        lambda r: r.set("tool", {sc.TOOL_CALL_RESULT: None}),
        lambda r: r.set("tool", {sc.TOOL_CALL_RESULT: None, sc.ERROR_TYPE: "timeout"}, status=ERROR),
    ),
    "AL210": (
        lambda r: r.set("tool", status=ERROR),
        lambda r: r.set("tool", {sc.ERROR_TYPE: "timeout"}, status=ERROR),
    ),
    "AL301": (
        lambda r: r.set(
            "chat",
            dict.fromkeys(
                (sc.AGENTOPS_DECISION_TYPE, sc.AGENTOPS_DECISION_OPTIONS, sc.AGENTOPS_DECISION_CHOSEN)
            ),
        ),
        lambda r: r.set("chat", {sc.AGENTOPS_DECISION_OPTIONS: None}),
    ),
    "AL302": (
        lambda r: r.set("chat", {sc.AGENTOPS_DECISION_CHOSEN: None}),
        lambda r: r,
    ),
    "AL303": (
        lambda r: r.set("chat", {sc.AGENTOPS_DECISION_CHOSEN: "escalate"}),
        lambda r: r.set("chat", {sc.AGENTOPS_DECISION_CHOSEN: "refuse"}),
    ),
    "AL304": (
        lambda r: r.set("chat", {sc.AGENTOPS_DECISION_REASON: None}),
        lambda r: r,
    ),
    "AL401": (
        lambda r: r.without("human"),
        lambda r: r.set("human", {sc.AGENTOPS_HITL_ACTION: "pay money back"}),
    ),
    "AL402": (
        lambda r: r.without("human").set("tool", {sc.AGENTOPS_TOOL_EFFECT: "write"}),
        lambda r: r.without("human").set("tool", {sc.AGENTOPS_TOOL_EFFECT: "read"}),
    ),
    "AL403": (
        lambda r: r.set("human", {sc.AGENTOPS_HITL_STATUS: "timeout"}),
        lambda r: r.set("human", {sc.AGENTOPS_HITL_STATUS: "modified"}),
    ),
    "AL404": (
        lambda r: r.set("human", {sc.AGENTOPS_HITL_STATUS: "maybe"}),
        lambda r: r.set("human", {sc.AGENTOPS_HITL_STATUS: "pending"}),
    ),
    "AL405": (
        lambda r: r.add("tool", {sc.TOOL_CALL_ARGUMENTS: spelled({"order": 8})}),
        lambda r: r.add("tool"),
    ),
    "AL406": (
        lambda r: r.set("human", {sc.AGENTOPS_HITL_APPROVER_HASH: None}),
        lambda r: r.set("human", {sc.AGENTOPS_HITL_APPROVER_HASH: None, sc.AGENTOPS_HITL_STATUS: "rejected"}),
    ),
    "AL407": (
        lambda r: r.set("human", {sc.AGENTOPS_HITL_APPROVER_HASH: "a.b@example.org"}),
        lambda r: r.set("human", {sc.AGENTOPS_HITL_APPROVER_HASH: "sha256:77af"}),
    ),
    "AL501": (
        lambda r: r.set("chat", {sc.AGENTOPS_COST_AMOUNT: None}),
        lambda r: r.set("chat", {sc.AGENTOPS_COST_AMOUNT: 0}),
    ),
    "AL502": (
        lambda r: r.set("chat", {sc.AGENTOPS_COST_AMOUNT: -1.0}),
        lambda r: r.set("chat", {sc.AGENTOPS_COST_AMOUNT: 0.0}),
    ),
    "AL503": (
        lambda r: r.set("chat", {sc.AGENTOPS_COST_CURRENCY: None}),
        lambda r: r.set("chat", {sc.AGENTOPS_COST_CURRENCY: None, sc.AGENTOPS_COST_AMOUNT: None}),
    ),
    "AL504": (
        lambda r: r.set("chat", {sc.AGENTOPS_COST_CURRENCY: "EUR"}),
        lambda r: r.set("chat", {sc.AGENTOPS_COST_CURRENCY: "EUR"}).set(
            "again", {sc.AGENTOPS_COST_CURRENCY: "EUR"}
        ),
    ),
    "AL505": (
        lambda r: r.set("agent", {sc.USAGE_INPUT_TOKENS: 120}),
        lambda r: r.set("agent", {sc.USAGE_INPUT_TOKENS: 120}).set("chat", {sc.USAGE_INPUT_TOKENS: None}),
    ),
    "AL506": (
        lambda r: r.add("chat", parent_id=r.spans["chat"].span_id),
        lambda r: r,
    ),
    "AL601": (
        lambda r: r.set("agent", {sc.AGENTOPS_CONFIDENCE: None}, events=()).set(
            "chat", {sc.AGENTOPS_DECISION_CONFIDENCE: None}
        ),
        lambda r: r.set("agent", {sc.AGENTOPS_CONFIDENCE: None}).set(
            "chat", {sc.AGENTOPS_DECISION_CONFIDENCE: None}
        ),
    ),
    "AL602": (
        lambda r: r.set("agent", {sc.AGENTOPS_CONFIDENCE: 90}),
        lambda r: r.set("agent", {sc.AGENTOPS_CONFIDENCE: 1}),
    ),
    "AL603": (
        lambda r: r.set("agent", events=evaluated(name=None)),
        lambda r: r.set("agent", events=evaluated()),
    ),
    "AL604": (
        lambda r: r.set("agent", events=evaluated(score=5)),
        lambda r: r.set("agent", events=evaluated(score=1.0)),
    ),
    "AL605": (
        lambda r: r.set("agent", events=evaluated(score=None)),
        lambda r: r.set("agent", events=evaluated(score=None, label="good")),
    ),
    "AL701": (
        lambda r: r.set("billing", parent_id=""),
        lambda r: r,
    ),
    "AL702": (
        lambda r: r.set("billing", parent_id="f" * 16),
        lambda r: r.set("agent", parent_id="f" * 16),
    ),
    "AL703": (
        lambda r: r.add("chat", span_id=r.spans["again"].span_id),
        lambda r: r.add("again", span_id=r.spans["again"].span_id),
    ),
    "AL704": (
        lambda r: r.set("billing", span_id="0" * 16),
        lambda r: r.set("billing", span_id="9" * 16),
    ),
    "AL705": (
        lambda r: r.set("again", parent_id=r.spans["billing"].span_id).set(
            "billing", parent_id=r.spans["again"].span_id
        ),
        lambda r: r.set("again", parent_id=r.spans["billing"].span_id),
    ),
    "AL706": (
        lambda r: r.at("billing", 990, 1002),
        lambda r: r.at("billing", 990, 1001),
    ),
    "AL707": (
        lambda r: r.set("billing", end_ns=0),
        lambda r: r.set("billing", end_ns=r.spans["billing"].start_ns),
    ),
    "AL708": (
        lambda r: r.set("billing", {sc.AGENT_NAME: None}, name="invoke_agent"),
        lambda r: r.set("billing", {sc.AGENT_NAME: None}),
    ),
    "AL709": (
        lambda r: r.set("billing", {sc.CONVERSATION_ID: None}, parent_id=""),
        lambda r: r.set("billing", parent_id=""),
    ),
    "AL710": (
        lambda r: r.set("billing", {sc.AGENTOPS_HANDOFF_SENDER: None}, parent_id=""),
        lambda r: r.set(
            "billing",
            {sc.AGENTOPS_HANDOFF_SENDER: None},
            parent_id="",
            links=(SpanLink(trace_id="cd" * 16, span_id="c" * 16),),
        ),
    ),
    "AL711": (
        lambda r: r.set("served", parent_id=""),
        lambda r: r,
    ),
    "AL801": (
        lambda r: r.set("tool", {sc.TOOL_CALL_RESULT: spelled({"note": KEY})}),
        lambda r: r.set("tool", {sc.TOOL_CALL_RESULT: spelled({"note": "[redacted:secret-1]"})}),
    ),
    "AL802": (
        lambda r: r.set("chat", {"langsmith.metadata.LANGSMITH_PROJECT": "shop"}),
        lambda r: r.set("chat", {"langsmith.metadata.project": "shop"}),
    ),
    "AL803": (numbered(10), numbered(9)),
    "AL804": (
        lambda r: placed(r, "production"),
        lambda r: placed(r, "staging"),
    ),
    "AL901": (
        lambda r: r.set("chat", {sc.OPERATION_NAME: "completion_chat"}),
        lambda r: r.set("chat", {sc.OPERATION_NAME: "generate_content"}),
    ),
    "AL902": (
        lambda r: r.set("tool", {sc.TOOL_CALL_ID: None}),
        lambda r: r.set("tool", {sc.TOOL_DESCRIPTION: None}),
    ),
    "AL903": (
        lambda r: r.set("chat", name="openai.chat"),
        lambda r: r.set("chat", {sc.REQUEST_MODEL: None}, name="chat"),
    ),
    "AL904": (
        lambda r: r.set("tool", kind=r.spans["chat"].kind),
        lambda r: r.set("chat", kind=r.spans["tool"].kind),
    ),
    "AL905": (
        lambda r: r.set("chat", {"gen_ai.usage.input_token": 40}),
        lambda r: r.set("chat", {"gen_ai.usage.cache_write.input_tokens": 0}),
    ),
    "AL906": (
        lambda r: r.set("chat", {"gen_ai.shop.customer": "7"}),
        lambda r: r.set("chat", {"shop.customer": "7", "gen_ai.prompt.variable.customer": "7"}),
    ),
    "AL907": (
        lambda r: r.set("chat", {"gen_ai.system": "openai"}),
        lambda r: r,
    ),
    "AL908": (
        lambda r: r.set("chat", {sc.RESPONSE_FINISH_REASONS: '["tool_call"]'}),
        lambda r: r.set("chat", {sc.REQUEST_TEMPERATURE: 0}),
    ),
    "AL909": (
        lambda r: r.set("chat", {sc.INPUT_MESSAGES: spelled([{"role": "user", "content": "hi"}])}),
        lambda r: r.set("chat", {sc.INPUT_MESSAGES: spelled([{"role": "user", "parts": [{"type": "x"}]}])}),
    ),
    "AL001": (
        lambda r: r.set("tool", parent_id=""),
        lambda r: r.set("tool", {sc.AGENTOPS_TOOL_EFFECT: "read"}, parent_id=""),
    ),
    "AL002": (
        lambda r: r.set("agent", {sc.AGENTOPS_AUTHORITY: None}),
        lambda r: r.set("agent", {sc.AGENTOPS_AUTHORITY: None}).set("tool", {"enduser.id": "u-1"}),
    ),
    "AL003": (
        lambda r: r.set("chat", UNDECIDED),
        lambda r: r.set("chat", {**UNDECIDED, sc.OUTPUT_MESSAGES: EXPLAINED}),
    ),
    "AL004": (
        lambda r: r.set("tool", {sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY: None}),
        lambda r: r.set(
            "tool", {sc.AGENTOPS_TOOL_IDEMPOTENCY_KEY: None, sc.AGENTOPS_TOOL_EFFECT: "external"}
        ),
    ),
    "AL005": (
        lambda r: r.set("tool", {sc.AGENTOPS_TOOL_EFFECT: None}),
        lambda r: r.set("tool", {sc.AGENTOPS_TOOL_EFFECT: "none"}),
    ),
    "AL006": (
        lambda r: r.set("human", {sc.AGENTOPS_HITL_DETAILS: spelled({"order": 8})}),
        lambda r: r.set(
            "human",
            {
                sc.AGENTOPS_HITL_DETAILS: spelled({"order": 8}),
                sc.AGENTOPS_HITL_STATUS: "modified",
                sc.AGENTOPS_HITL_ANSWER: spelled({"order": 7}),
            },
        ),
    ),
    "AL007": (
        lambda r: r.set("human", {sc.AGENTOPS_HITL_ACTION: "pay money back"}),
        lambda r: r.set("human", {sc.AGENTOPS_HITL_ACTION: "Refund of order 7"}),
    ),
}
