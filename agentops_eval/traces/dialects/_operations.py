"""What a span is: an operation of the conventions, whatever its sender calls it; empty for a step."""

from __future__ import annotations

from agentops_eval.traces import semconv as sc

STEP = ""

_SPELT = {
    sc.CHAT: "chat generate_content completion_chat llm llm_call generation inference model_call call_llm",
    sc.TEXT_COMPLETION: "text_completion completion",
    sc.EMBEDDINGS: "embeddings embedding",
    sc.RETRIEVAL: "retrieval retriever rerank reranker",
    sc.EXECUTE_TOOL: "execute_tool tool tool_call tool_use tool_execution function function_call action",
    sc.CREATE_AGENT: "create_agent",
    sc.INVOKE_AGENT: "invoke_agent agent agent_run handoff hand_off delegate delegation",
    sc.INVOKE_WORKFLOW: "invoke_workflow workflow",
    sc.PLAN: "plan",
    sc.HITL_CHECKPOINT: """agentops.hitl_checkpoint hitl hitl_checkpoint human human_approval human_review
        human_in_the_loop approval approval_request""",
}
OPERATIONS = {word: name for name, words in _SPELT.items() for word in words.split()}
"""Words for an operation, in lower case with underscores."""

TITLES = {
    sc.EXECUTE_TOOL: sc.TOOL_NAME,
    sc.INVOKE_AGENT: sc.AGENT_NAME,
    sc.CREATE_AGENT: sc.AGENT_NAME,
    sc.PLAN: sc.AGENT_NAME,
    sc.INVOKE_WORKFLOW: sc.WORKFLOW_NAME,
    sc.RETRIEVAL: sc.DATA_SOURCE_ID,
}
"""The attribute behind the operation in a span's name; of any other operation it is the llm that is asked."""

HANDOFFS = {"handoff", "hand_off", "delegate", "delegation"}


def operation_of(word: str) -> str:
    """The operation that a word stands for; a step where it stands for none."""
    return OPERATIONS.get(word.strip().lower().replace("-", "_").replace(" ", "_"), STEP)


def sort_of(operation: str) -> str:
    """The kinds of spans that are told apart: llm, embeddings, tool, agent, human, other and step."""
    if operation in sc.LLM_OPERATIONS:
        return "llm"
    return _SORTS.get(operation, "other") if operation else "step"


_SORTS = {
    sc.EMBEDDINGS: "embeddings",
    sc.EXECUTE_TOOL: "tool",
    sc.INVOKE_AGENT: "agent",
    sc.HITL_CHECKPOINT: "human",
}
