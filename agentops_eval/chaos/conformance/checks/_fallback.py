"""``fallback``: what stands in for what is down, in the declared order, and is said."""

from __future__ import annotations

from collections.abc import Sequence

from agentops_eval.chaos._declared import Fallback
from agentops_eval.chaos.conformance._bench import Bench
from agentops_eval.chaos.conformance._check import conformance
from agentops_eval.chaos.conformance._names import OUTAGE
from agentops_eval.chaos.conformance._reading import globbed
from agentops_eval.chaos.contracts import Contract, found_in, text_of
from agentops_eval.domain import EndedBy, Fault, FaultedRun, Harm, Seam

SAYS = (
    r"\b(fall ?back|backup|back-up|secondary|cached?|stale|out of date|may be old|as of|approximate(ly)?|"
    r"estimated?|degraded|limited|unavailable|not available|sorry|could not|cannot|unable|without)\b"
)
"""Words by which an answer says that something stood in, in English. A contract may name others."""


@conformance(target="*")
def fallback(bench: Bench, contract: Contract, *, target: str) -> None:
    """Each outage brings the next in the declared order, no other, and the answer says so."""
    chains = [one for one in contract.checks.fallbacks if any(globbed(target, name) for name in one.order)]
    if not chains:
        bench.leave_open("the contract declares no fallback")
    for chain in chains:
        if _in_order(bench, chain):
            for down in range(1, len(chain.order) + 1):
                _outage(bench, chain, down)


def _in_order(bench: Bench, chain: Fallback) -> bool:
    """Whether the first of the order is asked, and first, while all is well; whoever is asked too is told."""
    first = chain.order[0]
    called = _called(bench.base, chain)
    if not called:
        bench.leave_open(f"while all is well, none of {', '.join(chain.order)} is called")
    elif called[0] != first:
        text = f"while all is well, {called[0]} is called first, and {first} is declared"
        bench.find(Harm.INVARIANT_BROKEN, f"order:{first}", text, bench.base, target=first)
    elif len(called) > 1:
        text = f"while all is well, {called[1]} is called too, though {first} is well"
        bench.find(Harm.INVARIANT_BROKEN, f"too-far:{first}", text, bench.base, target=first)
    return called[:1] == [first]


def _called(run: FaultedRun, chain: Fallback) -> list[str]:
    return [name for name in dict.fromkeys(event.boundary for event in run.events) if name in chain.order]


def _outage(bench: Bench, chain: Fallback, down: int) -> None:
    """The first ``down`` of the order fail: the next is to stand in; behind the last, nothing can."""
    faults: list[Fault] = []
    for name in chain.order[:down]:
        seam = _seam_of(bench, name, faults)
        if seam is None:  # it is no callee, such as a cache: nothing can take it down
            return
        fault = bench.fault(seam, OUTAGE, name)
        if fault is None:
            bench.leave_open(f"no fault can take {name} down")
            return
        faults.append(fault)
    run = bench.tried(*faults)
    if run is not None:
        _judge(bench, run, chain, down)


def _seam_of(bench: Bench, name: str, before: Sequence[Fault]) -> Seam | None:
    """At which seam it is called, once those before it in the order are down."""
    run = bench.run(*before)
    return next((event.seam for event in run.events if event.boundary == name), None)


def _judge(bench: Bench, run: FaultedRun, chain: Fallback, down: int) -> None:
    order, first = chain.order, chain.order[0]
    called = _called(run, chain)
    is_down = " and ".join(order[:down]) + (" are" if down > 1 else " is") + " down"
    bench.note(f"{is_down}: called {', '.join(called)}")
    ranks = [order.index(name) for name in called]
    if ranks != sorted(ranks):
        text = f"while {is_down}, the order is {', '.join(called)}, and {', '.join(order)} is declared"
        bench.find(Harm.INVARIANT_BROKEN, f"order:{first}", text, run, target=first)
    beyond = [name for name in called if order.index(name) > down]
    if beyond:
        text = f"while {is_down}, {beyond[0]} is called too, though {order[down]} is well"
        bench.find(Harm.INVARIANT_BROKEN, f"too-far:{first}", text, run, target=first)
    if down < len(order) - 1 and order[down] not in called:
        text = f"while {is_down}, {order[down]} does not stand in"
        bench.find(Harm.INVARIANT_BROKEN, f"no-fallback:{first}", text, run, target=first)
    _told(bench, run, chain, is_down)


def _told(bench: Bench, run: FaultedRun, chain: Fallback, is_down: str) -> None:
    """An error says it; so does an answer that has one of the words; the usual answer does not."""
    if run.ended is not EndedBy.ANSWER:
        if run.ended is EndedBy.HANG:
            subject = f"hang:{chain.order[0]}"
            bench.find(Harm.PAST_DEADLINE, subject, f"while {is_down}, it hangs: {run.why}", run)
        return
    text = text_of(run.output)
    if not found_in(chain.says or SAYS, text):
        first = chain.order[0]
        told = f"while {is_down}, the answer does not say so: {text[:120]}"
        bench.find(Harm.UNDECLARED, f"hidden:{first}", told, run, target=first)
