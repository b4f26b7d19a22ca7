"""Runs of a support agent with what is expected of them, made up: every case has its own of everything."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agentops_eval.domain import Json, Span, SpanKind, StatusCode
from agentops_eval.traces import semconv as sc

SUITE = "desk"
KINDS = ("equals", "matches", "strict", "any_order", "at_most")
"""What is evaluated: the answer whole, the answer by a pattern, each tool call with its arguments in its
place, the names of tools in any order, and how many calls there are."""

_WORDS = (
    "order parcel refund late broken size address invoice voucher courier return label stock the a".split()
)
_INSTRUCTIONS = [{"type": "text", "content": "Look things up before you answer; never promise a date. " * 8}]
_START_NS = 1_790_000_000 * 10**9
_MS = 10**6

Call: TypeAlias = tuple[str, dict[str, Json]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One case with its run: what was asked, answered and called, and what should have been."""

    number: int
    question: str
    output: str
    expected_output: str
    pattern: str
    calls: tuple[Call, ...]
    expected_calls: tuple[Call, ...]
    spans: tuple[Span, ...]

    @property
    def id(self) -> str:
        """The case's id."""
        return f"case-{self.number:05d}"


def made(n: int, rng: random.Random) -> Iterator[Made]:
    """Cases of which most pass: some answers and some calls are other than expected."""
    for number in range(n):
        order, amount = 10_000 + number, f"{rng.randrange(500, 30_000) / 100:.2f}"
        expected = _calls(order, amount, rng)
        told = " ".join(rng.choices(_WORDS, k=rng.randrange(8, 40)))
        answer = f"I looked into order {order}: {told}. You get {amount} EUR back within five days."
        calls = _changed(expected, rng) if rng.random() < 0.25 else expected
        output = answer if rng.random() < 0.75 else answer.replace("five", "six")
        question = " ".join(rng.choices(_WORDS, k=25))
        yield Made(
            number=number,
            question=question,
            output=output,
            expected_output=answer,
            pattern=rf"I looked into order {order}:.*You get \d+\.\d\d EUR back within \w+ days\.",
            calls=calls,
            expected_calls=expected,
            spans=tuple(_spans(number, question, output, calls, rng)),
        )


def written(case: Made, kinds: Sequence[str]) -> Json:
    """The case as a line of a file of scenarios, with what is expected of some kinds."""
    calls: Json = [{"name": name, "arguments": given} for name, given in case.expected_calls]
    names: Json = [name for name, _ in case.expected_calls]
    expect: dict[str, Json] = {
        "equals": {"answer_equals": case.expected_output},
        "matches": {"answer_matches": {"pattern": case.pattern, "whole": True}},
        "strict": {"tools": {"expected": calls, "order": "strict"}},
        "any_order": {"tools": {"expected": names, "order": "superset"}},
        "at_most": {"budget": {"tool_calls": len(case.expected_calls)}},
    }
    return {"id": case.id, "input": case.question, "expect": [expect[kind] for kind in kinds]}


def neutral(case: Made) -> dict[str, Json]:
    """The case with its run as plain JSON, of which each peer makes its own form."""
    return {
        "id": case.id,
        "question": case.question,
        "output": case.output,
        "expected_output": case.expected_output,
        "pattern": case.pattern,
        "calls": [{"name": name, "arguments": given} for name, given in case.calls],
        "expected_calls": [{"name": name, "arguments": given} for name, given in case.expected_calls],
        "spans": [
            {
                "name": span.name,
                "trace_id": span.trace_id,
                "span_id": span.span_id,
                "parent_id": span.parent_id,
                "start_ns": span.start_ns,
                "end_ns": span.end_ns,
                "attributes": dict(span.attributes),  # type: ignore[arg-type]  # scalars and texts only
            }
            for span in case.spans
        ],
    }


