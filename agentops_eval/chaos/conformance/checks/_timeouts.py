"""``timeouts``: what hangs with a dependency that never answers."""

from __future__ import annotations

from agentops_eval.chaos.conformance._bench import Bench
from agentops_eval.chaos.conformance._check import conformance
from agentops_eval.chaos.conformance._names import STALL
from agentops_eval.chaos.conformance._reading import by_callee, calls, chosen
from agentops_eval.chaos.contracts import Contract
from agentops_eval.domain import EndedBy, Event, FaultedRun, Harm

_STALLED_S = 86_400.0


@conformance(target="*", within_s=600.0, blocking=False)
def timeouts(bench: Bench, contract: Contract, *, target: str, within_s: float, blocking: bool) -> None:
    """Whatever stops answering, the agent gives up on it."""
    tried = 0
    for callee, events in by_callee(calls(bench.base)).items():
        event = events[0]
        if not chosen(target, event) or _calls_itself(bench.base, event):
            continue
        fault = bench.fault(event.seam, STALL, callee, hits={"nth": 1}, seconds=_STALLED_S)
        run = None if fault is None else bench.tried(fault)
        if run is None:
            continue
        hangs = run.ended is EndedBy.HANG or run.elapsed_s > within_s
        if hangs and not blocking and any(one.blocked for one in run.injections):
            # A fault at its seam stands before its body, where the limit of a blocking tool is.
            bench.leave_open(
                f"whether {callee}, which blocks its caller, has a limit in itself is not seen here"
            )
            continue
        tried += 1
        bench.note(f"{callee}: stalled, ended by {run.ended} after {min(run.elapsed_s, _STALLED_S):g} s")
        if hangs:
            text = f"{callee} has no time limit: while it is silent, the agent waits more than {within_s:g} s"
            bench.find(Harm.PAST_DEADLINE, callee, text, run, target=callee)
    if not tried:
        bench.leave_open("nothing that it calls can be stalled")


def _calls_itself(run: FaultedRun, event: Event) -> bool:
    """Whether what is called makes calls of its own: these are stalled, one by one, in its place."""
    return any(one.parent == event.index for one in calls(run))
