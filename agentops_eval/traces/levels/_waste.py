"""Calls that were made again, and the tokens that went into calls whose answer nobody used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agentops_eval.domain import Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import failed
from agentops_eval.traces._spans import step_type
from agentops_eval.traces.dialects import NormalTrace

_CONVERSATION = (sc.SYSTEM_INSTRUCTIONS, sc.INPUT_MESSAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waste:
    """``retried`` are the calls that repeat an earlier one; ``wasted`` the llm calls that came to nothing."""

    retried: frozenset[str]
    wasted: frozenset[str]


def waste_of(run: NormalTrace) -> Waste:
    """Find them by span id.

    An llm call is a retry where the call before it under the same parent had ended, and told the same
    conversation, or failed without telling any. A tool call is one where the same tool had failed with
    the same arguments before it. Wasted is an llm call that failed or that a retry superseded.
    """
    calls: dict[str, list[Span]] = {}
    tools: list[Span] = []
    for span in run.trace.spans:
        kind = step_type(span)
        if kind == "llm":
            calls.setdefault(span.parent_id, []).append(span)
        elif kind == "tool":
            tools.append(span)
    superseded = {
        later.span_id: earlier.span_id
        for siblings in calls.values()
        for earlier, later in _pairs(siblings)
        if _same_conversation(earlier, later)
    }
    lost = {span.span_id for siblings in calls.values() for span in siblings if failed(span)}
    return Waste(
        retried=frozenset(superseded) | _repeated(tools),
        wasted=frozenset(lost | {*superseded.values()}),
    )


def _pairs(siblings: Sequence[Span]) -> list[tuple[Span, Span]]:
    """Calls one after another; calls at the same time are none."""
    ordered = _in_time(siblings)
    return [(earlier, later) for earlier, later in pairwise(ordered) if _before(earlier, later)]


def _same_conversation(earlier: Span, later: Span) -> bool:
    told = [[span.attributes.get(key) for key in _CONVERSATION] for span in (earlier, later)]
    if told[0][1] is None or told[1][1] is None:
        return told[0][1] is None and told[1][1] is None and failed(earlier)
    return told[0] == told[1]


def _repeated(tools: Sequence[Span]) -> frozenset[str]:
    """Calls of a tool that follow a failed one with the same arguments."""
    open_failures: dict[tuple[object, object], Span] = {}
    found: set[str] = set()
    for span in _in_time(tools):
        key = (span.attributes.get(sc.TOOL_NAME), span.attributes.get(sc.TOOL_CALL_ARGUMENTS))
        if None in key:  # what is not told is not the same
            continue
        before = open_failures.get(key)
        if before is not None and _before(before, span):
            found.add(span.span_id)
            if not failed(span):
                del open_failures[key]
        if failed(span):
            open_failures[key] = span
    return frozenset(found)


def _in_time(spans: Sequence[Span]) -> list[Span]:
    return sorted(spans, key=lambda span: (span.start_ns, span.end_ns, span.span_id))


def _before(earlier: Span, later: Span) -> bool:
    return earlier.start_ns <= earlier.end_ns <= later.start_ns
