"""A step in plain sentences: who decided what, what was seen, what was done, who allowed it, what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Effect, Label, counted
from agentops_eval.reports._text import one_line
from agentops_eval.reports.trace._nouns import Heard, Question, StepKind, TraceStep
from agentops_eval.reports.trace._values import dollars, in_words, lasted

NAME, QUOTE, TEXT = 120, 500, 300
_MOST = 8
WORLD = "agentops.world"
"""The step in which a trial of a suite reads how the run left the world."""

GRANTED = frozenset({"approved", "modified"})
_LABELS = {
    Label.REPLAYED: "answered from a recording",
    Label.BRANCH: "answered by a recording of a changed run",
    Label.SYNTHESISED: "answered from a foreign trace",
    Label.SCRIPTED: "answered by a script of the test",
}
_ANSWERS = {
    "approved": "allowed it",
    "modified": "allowed it, with changes",
    "rejected": "said no",
    "timeout": "did not answer in time",
    "pending": "had not answered when the run ended",
    "": "answered, and the trace does not tell what",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence. ``mark`` is ``b`` for names, ``code`` for tools, ``q`` for what was said."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that is said of a step beside its sentence. ``step`` is a step that it leads to."""

    name: str
    pieces: Sequence[Piece]
    step: int | None = None
    tone: str = ""


def who(name: str) -> Piece:
    """An agent by its name."""
    return Piece(one_line(name, NAME), "b") if name.strip() else Piece("the agent")


def _tool(name: str) -> Piece:
    return Piece(one_line(name, NAME) or "a tool without a name", "code")


def _quote(text: str, limit: int = QUOTE) -> Piece:
    return Piece(one_line(text, limit), "q")


def kind_word(step: TraceStep) -> str:
    """What a step is, in a word."""
    if step.kind is StepKind.AGENT:
        return "hand-off" if step.number else "the run"
    if step.kind is StepKind.LLM:
        return "decision" if step.wishes else "answer" if step.said else "llm"
    if step.kind is StepKind.TOOL:
        used = "look-up" if step.effect == Effect.READ else "tool"
        return "change" if step.acts else "the test" if step.name == WORLD else used
    words = {StepKind.HUMAN: "person", StepKind.HTTP: "change" if step.acts else "request"}
    return words.get(step.kind, "choice" if step.chosen else "step")


def is_wrapper(step: TraceStep) -> bool:
    """Whether a step tells nothing itself and only holds others, as many frameworks have them."""
    told = step.chosen or step.error or step.given is not None or step.came_back is not None or step.reason
    return step.kind is StepKind.STEP and step.number > 0 and not told


def tone(step: TraceStep) -> str:
    """The colour of a step: what failed before what a person was asked, what changed something, the rest."""
    if step.error:
        return "bad"
    if step.kind is StepKind.HUMAN:
        return "ask"
    return "act" if step.acts else "llm" if step.kind is StepKind.LLM else "plain"


def sentence(step: TraceStep) -> list[Piece]:
    """What happened, as one sentence."""
    found = list(_TELLERS[step.kind](step))
    if step.error and step.kind is not StepKind.LLM:
        end = "" if found[-1].text.endswith((".", "!", "?")) else "."
        found.append(Piece(f"{end} It broke off." if step.kind is StepKind.AGENT else f"{end} It failed."))
    elif found[-1].mark != "q" and not found[-1].text.endswith((".", "!", "?")):
        found.append(Piece("."))
    return found


def _agent(step: TraceStep) -> Iterator[Piece]:
    if not step.number and step.given is None:
        yield who(step.name)
        yield Piece(" began")
        return
    if step.sender or step.actor != step.name:
        yield who(step.sender or step.actor)
        yield Piece(" handed a task over to ")
        yield who(step.name)
    else:
        yield who(step.name)
        yield Piece(" was given a task")
    if step.given is not None:
        yield Piece(": ")
        yield _quote(in_words(step.given, QUOTE))


