"""``resume``: killed at any call and started again, the agent ends as if nothing had been."""

from __future__ import annotations

from agentops_eval.chaos.conformance._bench import Bench
from agentops_eval.chaos.conformance._check import conformance
from agentops_eval.chaos.conformance._names import KILL
from agentops_eval.chaos.conformance._reading import harmless
from agentops_eval.chaos.contracts import Contract
from agentops_eval.chaos.impact import named
from agentops_eval.domain import EndedBy, FaultedRun, Harm


@conformance(target="*")
def resume(bench: Bench, contract: Contract, *, target: str) -> None:
    """Killed at any call, before or after it was done, and started again, it repeats and loses nothing."""
    if bench.base.state is None and target == "*":
        bench.leave_open("nothing of it outlives its process: give it a world that tells its state")
        return
    tried = 0
    for event, site in bench.sites(bench.base, target):
        for landed in (False, True):
            fault = bench.fault(
                event.seam, KILL, event.boundary, hits={"site": site}, landed=landed, resume=1
            )
            run = None if fault is None else bench.tried(fault)
            if run is None:
                continue
            tried += 1
            _judge(bench, run, f"{event.boundary} {'was done' if landed else 'was begun'}", chosen_by=target)
    bench.note(f"killed at {tried} places and started again")
    if not tried:
        bench.leave_open("it could be killed nowhere")


def _judge(bench: Bench, run: FaultedRun, when: str, *, chosen_by: str) -> None:
    base, changes = bench.base, bench.impact(run).effects
    again, more, never = (
        [key for key in keys if not harmless(run, base, key)]
        for keys in (changes.duplicated, changes.extra, changes.missing)
    )
    if run.ended in (EndedBy.KILL, EndedBy.HANG):
        text = f"killed when {when}, it does not come back: {run.why or run.ended}"
        bench.find(Harm.INVARIANT_BROKEN, f"not-resumed:{when}", text, run, target=chosen_by)
    elif again:
        text = f"killed when {when}, and started again, it does {named(again[0])} again"
        bench.find(Harm.DUPLICATED_EFFECT, again[0].tool, text, run, target=chosen_by)
    elif never:
        text = f"killed when {when}, and started again, it never does {named(never[0])}"
        bench.find(Harm.PARTIAL_EFFECT, never[0].tool, text, run, target=chosen_by)
    elif more or run.state != base.state:
        what = more[0].tool if more else "world"
        text = f"killed when {when}, and started again, it ends otherwise: {what}"
        bench.find(Harm.EXTRA_EFFECT, what, text, run, target=chosen_by)
    elif run.output != base.output:
        bench.note(f"killed when {when}, and started again, it answers otherwise, and does the same")
