"""``tools_forbidden``: calls that must not be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from agentops_eval.domain import Run, Scenario, ToolCall, Verdict
from agentops_eval.evals import _say as say
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._names import fits, is_named
from agentops_eval.evals._verdicts import unknown
from agentops_eval.evals.conditions import Lists, Numbers, Reading, Text
from agentops_eval.evals.tools._calls import NO_TRACE, calls_of
from agentops_eval.evals.tools._checks import Check, shown, verdict_of
from agentops_eval.evals.tools._expected import Options, expect

EffectName = Literal["read", "write", "external"]


class ForbiddenCall(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Calls that are forbidden: by name, by what their arguments are, by their effect; all that is said.

    An empty name is that of any tool.
    """

    name: str = ""
    arguments: Mapping[str, Any] | None = None
    effect: EffectName | Sequence[EffectName] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ban:
    """One kind of forbidden call. It says True, False, or None where the trace does not tell enough."""

    name: str
    effects: tuple[str, ...]
    condition: Any

    def meets(self, call: ToolCall) -> bool | None:
        if not fits(call.name, self.name):
            return False
        found: list[bool | None] = []
        if self.effects:
            found.append(None if call.effect is None else call.effect in self.effects)
        if self.condition is not None:
            found.append(None if call.arguments is None else self.condition.holds(call.arguments))
        return False if False in found else None if None in found else True

    def untold(self, call: ToolCall) -> str:
        what = "its effect" if self.effects and call.effect is None else "its arguments"
        return f"{say.name(call.name)} may be forbidden: the trace does not tell {what}"


def tools_forbidden(
    calls: str | Sequence[str | ForbiddenCall],
    *,
    unless: Sequence[str] = (),
    numbers: Numbers = "equal",
    text: Text = "exact",
    lists: Lists = "ordered",
) -> Evaluator:
    """None of these calls was made, whether or not it succeeded.

    In names ``*`` stands for anything. Conditions on arguments are about those that are named; others
    do not matter. ``unless`` names tools that are allowed all the same: ``calls: ["*"]`` with it is a
    list of what is allowed.
    """
    reading = Reading(numbers=numbers, text=text, lists=lists)
    given = [calls] if isinstance(calls, str) else calls
    bans = [_ban(one, reading, f"calls[{number}]") for number, one in enumerate(given)]
    if not bans:
        raise ValueError("it forbids nothing: name a tool, or use '*' for all of them")

    def judged(run: Run, _: Scenario) -> Verdict:
        made = calls_of(run)
        if made is None:
            return unknown(NO_TRACE)
        checks = [_checked(call, number, bans, unless) for number, call in enumerate(made, start=1)]
        return verdict_of(checks, fine=f"{say.counted(len(made), 'call')}, none forbidden")

    return judged


def _ban(one: str | ForbiddenCall, reading: Reading, path: str) -> _Ban:
    given = ForbiddenCall(name=one) if isinstance(one, str) else one
    if given == ForbiddenCall():
        raise ValueError(f"{path} says nothing: give it a name, arguments or an effect")
    expected = expect(
        given.name or "*",
        given.arguments,
        options=Options(mode="subset", reading=reading),
        path=f"{path}.arguments",
        told=given.arguments is not None,
    )
    effects = (given.effect,) if isinstance(given.effect, str) else tuple(given.effect)
    return _Ban(name=expected.name, effects=effects, condition=expected.condition)


def _checked(call: ToolCall, number: int, bans: Sequence[_Ban], unless: Sequence[str]) -> Check:
    if is_named(call.name, unless):
        return Check(holds=True)
    found = [ban.meets(call) for ban in bans]
    if True in found:
        return Check(holds=False, text=f"{shown(call, number)} is forbidden", calls=(call,))
    if None in found:
        return Check(holds=None, text=bans[found.index(None)].untold(call), calls=(call,))
    return Check(holds=True)
