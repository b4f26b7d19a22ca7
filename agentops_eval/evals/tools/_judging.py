"""From a pairing to a verdict with a reason in one line and the spans to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agentops_eval.domain import ToolCall, Verdict, VerdictValue
from agentops_eval.evals import _say as say
from agentops_eval.evals._names import fits
from agentops_eval.evals._verdicts import check_at_least
from agentops_eval.evals.tools._align import Alignment, Order, align
from agentops_eval.evals.tools._expected import FULL, Expected

_MOST_EVIDENCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing that is wrong, and the call it is about where there is one."""

    text: str
    call: ToolCall | None = None


def judge_calls(
    calls: Sequence[ToolCall],
    expected: Sequence[Expected],
    *,
    order: Order,
    at_least: float | None = None,
) -> Verdict:
    """Hold calls against expected ones. It passes as the order says, or from a score ``at_least``.

    Calls whose arguments are not told could be right or wrong: where that decides, it is unknown.
    Raises ValueError for an order that means nothing, or an ``at_least`` beyond 0 to 1.
    """
    if at_least is not None:
        check_at_least(at_least)
    worst = align(calls, expected, order=order)
    best = align(calls, expected, order=order, if_unknown=FULL) if _untold(calls, expected) else worst
    score = worst.score if worst.score == best.score else None
    if _passes(worst, at_least):
        return _verdict(VerdictValue.PASS, worst, calls, expected, score=score, at_least=at_least)
    if not _passes(best, at_least):
        return _verdict(VerdictValue.FAIL, best, calls, expected, score=score, at_least=at_least)
    untold = [call for call in calls if call.arguments is None]
    names = say.listed((say.name(call.name) for call in untold), last="and")
    reason = f"the trace does not tell what {names} {'was' if len(untold) == 1 else 'were'} given"
    return Verdict(value=VerdictValue.UNKNOWN, reason=reason, evidence=evidence(untold))


def _untold(calls: Iterable[ToolCall], expected: Iterable[Expected]) -> bool:
    untold = [call for call in calls if call.arguments is None]
    if not untold:
        return False
    return any(one.condition is not None and any(map(one.is_of, untold)) for one in expected)


def _passes(found: Alignment, at_least: float | None) -> bool:
    return found.holds if at_least is None else found.score >= at_least


def _verdict(
    value: VerdictValue,
    found: Alignment,
    calls: Sequence[ToolCall],
    expected: Sequence[Expected],
    *,
    score: float | None,
    at_least: float | None,
) -> Verdict:
    wrong = [] if found.holds else list(_complaints(found, calls, expected))
    shares = (
        f"precision {say.share(found.precision)}, recall {say.share(found.recall)}, F1 {say.share(found.f1)}"
    )
    bar = "" if at_least is None else f"; {say.share(found.score)} of at least {at_least:g}"
    about = [one.call for one in wrong if one.call is not None] or [calls[pair.call] for pair in found.pairs]
    return Verdict(
        value=value,
        score=score,
        reason=f"{say.first([one.text for one in wrong], 360) or _fine(found)} ({shares}{bar})",
        evidence=evidence(about),
    )


def _fine(found: Alignment) -> str:
    if not found.expected:
        return "no tool was called, as expected"
    if found.order == "subset":
        return f"{say.counted(found.calls, 'call')}, all of them expected"
    return f"{found.full} of {say.counted(found.expected, 'expected call')}"


def evidence(calls: Iterable[ToolCall]) -> tuple[str, ...]:
    """The spans of calls, each once; of very many the first."""
    return tuple(dict.fromkeys(call.span_id for call in calls if call.span_id))[:_MOST_EVIDENCE]


def _complaints(
    found: Alignment, calls: Sequence[ToolCall], expected: Sequence[Expected]
) -> Iterator[Complaint]:
    """What is wrong: the order of calls that are otherwise right; else calls, missing ones, further ones."""
    if not expected:
        for number, call in enumerate(calls, start=1):
            yield Complaint(
                text=f"{say.name(call.name)} was called (call {number}), and no tool is expected", call=call
            )
        return
    if found.order in {"strict", "in_order"}:
        swapped = _swapped(calls, expected)
        if swapped is not None:
            yield swapped
            return
    pairs = {pair.expected: pair for pair in found.pairs}
    for number, one in enumerate(expected):
        if number in pairs:
            call = calls[pairs[number].call]
            yield from (Complaint(text=text, call=call) for text in one.why(call))
        elif found.order != "subset":
            yield _missing(one, calls, expected)
    if found.order not in {"in_order", "superset"}:
        taken = {pair.call for pair in found.pairs}
        made = Counter(call.name for call in calls)
        wanted = {name: sum(fits(name, one.name) for one in expected) for name in made}
        for number, call in enumerate(calls):
            if number not in taken:
                yield _further(call, number, made=made[call.name], wanted=wanted[call.name])


def _swapped(calls: Sequence[ToolCall], expected: Sequence[Expected]) -> Complaint | None:
    """Two calls that came the wrong way round, where everything expected was called."""
    free = align(calls, expected, order="superset", if_unknown=FULL)
    if not free.holds:
        return None
    for one, other in pairwise(free.pairs):
        if other.call < one.call:
            early, late = calls[other.call], calls[one.call]
            text = (
                f"{say.name(early.name)} (call {other.call + 1}) came before "
                f"{say.name(late.name)} (call {one.call + 1})"
            )
            return Complaint(text=text, call=early)
    return None


def _missing(one: Expected, calls: Sequence[ToolCall], expected: Sequence[Expected]) -> Complaint:
    made = [call for call in calls if one.is_of(call)]
    if not made:
        return Complaint(
            text=f"{one} was not called" if calls else f"{one} was not called, nor any other tool"
        )
    wanted = sum(other.name == one.name for other in expected)
    if len(made) < wanted:
        which = "" if one.condition is None else f"; none {str(one).removeprefix(say.name(one.name)).strip()}"
        text = f"{say.name(one.name)} was called {say.times(len(made))}, not {say.times(wanted)}{which}"
        return Complaint(text=text, call=made[-1])
    return Complaint(text=f"{one} was not called in its place", call=made[0])


def _further(call: ToolCall, number: int, *, made: int, wanted: int) -> Complaint:
    if wanted and made > wanted:
        text = f"{say.name(call.name)} was called {say.times(made)}, not {say.times(wanted)}"
    elif wanted:
        text = f"{say.name(call.name)} (call {number + 1}) was called out of place"
    else:
        text = f"{say.name(call.name)} was called (call {number + 1}), and is not expected"
    return Complaint(text=text, call=call)
