"""``@pytest.mark.scenario("refunds.yaml")``: a test for each case of a file, which runs its own agent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agentops_eval.domain import AgentopsError, ConfigInvalid, Json, Result, Scenario, Suite, nearest
from agentops_eval.harness import load_suites
from agentops_eval.harness.evaluating import agent_of, failure_lines, rule, run_in_time
from pytest_agentops._suites import trials_of, worker_of

_KEYWORDS = ("repeat", "case", "tag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What became of a case: one result for each of its trials."""

    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """Whether every trial was judged and passed."""
        return rule(self.results).passed

    def __repr__(self) -> str:
        return "\n".join([rule(self.results).reason, *failure_lines(self.results)])


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioCase:
    """One case of a suite, in the hands of a test. ``repeat`` overrides what the file says."""

    suite: Suite = field(repr=False)
    scenario: Scenario
    config: pytest.Config = field(repr=False, compare=False)
    repeat: int | None = None

    @property
    def id(self) -> str:
        """The stable id of the case."""
        return self.scenario.id

    @property
    def input(self) -> Json:
        """What the user says; of several turns the list."""
        turns = self.scenario.turns
        return turns[0] if len(turns) == 1 else list(turns)

    def run(self, agent: Callable[..., Any], /) -> Ran:
        """Run the agent as often as the case is to be repeated, and judge each run.

        Recordings are where ``pytest`` on the file itself and ``agentops-eval eval run`` have theirs.
        """
        __tracebackhide__ = True
        worker = worker_of(self.config).with_agent(agent_of(agent))
        trials = trials_of(self.config, self.suite, self.scenario, repeat=self.repeat)
        if self.scenario.skip or not trials:
            pytest.skip(self.scenario.skip or "its suite has no such variant")
        try:
            worker.prepare(trials[0])
        except AgentopsError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        try:
            return Ran(results=tuple(run_in_time(worker, trial) for trial in trials))
        finally:
            worker.close()


def parametrize(metafunc: pytest.Metafunc, mark: pytest.Mark, fixture: str) -> None:
    """Make one test of each case that the mark means. Raises UsageError for what it cannot mean."""
    if fixture not in metafunc.fixturenames:
        where = metafunc.definition.nodeid
        raise pytest.UsageError(f"{where} is marked with scenario and does not ask for the fixture {fixture}")
    try:
        cases = _cases(metafunc, mark)
    except AgentopsError as error:
        raise pytest.UsageError(str(error)) from None
    metafunc.parametrize(fixture, cases, ids=[case.id for case in cases], indirect=True)


def _cases(metafunc: pytest.Metafunc, mark: pytest.Mark) -> list[ScenarioCase]:
    where = f"@pytest.mark.scenario of {metafunc.definition.nodeid}"
    options: Mapping[str, Any] = mark.kwargs
    for name in options:
        if name not in _KEYWORDS:
            what = f"@pytest.mark.scenario has no keyword {name!r}"
            raise ConfigInvalid(what, where=where, remedy=nearest(name, _KEYWORDS))
    if not mark.args or not all(isinstance(one, str) for one in mark.args):
        remedy = 'for example @pytest.mark.scenario("refunds.yaml", repeat=5)'
        raise ConfigInvalid("@pytest.mark.scenario takes names of files", where=where, remedy=remedy)
    config = metafunc.config
    folder = Path(metafunc.definition.path).parent
    loaded = load_suites(tuple(found(name, folder, config) for name in mark.args), root=config.rootpath)
    if loaded.problems:
        raise loaded.problems[0]
    return [
        ScenarioCase(suite=suite, scenario=scenario, config=config, repeat=options.get("repeat"))
        for suite in loaded.suites
        for scenario in suite.scenarios
        if options.get("case") in (None, scenario.id)
        and (not options.get("tag") or options["tag"] in scenario.tags)
    ]


def found(name: str, folder: Path, config: pytest.Config) -> Path:
    """The file beside the test, in the folder of scenarios, or from the root: the first that is there."""
    there = places(name, folder, config)
    return next((place for place in there if place.exists()), there[1])


def places(name: str, folder: Path, config: pytest.Config) -> tuple[Path, ...]:
    """Where a file that a mark names is looked for, in order; each place once."""
    root = config.rootpath
    return tuple(dict.fromkeys((folder / name, root / "scenarios" / name, root / name)))
