"""A whole command: suites become trials, trials become results, kept one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from agentops_eval.domain import (
    AgentopsError,
    Result,
    Scenario,
    ScenarioInvalid,
    Suite,
    TargetInvalid,
    nearest,
)
from agentops_eval.harness.evaluating._endings import Done
from agentops_eval.harness.evaluating._plan import (
    Choice,
    Trial,
    check_candidate,
    nothing_chosen,
    plan,
    unknown_variants,
)
from agentops_eval.harness.evaluating._processes import Children
from agentops_eval.harness.evaluating._rows import ResultsHeader, finished
from agentops_eval.harness.evaluating._runner import Bounds, Perform, Purse, in_time, run_trials, staying
from agentops_eval.harness.evaluating._store import ResultsWriter
from agentops_eval.harness.evaluating._work import Orders, Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What will run, and what cannot: scenarios whose agent or evaluators are not as they should be.

    ``skipped`` are those that say themselves why they are not run.
    """

    trials: tuple[Trial, ...]
    problems: tuple[AgentopsError, ...]
    header: ResultsHeader
    skipped: tuple[Scenario, ...] = ()


class Session:
    """One run of suites: prepare it, then take its results. ``purse`` tells what it cost."""

    def __init__(self, orders: Orders, bounds: Bounds, *, max_cost_usd: float | None = None) -> None:
        self._orders, self._bounds = orders, bounds
        self._worker = Worker(orders)
        self.purse = Purse(max_cost_usd)

    @property
    def orders(self) -> Orders:
        """What it was told."""
        return self._orders

    def prepare(self, suites: Sequence[Suite], choice: Choice) -> Prepared:
        """Choose the trials, and check whatever can be checked before the first one runs.

        Raises ScenarioInvalid for a variant that no suite has, and for what no case fits; ConfigInvalid for
        a candidate's bad name.
        """
        from agentops_eval import __version__

        for name in unknown_variants(suites, choice) if suites else ():
            known = {variant.name for suite in suites for variant in suite.variants} - {""}
            raise ScenarioInvalid(f"no suite has a variant {name!r}", remedy=nearest(name, known))
        wrong = nothing_chosen(suites, choice)
        if wrong is not None:
            raise wrong
        check_candidate(suites, choice)
        golden_dir = self._orders.root / self._orders.settings.golden_dir
        trials: list[Trial] = []
        problems: dict[str, AgentopsError] = {}
        for trial in plan(suites, choice, golden_dir):
            try:
                self._worker.prepare(trial)
            except AgentopsError as error:
                error.where = error.where or trial.scenario.where
                problems.setdefault(_place_of(error, trial), error)
            else:
                trials.append(trial)
        header = ResultsHeader(
            tool=f"agentops-eval {__version__}",
            suites={suite.name: suite.digest for suite in suites},
            candidate=choice.candidate,
            agent=self._orders.agent,
            planned=len(trials),
        )
        skipped = tuple(one for suite in suites for one in suite.scenarios if one.skip)
        return Prepared(
            trials=tuple(trials), problems=tuple(problems.values()), header=header, skipped=skipped
        )

    def results(
        self, prepared: Prepared, *, out: Path | None = None, resume: bool = False
    ) -> Iterator[Result]:
        """Run what was prepared, and give each result as it is there.

        With ``out`` every one is written there before it is given; with ``resume`` what that file holds
        already is given as well and not run again, unless it ended without a verdict.
        """
        with ExitStack() as stack:
            writer: ResultsWriter | None = None
            stack.callback(self._worker.close)
            trials: Sequence[Trial] = prepared.trials
            if out is not None and trials:
                writer = stack.enter_context(ResultsWriter(out, prepared.header, resume=resume))
                trials, before = _left(prepared.trials, writer.before)
                yield from before
            perform: Perform = staying(
                partial(
                    in_time,
                    perform=self._worker.perform,
                    bounds=self._bounds,
                    give_up=self._worker.give_up,
                )
            )
            if self._bounds.processes:
                perform = stack.enter_context(Children(self._orders, self._bounds)).perform
            concurrency = self._bounds.concurrency
            for done in run_trials(trials, perform, self.purse, concurrency=concurrency):
                yield _kept(done, writer)


def _place_of(error: AgentopsError, trial: Trial) -> str:
    """What makes two problems one: what is wrong with an agent, or does not fit it, is told once a file."""
    whole = isinstance(error, TargetInvalid) or error.where == trial.scenario.where
    where = trial.path if whole else error.where
    return f"{error.code} {error.what} {where}"


def _left(trials: Sequence[Trial], before: Sequence[Result]) -> tuple[tuple[Trial, ...], tuple[Result, ...]]:
    """The trials that are still to run, and the results that stand."""
    wanted = {trial.key for trial in trials}
    stand = {
        (one.suite, one.case, one.variant, one.trial): one
        for one in before
        if finished(one) and (one.suite, one.case, one.variant, one.trial) in wanted
    }
    return tuple(trial for trial in trials if trial.key not in stand), tuple(stand.values())


def _kept(done: Done, writer: ResultsWriter | None) -> Result:
    if writer is None:
        return done.result
    result = replace(done.result, trace_file=writer.keep_trace(done.trace))
    writer.append(result)
    return result
