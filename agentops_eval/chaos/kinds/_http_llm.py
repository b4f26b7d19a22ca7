"""Faults of what an llm answers: cut short, filtered, another llm's, worse, dearer, torn arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import islice
from random import Random

from agentops_eval.chaos._kind import Hit, Parameters, kind
from agentops_eval.chaos.kinds import _http_errors as errors
from agentops_eval.chaos.kinds._body_edit import Impossible, rewritten
from agentops_eval.chaos.kinds._http_kit import dialect, is_llm, is_streamed
from agentops_eval.chaos.kinds._llm_edit import TornAsk, costlier, in_documents, renamed, reworded
from agentops_eval.chaos.kinds._parameters import keeps_less
from agentops_eval.domain import Call, FaultClass, HttpRequest, Json, Seam
from agentops_eval.seams import Next, Steps
from agentops_eval.traces.llm import Usage
from agentops_eval.traces.llm.writing import LlmReply, ToolAsk


@kind(
    Seam.HTTP,
    does=FaultClass.REFUSED,
    fits=is_llm,
    variants=({}, {"how": "error"}),
    choices={"how": ("finish", "error")},
    how="finish",
)
def content_filter(hit: Hit, call: Call, next: Next) -> Steps:
    """A filter stops the answer: it says nothing and ends as filtered, or the call is an error."""
    asked = dialect(call)
    if hit.parameters["how"] == "error":
        hit.told = f"{call.boundary} answered 400, filtered"
        return errors.refuse(errors.filtered(asked), asked, hit.random)
    outcome = yield next(call)
    hit.told = f"{call.boundary} was filtered"
    return rewritten(hit, outcome, reworded(call, _filtered))


def _filtered(reply: LlmReply) -> LlmReply:
    return replace(reply, text="", asks=(), finish="content_filter")


@kind(Seam.HTTP, does=FaultClass.BROKEN, fits=is_llm, check=keeps_less, keep=0.5)
def length_stop(hit: Hit, call: Call, next: Next) -> Steps:
    """The answer ends where its tokens were used up, be that within a word or a tool's arguments."""
    outcome = yield next(call)
    keep = float(hit.parameters["keep"])
    hit.told = f"{call.boundary} ended for its length after {keep:.0%}"
    return rewritten(hit, outcome, reworded(call, lambda reply: shortened(reply, keep)))


def shortened(reply: LlmReply, keep: float) -> LlmReply:
    """What of an answer comes before its tokens are used up."""
    left = int((len(reply.text) + sum(len(ask.text) for ask in reply.asks)) * keep)
    text, left = reply.text[:left], max(0, left - len(reply.text))
    asks: list[ToolAsk] = []
    for ask in reply.asks if text == reply.text else ():
        if left < len(ask.text):
            asks.append(_torn(ask, left))
            break
        asks.append(ask)
        left -= len(ask.text)
    return replace(reply, text=text, asks=tuple(asks), finish="length", usage=_used(reply.usage, keep))


def _torn(ask: ToolAsk, keep: int) -> ToolAsk:
    """Where a dialect has arguments as an object, it is one with fewer members."""
    share = keep / max(1, len(ask.text))
    members = dict(islice(ask.arguments.items(), int(len(ask.arguments) * share)))
    return TornAsk(name=ask.name, id=ask.id, arguments=members, torn=ask.text[:keep])


def _used(usage: Usage, keep: float) -> Usage:
    output = usage.output_tokens
    return usage if output is None else replace(usage, output_tokens=round(output * keep))


def _writes_arguments(call: Call) -> bool:
    """Whether an llm may ask for tools, in a dialect that has their arguments as text."""
    asked = dialect(call)
    if asked in ("", errors.GEMINI) or (asked == errors.ANTHROPIC and not is_streamed(call)):
        return False
    return isinstance(call.request, HttpRequest) and b'"tools"' in call.request.body


