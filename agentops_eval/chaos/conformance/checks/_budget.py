"""``budget``: a loop that would never end is cut off at its cap, and says so."""

from __future__ import annotations

from agentops_eval.chaos._declared import Budget
from agentops_eval.chaos.conformance._bench import Bench
from agentops_eval.chaos.conformance._check import conformance
from agentops_eval.chaos.conformance._names import RUNAWAY
from agentops_eval.chaos.conformance._reading import by_callee, calls, chosen, cost_usd
from agentops_eval.chaos.contracts import Contract
from agentops_eval.domain import EndedBy, FaultedRun, Harm


@conformance(target="*", most_calls=None, most_s=None, most_usd=None)
def budget(
    bench: Bench,
    contract: Contract,
    *,
    target: str,
    most_calls: int | None,
    most_s: float | None,
    most_usd: float | None,
) -> None:
    """What would go on for ever is cut off at its cap, and ends with an answer."""
    said = contract.checks.budget
    cap = Budget(
        calls=said.calls if most_calls is None else most_calls,
        elapsed_s=said.elapsed_s if most_s is None else most_s,
        cost_usd=said.cost_usd if most_usd is None else most_usd,
    )
    over = _over(bench, bench.base, len(calls(bench.base)), cap)
    if over:
        bench.find(Harm.TOO_MANY_STEPS, "usual", f"even while all is well, it takes {over}", bench.base)
    tried = 0
    for callee, events in by_callee(calls(bench.base)).items():
        seam = events[0].seam
        for kind in (name for name in RUNAWAY if bench.kind(seam, name) and chosen(target, events[0])):
            fault = bench.fault(seam, (kind,), callee)
            run = None if fault is None else bench.run(fault)
            if run is None or run.not_injected or run.ended is EndedBy.LEFT:
                continue  # not every answer can be repeated or emptied: what can be is enough
            tried += 1
            _judge(bench, run, callee, cap)
    bench.note(f"{tried} ways to go on for ever, at {cap.calls or 'no'} calls at the most")
    if not tried:
        bench.leave_open("nothing that it calls can keep it going")


def _judge(bench: Bench, run: FaultedRun, callee: str, cap: Budget) -> None:
    made, subject = len(calls(run)), f"runaway:{callee}"
    why = _over(bench, run, made, cap)
    if run.ended is EndedBy.HANG:
        text = f"while {callee} keeps it going, nothing ends it: {run.why}"
        bench.find(Harm.TOO_MANY_STEPS, subject, text, run, target=callee)
    elif why:
        text = f"while {callee} keeps it going, it takes {why}"
        bench.find(Harm.TOO_MANY_STEPS, subject, text, run, target=callee)
    elif run.ended is EndedBy.ERROR and cap.calls is not None and made >= cap.calls:
        kind = "" if run.error is None else run.error.kind
        text = f"at its cap of {cap.calls} calls it breaks off with {kind}, and gives no answer"
        bench.find(Harm.INVARIANT_BROKEN, f"graceless:{callee}", text, run, target=callee)


def _over(bench: Bench, run: FaultedRun, made: int, cap: Budget) -> str:
    if cap.calls is not None and made > cap.calls:
        return f"{made} calls, and {cap.calls} is the most"
    if cap.elapsed_s is not None and run.elapsed_s > cap.elapsed_s:
        return f"{run.elapsed_s:g} s, and {cap.elapsed_s:g} s is the most"
    spent = cost_usd(run) if cap.cost_usd is not None else None
    if cap.cost_usd is not None and spent is None:
        bench.leave_open("what it spends is not known: its llm calls tell no tokens, or have no price")
    elif cap.cost_usd is not None and spent is not None and spent > cap.cost_usd:
        return f"{spent:.3g} USD, and {cap.cost_usd:g} is the most"
    return ""
