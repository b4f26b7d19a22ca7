"""A whole run in a few sentences: what was asked and answered, what changed, whom it asked, what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from agentops_eval.domain import Effect, counted
from agentops_eval.reports._text import one_line
from agentops_eval.reports.trace._nouns import Clock, StepKind, TraceStep, TraceStory
from agentops_eval.reports.trace._values import dollars, in_words, lasted
from agentops_eval.reports.trace._words import (
    WORLD,
    Line,
    Piece,
    allowed,
    answer,
    fault,
    permission,
    sentence,
    who,
)

MOST = 10
_LONG = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """A run counted. Money, tokens and time are None where nothing is known of them."""

    llms: int
    tools: int
    unclear: int
    acts: tuple[TraceStep, ...]
    asked: tuple[TraceStep, ...]
    failed: tuple[TraceStep, ...]
    took_ms: float | None
    input_tokens: int | None
    output_tokens: int | None
    without_tokens: int
    cost: str
    without_cost: int


def sums(steps: Sequence[TraceStep]) -> Sums:
    """Count steps; ``unclear`` are uses of tools of which nobody says whether they change anything."""
    llms = [one for one in steps if one.kind is StepKind.LLM]
    tools = [one for one in steps if one.kind is StepKind.TOOL and one.name != WORLD]
    costs = [one.cost for one in llms if one.cost is not None]
    return Sums(
        llms=len(llms),
        tools=len(tools),
        unclear=sum(not one.acts and one.effect != Effect.READ for one in tools),
        acts=tuple(one for one in steps if one.acts),
        asked=tuple(one for one in steps if one.kind is StepKind.HUMAN),
        failed=tuple(one for one in steps if one.error),
        took_ms=_took(steps),
        input_tokens=_sum([one.input_tokens for one in llms]),
        output_tokens=_sum([one.output_tokens for one in llms]),
        without_tokens=sum(one.input_tokens is None or one.output_tokens is None for one in llms),
        cost=dollars(sum(costs, Decimal(0)) if costs else None),
        without_cost=len(llms) - len(costs),
    )


def _took(steps: Sequence[TraceStep]) -> float | None:
    """From the first start to the last end that is told."""
    starts = [one.start for one in steps if one.start is not None]
    ends = [one.end for one in steps if one.end is not None]
    return max(ends) - min(starts) if starts and ends else None


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [one for one in counts if one is not None]
    return sum(known) if known else None


def lead(story: TraceStory, total: Sums) -> list[Piece]:
    """The run in two or three sentences."""
    if not story.steps:
        return [Piece("Of this run nothing can be told.")]
    timed = total.took_ms is not None and story.clock is Clock.REAL
    did = [f"asked its llm {_times(total.llms)}"] if total.llms else []
    did += [f"used tools {_times(total.tools)}"] if total.tools else []
    did += [f"asked a person {_times(len(total.asked))}{_silent(total)}"] if total.asked else []
    first = Piece(f"In {lasted(total.took_ms)} " if timed else "")
    name = who(story.title) if story.title.strip() or timed else Piece("The agent")
    told = f" {_and(did) or 'did nothing that this trace tells of'}. {_changed(total)} {_failed(total)}"
    return [first, name, Piece(told)]


def figures(story: TraceStory, total: Sums) -> list[tuple[str, str, str]]:
    """Figures with what is missing in them."""
    tokens = (total.input_tokens, total.output_tokens)
    read, written = ("?" if one is None else f"{one:,}" for one in tokens)
    unknown = f"unknown of {counted(total.without_tokens, 'answer')}" if total.without_tokens else ""
    unpriced = f"price unknown of {counted(total.without_cost, 'answer')}" if total.without_cost else ""
    timed = story.clock is Clock.REAL
    found = [
        ("began", story.began.replace("T", " ").replace("Z", " UTC") or "not told", ""),
        ("took", lasted(total.took_ms) if timed else "not told", ""),
        ("asked its llm", f"{total.llms:,}", ""),
        ("used tools", f"{total.tools:,}", ""),
        ("changes", f"{len(total.acts):,}", ""),
        ("asked people", f"{len(total.asked):,}", ""),
        ("failed steps", f"{len(total.failed):,}", ""),
    ]
    spent = [
        ("tokens read", read, unknown),
        ("tokens written", written, unknown),
        ("cost", total.cost, unpriced if total.cost != "unknown" else ""),
    ]
    return [*found, *spent] if total.llms else found


def _silent(total: Sums) -> str:
    """That nobody answered, which is no failure, and matters."""
    silent = sum(one.asked is not None and one.asked.status in {"timeout", "pending"} for one in total.asked)
    if not silent:
        return ""
    return ", who did not answer" if silent == len(total.asked) else f" (no answer: {_times(silent)})"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _and(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _changed(total: Sums) -> str:
    done = [one for one in total.acts if not one.error]
    if done:
        told = f"It changed something {_times(len(done))}{_ways(done)}."
    else:
        told = "It changed nothing that is told of." if total.unclear else "It changed nothing."
    if total.unclear == total.tools > 0:
        return "Whether its tools changed anything is not told."
    if total.unclear:
        told += f" Whether it did so {_times(total.unclear)} more is not told."
    return told


def _ways(done: Sequence[TraceStep]) -> str:
    """With whose permission: once for all where it is the same."""
    counts = Counter(map(allowed, done))
    ways = {
        "with a person's permission": counts[True],
        "although a person had not allowed it": counts[False],
        "without asking a person": counts[None],
    }
    told = [(way, count) for way, count in ways.items() if count]
    if len(told) == 1:
        return f", {told[0][0]}"
    return f": {_and([f'{_times(count)} {way}' for way, count in told])}"


def _failed(total: Sums) -> str:
    return f"{counted(len(total.failed), 'step')} failed." if total.failed else "Nothing failed."


def short(story: TraceStory, total: Sums) -> Iterator[Line]:
    """What matters, a line each, with the step that shows it."""
    yield from _question(story.steps)
    yield from _answer(story.steps)
    for one in total.acts[:MOST]:
        by = permission(one)
        pieces = [*sentence(one), Piece(f" {capital(by.name)} {by.pieces[0].text}.")]
        yield Line(name="changed", pieces=pieces, step=one.number, tone=by.tone)
    yield from _more("changed", len(total.acts))
    for one in total.asked[:MOST]:
        yield Line(name="a person", pieces=_asked(one), step=one.number)
    yield from _more("a person", len(total.asked))
    for one in total.failed[:MOST]:
        pieces = [*sentence(one), Piece(f" {capital(fault(one))}.")]
        yield Line(name="failed", pieces=pieces, step=one.number, tone="bad")
    yield from _more("failed", len(total.failed))


def capital(text: str) -> str:
    """The text as a sentence begins."""
    return f"{text[:1].upper()}{text[1:]}"


def _more(name: str, count: int) -> Iterator[Line]:
    if count > MOST:
        yield Line(name=name, pieces=[Piece(f"and {count - MOST:,} more")])


def _asked(step: TraceStep) -> list[Piece]:
    told = "What was answered is not told." if step.asked is None else answer(step.asked)
    return [*sentence(step), Piece(f" {told}")]


def _question(steps: Sequence[TraceStep]) -> Iterator[Line]:
    """What a person, or whoever called the agent, wanted: the first words of a user."""
    for step in steps:
        if step.kind is StepKind.AGENT and step.given is not None:
            yield Line(name="asked", pieces=[Piece(in_words(step.given, _LONG), "q")], step=step.number)
            return
        for one in step.heard:
            if one.who == "user":
                yield Line(name="asked", pieces=[Piece(in_words(one.told, _LONG), "q")], step=step.number)
                return
    if any(step.kind is StepKind.LLM for step in steps):
        yield Line(name="asked", pieces=[Piece("what it was asked is not told")])


def _answer(steps: Sequence[TraceStep]) -> Iterator[Line]:
    """What was said last without choosing a tool, by the agent that began, else by any."""
    said = [one for one in steps if one.kind is StepKind.LLM and one.said and not one.wishes]
    first = next((one.name for one in steps if one.kind is StepKind.AGENT), "")
    last = next((one for one in reversed(said) if one.actor == first), said[-1] if said else None)
    if last is not None:
        yield Line(name="answered", pieces=[Piece(one_line(last.said, _LONG), "q")], step=last.number)
    elif any(one.kind is StepKind.LLM for one in steps):
        yield Line(name="answered", pieces=[Piece("no answer in words is told")])