@kind(Seam.HTTP, does=FaultClass.BROKEN, fits=_writes_arguments)
def torn_arguments(hit: Hit, call: Call, next: Next) -> Steps:
    """The llm asks for a tool with arguments that are no JSON: their last brace is missing."""
    outcome = yield next(call)
    hit.told = f"{call.boundary} asked for a tool with torn arguments"
    return rewritten(hit, outcome, reworded(call, _last_torn))


def _last_torn(reply: LlmReply) -> LlmReply:
    if not reply.asks:
        raise Impossible("the llm asked for no tool")
    last = reply.asks[-1]
    torn = TornAsk(name=last.name, id=last.id, arguments=last.arguments, torn=last.text[:-1])
    return replace(reply, asks=(*reply.asks[:-1], torn))


@kind(Seam.HTTP, does=FaultClass.WRONG, fits=is_llm, llm="another-llm")
def llm_swapped(hit: Hit, call: Call, next: Next) -> Steps:
    """Another llm than the one that was asked gives the answer, and says so only by its name."""
    outcome = yield next(call)
    name = str(hit.parameters["llm"])
    hit.told = f"{call.boundary} answered as {name}"
    return rewritten(hit, outcome, in_documents(renamed(name), "the reply names no llm"))


@kind(
    Seam.HTTP,
    does=FaultClass.WRONG,
    fits=is_llm,
    variants=({}, {"how": "garbled"}),
    choices={"how": ("shortened", "garbled")},
    how="shortened",
)
def llm_degraded(hit: Hit, call: Call, next: Next) -> Steps:
    """The answer is well-formed and worse: half of it, or its words in disorder; arguments stay valid."""
    outcome = yield next(call)
    how = str(hit.parameters["how"])
    hit.told = f"{call.boundary} gave a worse answer ({how})"
    worse = _halved if how == "shortened" else _disordered(hit.random)
    return rewritten(hit, outcome, reworded(call, worse))


def _halved(reply: LlmReply) -> LlmReply:
    words = reply.text.split()
    if len(words) > 1:
        return replace(reply, text=" ".join(words[: len(words) // 2]))
    if len(reply.asks) > 1:
        return replace(reply, asks=reply.asks[:1])
    raise Impossible("the answer is too short to be worse")


def _disordered(random: Random) -> Callable[[LlmReply], LlmReply]:
    def change(reply: LlmReply) -> LlmReply:
        asks = tuple(replace(ask, arguments=_mixed(ask.arguments, random)) for ask in reply.asks)
        found = replace(reply, text=_shuffled(reply.text, random), asks=asks)
        if found == reply:
            raise Impossible("the answer has no words that could change places")
        return found

    return change


def _mixed(arguments: Mapping[str, Json], random: Random) -> dict[str, Json]:
    return {
        name: _shuffled(value, random) if isinstance(value, str) else value
        for name, value in arguments.items()
    }


def _shuffled(text: str, random: Random) -> str:
    words = text.split()
    if len(set(words)) < 2:
        return text
    while (mixed := random.sample(words, len(words))) == words:
        continue
    return " ".join(mixed)


def _factor_problem(parameters: Parameters) -> str:
    factor = parameters["factor"]
    return "" if isinstance(factor, (int, float)) and 0 < factor <= 1e6 else "factor is above 0, to 1e6"


def _cheaper(parameters: Parameters) -> Iterable[Parameters]:
    for factor in (1.5, 2.0, 5.0, 10.0, 100.0):
        if factor < float(str(parameters["factor"])):
            yield {**parameters, "factor": factor}


@kind(Seam.HTTP, does=FaultClass.WRONG, fits=is_llm, smaller=_cheaper, check=_factor_problem, factor=10.0)
def price_spike(hit: Hit, call: Call, next: Next) -> Steps:
    """The same answer costs more: every count of tokens is multiplied."""
    outcome = yield next(call)
    factor = float(hit.parameters["factor"])
    hit.told = f"{call.boundary} cost {factor:g} times as much"
    return rewritten(hit, outcome, in_documents(costlier(factor), "the reply tells of no usage"))


LLM_KINDS = (
    content_filter,
    length_stop,
    torn_arguments,
    llm_swapped,
    llm_degraded,
    price_spike,
)
