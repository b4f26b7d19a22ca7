"""Which attributes the spans of each type have: how much can be said of a run at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.lint._model import Coverage
from agentops_eval.traces.lint._view import View

ASKED: Mapping[str, tuple[str, ...]] = {
    "llm call": (
        sc.PROVIDER_NAME,
        sc.REQUEST_MODEL,
        sc.RESPONSE_MODEL,
        sc.USAGE_INPUT_TOKENS,
        sc.USAGE_OUTPUT_TOKENS,
        sc.RESPONSE_FINISH_REASONS,
        sc.INPUT_MESSAGES,
        sc.OUTPUT_MESSAGES,
        sc.AGENTOPS_COST_AMOUNT,
        sc.AGENTOPS_CONFIDENCE,
        sc.AGENTOPS_DECISION_CHOSEN,
    ),
    "tool": (
        sc.TOOL_NAME,
        sc.TOOL_CALL_ID,
        sc.TOOL_CALL_ARGUMENTS,
        sc.TOOL_CALL_RESULT,
        sc.AGENTOPS_TOOL_EFFECT,
    ),
    "agent": (sc.AGENT_NAME, sc.CONVERSATION_ID, sc.AGENTOPS_DECISION_CHOSEN, sc.AGENTOPS_CONFIDENCE),
    "human": (sc.AGENTOPS_HITL_ACTION, sc.AGENTOPS_HITL_STATUS, sc.AGENTOPS_HITL_APPROVER_HASH),
    "embeddings": (sc.PROVIDER_NAME, sc.REQUEST_MODEL, sc.USAGE_INPUT_TOKENS),
}
"""What is asked of each type of span."""

_TYPES = {
    **dict.fromkeys(sc.LLM_OPERATIONS, "llm call"),
    sc.EMBEDDINGS: "embeddings",
    sc.EXECUTE_TOOL: "tool",
    sc.INVOKE_AGENT: "agent",
    sc.HITL_CHECKPOINT: "human",
}


class Covered:
    """Counts spans and their attributes by type."""

    def __init__(self) -> None:
        self._spans: Counter[str] = Counter()
        self._present: dict[str, Counter[str]] = {kind: Counter() for kind in ASKED}

    def add(self, view: View) -> None:
        """Count the spans of a run."""
        for span in view.spans:
            kind = _TYPES.get(view.operations[span.span_id])
            if kind is not None:
                self._spans[kind] += 1
                self._present[kind].update(key for key in ASKED[kind] if key in span.attributes)

    def table(self) -> tuple[Coverage, ...]:
        """The types that occur, with how many of their spans have what is asked of them."""
        return tuple(
            Coverage(
                span_type=kind,
                spans=self._spans[kind],
                present={key: self._present[kind][key] for key in keys},
            )
            for kind, keys in ASKED.items()
            if self._spans[kind]
        )
