"""``idempotency``: no effect happens twice, whatever is tried again, lost on its way or delivered twice."""

from __future__ import annotations

from collections.abc import Iterator

from agentops_eval.chaos.conformance._bench import Bench
from agentops_eval.chaos.conformance._check import conformance
from agentops_eval.chaos.conformance._names import LOST, OUTAGE, SLOW_OUTAGE, TWICE
from agentops_eval.chaos.conformance._reading import CALLEES, globbed, harmless
from agentops_eval.chaos.contracts import Contract
from agentops_eval.chaos.impact import is_write, named
from agentops_eval.domain import Event, FaultedRun, Harm, Seam, ToolRequest


@conformance(target="*", delivery=False)
def idempotency(bench: Bench, contract: Contract, *, target: str, delivery: bool) -> None:
    """No effect happens twice: by retries, by answers that are lost, by calls that are delivered twice."""
    tried = 0
    for event, site in bench.sites(bench.base):
        if event.seam not in CALLEES:
            continue
        for names in _shapes(bench, event, writes=is_write(event, contract), delivery=delivery):
            fault = bench.fault(event.seam, names, event.boundary, hits={"site": site})
            run = None if fault is None else bench.tried(fault)
            if run is None:
                continue
            tried += 1
            _judge(bench, run, target)
    if not any(is_write(event, contract) for event in bench.base.events):
        bench.leave_open("it has no tool that is declared to change anything")
    elif tried:
        bench.note(f"{tried} faults, one at each call")


def _shapes(bench: Bench, event: Event, *, writes: bool, delivery: bool) -> Iterator[tuple[str, ...]]:
    """What happens to a call: it fails, it fails late, its answer is lost, it is delivered twice.

    A tool without an idempotency key is at its transport's mercy: that is told, and no finding of the agent
    unless ``delivery`` is asked for.
    """
    yield OUTAGE
    yield SLOW_OUTAGE
    if event.seam is Seam.AGENT or writes:
        yield LOST
    request = event.request
    keyed = isinstance(request, ToolRequest) and request.idempotency_key is not None
    if event.seam is Seam.AGENT or (writes and (keyed or delivery)):
        yield TWICE
    elif writes:
        bench.note(f"{event.boundary} has no idempotency key: what delivers it twice does it twice")


def _judge(bench: Bench, run: FaultedRun, target: str) -> None:
    for key in bench.impact(run).effects.duplicated:
        if globbed(target, key.tool) and not harmless(run, bench.base, key):
            text = f"{key.tool} is done again under {run.schedule}: {named(key)}"
            bench.find(Harm.DUPLICATED_EFFECT, key.tool, text, run, target=key.tool)
