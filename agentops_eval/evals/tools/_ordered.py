"""``tools_ordered``: what has to come before what, how often, never twice, and with which key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

import msgspec

from agentops_eval.domain import Effect, Run, Scenario, ToolCall, Verdict
from agentops_eval.evals import _say as say
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._names import fits, is_named
from agentops_eval.evals._verdicts import unknown
from agentops_eval.evals.tools._calls import NO_TRACE, calls_of
from agentops_eval.evals.tools._checks import Check, shown, verdict_of
from agentops_eval.evals.tools._identity import identity, spelled

Which: TypeAlias = bool | Sequence[str]
"""Tools by name, or true for every call that changes something."""


class Before(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Each call of ``then`` needs an earlier one of ``first`` that succeeded, with the ``same`` arguments."""

    first: str
    then: str
    same: Sequence[str] = ()


def tools_ordered(
    before: Sequence[str | Sequence[str] | Before] = (),
    *,
    at_most: Mapping[str, int] | None = None,
    at_least: Mapping[str, int] | None = None,
    never_twice: Which = False,
    idempotency_key: Which = False,
    key_argument: str = "",
) -> Evaluator:
    """Constraints on calls, whatever else is called. In names ``*`` stands for anything.

    ``before``: names, each of which has to come before the next; or several such lists. ``at_most`` and
    ``at_least``: how often a tool is called, retries included. ``never_twice``: tools that are not
    called again with the same arguments after they succeeded; calls with the same idempotency key
    count once. ``idempotency_key``: tools that need one, in the trace or as ``key_argument``. ``true``
    for either means every call that changes something.
    """
    pairs = tuple(_pairs(before))
    limits = [(name, count, True) for name, count in (at_most or {}).items()]
    limits += [(name, count, False) for name, count in (at_least or {}).items()]
    for name, count, _ in limits:
        if count < 0:
            raise ValueError(f"{name} is called {count} times: a count is not below 0")
    if not pairs and not limits and never_twice in (False, []) and idempotency_key in (False, []):
        raise ValueError("it asks for nothing: say before, at_most, at_least, never_twice or idempotency_key")

    def judged(run: Run, _: Scenario) -> Verdict:
        calls = calls_of(run)
        if calls is None:
            return unknown(NO_TRACE)
        checks = [_before(pair, calls) for pair in pairs]
        checks += [_counted(name, count, calls, most=most) for name, count, most in limits]
        if never_twice:
            checks += _never_twice(calls, never_twice)
        if idempotency_key:
            checks += _keyed(calls, idempotency_key, key_argument)
        return verdict_of(checks, fine=f"{say.counted(len(calls), 'call')}, as they should be")

    return judged


def _pairs(before: Sequence[str | Sequence[str] | Before]) -> Iterator[Before]:
    names = [one for one in before if isinstance(one, str)]
    if names and len(names) < len(before):
        raise ValueError("before is a list of names, or a list of such lists, not both")
    chains: Sequence[Sequence[str] | Before] = [names] if names else before
    for chain in chains:
        if isinstance(chain, Before):
            yield chain
        elif len(chain) < 2:
            raise ValueError(f"before: {list(chain)} is no order: name two tools or more")
        else:
            for first, then in pairwise(chain):
                yield Before(first=first, then=then)


def _before(pair: Before, calls: Sequence[ToolCall]) -> Check:
    done: set[str] = set()
    untold = failed = False
    unknown: Check | None = None
    for number, call in enumerate(calls, start=1):
        if fits(call.name, pair.then):
            key = _shared(pair.same, call)
            if key is None or key not in done:
                missing = _lacking(pair, call, number, failed=failed)
                may_be = untold if key is not None else call.arguments is None and bool(done or untold)
                if not may_be:
                    return missing
                text = f"{missing.text}, as far as the trace tells arguments"
                unknown = unknown or Check(holds=None, text=text, calls=(call,))
        if fits(call.name, pair.first):
            key = _shared(pair.same, call)
            failed = failed or bool(call.error)
            untold = untold or (not call.error and call.arguments is None and bool(pair.same))
            done |= set() if call.error or key is None else {key}
    return unknown or Check(holds=True)


