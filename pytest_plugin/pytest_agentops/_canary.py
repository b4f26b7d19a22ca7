"""``@pytest.mark.canary("gate.yaml")``: a test that asks a gate whether a candidate may be promoted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from agentops_eval.domain import (
    AgentopsError,
    Arm,
    ConfigInvalid,
    Decision,
    Ending,
    GateInvalid,
    Reason,
    Result,
    Sample,
    SamplesInvalid,
    Scenario,
    Suite,
    case_name,
    nearest,
)
from agentops_eval.gate import GateFile, in_order, read_gate
from agentops_eval.harness import RecordMode, load_suites
from agentops_eval.harness.evaluating import Choice, Trial, Worker, agent_of, plan, run_in_time
from agentops_eval.harness.gating import Gathered, decide_gathered, gather, load_gate, samples_of, source_of
from agentops_eval.replay import branch_path
from agentops_eval.reports import decision_text
from pytest_agentops._evidence import shown
from pytest_agentops._scenario import found, places
from pytest_agentops._suites import golden_folder, settings_of_suites, worker_of

_KEYWORDS = ("suite", "metrics", "trials", "candidate")
_EXAMPLE = 'for example @pytest.mark.canary("gate.yaml", suite="refunds.yaml")'
SamplesOrFile: TypeAlias = "Path | str | Iterable[Sample]"
"""A file or folder of samples, or samples that are at hand."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Canary:
    """A gate in the hands of a test. A failing test shows what it decided, and why.

    ``suites`` are what ``judge`` runs, ``trials`` how often each case (None: as their files say), and
    ``candidate`` names the branch of the recordings that is the candidate's.
    """

    gate: GateFile
    item: pytest.Item = field(compare=False)
    suites: tuple[Suite, ...] = ()
    trials: int | None = None
    candidate: str = "candidate"

    def __repr__(self) -> str:
        """Short, for pytest shows it beside every value that a failed assertion got from it."""
        gate = self.gate.gate
        return f"Canary({gate.name or ', '.join(metric.name for metric in gate.metrics)})"

    def decide(
        self, baseline: SamplesOrFile, candidate: SamplesOrFile, *, seed: int | None = None
    ) -> Decision:
        """Decide by files of samples, named from the test's folder, or by samples.

        ``seed`` stands in for the gate's.
        """
        __tracebackhide__ = True
        try:
            evidence = self._gathered({Arm.BASELINE: baseline, Arm.CANDIDATE: candidate})
        except AgentopsError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        return self._decided(evidence, seed)

    def judge(self, baseline: Callable[..., Any], candidate: Callable[..., Any], /) -> Decision:
        """Run both agents on every case of the suites, and decide.

        Cases run in the order of the gate's seed, which is fixed before any result is seen. Each run is
        recorded, replayed and judged as those of the fixture ``scenario``; where the candidate has no branch
        of its own, it replays the baseline's recording, and what that cannot answer needs a recording.
        """
        __tracebackhide__ = True
        if not self.suites:
            pytest.fail(f"nothing says what to run: {_EXAMPLE}", pytrace=False)
        workers: dict[Arm, Worker] = {}
        results: dict[Arm, list[Result]] = {arm: [] for arm in Arm}
        try:
            for arm, agent in ((Arm.BASELINE, baseline), (Arm.CANDIDATE, candidate)):
                workers[arm] = worker_of(self.item.config).with_agent(agent_of(agent))
            for suite, scenario in self._in_order():
                for arm, one in workers.items():
                    results[arm] += self._run(one, arm, suite, scenario)
        except AgentopsError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        finally:
            for one in workers.values():
                one.close()
        arms = [_judged(results[arm], arm, self.gate) for arm in Arm]
        decision = self._decided(_both(arms), None)
        shown(self.item.config).decisions.append((decision, self.gate))
        return decision

    def _gathered(self, given: Mapping[Arm, SamplesOrFile]) -> Gathered:
        folder = Path(self.item.path).parent
        files, at_hand = [], []
        for arm, one in given.items():
            if isinstance(one, (str, Path)):
                path = folder / one if (folder / one).exists() else Path(one)
                files.append(source_of(self.gate, arm, str(path)))
            else:
                at_hand += [_of_arm(sample, arm) for sample in one]
        read = gather(self.gate, files)  # together, for one file is not of both arms
        return replace(read, samples=(*read.samples, *at_hand))

    def _in_order(self) -> list[tuple[Suite, Scenario]]:
        cases = {
            case_name(suite.name, one.id): (suite, one)
            for suite in self.suites
            for one in suite.scenarios
            if not one.skip
        }
        return [cases[name] for name in in_order(cases, seed=self.gate.gate.seed)]

    def _run(self, worker: Worker, arm: Arm, suite: Suite, scenario: Scenario) -> list[Result]:
        config = self.item.config
        choice = Choice(repeat=self.trials, candidate=self.candidate if arm is Arm.CANDIDATE else "")
        only = replace(suite, scenarios=(scenario,))
        records = settings_of_suites(config).record is not RecordMode.NONE
        trials = [
            trial if records or _has_branch(trial) else replace(trial, candidate="")
            for trial in plan((only,), choice, golden_folder(config))
        ]
        for trial in trials[:1]:
            worker.prepare(trial)
        return [run_in_time(worker, trial) for trial in trials]

    def _decided(self, evidence: Gathered, seed: int | None) -> Decision:
        __tracebackhide__ = True
        root = self.item.config.rootpath
        try:
            decision = decide_gathered(self.gate, evidence, root=root, seed=seed, now_s=time.time())
        except AgentopsError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        told = "\n".join(text for text, _ in decision_text(decision))
        self.item.add_report_section("call", "canary", told)
        return decision


