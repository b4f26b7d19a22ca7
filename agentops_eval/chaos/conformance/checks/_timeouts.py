"""``timeouts``: what hangs with a dependency that never answers."""

from __future__ import annotations

from agentops_eval.chaos.conformance._bench import Bench
from agentops_eval.chaos.conformance._check import conformance
from agentops_eval.chaos.conformance._names import STALL
from agentops_eval.chaos.conformance._reading import by_callee, calls, chosen
from agentops_eval.chaos.contracts import Contract
from agentops_eval.domain import EndedBy, Harm, Seam

_STALLED_S = 1e6


@conformance(target="*", within_s=600.0)
def timeouts(bench: Bench, contract: Contract, *, target: str, within_s: float) -> None:
    """Whatever stops answering, the agent gives up on it."""
    tried = 0
    for callee, events in by_callee(calls(bench.base)).items():
        event = events[0]
        if event.seam is Seam.HUMAN or not chosen(target, event):
            continue
        fault = bench.fault(
            event.seam, STALL, callee, hits={"nth": 1}, seconds=_STALLED_S, after_s=_STALLED_S
        )
        if fault is None:
            bench.note(f"{callee}: no fault can stall it")
            continue
        run = bench.tried(fault)
        if run is None:
            continue
        tried += 1
        bench.note(f"{callee}: stalled, ended by {run.ended} after {min(run.elapsed_s, _STALLED_S):g} s")
        if run.ended is EndedBy.HANG or run.elapsed_s > within_s:
            text = f"{callee} has no time limit: while it is silent, the agent waits more than {within_s:g} s"
            bench.find(Harm.PAST_DEADLINE, callee, text, run, target=callee)
    if not tried:
        bench.leave_open("nothing that it calls can be stalled")
