"""``backpressure``: how many calls are on their way at once when a dependency is slow."""

from __future__ import annotations

from agentops_eval.chaos.conformance._bench import Bench
from agentops_eval.chaos.conformance._check import conformance
from agentops_eval.chaos.conformance._drive import Beat, Drive
from agentops_eval.chaos.conformance._names import SLOW
from agentops_eval.chaos.conformance._reading import alike, by_callee, calls, chosen, peak
from agentops_eval.chaos.contracts import Contract
from agentops_eval.domain import Event, Harm


@conformance(target="*", seconds=8.0, bound=10, crowd=0)
def backpressure(
    bench: Bench, contract: Contract, *, target: str, seconds: float, bound: int, crowd: int
) -> None:
    """A slow dependency does not make the calls that wait for it grow in number without bound."""
    tried = 0
    for callee, events in by_callee(calls(bench.base)).items():
        event = events[0]
        if not chosen(target, event):
            continue
        declared = next((n for glob, n in contract.checks.in_flight.items() if chosen(glob, event)), None)
        usual = peak(events)
        peaks = [_peak(bench, event, seconds * factor) for factor in (1, 4, 16)]
        told = [one for one in peaks if one is not None]
        if len(told) < len(peaks):
            continue
        tried += 1
        bench.note(f"{callee}: at most {usual} at once, {told} where it takes {seconds:g} s and more")
        limit = bound if declared is None else declared
        grows = told[0] < told[1] < told[2]
        if told[-1] > limit and (grows or declared is not None):
            _find(bench, event, told[-1], limit, seconds)
        if declared is not None or crowd:
            _crowded(bench, event, crowd or 3 * limit, limit, seconds)
    if not tried:
        bench.leave_open("nothing that it calls can be made slow")


def _peak(bench: Bench, event: Event, seconds: float) -> int | None:
    fault = bench.fault(event.seam, SLOW, event.boundary, seconds=seconds)
    run = None if fault is None else bench.tried(fault)
    return None if run is None else peak(alike(run, event))


def _find(bench: Bench, event: Event, most: int, limit: int, seconds: float) -> None:
    fault = bench.fault(event.seam, SLOW, event.boundary, seconds=16 * seconds)
    assert fault is not None
    text = f"{most} calls of {event.boundary} wait at once where it is slow, and {limit} is the most"
    subject = f"in-flight:{event.boundary}"
    bench.find(Harm.INVARIANT_BROKEN, subject, text, bench.run(fault), target=event.boundary)


def _crowded(bench: Bench, event: Event, crowd: int, limit: int, seconds: float) -> None:
    """Many ask at once: what is declared holds for all of them together."""
    fault = bench.fault(event.seam, SLOW, event.boundary, seconds=seconds)
    if fault is None:
        return
    run = bench.tried(fault, drive=Drive(beats=(Beat(together=crowd),)))
    if run is None:
        return
    most = peak(alike(run, event))
    bench.note(f"{event.boundary}: asked {crowd} times at once, {most} calls at once")
    if most > limit:
        text = f"{most} calls of {event.boundary} wait at once for {crowd} askers, and {limit} is the most"
        bench.find(Harm.INVARIANT_BROKEN, f"in-flight:{event.boundary}", text, run, target=event.boundary)