def _of_arm(sample: object, arm: Arm) -> Sample:
    if not isinstance(sample, Sample):
        raise SamplesInvalid(
            f"{type(sample).__name__} is no sample",
            where=f"canary.decide, {arm}",
            remedy="give Sample(case='refund', passed=True) of agentops_eval.domain, or rows as a file",
        )
    if sample.arm not in {None, arm}:
        raise SamplesInvalid(
            f"a sample of the {sample.arm} is among those of the {arm}",
            where=f"{sample.case}, trial {sample.trial}",
            difference="both sides may be swapped",
            remedy="canary.decide(BASELINE, CANDIDATE)",
        )
    return replace(sample, arm=arm)


def _has_branch(trial: Trial) -> bool:
    return not trial.branch or branch_path(trial.cassette, trial.branch).exists()


def _both(arms: Sequence[Gathered]) -> Gathered:
    return Gathered(
        samples=tuple(sample for one in arms for sample in one.samples),
        doubts=tuple(doubt for one in arms for doubt in one.doubts),
    )


def _judged(results: Sequence[Result], arm: Arm, gate: GateFile) -> Gathered:
    """Results as samples; those that need a recording are none, and nothing is promoted without them."""
    lacking = [one for one in results if one.ending is Ending.NEEDS_RECORDING]
    doubts: tuple[Reason, ...] = ()
    if lacking:
        doubts = (
            Reason(
                code="needs-recording",
                message=f"{len(lacking)} of {len(results)} runs of the {arm} must be recorded first",
                remedy="pytest --agentops-record=once, outside of CI",
            ),
        )
    return Gathered(samples=samples_of(results, arm=arm, gate=gate), doubts=doubts)


def open_canary(request: pytest.FixtureRequest) -> Canary:
    """What the mark of the test means. What it cannot mean fails the test, with what can."""
    __tracebackhide__ = True
    mark = request.node.get_closest_marker("canary")
    if mark is None:
        pytest.fail(f"name the gate: {_EXAMPLE}", pytrace=False)
    try:
        return _opened(request, mark.args, mark.kwargs)
    except AgentopsError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def _opened(request: pytest.FixtureRequest, files: tuple[Any, ...], options: Mapping[str, Any]) -> Canary:
    where = f"@pytest.mark.canary of {request.node.nodeid}"
    for name in options:
        if name not in _KEYWORDS:
            what = f"@pytest.mark.canary has no keyword {name!r}"
            raise ConfigInvalid(what, where=where, remedy=nearest(name, _KEYWORDS))
    metrics = options.get("metrics")
    if len(files) + (metrics is not None) != 1 or not all(isinstance(one, str) for one in files):
        remedy = f"{_EXAMPLE}, or metrics=[dict(name='passed', kind='binary', margin=0.05)]"
        raise ConfigInvalid("@pytest.mark.canary takes one gate file, or metrics", where=where, remedy=remedy)
    config, folder = request.config, Path(request.node.path).parent
    if files:
        gate = _gate_at(files[0], folder, config)
    else:
        gate = read_gate(json.dumps({"metrics": metrics}, default=repr).encode(), f"{where}.json")
    named = options.get("suite") or ()
    loaded = load_suites(
        tuple(found(one, folder, config) for one in ((named,) if isinstance(named, str) else named)),
        root=config.rootpath,
    )
    if loaded.problems:
        raise loaded.problems[0]
    return Canary(
        gate=gate,
        item=request.node,
        suites=loaded.suites,
        trials=options.get("trials"),
        candidate=options.get("candidate", "candidate"),
    )


def _gate_at(name: str, folder: Path, config: pytest.Config) -> GateFile:
    """The gate of a file. One that is nowhere is told with every place where it was looked for."""
    path = found(name, folder, config)
    try:
        return load_gate(path)
    except GateInvalid as error:
        if not path.exists():
            error.where = " or ".join(map(str, places(name, folder, config)))
        raise
