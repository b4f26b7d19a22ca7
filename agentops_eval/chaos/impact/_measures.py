"""How far a fault reached, and how much more was asked because of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from math import prod

from agentops_eval.chaos._retry_after import retry_after_s
from agentops_eval.chaos.contracts import Contract, Degradation
from agentops_eval.chaos.impact._align import Aligned
from agentops_eval.chaos.impact._effects import tenant_of
from agentops_eval.chaos.impact._flow import ways_from
from agentops_eval.chaos.impact._reached import reached_calls
from agentops_eval.chaos.impact._side import Side, same_told
from agentops_eval.domain import (
    BlastRadius,
    EffectChanges,
    EffectKey,
    HttpReply,
    Recovery,
    Retries,
    Seam,
)

_EARLY_S = 0.001
"""How much earlier than asked a retry may come, for what clocks round."""
_CARRIERS = (Seam.TOOL, Seam.MCP)


def blast_radius(
    base: Side,
    run: Side,
    aligned: Aligned,
    effects: EffectChanges,
    contract: Contract,
    *,
    output: bool,
    rules: Iterable[Degradation] = (),
) -> BlastRadius:
    """What differs, less the faulted calls and their retries, and how far values of these went.

    Contained is what went one hop at the most, or touched only tools that a declared degradation for this
    fault may reach.
    """
    changed = [(run, at) for at in aligned.changed] + [(base, at) for at in aligned.missing]
    differing = frozenset[EffectKey]((*effects.missing, *effects.extra, *effects.duplicated))
    if not changed and not differing and not output:
        return _NOTHING  # a value that had gone anywhere would have made a difference there
    tools = frozenset(
        [*(side.calls[at].boundary for side, at in changed if side.calls[at].seam in _CARRIERS)]
    )
    ways = ways_from(run, run.hit)
    hops = max((far for far, _ in ways.values()), default=0)
    calls, more_calls = reached_calls(base, run, aligned, ways)
    touched = tools | {key.tool for key in differing}
    reach = [one for rule in rules for one in rule.reach]
    within = bool(reach) and all(any(fnmatchcase(name, one) for one in reach) for name in touched)
    tenants = {tenant_of(side, at, contract) for side, at in changed} | {key.tenant for key in differing}
    return BlastRadius(
        steps=len(changed) / max(1, len(base)),
        changed=len(changed),
        tools=tools,
        effects=differing,
        tenants=frozenset(tenants - {""}),
        agents=frozenset([side.agent(at, contract.agent) for side, at in changed]),
        output=output,
        hops=hops,
        contained=hops <= 1 or within,
        calls=calls,
        more_calls=more_calls,
    )


_NOTHING = BlastRadius()


def asked_by_call(side: Side) -> dict[str, int]:
    """How often each callee was asked."""
    found: dict[str, int] = {}
    for call in side.calls:
        found[call.boundary] = found.get(call.boundary, 0) + 1
    return found


def retries(before: Mapping[str, int], run: Side) -> Retries:
    """Calls over those of the fault-free run (``before``), in all and by callee; how patient retries were."""
    after, whole = asked_by_call(run), sum(before.values())
    return Retries(
        total=len(run) / whole if whole else None,
        by_call={name: after.get(name, 0) / count for name, count in before.items()},
        honoured=honour_rate(run),
    )


def honour_rate(run: Side) -> float | None:
    """The share of retries that came no earlier than the ``Retry-After`` that they were told.

    A retry is the next call that asks the same. None where none was told, or none came.
    """
    told: dict[str, float] = {}
    kept, seen = 0, 0
    for at, call in enumerate(run.calls):
        reply = call.outcome
        if not told and not (isinstance(reply, HttpReply) and reply.status >= 400):
            continue
        until = told.pop(run.asked(at), None)
        if until is not None:
            seen += 1
            kept += call.started_s >= until - _EARLY_S
        if isinstance(reply, HttpReply):
            wait_s = retry_after_s(reply.headers)
            if wait_s is not None:
                told[run.asked(at)] = call.ended_s + wait_s
    return kept / seen if seen else None


def layered_bound(*retries_by_layer: int) -> int:
    """How many calls one call may become where each layer retries so often: the product of 1 + r."""
    return prod(1 + count for count in retries_by_layer)


def recovery(base: Side, run: Side, aligned: Aligned, *, output: bool) -> Recovery:
    """From the last fault to the first call from which all is as without it.

    A retry that was answered as the faulted call should have been stands for it. Where nothing follows the
    fault, the run recovered at its end if its answer is the fault-free one (``output`` tells that it is not).
    """
    if not run.hit:
        return Recovery(seconds=0.0, calls=0)
    last = max(run.hit)
    fault_s = max(one.at_s for one in run.run.injections)
    accord = {
        at: other for at, other in aligned.pairs.items() if at not in aligned.altered | aligned.answered
    }
    accord |= _stand_ins(base, run, aligned, set(accord.values()))
    begin = len(run)
    while begin - 1 > last and begin - 1 in accord:
        begin -= 1
    suffix = [accord[at] for at in range(begin, len(run))]
    if begin == len(run):
        done = not output and len(accord) >= len(base) and not run.run.error
        return Recovery(seconds=run.run.elapsed_s - fault_s, calls=0) if done else Recovery()
    owed = set(range(min(suffix), len(base))) - set(accord.values())
    if owed or (output and not run.run.answered):
        return Recovery()
    return Recovery(seconds=max(0.0, run.calls[begin].started_s - fault_s), calls=begin - last)


def accounted_for(base: Side, run: Side, aligned: Aligned) -> bool:
    """Whether every call of the fault-free run was made and answered as there, and nothing else was asked."""
    if aligned.changed or aligned.missing:
        return False
    accord = {other for at, other in aligned.pairs.items() if at not in aligned.answered}
    return len(accord) + len(_stand_ins(base, run, aligned, accord)) == len(base)


def _stand_ins(base: Side, run: Side, aligned: Aligned, taken: set[int]) -> Mapping[int, int]:
    """Retries that gave what the faulted call's partner gave, by position, with that partner."""
    wanted = {run.asked(at): aligned.pairs[at] for at in aligned.hit if at in aligned.pairs}
    found: dict[int, int] = {}
    for at in sorted(aligned.retries):
        other = wanted.get(run.asked(at))
        if (
            other is not None
            and other not in taken
            and same_told(run.calls[at].outcome, base.calls[other].outcome)
        ):
            found[at] = other
            taken.add(other)
    return found


def labels(run: Side) -> dict[str, int]:
    """How many calls behind the first fault were answered by whom."""
    if not run.run.injections:
        return {}
    first = min(one.index for one in run.run.injections)
    found = Counter([call.label.value for call in run.calls if call.index > first])
    return dict(sorted(found.items()))