def _calls(order: int, amount: str, rng: random.Random) -> tuple[Call, ...]:
    found: list[Call] = [("get_order", {"order_id": order})]
    if rng.random() < 0.7:
        found.append(
            ("find_customer", {"address": f"customer{order}@example.com", "limit": rng.randrange(9)})
        )
    found += [
        ("check_stock", {"sku": f"A-{rng.randrange(999)}", "line": line, "warehouse": "north"})
        for line in range(rng.randrange(3))
    ]
    found.append(("issue_refund", {"order_id": order, "amount": float(amount), "reason": "arrived broken"}))
    return tuple(found)


def _changed(calls: Sequence[Call], rng: random.Random) -> tuple[Call, ...]:
    """One thing that is other than expected: a value, a call too few or too many, or the order."""
    others, at = list(calls), rng.randrange(len(calls))
    kind = rng.randrange(4)
    if kind == 0:
        name, given = others[at]
        others[at] = (name, {**given, next(iter(given)): "another"})
    elif kind == 1:
        del others[at]
    elif kind == 2:
        others.insert(at, ("find_customer", {"address": "nobody@example.com", "limit": 1}))
    else:
        others.reverse()
    return tuple(others)


def _spans(
    number: int, question: str, output: str, calls: Sequence[Call], rng: random.Random
) -> Iterator[Span]:
    """An agent with a chat for each turn; each chat is told everything that was said before it."""
    ids = (f"{number + 1:08x}{index:08x}" for index in range(1, 100))
    root, history = next(ids), [_message("user", {"type": "text", "content": question})]
    clock = _START_NS + number * 10**10

    def span(name: str, kind: SpanKind, attributes: dict[str, str | int]) -> Span:
        nonlocal clock
        clock += 50 * _MS
        span_id = root if attributes[sc.OPERATION_NAME] == sc.INVOKE_AGENT else next(ids)
        return Span(
            name=name,
            trace_id=f"{number + 1:032x}",
            span_id=span_id,
            parent_id="" if span_id == root else root,
            kind=kind,
            start_ns=clock,
            end_ns=clock + (40 * _MS if span_id != root else 10**9),
            status=StatusCode.UNSET,
            attributes=attributes,
        )

    about: dict[str, str | int] = {sc.OPERATION_NAME: sc.INVOKE_AGENT, sc.AGENT_NAME: "desk"}
    yield span("invoke_agent desk", SpanKind.INTERNAL, about)
    for turn, (name, given) in enumerate(calls):
        asked = {"type": "tool_call", "id": f"call_{turn}", "name": name, "arguments": given}
        yield span("chat large", SpanKind.CLIENT, _chat(history, asked, turn))
        result = json.dumps({"state": "sent", "note": " ".join(rng.choices(_WORDS, k=20))})
        tool: dict[str, str | int] = {
            sc.OPERATION_NAME: sc.EXECUTE_TOOL,
            sc.TOOL_NAME: name,
            sc.TOOL_CALL_ID: f"call_{turn}",
            sc.TOOL_CALL_ARGUMENTS: json.dumps(given),
            sc.TOOL_CALL_RESULT: result,
        }
        yield span(f"execute_tool {name}", SpanKind.INTERNAL, tool)
        told = {"type": "tool_call_response", "id": f"call_{turn}", "response": result}
        history += [_message("assistant", asked), _message("tool", told)]
    yield span("chat large", SpanKind.CLIENT, _chat(history, {"type": "text", "content": output}, len(calls)))


def _chat(history: Sequence[Json], answer: dict[str, Json], turn: int) -> dict[str, str | int]:
    return {
        sc.OPERATION_NAME: sc.CHAT,
        sc.PROVIDER_NAME: "openai",
        sc.REQUEST_MODEL: "large",
        sc.SYSTEM_INSTRUCTIONS: json.dumps(_INSTRUCTIONS),
        sc.INPUT_MESSAGES: json.dumps(history),
        sc.OUTPUT_MESSAGES: json.dumps([_message("assistant", answer)]),
        sc.USAGE_INPUT_TOKENS: 300 + 60 * turn,
        sc.USAGE_OUTPUT_TOKENS: 30,
    }


def _message(role: str, part: dict[str, Json]) -> Json:
    return {"role": role, "parts": [part]}
