"""What llms said in a run, call by call."""

from __future__ import annotations

from dataclasses import dataclass

from agentops_eval.domain import Span, Trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import operation, text_of
from agentops_eval.traces._parts import parts_of
from agentops_eval.traces.llm import _parts as p


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The text of one llm call's answer, with the call's span."""

    span: Span
    text: str


def said_by_llms(trace: Trace) -> tuple[Said, ...]:
    """The answers of llms that hold text, in the order in which the calls began."""
    llms = [span for span in trace.spans if operation(span) in sc.LLM_OPERATIONS]
    found: list[Said] = []
    for span in sorted(llms, key=lambda span: span.start_ns):
        parts = parts_of(text_of(span, sc.OUTPUT_MESSAGES), "text")
        text = "\n".join(said for part in parts if (said := p.text(part.get("content"))) is not None)
        if text:
            found.append(Said(span=span, text=text))
    return tuple(found)