def _llm(step: TraceStep) -> Iterator[Piece]:
    yield who(step.actor)
    if step.error:
        yield Piece(" asked its llm and got no answer.")
    elif len(step.wishes) == 1:
        yield Piece(" decided to use ")
        yield _tool(step.wishes[0].tool)
        yield Piece(f", with {in_words(step.wishes[0].arguments, TEXT)}")
    elif step.wishes:
        yield Piece(f" decided to use {counted(len(step.wishes), 'tool')} at once: ")
        for at, wish in enumerate(step.wishes[:_MOST]):
            yield Piece(", ") if at else Piece("")
            yield _tool(wish.tool)
        if len(step.wishes) > _MOST:
            yield Piece(f" and {counted(len(step.wishes) - _MOST, 'more')}".removesuffix("s"))
    elif step.said:
        yield Piece(" said: ")
        yield _quote(step.said)
    elif step.operation == "embeddings":
        yield Piece(" had texts turned into numbers, so that they can be compared")
    else:
        yield Piece(" asked its llm; the trace does not tell what came back")


def _used(step: TraceStep) -> Iterator[Piece]:
    if step.name == WORLD:
        yield Piece("When the run had ended, the test read what had become of the world")
        return
    yield who(step.actor)
    tried = "tried to change" if step.error else "changed"
    if step.acts:
        yield Piece(f" {tried} something{' outside' if step.effect == Effect.EXTERNAL else ''} with ")
    elif step.effect == Effect.READ:
        yield Piece(" looked something up with ")
    else:
        yield Piece(" used ")
    yield _tool(step.name)
    if step.given is not None:
        yield Piece(f": {in_words(step.given, TEXT)}")


def _human(step: TraceStep) -> Iterator[Piece]:
    yield Piece("A person was asked to allow ")
    yield _tool(step.name)
    asked = step.asked
    if asked is not None and asked.details is not None:
        yield Piece(f": {in_words(asked.details, TEXT)}")


def _http(step: TraceStep) -> Iterator[Piece]:
    yield who(step.actor)
    yield Piece(" sent a request that may change something: " if step.acts else " sent a request: ")
    yield Piece(one_line(step.name, TEXT), "code")


def _step(step: TraceStep) -> Iterator[Piece]:
    if step.chosen:
        yield who(step.actor)
        yield Piece(" chose ")
        yield _quote(step.chosen, TEXT)
        yield Piece(f" of {counted(len(step.options), 'option')}" if step.options else "")
        return
    yield Piece("Step ")
    yield Piece(one_line(step.name, NAME) or "without a name", "code")
    if step.given is not None:
        yield Piece(f": {in_words(step.given, TEXT)}")


_TELLERS = {
    StepKind.AGENT: _agent,
    StepKind.LLM: _llm,
    StepKind.TOOL: _used,
    StepKind.HUMAN: _human,
    StepKind.HTTP: _http,
    StepKind.STEP: _step,
}


# -- beside the sentence --------------------------------------------------------------------------


def lines(step: TraceStep) -> Iterator[Line]:
    """What was seen and said, why, what came back, who allowed it, what failed."""
    if step.kind is StepKind.LLM:
        yield from _seen(step)
    if step.reason:
        yield Line(name="why", pieces=[_quote(step.reason, TEXT)])
    if step.options:
        yield Line(name="options", pieces=[Piece(in_words(step.options, TEXT))])
    if step.came_back is not None and step.kind is not StepKind.HUMAN:
        name = "reply" if step.kind is StepKind.AGENT else "came back"
        yield Line(name=name, pieces=[Piece(in_words(step.came_back, QUOTE))])
    if step.kind is StepKind.HUMAN and step.asked is not None:
        yield from _answered(step.asked)
        if step.label is Label.SCRIPTED:
            yield Line(name="note", pieces=[Piece("a script of the test stood in for the person")])
    elif step.acts:
        yield permission(step)
    if step.error:
        yield Line(name="failed", pieces=[Piece(fault(step))], tone="bad")


def fault(step: TraceStep) -> str:
    """Why a step failed, in the trace's words; ``error`` alone is no reason."""
    told = dict.fromkeys((one_line(step.error, NAME), one_line(step.error_message, QUOTE)))
    return ": ".join(text for text in told if text not in {"", "error"}) or "why is not told"


def _seen(step: TraceStep) -> Iterator[Line]:
    for one in step.heard[:_MOST]:
        yield _heard(one)
    if len(step.heard) > _MOST:
        yield Line(name="and", pieces=[Piece(counted(len(step.heard) - _MOST, "more message"))])
    if step.wishes and step.said:
        yield Line(name="said", pieces=[_quote(step.said)])
    for wish in step.wishes[:_MOST] if len(step.wishes) > 1 else ():
        told = Piece(f" with {in_words(wish.arguments, TEXT)}")
        yield Line(name="chose", pieces=[_tool(wish.tool), told])


