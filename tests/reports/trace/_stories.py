"""A run in which everything happens, with a text of anybody's wherever one may stand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from agentops_eval.domain import Label
from agentops_eval.reports import Clock, Heard, Question, StepKind, TraceStep, TraceStory, Wish

PLAIN = "a plain text"


def step(number: int, kind: StepKind, **more: Any) -> TraceStep:
    """A step below the run, of the agent desk where nothing else is said."""
    plain = {"span_id": f"{number:016x}", "depth": 1, "actor": "desk", "name": "a name"}
    return TraceStep(number=number, kind=kind, **{**plain, **more})


def story(text: str = PLAIN, *, clock: Clock = Clock.REAL) -> TraceStory:
    """An agent that looks something up, asks a person, changes something, hands over, fails and answers."""
    told = {text: text, "n": [text, {"deep": text}]}
    asked = Question(
        action=text,
        status="approved",
        details=told,
        step=4,
        waited_ms=90_000.0,
        deadline_s=120.0,
        reason=text,
        policy=text,
        approver=text,
        answer=told,
    )
    llm = {"input_tokens": 120, "output_tokens": 30, "cost": Decimal("0.0012"), "took_ms": 400.0}
    heard = (
        Heard(who="system", told=text),
        Heard(who="user", told=text),
        Heard(who=text, told=told),
        Heard(who="tool", told=told, source=text),
    )
    rows = [
        step(0, StepKind.AGENT, depth=0, name=text, actor=text, took_ms=100_000.0),
        step(1, StepKind.LLM, heard=heard, wishes=(Wish(tool=text, arguments=told),), reason=text, **llm),
        step(2, StepKind.TOOL, name=text, given=told, came_back=told, effect="read", took_ms=5.0),
        step(3, StepKind.LLM, said=text, wishes=(Wish(tool=text, arguments=text),) * 2, **llm),
        step(4, StepKind.HUMAN, name=text, asked=asked, took_ms=90_000.0),
        step(5, StepKind.TOOL, name=text, given=told, effect="write", acts=True, asked=asked),
        step(6, StepKind.AGENT, name="billing", given=text, came_back=told, sender=text),
        step(7, StepKind.HTTP, depth=2, actor="billing", name=f"POST {text}", acts=True, effect=text),
        step(8, StepKind.TOOL, depth=2, actor="billing", error=text, error_message=text),
        step(9, StepKind.STEP, chosen=text, options=(text, "b"), reason=text),
        step(10, StepKind.STEP, name=text),
        step(11, StepKind.LLM, actor=text, said=text, label=Label.REPLAYED, **llm),
    ]
    placed = [
        replace(one, start=at * 9.0, end=at * 9.0 + 8, details={"text": text, text: told}, label=Label.LIVE)
        for at, one in enumerate(rows[:-1])
    ]
    return TraceStory(
        title=text,
        source=text,
        trace_id=text,
        steps=(*placed, rows[-1]),
        clock=clock,
        began="2026-11-26T14:13:10Z" if clock is Clock.REAL else "",
        case=text,
        only_told=2,
        left_out=1,
        placeholders=True,
        notes=(text,),
    )


def many(count: int) -> TraceStory:
    """A very long run: mostly look-ups, now and then a change, a failure and a question to a person."""
    rows = [step(0, StepKind.AGENT, depth=0, name="desk")]
    for number in range(1, count + 1):
        more: dict[str, Any] = {"start": float(number), "end": number + 0.5}
        if number % 500 == 0:
            more |= {"acts": True, "effect": "write"}
        if number % 1_000 == 7:
            more |= {"error": "TimeoutError"}
        kind = StepKind.HUMAN if number % 1_500 == 3 else StepKind.TOOL
        rows.append(
            step(number, kind, effect=more.pop("effect", "read"), details={"t": "x" * 50_000}, **more)
        )
    return TraceStory(title="desk", source="x.jsonl", trace_id="ab", steps=tuple(rows), clock=Clock.REAL)
