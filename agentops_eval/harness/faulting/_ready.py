"""An agent ready to be explored: loaded, run once without a fault, with its judge."""

from __future__ import annotations

import atexit
import functools
import os
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from agentops_eval.chaos import Contract, Judge
from agentops_eval.chaos.contracts import rules_met
from agentops_eval.chaos.exploring import Options, Picks, Seen, observe, space_of
from agentops_eval.chaos.impact import weight_of
from agentops_eval.chaos.kinds import CATALOGUE
from agentops_eval.domain import AgentUnsteady, EndedBy, FaultedRun, Impact, Schedule
from agentops_eval.harness.faulting._bounded import REAL_S
from agentops_eval.harness.faulting._contract import load_contract
from agentops_eval.harness.faulting._load import SubjectOrder, load_subject
from agentops_eval.harness.faulting._runner import Runner
from agentops_eval.seams import Approver


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploreOrder:
    """What to explore and how far, in words alone: it is handed to other processes.

    ``contract`` is the file of what the agent declares. ``real_s`` is how long one run may take in real time.
    """

    subject: SubjectOrder
    options: Options = field(default_factory=Options)
    contract: Path | None = None
    real_s: float = REAL_S


class Ready:
    """An agent that was loaded by its order, and its run without a fault.

    Raises what ``load_subject`` and ``load_contract`` raise; AgentUnsteady where it fails without a fault.
    """

    def __init__(self, order: ExploreOrder, *, approver: Approver | None = None) -> None:
        self.order = order
        self.subject = load_subject(order.subject, approver=approver)
        self._runner = Runner(self.subject, real_s=order.real_s)
        self.contract = (
            Contract() if order.contract is None else load_contract(order.contract, root=order.subject.root)
        )
        self.space = space_of(order.options)
        self.base = self.run(Schedule(seed=order.options.seed))
        if self.base.ended is not EndedBy.ANSWER:
            raise _fails(self.base, order.subject)
        self._judge = Judge(self.base, self.contract)
        self.met = rules_met(self.contract, self.base.events)

    def run(self, schedule: Schedule) -> FaultedRun:
        """Run it once. What it prints is not shown: it would be printed thousands of times."""
        with _silent():
            return self._runner(schedule)

    def judge(self, run: FaultedRun) -> Impact:
        """What the faults of a run did."""
        return self._judge(run)

    def execute(self, work: Iterable[Picks], *, onward: bool) -> Iterator[tuple[Picks, Seen]]:
        """Run one schedule after the other."""
        options = {"undeclared": self.order.options.undeclared, "onward": onward}
        for picks in work:
            seen = observe(
                picks, self.space, self.run, self.judge, **options, met=self._also_met, weigh=self._weigh
            )
            yield picks, seen

    def _weigh(self, impact: Impact) -> float:
        return weight_of(impact, self.contract, CATALOGUE)

    def _also_met(self, run: FaultedRun) -> frozenset[int]:
        """The rules that speak of what this run called, and the one without a fault did not."""
        if len(self.met) == len(self.contract.degradations):
            return frozenset()
        return rules_met(self.contract, run.events) - self.met


def _fails(base: FaultedRun, order: SubjectOrder) -> AgentUnsteady:
    """Why nothing can be explored."""
    what, difference = f"it ended by {base.ended.value}", base.why
    if base.error is not None:
        what, difference = f"it raised {base.error.kind}", base.error.message
    if base.ended is EndedBy.LEFT:
        what = "it asks what its recording cannot answer"
    seen = order.command("record" if order.cassette is None else "replay")
    return AgentUnsteady(
        f"without any fault the agent does not come to an answer: {what}",
        where=order.target,
        difference=difference,
        remedy=f"see what it does: {seen}{'' if order.world else ', or give it a --world'}",
    )


@contextmanager
def _silent() -> Generator[None]:
    shown = sys.stdout
    sys.stdout = _nowhere()
    try:
        yield
    finally:
        sys.stdout = shown


@functools.cache
def _nowhere() -> TextIO:
    opened = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # for as long as we live
    atexit.register(opened.close)
    return opened
