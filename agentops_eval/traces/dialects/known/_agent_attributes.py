"""``agent.*``: attributes as teams write them by hand, before they know the conventions."""

from __future__ import annotations

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import _values as v
from agentops_eval.traces.dialects._common import done, guessed
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import HANDOFFS, STEP, operation_of
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.reading import SourceSpan

NAME = "agent-attributes"

_MARKS = frozenset(
    f"agent.{name}"
    for name in "id step_type model cost_usd confidence_score step_success error_type retriable step".split()
)
_SAME = {
    "agent.id": sc.AGENT_ID,
    "agent.name": sc.AGENT_NAME,
    "agent.version": sc.AGENT_VERSION,
    "agent.session_id": sc.CONVERSATION_ID,
    "agent.model": sc.REQUEST_MODEL,
    "agent.provider": sc.PROVIDER_NAME,
    "agent.finish_reason": sc.RESPONSE_FINISH_REASONS,
    "agent.input_tokens": sc.USAGE_INPUT_TOKENS,
    "agent.prompt_tokens": sc.USAGE_INPUT_TOKENS,
    "agent.output_tokens": sc.USAGE_OUTPUT_TOKENS,
    "agent.completion_tokens": sc.USAGE_OUTPUT_TOKENS,
    "agent.cost_usd": sc.AGENTOPS_COST_AMOUNT,
    "agent.confidence_score": sc.AGENTOPS_CONFIDENCE,
    "agent.confidence": sc.AGENTOPS_CONFIDENCE,
    "agent.error_type": sc.ERROR_TYPE,
    "agent.retriable": sc.AGENTOPS_ERROR_RETRIABLE,
    "agent.tool_name": sc.TOOL_NAME,
    "agent.tool": sc.TOOL_NAME,
    "agent.tool_call_id": sc.TOOL_CALL_ID,
    "agent.tool_args": sc.TOOL_CALL_ARGUMENTS,
    "agent.tool_arguments": sc.TOOL_CALL_ARGUMENTS,
    "agent.tool_input": sc.TOOL_CALL_ARGUMENTS,
    "agent.tool_result": sc.TOOL_CALL_RESULT,
    "agent.tool_output": sc.TOOL_CALL_RESULT,
    "agent.approval_status": sc.AGENTOPS_HITL_STATUS,
    "agent.action": sc.AGENTOPS_HITL_ACTION,
    "agent.handoff_from": sc.AGENTOPS_HANDOFF_SENDER,
}


def recognises(source: SourceSpan) -> bool:
    """One of the usual names."""
    return not _MARKS.isdisjoint(source.span.attributes)


def read(source: SourceSpan) -> Reading:
    """Read the span; its type says what it is, else whether it tells of an llm."""
    reader = Reader(source)
    kind = reader.text("agent.step_type") or ""
    operation = operation_of(kind)
    if kind.strip().lower().replace("-", "_") in HANDOFFS:
        reader.put(sc.AGENT_NAME, reader.text("agent.handoff_to", "agent.target"))
        reader.put(sc.AGENTOPS_HANDOFF_SENDER, reader.text("agent.name", "agent.id"))
    for key, name in _SAME.items():
        if key in reader.given and reader.put(name, reader.given[key]):
            reader.used.add(key)
    if sc.AGENTOPS_COST_AMOUNT in reader.found:
        reader.put(sc.AGENTOPS_COST_CURRENCY, "USD")
    reader.failed = v.flag(reader.raw("agent.step_success")) is False
    reader.ask(reader.json("agent.prompt", "agent.input"))
    reader.answer(reader.json("agent.response", "agent.output"))
    if operation == sc.HITL_CHECKPOINT:
        _human(reader)
    if operation == STEP and not kind and sc.OPERATION_NAME not in reader.given:
        operation = guessed(reader)
    named = sc.OPERATION_NAME in reader.given and operation == STEP
    return done(reader, None if named else operation, step=kind)


def _human(reader: Reader) -> None:
    """A question to a person; whether it was granted follows from its success where nothing else says."""
    reader.put(sc.AGENTOPS_HITL_REQUIRED, "true")
    reader.put(sc.AGENTOPS_HITL_ACTION, reader.text("agent.tool_name") or reader.source.span.name)
    granted = v.flag(reader.raw("agent.approved", "agent.step_success"))
    if granted is not None:
        reader.put(sc.AGENTOPS_HITL_STATUS, "approved" if granted else "rejected")
