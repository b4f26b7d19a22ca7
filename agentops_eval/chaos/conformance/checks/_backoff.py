"""``backoff``: what comes between the tries of a call that fails."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from agentops_eval.chaos.conformance._bench import Bench
from agentops_eval.chaos.conformance._check import conformance
from agentops_eval.chaos.conformance._names import OUTAGE
from agentops_eval.chaos.conformance._reading import alike, asked, by_callee, calls, chosen, failed
from agentops_eval.chaos.conformance._retry_after import broken_promises
from agentops_eval.chaos.contracts import Contract
from agentops_eval.domain import EndedBy, Event, Fault, FaultedRun, Harm

_SEEDS = 12
_ALIKE = 1e-6


@conformance(target="*", attempts=10, growth=1.2, jitter=True)
def backoff(
    bench: Bench, contract: Contract, *, target: str, attempts: int, growth: float, jitter: bool
) -> None:
    """Retries wait longer each time, not in step with each other, as they are told to, and come to an end."""
    retried = 0
    for callee, events in by_callee(calls(bench.base)).items():
        if not chosen(target, events[0]):
            continue
        if len(_tries(bench.base, events[0])) > 1:
            # Whether what comes after a failure is a retry, or the next of the usual calls, is not seen.
            bench.note(f"{callee} is asked the same more than once even while all is well")
            continue
        fault = bench.fault(events[0].seam, OUTAGE, callee)
        if fault is None:
            bench.note(f"{callee}: no fault can take it down")
            continue
        runs = [bench.tried(fault, seed=seed) for seed in range(_SEEDS)]
        tries = [_tries(run, events[0]) for run in runs if run is not None]
        first = next((run for run in runs if run is not None), None)
        if first is None:
            continue
        retried += _bounded(bench, events[0], first, attempts)
        gaps = [_gaps(one) for one in tries if len(one) > 1]
        if gaps and first is not None:
            _growing(bench, callee, first, gaps, growth, jitter=jitter)
        _honoured(bench, callee, events[0])
    if not retried:
        bench.leave_open("nothing is retried")


def _tries(run: FaultedRun, event: Event) -> list[Event]:
    """The calls of a callee that ask the same as the first that failed, or as the first if none did."""
    mine = alike(run, event)
    first = next((one for one in mine if failed(one)), mine[0] if mine else None)
    if first is None:
        return []
    question = asked(first)
    return [one for one in mine if asked(one) == question and one.lane == first.lane]


def _gaps(tries: Sequence[Event]) -> list[float]:
    return [after.started_s - before.ended_s for before, after in pairwise(tries)]


def _bounded(bench: Bench, event: Event, run: FaultedRun, attempts: int) -> bool:
    callee, count = event.boundary, len(_tries(run, event))
    bench.note(f"{callee}: {count} tries while it is down")
    if run.ended is EndedBy.HANG or count > attempts:
        text = f"{callee} is tried {count} times in vain, and {attempts} is the most"
        bench.find(Harm.INVARIANT_BROKEN, f"unbounded-retries:{callee}", text, run, target=callee)
    return count > 1


def _growing(
    bench: Bench, callee: str, run: FaultedRun, gaps: list[list[float]], growth: float, *, jitter: bool
) -> None:
    """Gaps of each place over all seeds: the longest of the last against the longest of the first."""
    fewest = min(map(len, gaps))
    longest = [max(one[place] for one in gaps) for place in range(fewest)]
    told = ", ".join(f"{gap:.3g}" for gap in gaps[0])
    if max(longest) <= _ALIKE:
        text = f"{callee} is tried again at once, {fewest} times"
        bench.find(Harm.INVARIANT_BROKEN, f"no-backoff:{callee}", text, run, target=callee)
        return
    if fewest > 1 and longest[-1] < growth * longest[0]:
        text = f"the pauses before {callee} is tried again do not grow: {told} s"
        bench.find(Harm.INVARIANT_BROKEN, f"no-growth:{callee}", text, run, target=callee)
    if jitter and all(abs(one[0] - gaps[0][0]) <= _ALIKE for one in gaps) and len(gaps) > 1:
        text = f"every agent tries {callee} again after the same {told} s: there is no jitter"
        bench.find(Harm.INVARIANT_BROKEN, f"no-jitter:{callee}", text, run, target=callee)


def _honoured(bench: Bench, callee: str, event: Event) -> None:
    """Told to wait, it waits."""
    fault: Fault | None = bench.fault(event.seam, ("rate_limit",), callee, hits={"nth": 1})
    if fault is None:
        return
    run = bench.tried(fault)
    if run is None:
        return
    for text in broken_promises(calls(run), callee):
        bench.find(Harm.INVARIANT_BROKEN, f"retry-after:{callee}", text, run, target=callee)
