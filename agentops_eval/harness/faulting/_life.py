"""One life of an agent in this process, told to the one that started it, until a fault really kills it."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from agentops_eval.chaos import CATALOGUE, Injector, Killed, Watchdog
from agentops_eval.domain import AgentopsError, Call, EndedBy, FaultedRun
from agentops_eval.harness._opening import Faulting
from agentops_eval.harness._run import ActiveRun
from agentops_eval.harness.faulting._lines import (
    Begun,
    Done,
    FrameWriter,
    LifeOrder,
    Over,
    Refused,
    plain,
    plain_event,
)
from agentops_eval.harness.faulting._load import load_subject
from agentops_eval.harness.faulting._runner import Runner, found_so_far, spec_of
from agentops_eval.seams import PARENT, Next, Steps, current_scope

_NEXT_SEED = 1 << 32


class _Herald:
    """Stands next to the log: tells of each call as it begins and as it is answered, and kills for real."""

    def __init__(self, writer: FrameWriter, skew_s: float) -> None:
        self._writer = writer
        self._skew_s = skew_s
        self.run: ActiveRun | None = None
        self.injector: Injector | None = None

    def handle(self, call: Call, next: Next) -> Steps:
        scope = current_scope()
        assert scope is not None
        if self._skew_s and not call.index:
            scope.skew_s += self._skew_s
        self._writer.send(Begun(call=call, parent=PARENT.get(), at_s=scope.clock.elapsed_s()))
        try:
            outcome = yield next(call)
        except Killed as killed:
            self._die(killed)
        assert outcome is not None
        told = plain(outcome)
        assert told is not None
        self._writer.send(Done(index=call.index, outcome=told, at_s=scope.clock.elapsed_s()))
        return outcome

    def _die(self, killed: Killed) -> NoReturn:
        """The last words, then the end: no ``finally``, no ``atexit``, no thread runs any further."""
        assert self.run is not None
        assert self.injector is not None
        found = replace(found_so_far(self.run, self.injector), ended=EndedBy.KILL, why=str(killed))
        self._writer.send(
            Over(
                run=_plain_run(found),
                resume=killed.resume,
                carried=self.injector.carried,
                skew_s=self.run.scope.skew_s,
            )
        )
        os.kill(os.getpid(), signal.SIGKILL)
        raise killed  # not reached


def live(order: LifeOrder, writer: FrameWriter) -> None:
    """Run the agent once, under its schedule, and tell what happens as it does."""
    subject = load_subject(order.order, again=order.life > 0)
    left_s = max(0.0, subject.limits.deadline_s - order.elapsed_s)
    limits = replace(
        subject.limits, deadline_s=left_s, calls=max(1, subject.limits.calls - len(order.before))
    )
    injector = Injector(
        order.schedule,
        CATALOGUE,
        same=Runner(subject).same,
        never_s=left_s + 1,
        before=order.before,
        carried=order.carried,
    )
    watchdog, herald = Watchdog(limits), _Herald(writer, order.skew_s)
    faulting = Faulting(
        before=(herald, watchdog, injector),
        stand_in=injector.stand_in,
        answers=subject.answers,
        cassette=subject.cassette,
        # Another process draws other numbers: keys that a killed agent did not keep are lost.
        seed=order.schedule.seed + order.life * _NEXT_SEED,
        wall_start_s=Faulting().wall_start_s + order.elapsed_s,
    )
    run = ActiveRun(spec_of(subject, faulting), subject.settings)
    herald.run, herald.injector = run, injector
    found = Runner.played(run, subject, injector, watchdog, None)
    writer.send(Over(run=_plain_run(found)))


def _plain_run(run: FaultedRun) -> FaultedRun:
    return replace(run, events=tuple([plain_event(event) for event in run.events]))


def main(arguments: Sequence[str]) -> int:
    """Read the order from standard input, and write to the descriptor that is the argument."""
    writer = FrameWriter(int(arguments[0]))
    order: LifeOrder = pickle.load(sys.stdin.buffer)  # noqa: S301  # from the process that started this one
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  # for the agent, to the end
    try:
        live(order, writer)
    except AgentopsError as error:
        writer.send(Refused(error=error))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
