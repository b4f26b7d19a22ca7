"""The plugin's hooks. Only the standard library and pytest are imported until a test asks for more.

A session without a cassette test pays one look at every item's keywords and fixture names, once.
Everything that happens per test lives in ``_watch``, registered when the first such test is found.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from pytest_agentops import _options
from pytest_agentops._fixtures import make_fixtures

if TYPE_CHECKING:
    from pytest_agentops._report import Told

SUITES = "scenarios"
"""Folders of this name hold scenario files."""

_SUITE_SUFFIXES = frozenset({".yaml", ".yml", ".json", ".jsonl", ".csv"})
_EXPERIMENT_SUFFIXES = frozenset({".yaml", ".yml", ".json"})

MARK_HELP = (
    "cassette([recording], *, agent=None, approver=None, **settings): record or replay the test. "
    "recording, given without a keyword, names another test's cassette (test_other, suite/case) or a file; "
    "settings override those of the project, such as pace=, ignore=, any_host=, allow_drift=, max_age_days="
)

SCENARIO_HELP = (
    "scenario(*files, repeat=None, case=None, tag=None): a test for each case of the scenario files, "
    "which takes the fixture scenario"
)

CANARY_HELP = (
    "canary([gate], *, suite=None, metrics=None, trials=None, candidate='candidate'): what the fixture "
    "canary decides by, a gate file or metrics as such a file has them; judge() runs the scenarios of suite, "
    "the candidate on the branch of this name"
)

CHAOS_HELP = (
    "chaos([agent], *arguments, cassette=None, answers=None, world=None, contract=None, approver=None, "
    "deadline_s=None, calls=None, repeats=None): what the fixture chaos runs under faults, module:callable "
    "with its words, and the degradation.yaml that it is judged by"
)


SCORECARD_HELP = (
    "scorecard([agent], *, criteria=(), attestations=()): whose scorecard the fixture scorecard is, by files "
    "of criteria and of what roles signed; such tests run last"
)


class WorkerNode(Protocol):
    """What pytest-xdist tells about a worker that ended."""

    config: pytest.Config
    workeroutput: dict[str, object]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options and ini keys."""
    _options.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark and the fixtures; refuse to record in CI."""
    config.addinivalue_line("markers", MARK_HELP)
    config.addinivalue_line("markers", SCENARIO_HELP)
    config.addinivalue_line("markers", CANARY_HELP)
    config.addinivalue_line("markers", CHAOS_HELP)
    config.addinivalue_line("markers", SCORECARD_HELP)
    prefix = "agentops_" if config.getini("agentops_prefix") else ""
    config.pluginmanager.register(make_fixtures(prefix), "agentops-fixtures")
    _options.refuse_in_ci(config)
    if os.environ.get("AGENTOPS_AUDIT_ORDER"):  # in a child of an audit: it watches what modules read, too
        from agentops_eval.harness import begin_watching

        begin_watching(os.environ)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect files of scenarios and experiments.

    Scenarios are in a folder of that name, experiments where agentops_experiments says; either may be named
    on the command line.
    """
    if file_path.suffix.lower() not in _SUITE_SUFFIXES:
        return None
    if _may_be_experiment(file_path, parent.config):
        from pytest_agentops._experiments import ExperimentFile, is_experiment

        if is_experiment(file_path):
            return ExperimentFile.from_parent(parent, path=file_path)
    if not _may_hold_scenarios(file_path, parent.config):
        return None
    from agentops_eval.harness import is_scenario_file

    if not is_scenario_file(file_path):
        return None
    from pytest_agentops._suites import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each case that ``@pytest.mark.scenario`` means."""
    mark = metafunc.definition.get_closest_marker("scenario")
    if mark is None:
        return
    from pytest_agentops._scenario import parametrize

    prefix = "agentops_" if metafunc.config.getini("agentops_prefix") else ""
    parametrize(metafunc, mark, f"{prefix}scenario")


def _may_hold_scenarios(path: Path, config: pytest.Config) -> bool:
    return _is_named(path, config) or SUITES in path.parent.parts


def _may_be_experiment(path: Path, config: pytest.Config) -> bool:
    """Whether a file is named on the command line, or one of those that agentops_experiments means."""
    if path.suffix.lower() not in _EXPERIMENT_SUFFIXES:
        return False
    globs = config.getini("agentops_experiments")
    below = path.relative_to(config.rootpath) if path.is_relative_to(config.rootpath) else None
    return _is_named(path, config) or (below is not None and any(below.match(glob) for glob in globs))


def _is_named(path: Path, config: pytest.Config) -> bool:
    return str(path) in {os.path.abspath(arg.partition("::")[0]) for arg in config.args}  # noqa: PTH100


def pytest_report_header(config: pytest.Config) -> str:
    """Say what holds for this session."""
    return _options.header(config)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Find our tests; where there are any, let ``_watch`` take over."""
    if "pytest_agentops._suites" in sys.modules and config.getoption("agentops_variant"):
        from pytest_agentops._suites import check_variant

        check_variant(config, items)
    if config.getoption("agentops_explore") is not None:
        from pytest_agentops._explore import add_explorations

        add_explorations(config, items)
    prefix = "agentops_" if config.getini("agentops_prefix") else ""
    canaries = [item for item in items if "canary" in item.keywords and item.get_closest_marker("canary")]
    if canaries:
        from pytest_agentops._items import check_canaries

        check_canaries(canaries, f"{prefix}canary")
    items.sort(key=lambda item: f"{prefix}scorecard" in getattr(item, "fixturenames", ()))  # by all evidence
    names = (f"{prefix}cassette", f"{prefix}golden")
    ours = [
        item
        for item in items
        if "cassette" in item.keywords
        or names[0] in (used := getattr(item, "fixturenames", ()))
        or names[1] in used
    ]
    if ours:
        from pytest_agentops._watch import prepare

        prepare(config, ours, names)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> Sequence[str] | None:
    """Explain how a trace differs from its golden, and what a level lacks."""
    if "agentops_eval.harness" not in sys.modules:
        return None
    if "pytest_agentops._scorecard" in sys.modules:
        from pytest_agentops._scorecard import explain

        lacking = explain(op, left, right)
        if lacking is not None:
            return lacking
    from pytest_agentops._report import explain_comparison

    return explain_comparison(op, left, right)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerNode, error: object) -> None:
    """Take over what an xdist worker learnt about cassettes in use, and the results of its suites."""
    told = getattr(node, "workeroutput", {}).get("agentops")
    if told is not None:
        from pytest_agentops._report import from_worker

        from_worker(node.config, told)
    results = getattr(node, "workeroutput", {}).get("agentops-results")
    if results is not None:
        from pytest_agentops import _evidence

        _evidence.from_worker(node.config, results)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was shown. Let an audit of nothing end as a session without tests does."""
    config = session.config
    if "pytest_agentops._evidence" in sys.modules:
        from pytest_agentops._evidence import write

        write(config)
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    passed = session.exitstatus == pytest.ExitCode.OK and not config.getoption("collectonly")
    if not config.getoption("agentops_audit") or not passed or reporter is None:
        return
    from pytest_agentops._report import audited, wants_audit

    if wants_audit(config) and not hasattr(config, "workerinput") and not audited(_told(reporter)):
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was replayed, recorded, approved and left over."""
    told = _told(terminalreporter)
    if told or config.getoption("agentops_audit") or "pytest_agentops._report" in sys.modules:
        from pytest_agentops._report import summarise

        summarise(terminalreporter, config, told)


def _told(reporter: pytest.TerminalReporter) -> list[Told]:
    """Give what the tests' reports say to the summary."""
    reports = [report for reports in reporter.stats.values() for report in reports]
    return [report.agentops for report in reports if hasattr(report, "agentops")]