def _heard(one: Heard) -> Line:
    if one.who == "tool":
        source = [Piece("from "), _tool(one.source), Piece(": ")] if one.source else []
        return Line(name="saw", pieces=[*source, Piece(in_words(one.told, TEXT))])
    names = {"system": "instructions", "user": "was asked", "developer": "instructions"}
    name = names.get(one.who) or one_line(one.who, 20) or "read"
    return Line(name=name, pieces=[_quote(in_words(one.told, TEXT), TEXT)])


def _answered(asked: Question) -> Iterator[Line]:
    bad = "" if asked.status in GRANTED else "bad"
    pieces = [Piece(answer(asked))]
    if asked.answer is not None:
        pieces.append(Piece(f" {in_words(asked.answer, TEXT)}"))
    yield Line(name="answer", pieces=pieces, tone=bad)
    facts = [("reason", asked.reason), ("rule", asked.policy), ("who", asked.approver)]
    for name, text in facts:
        if text:
            yield Line(name=name, pieces=[Piece(one_line(text, TEXT))])


def answer(asked: Question) -> str:
    """What a person answered, and after how long."""
    told = "The person " if asked.status in _ANSWERS else "The answer, in the trace's word: "
    return f"{told}{_ANSWERS.get(asked.status) or one_line(asked.status, NAME)}{_waited(asked)}."


def _waited(asked: Question) -> str:
    limit = "" if asked.deadline_s is None else f" (the limit was {lasted(asked.deadline_s * 1000)})"
    if asked.waited_ms is None:
        return f"; how long it took is not told{limit}"
    return f" after {lasted(asked.waited_ms)}{limit}"


def allowed(step: TraceStep) -> bool | None:
    """Whether a person allowed an action, or did not; None where nobody was asked about it for certain."""
    if step.asked is None or (step.asked.status not in GRANTED and step.asked.action not in {"", step.name}):
        return None
    return step.asked.status in GRANTED


def permission(step: TraceStep) -> Line:
    """Who allowed an action: a person, by which question; or that nobody was asked."""
    asked, answer = step.asked, allowed(step)
    if asked is None:
        return Line(name="allowed by", pieces=[Piece("nobody: no person was asked about it in this run")])
    about = f", asked about {one_line(asked.action, NAME)}" if asked.action not in {"", step.name} else ""
    waited = "" if asked.waited_ms is None else f" after {lasted(asked.waited_ms)}"
    told = _ANSWERS.get(asked.status) or one_line(asked.status, NAME)
    if answer is None:
        text = f"nobody: the question before it was about {one_line(asked.action, NAME)}; the person {told}"
        return Line(name="allowed by", pieces=[Piece(text)], step=asked.step)
    if answer:
        changed = ", with changes" if asked.status == "modified" else ""
        text = f"a person{about}{changed}{',' * bool(waited)}{waited}"
        return Line(name="allowed by", pieces=[Piece(text)], step=asked.step)
    text = f"a person was asked and {told}{waited}; it was done all the same"
    return Line(name="not allowed", pieces=[Piece(text)], step=asked.step, tone="bad")


def origin(label: Label | None) -> str:
    """Where an answer came from; empty where from the world, or where nothing is told."""
    return "" if label is None else _LABELS.get(label, "")


def spent(step: TraceStep, *, labelled: bool) -> list[str]:
    """What a step took: time, tokens, money; and where its answer came from, if it is ``labelled``."""
    found = [] if step.took_ms is None else [f"took {lasted(step.took_ms)}"]
    if step.kind is StepKind.LLM:
        found.insert(0, f"llm {one_line(step.name, NAME) or 'not named'}")
        told = (("read", step.input_tokens), ("written", step.output_tokens))
        known = [f"{count:,} {word}" for word, count in told if count is not None]
        found.append(f"tokens: {', '.join(known)}" if known else "tokens not told")
        found.append(f"cost {dollars(step.cost)}")
    if labelled and origin(step.label) and step.kind is not StepKind.HUMAN:
        found.append(origin(step.label))
    return found
