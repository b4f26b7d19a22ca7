"""``timeouts``: what hangs with a dependency that never answers."""

from __future__ import annotations

from agentops_eval.chaos.conformance._bench import Bench
from agentops_eval.chaos.conformance._check import conformance
from agentops_eval.chaos.conformance._names import STALL
from agentops_eval.chaos.conformance._reading import by_callee, calls, chosen, site_of
from agentops_eval.chaos.contracts import Contract
from agentops_eval.chaos.faults import Hits
from agentops_eval.domain import EndedBy, Event, FaultedRun, Harm

_STALLED_S = 86_400.0
_MOST = 20


@conformance(target="*", within_s=600.0, blocking=False)
def timeouts(bench: Bench, contract: Contract, *, target: str, within_s: float, blocking: bool) -> None:
    """Whatever stops answering, the agent gives up on it."""
    tried = 0
    for callee, events in by_callee(calls(bench.base)).items():
        mine = [one for one in events[:_MOST] if not _calls_itself(bench.base, one)]
        if not mine or not chosen(target, mine[0]):
            continue
        if len(events) > _MOST:
            bench.note(f"{callee}: the first {_MOST} of {len(events)} calls are stalled, one by one")
        for event in mine:
            hits: Hits = {"site": site_of(bench.base, event)}
            fault = bench.fault(event.seam, STALL, callee, hits=hits)
            run = None if fault is None else bench.tried(fault)
            if run is not None:
                tried += _judge(bench, run, callee, within_s, blocking=blocking)
    if not tried:
        bench.leave_open("nothing that it calls can be stalled")


def _judge(bench: Bench, run: FaultedRun, callee: str, within_s: float, *, blocking: bool) -> bool:
    """Whether the run tells something: of a blocking callee only an agent that goes on does."""
    hangs = run.ended is EndedBy.HANG or run.elapsed_s > within_s
    if hangs and not blocking and any(one.blocked for one in run.injections):
        # A fault at its seam stands before its body, where the limit of a blocking tool is.
        bench.leave_open(
            f"{callee} blocks its caller: whether it has a limit in itself is not seen at its seam"
        )
        return False
    bench.note(f"{callee}: stalled, ended by {run.ended} after {min(run.elapsed_s, _STALLED_S):g} s")
    if hangs:
        text = f"{callee} has no time limit, or too long a one: it is silent, and after {within_s:g} s"
        text += " the agent still waits"
        bench.find(Harm.PAST_DEADLINE, callee, text, run, target=callee)
    return True


def _calls_itself(run: FaultedRun, event: Event) -> bool:
    """Whether what is called makes calls of its own: these are stalled, one by one, in its place."""
    return any(one.parent == event.index for one in calls(run))
