"""``neighbour``: what one tenant asks, and what breaks for it, leaves another's results alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agentops_eval.chaos._patience import patience
from agentops_eval.chaos._texts import json_text
from agentops_eval.chaos.conformance._bench import Bench, CannotTell
from agentops_eval.chaos.conformance._check import conformance
from agentops_eval.chaos.conformance._drive import Beat, Drive, Turn, turns_of
from agentops_eval.chaos.conformance._names import LOST, OUTAGE, SLOW
from agentops_eval.chaos.conformance._reading import CALLEES, calls
from agentops_eval.chaos.contracts import Contract, normalised
from agentops_eval.chaos.impact import landed_effects, named
from agentops_eval.domain import EffectKey, EndedBy, Event, Fault, FaultedRun, Harm

_SLOW_S = 30.0
_BEHIND, _BESIDE = "behind", "beside"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What the second tenant got: its answer or error, what was done for it, and how long that took."""

    output: str
    error: str
    effects: Counter[EffectKey]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Second:
    """The second tenant: its task, what of its answers does not matter, and what counts as an effect."""

    task: str
    ignore: str
    contract: Contract

    def result(self, run: FaultedRun) -> _Result | None:
        """What it got in a run; None where it was not asked."""
        turn = next((one for one in turns_of(run) if one.task == self.task), None)
        if turn is None:
            return None
        mine = tuple([event for event in run.events if _is_second(event, turn)])
        done = landed_effects(replace(run, events=mine, sites=()), self.contract)
        return _Result(
            output=self._plain(json_text(turn.output)),
            error=self._plain(turn.error),
            effects=Counter([key for _, key in done]),
            seconds=turn.ended_s - turn.started_s,
        )

    def _plain(self, text: str) -> str:
        with patience(self.ignore):
            return normalised(re.sub(self.ignore, "", text) if self.ignore else text)


@conformance(task="beside", ignore="")
def neighbour(bench: Bench, contract: Contract, *, task: str, ignore: str) -> None:
    """Another tenant's results are the same alone, behind this one, beside it, and whatever breaks for it."""
    drives = {
        _BEHIND: Drive(beats=(Beat(), Beat(after_s=1.0, task=task))),
        _BESIDE: Drive(beats=(Beat(beside=(task,)),)),
    }
    if task not in bench.tasks:
        raise CannotTell("no second tenant is given: it is another task of the same agent")
    second = _Second(task=task, ignore=ignore, contract=contract)
    alone = bench.run(drive=Drive(beats=(Beat(task=task),)))
    wanted = second.result(alone)
    if wanted is None:
        raise CannotTell(f"the task {task!r} ends by {alone.ended} even alone")
    bench.note(f"{task}: alone it gives {wanted.output[:120] or wanted.error[:120]}")
    for where, drive in drives.items():
        quiet = bench.run(drive=drive)
        if not _judge(bench, quiet, wanted, second, f"{where} the other, for whom nothing breaks"):
            continue
        for fault in _faults(bench, where, quiet):
            run = bench.tried(fault, drive=drive)
            if run is not None:
                _judge(bench, run, wanted, second, f"{where} the other, under {run.schedule}")


def _is_second(event: Event, turn: Turn) -> bool:
    """Whether a call is the second tenant's: of its thread, or of its time where there is one thread."""
    if _thread(event):
        return _thread(event) == "1"
    return event.started_s >= turn.started_s


def _thread(event: Event) -> str:
    """Which thread of a beat made a call, by order of creation; empty for the run's own."""
    return event.lane.partition(".")[0].rpartition(":")[2]


def _faults(bench: Bench, where: str, quiet: FaultedRun) -> Iterator[Fault]:
    """One fault at each call of the first tenant: by site, so that none of the other's is hit."""
    second = turns_of(quiet)[-1]
    for event, site in bench.sites(quiet):
        first = _thread(event) == "0" if where == _BESIDE else event.started_s < second.started_s
        if event.seam not in CALLEES or not first:
            continue
        for names in (OUTAGE, SLOW, LOST):
            fault = bench.fault(
                event.seam, names, event.boundary, hits={"site": site}, seconds=_SLOW_S, after_s=_SLOW_S
            )
            if fault is not None:
                yield fault


def _judge(bench: Bench, run: FaultedRun, wanted: _Result, second: _Second, where: str) -> bool:
    """Whether all is as it should be. A run that hangs is a matter of the first tenant's own."""
    found, task = second.result(run), second.task
    if found is None:
        if run.ended is not EndedBy.HANG:
            bench.leave_open(f"{where}: it ended by {run.ended}")
        return True
    harm = Harm.INVARIANT_BROKEN if len(run.schedule) else Harm.TENANT_LEAKED
    if (found.output, found.error) != (wanted.output, wanted.error):
        text = f"{where}, it gets another result: {(found.output or found.error)[:120]}"
        bench.find(harm, f"result:{task}", text, run, base=run, task=task)
        return False
    if found.effects != wanted.effects:
        other = next(iter((found.effects - wanted.effects) + (wanted.effects - found.effects)))
        bench.find(
            harm, f"effects:{task}", f"{where}, other things are done for it: {named(other)}", run, base=run
        )
        return False
    if found.seconds > wanted.seconds + _SLOW_S / 2 and any(calls(run)):
        text = f"{where}, it takes {found.seconds:g} s in place of {wanted.seconds:g} s"
        bench.find(Harm.INVARIANT_BROKEN, f"delayed:{task}", text, run, base=run, task=task)
        return False
    return True
