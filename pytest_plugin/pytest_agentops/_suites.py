"""Scenario files as pytest collects them: one item a case, judged as ``agentops-eval eval run`` judges it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentops_eval.domain import AgentopsError, Ending, Result, Scenario, Suite, nearest
from agentops_eval.harness import Settings, load_suites
from agentops_eval.harness.evaluating import (
    Choice,
    Orders,
    Trial,
    Worker,
    failure_lines,
    plan,
    record_with_pytest,
    rule,
    run_in_time,
)
from pytest_agentops import _options
from pytest_agentops._chosen import base_settings, check_settings
from pytest_agentops._watch import RECORDINGS

WORKER = pytest.StashKey[Worker]()
SUITES = pytest.StashKey[dict[str, str]]()
_LINE = re.compile(r":(\d+)(?= |$)")


class ScenarioFailed(Exception):
    """A case has no pass. The text says what each verdict says."""


def settings_of_suites(config: pytest.Config) -> Settings:
    """The settings of this session, the command line's over all others."""
    from agentops_eval.harness import apply

    check_settings(config)
    chosen = _options.from_command_line(config)
    return apply(base_settings(config), chosen, where="the command line")


def worker_of(config: pytest.Config) -> Worker:
    """What runs trials in this session: agents are imported once."""
    if WORKER not in config.stash:
        orders = Orders(root=config.rootpath, settings=settings_of_suites(config), command=record_with_pytest)
        config.stash[WORKER] = worker = Worker(orders)
        config.add_cleanup(worker.close)
    return config.stash[WORKER]


class ScenarioFile(pytest.File):
    """A file of scenarios."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each case. What is wrong with the file fails as an item, so that others still run."""
        loaded = load_suites((self.path,), root=self.config.rootpath)
        if loaded.problems:
            text = "\n".join(str(problem) for problem in loaded.problems)
            yield UnreadableItem.from_parent(self, name="unreadable", text=text)
        for suite in loaded.suites:
            taken = self.config.stash.setdefault(SUITES, {}).setdefault(suite.name, suite.path)
            if taken != suite.path:  # their cases would share recordings
                what = f"there are two suites called {suite.name}: the other is {taken}"
                text = f"{what}; fix: suite: another-name"
                yield UnreadableItem.from_parent(self, name="unreadable", text=text)
                continue
            for scenario in suite.scenarios:
                note_recordings(self.config, suite, scenario)
                yield ScenarioItem.from_parent(self, name=scenario.id, suite=suite, scenario=scenario)


class UnreadableItem(pytest.Item):
    """A file in which something is wrong: it always fails, and says what."""

    def __init__(self, *, text: str, **more: Any) -> None:
        super().__init__(**more)
        self._text = text

    def runtest(self) -> None:
        """Fail."""
        pytest.fail(self._text, pytrace=False)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The file."""
        return self.path, None, self.name


class ScenarioItem(pytest.Item):
    """One case with all its trials."""

    def __init__(self, *, suite: Suite, scenario: Scenario, **more: Any) -> None:
        super().__init__(**more)
        self.suite, self._scenario = suite, scenario
        self.extra_keyword_matches.update(scenario.tags)
        self.extra_keyword_matches.update(scenario.segments.values())

    def runtest(self) -> None:
        """Run every trial; the case passes where all of them do."""
        if self._scenario.skip:
            pytest.skip(self._scenario.skip)
        worker = worker_of(self.config)
        trials = trials_of(self.config, self.suite, self._scenario)
        if not trials:
            pytest.skip(f"its suite has no variant {self.config.getoption('agentops_variant')}")
        try:
            worker.prepare(trials[0])
        except AgentopsError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        results = [run_in_time(worker, trial) for trial in trials]
        self._note(results)
        judge_all(self, results)

    def _note(self, results: Sequence[Result]) -> None:
        """Keep what the case has shown, as evidence of its suite."""
        from pytest_agentops._evidence import shown

        kept = shown(self.config)
        kept.results += results
        kept.paths.add(self.suite.path)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The verdicts, without a traceback through our own code."""
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The scenario's own line in its file."""
        line = _LINE.search(self._scenario.where)
        return self.path, int(line[1]) - 1 if line else None, self.name


def check_variant(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Raise UsageError where no collected suite has the variant: skipping all of it would look well."""
    wanted = config.getoption("agentops_variant")
    known = {
        variant.name for item in items if isinstance(item, ScenarioItem) for variant in item.suite.variants
    }
    if known and wanted not in known:
        remedy = nearest(wanted, known - {""}) or "none has any"
        raise pytest.UsageError(f"no suite has a variant {wanted!r}: {remedy}")


def note_recordings(config: pytest.Config, suite: Suite, scenario: Scenario) -> None:
    """Note where a case's recordings are, so that none of them counts as nobody's."""
    trials = plan((replace(suite, scenarios=(replace(scenario, skip=""),)),), Choice(), golden_folder(config))
    config.stash.setdefault(RECORDINGS, []).extend(str(trial.cassette) for trial in trials)


def golden_folder(config: pytest.Config) -> Path:
    """The folder of recordings."""
    return config.rootpath / settings_of_suites(config).golden_dir


def trials_of(
    config: pytest.Config, suite: Suite, scenario: Scenario, *, repeat: int | None = None
) -> Sequence[Trial]:
    """The trials of one case: the baseline's, or those of the candidate that the session's branch names."""
    settings, variant = settings_of_suites(config), config.getoption("agentops_variant")
    only = replace(suite, scenarios=(scenario,))
    choice = Choice(candidate=settings.branch, repeat=repeat, variants=(variant,) if variant else ())
    return plan((only,), choice, golden_folder(config))


def judge_all(item: pytest.Item, results: Sequence[Result]) -> None:
    """Raise ScenarioFailed unless every trial was judged and passed; keep scores for JUnit reports."""
    for result in results:
        for verdict in result.verdicts:
            if verdict.score is not None:
                item.user_properties.append((f"{verdict.evaluator}[{result.trial}]", round(verdict.score, 6)))
    ruling = rule(results)
    if not ruling.passed:
        lines = failure_lines(results)
        if any(one.ending is Ending.NEEDS_RECORDING for one in results):
            lines = ["needs recording: neither a pass nor a regression", *lines]
        raise ScenarioFailed("\n".join(lines))
