"""``saga``: whatever step fails, the world is left as it was, or as it should become."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agentops_eval.chaos._texts import json_text
from agentops_eval.chaos.conformance._bench import Bench
from agentops_eval.chaos.conformance._check import conformance
from agentops_eval.chaos.conformance._drive import Drive
from agentops_eval.chaos.conformance._names import KILL, LOST, OUTAGE, TWICE
from agentops_eval.chaos.conformance._reading import chosen
from agentops_eval.chaos.contracts import Contract
from agentops_eval.chaos.impact import is_write, landed_effects, named, net_effects
from agentops_eval.domain import Event, Fault, FaultedRun, Harm, Json, shorten


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """One way in which a step fails: what it is called, and its faults."""

    step: str
    shape: str
    faults: tuple[Fault, ...]


@conformance(target="*", crash=False)
def saga(bench: Bench, contract: Contract, *, target: str, crash: bool) -> None:
    """A step that fails leaves the world as it was: what was done before it is taken back, all of it."""
    if not contract.compensates:
        bench.leave_open("the contract declares no compensation")
        return
    done = [event for event, _ in landed_effects(bench.base, contract)]
    steps = [one for one in done if one.boundary not in contract.compensates and chosen(target, one)]
    untouched = bench.run(drive=Drive(beats=())).state if bench.drivable else None
    if not steps:
        bench.leave_open("it does nothing that could be taken back")
    for number, step in enumerate(steps):
        for trial in _trials(bench, step, crash=crash):
            run = bench.tried(*trial.faults)
            if run is None:
                continue
            _judge(bench, contract, run, trial, untouched)
            for deeper in _in_compensation(bench, contract, run, trial):
                again = bench.tried(*deeper.faults)
                if again is not None:
                    _judge(bench, contract, again, deeper, untouched)
        bench.note(f"step {number + 1} of {len(steps)}: {step.boundary}")


def _ordinal(bench: Bench, event: Event) -> int:
    """Which call of its callee it is, from 1, as faults count."""
    mine = [one for one in bench.base.events if one.boundary == event.boundary and one.seam is event.seam]
    return mine.index(event) + 1


def _trials(bench: Bench, event: Event, *, crash: bool) -> Iterator[_Trial]:
    """Before it was done, after it was done, and the process ended right behind it."""
    callee = event.boundary
    nth = _ordinal(bench, event)
    down = bench.fault(event.seam, OUTAGE, callee, hits={"after": nth - 1})
    lost = bench.fault(event.seam, LOST, callee, hits={"nth": nth})
    down_behind = bench.fault(event.seam, OUTAGE, callee, hits={"after": nth})
    killed = bench.fault(event.seam, KILL, callee, hits={"nth": nth}, landed=True, resume=1)
    if down is not None:
        yield _Trial(step=callee, shape="fails", faults=(down,))
    if lost is not None:
        yield _Trial(step=callee, shape="is done, and its answer lost", faults=(lost,))
        # The retry of it finds a service that is down: nobody ever says that it was done.
        if down_behind is not None and _is_retried(bench, lost, callee, nth):
            yield _Trial(step=callee, shape="is done, and never answered", faults=(lost, down_behind))
    if killed is not None and crash:
        yield _Trial(step=callee, shape="is done, and the agent killed", faults=(killed,))


def _is_retried(bench: Bench, lost: Fault, callee: str, nth: int) -> bool:
    run = bench.run(lost)
    return sum(one.boundary == callee for one in run.events) > nth


def _in_compensation(bench: Bench, contract: Contract, run: FaultedRun, trial: _Trial) -> Iterator[_Trial]:
    """A fault in each compensation that this run made: it fails once, it is done untold, it is done twice."""
    shapes = (
        (OUTAGE, "fails once"),
        (LOST, "is done, and its answer lost"),
        (TWICE, "is delivered twice"),
    )
    for event in run.events:
        if event.boundary not in contract.compensates or not is_write(event, contract):
            continue
        for names, told in shapes:
            fault = bench.fault(event.seam, names, event.boundary, hits={"site": run.sites[event.index]})
            if fault is not None:
                shape = f"{trial.shape}, and {event.boundary} {told}"
                yield _Trial(step=trial.step, shape=shape, faults=(*trial.faults, fault))


def _judge(bench: Bench, contract: Contract, run: FaultedRun, trial: _Trial, untouched: Json) -> None:
    left = _left(bench, contract, run, untouched)
    if left:
        text = f"where {trial.step} {trial.shape}, the world is neither as before nor as wanted: {left}"
        bench.find(Harm.PARTIAL_EFFECT, trial.step, text, run, target=trial.step, shape=trial.shape)


def _left(bench: Bench, contract: Contract, run: FaultedRun, untouched: Json) -> str:
    """What of an unfinished saga is left in the world; empty where it was finished or taken back whole.

    Where the world does not tell its state, those effects are looked at that some compensation takes back.
    """
    if run.state is not None and untouched is not None:
        return "" if run.state in (untouched, bench.base.state) else shorten(json_text(run.state), 200)
    changes, steps = bench.impact(run).effects, contract.reversible
    missing = [one for one in changes.missing if one.tool in steps]
    extra = [one for one in changes.extra if one.tool in steps]
    usual = [one for one in net_effects(bench.base, contract) if one.tool in steps]
    if not extra and len(missing) in (0, len(usual)):
        return ""
    told = [", ".join(map(named, keys)) or "nothing" for keys in (missing, extra)]
    return f"missing {told[0]}; too much {told[1]}"
