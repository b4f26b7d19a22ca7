"""The ledger of effects: what the agent's tool calls changed in the world, net of what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from agentops_eval.domain import Effect, Json, Run, Scenario, ToolCall, Verdict
from agentops_eval.evals._assign import assigned
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._names import fits, is_named
from agentops_eval.evals._verdicts import failing, listed, passing, shown, unknown
from agentops_eval.evals.states._match import Rules, holds, refuse_unmeant
from agentops_eval.traces import same

_CHANGING = frozenset({Effect.WRITE, Effect.EXTERNAL})
_SUBSET = Rules()


class WantedEffect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One effect: the tool (a name or a pattern), the arguments that matter, and how often.

    Arguments are values or conditions, as of ``tools``.
    """

    tool: str
    arguments: Mapping[str, Any] = {}
    times: int = 1


def effects(
    expected: list[str | WantedEffect] | Literal["none"],
    *,
    mode: Literal["exactly", "at_least", "none"] = "exactly",
    changing: list[str] | None = None,
) -> Evaluator:
    """The tool calls that changed the world are ``expected``: exactly those, at least, or none of them.

    ``none`` alone, or an empty list, asks for no effect at all. An effect is a tool's name, or ``{tool,
    arguments, times}`` with the arguments that matter. What failed changed nothing. Calls of one tool with
    one idempotency key are one effect. A tool changes the world where the trace says that it writes. Where
    the trace says nothing, the tools that are expected do, and those that ``changing`` names (patterns);
    whether others do is unknown, and so is the verdict where it hangs on that. An effect that happens again
    with the same arguments is named. Raises ValueError for ``times`` below 1, or a condition that is none.
    """
    wanted = [] if expected == "none" else [_wanted(one) for one in expected]
    if any(one.times < 1 for one in wanted):
        raise ValueError("times counts from 1; what must not happen has mode: none")
    for one in wanted:
        refuse_unmeant(one.arguments, (one.tool,))
    slots = [one for one in wanted for _ in range(one.times)]
    tools = [one.tool for one in wanted]

    def evaluator(run: Run, scenario: Scenario) -> Verdict:
        if not run.calls and not run.trace.spans:
            return unknown("the run tells nothing of its calls")
        ledger = ledger_of(run.calls, changing, named=tools)
        if mode == "none" and slots:
            return _none(ledger, wanted)
        return _held(ledger, slots, exactly=mode != "at_least")

    return evaluator


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The calls that changed the world, in their order.

    ``unsure`` are those of which nobody knows whether they did, ``failed`` those that did nothing.
    """

    done: tuple[ToolCall, ...]
    unsure: tuple[ToolCall, ...]
    failed: tuple[ToolCall, ...]


def ledger_of(
    calls: Sequence[ToolCall], changing: Sequence[str] | None = None, *, named: Sequence[str] = ()
) -> Ledger:
    """The net effects of some calls.

    Where the trace does not tell a call's effect, the tools in ``named`` have one; of the others those that
    fit a pattern in ``changing``, and without any patterns nobody knows.
    """
    done: list[ToolCall] = []
    unsure: list[ToolCall] = []
    keys: set[tuple[str, str]] = set()
    for call in calls:
        known = call.effect in _CHANGING if call.effect is not None else _told(call, changing, named)
        key = (call.name, call.idempotency_key or "")
        if call.error or known is False or (call.idempotency_key and key in keys):
            continue
        keys.add(key)
        (unsure if known is None else done).append(call)
    failed = tuple(call for call in calls if call.error)
    return Ledger(done=tuple(done), unsure=tuple(unsure), failed=failed)


def _told(call: ToolCall, changing: Sequence[str] | None, named: Sequence[str]) -> bool | None:
    if is_named(call.name, named):
        return True
    return None if changing is None else is_named(call.name, changing)


def _wanted(one: str | WantedEffect) -> WantedEffect:
    return WantedEffect(tool=one) if isinstance(one, str) else one


def _fits(call: ToolCall, wanted: WantedEffect) -> bool | None:
    """Whether a call is the effect; None where its arguments are not told and matter."""
    if not fits(call.name, wanted.tool):
        return False
    if call.arguments is None:
        return None if wanted.arguments else True
    return holds(wanted.arguments, call.arguments, _SUBSET)


def _none(ledger: Ledger, wanted: Sequence[WantedEffect]) -> Verdict:
    fits = [(call, [_fits(call, one) for one in wanted]) for call in ledger.done]
    done = [call for call, known in fits if True in known]
    if done:
        return failing(
            f"should not have happened: {listed([_said(call) for call in done])}", evidence=_spans(done)
        )
    untold = [call for call, known in fits if None in known]
    return _untold(untold) if untold else passing("none of these effects happened")


def _held(ledger: Ledger, slots: Sequence[WantedEffect], *, exactly: bool) -> Verdict:
    """Cases: too little or too much for sure; what cannot be told; as it should be."""
    fits = [[number for number, call in enumerate(ledger.done) if _fits(call, one)] for one in slots]
    given = assigned(fits)
    missing = [one for one, number in zip(slots, given, strict=True) if number is None]
    free = [call for number, call in enumerate(ledger.done) if number not in given]
    untold = [call for call in free if any(_fits(call, one) is None for one in missing)]
    again = _repeated(ledger.done, free)
    twice = [f"{_said(call)} happened again" for call in again]
    wrong = [] if untold else [_undone(one, ledger.failed) for one in missing]
    if exactly:
        others = [call for call in free if call not in again and call not in untold]
        wrong += [*twice, *(f"{_said(call)} is not expected" for call in others)]
    if wrong:
        score = (len(slots) - len(missing)) / (len(slots) + len(free) if exactly else len(slots))
        return failing(listed(wrong), score=score, evidence=_spans(free))
    if untold:
        return _untold(untold)
    if exactly and ledger.unsure:
        names = ", ".join(dict.fromkeys(call.name for call in ledger.unsure))
        return unknown(
            f"the trace does not tell whether these change anything: {names}; name those that do: changing"
        )
    happened = listed([_said(call) for call in ledger.done]) or "nothing was changed"
    return passing("; ".join([happened, *twice]))


def _untold(calls: Sequence[ToolCall]) -> Verdict:
    names = ", ".join(dict.fromkeys(call.name for call in calls))
    return unknown(f"the trace does not tell the arguments of {names}, which matter")


def _repeated(done: Sequence[ToolCall], free: Sequence[ToolCall]) -> list[ToolCall]:
    """Calls that nothing asked for and that equal another one."""
    return [
        call for call in free if call.arguments is not None and sum(_equal(call, one) for one in done) > 1
    ]


def _equal(call: ToolCall, other: ToolCall) -> bool:
    return other.name == call.name and same(other.arguments, call.arguments)


def _undone(wanted: WantedEffect, failed: Sequence[ToolCall]) -> str:
    tried = next((call for call in failed if _fits(call, wanted)), None)
    why = "" if tried is None else f": it failed with {tried.error}"
    return f"{wanted.tool}({_arguments(wanted.arguments)}) did not happen{why}"


def _said(call: ToolCall) -> str:
    return f"{call.name}({'...' if call.arguments is None else _arguments(call.arguments)})"


def _arguments(arguments: Mapping[str, Json]) -> str:
    told = [f"{name}={shown(value, 40)}" for name, value in list(arguments.items())[:6]]
    return ", ".join([*told, "..."] if len(arguments) > 6 else told)


def _spans(calls: Sequence[ToolCall]) -> list[str]:
    return [call.span_id for call in calls if call.span_id]