def _shared(names: Sequence[str], call: ToolCall) -> str | None:
    """What calls share whose named arguments are the same; None where one is not there."""
    if not names:
        return ""
    if call.arguments is None or any(name not in call.arguments for name in names):
        return None
    return spelled([call.arguments[name] for name in names])


def _lacking(pair: Before, call: ToolCall, number: int, *, failed: bool) -> Check:
    same = f" of the same {say.listed(pair.same, last='and')}" if pair.same else ""
    which = "successful call" if failed else "call"
    text = f"{shown(call, number)} has no {which} of {say.name(pair.first)}{same} before it"
    return Check(holds=False, text=text, calls=(call,))


def _counted(name: str, count: int, calls: Sequence[ToolCall], *, most: bool) -> Check:
    made = tuple(call for call in calls if fits(call.name, name))
    if (len(made) <= count) if most else (len(made) >= count):
        return Check(holds=True)
    bound = "at most" if most else "at least"
    limit = "never" if most and not count else f"{bound} {say.times(count)}"
    text = f"{say.name(name)} was called {say.times(len(made))}, and should be {limit}"
    return Check(holds=False, text=text, calls=made[count:] if most else made)


def _meant(call: ToolCall, which: Which) -> bool | None:
    """Whether a call is among those meant: by name, or by its effect, which may not be told."""
    if not isinstance(which, bool):
        return is_named(call.name, which)
    return None if call.effect is None else call.effect is not Effect.READ


def _never_twice(calls: Sequence[ToolCall], which: Which) -> Iterator[Check]:
    """One check for each call that is meant, or may be."""
    done: dict[str, tuple[int, ToolCall]] = {}
    succeeded: set[str] = set()
    untold: set[str] = set()
    for number, call in enumerate(calls, start=1):
        meant = _meant(call, which)
        if meant is False:
            continue
        key = identity(call)
        if key is None:
            again = call.name in succeeded or call.name in untold
            text = f"{say.name(call.name)} (call {number}) may be a repetition: its arguments are not told"
            yield Check(holds=None if again else True, text=text, calls=(call,))
            untold |= set() if call.error else {call.name}
            continue
        earlier = done.get(key)
        if earlier is not None and not _one_key(earlier[1], call):
            text = f"{shown(call, number)} repeats call {earlier[0]}, which had succeeded"
            if meant is None:
                text = f"{text}; the trace does not tell whether it changes anything"
            yield Check(holds=False if meant else None, text=text, calls=(earlier[1], call))
        else:
            text = f"{say.name(call.name)} (call {number}) may repeat a call whose arguments are not told"
            yield Check(holds=None if call.name in untold else True, text=text, calls=(call,))
        if not call.error:
            done.setdefault(key, (number, call))
            succeeded.add(call.name)


def _one_key(one: ToolCall, other: ToolCall) -> bool:
    return one.idempotency_key is not None and one.idempotency_key == other.idempotency_key


def _keyed(calls: Sequence[ToolCall], which: Which, argument: str) -> Iterator[Check]:
    for number, call in enumerate(calls, start=1):
        meant = _meant(call, which)
        if meant is False:
            continue
        given = call.arguments.get(argument) if argument and call.arguments is not None else None
        if call.idempotency_key or given not in (None, ""):
            yield Check(holds=True)
        elif argument and call.arguments is None:
            text = f"{say.name(call.name)} (call {number}) may lack a key: its arguments are not told"
            yield Check(holds=None, text=text, calls=(call,))
        elif meant is None:
            text = f"{say.name(call.name)} (call {number}) has no idempotency key, and its effect is not told"
            yield Check(holds=None, text=text, calls=(call,))
        else:
            yield Check(holds=False, text=f"{shown(call, number)} has no idempotency key", calls=(call,))
