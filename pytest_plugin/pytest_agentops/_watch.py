"""The hooks that run per test, registered only in sessions that hold a cassette test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pytest_agentops._items import Names, clash, is_ours, put_first

NAMES = pytest.StashKey[Names]()
CLASH = pytest.StashKey[str]()
RECORDINGS = pytest.StashKey[list[str]]()
"""The recordings of scenarios that were collected."""

WATCH = "agentops-watch"


def prepare(config: pytest.Config, candidates: list[pytest.Item], names: tuple[str, str]) -> None:
    """Make the tests that are ours ready to run, and watch them."""
    fixtures = Names(cassette=names[0], golden=names[1])
    ours = [item for item in candidates if is_ours(item, fixtures)]
    for item in ours:
        trouble = clash(item, fixtures)
        if trouble:
            item.stash[CLASH] = trouble
        else:
            put_first(item, fixtures.cassette)
    if ours:
        watch(config, fixtures, [item for item in ours if CLASH not in item.stash])


def ensure_watched(config: pytest.Config) -> None:
    """Register the hooks for a test that asked for its fixture by ``getfixturevalue``."""
    if not config.pluginmanager.has_plugin(WATCH):
        prefix = "agentops_" if config.getini("agentops_prefix") else ""
        watch(config, Names(cassette=f"{prefix}cassette", golden=f"{prefix}golden"), [])


def watch(config: pytest.Config, names: Names, items: list[pytest.Item]) -> None:
    """Register the hooks, once per session."""
    config.stash[NAMES] = names
    from pytest_agentops._chosen import check_settings, known_cassettes

    check_settings(config)
    if config.getoption("agentops_strict") or config.get_verbosity() > 0:
        from pytest_agentops._report import keep_known

        keep_known(config, [*known_cassettes(items), *config.stash.get(RECORDINGS, ())])
    config.pluginmanager.register(Watch(), WATCH)


class Watch:
    """What happens around each test that has a run."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Fail a test whose fixture's name is taken by somebody else."""
        if CLASH in item.stash:
            pytest.fail(item.stash[CLASH], pytrace=False)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Let loops that outlive this test be ones that a replay can own; take the run into fixtures.

        anyio runs all fixtures and tests in one task, which may be older than this test's run.
        """
        from pytest_agentops._case import CASE

        if fixturedef.scope != "function":
            if request.config.getoption("agentops_real_time"):
                return (yield)
            with loops_that_jump():
                return (yield)
        case = request.node.stash.get(CASE, None)
        if case is None or "anyio_backend" not in request.fixturenames:
            return (yield)
        from pytest_agentops._reach import fixture_reaching

        with fixture_reaching(fixturedef, request.instance, case.run.scope):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Take the run into async tests; afterwards raise what the test or its agent swallowed."""
        from pytest_agentops._case import CASE

        __tracebackhide__ = True
        case = item.stash.get(CASE, None)
        if case is None:
            return (yield)
        with _reaching(item, case.run.scope):
            try:
                result = yield
            except BaseException as error:
                case.settle(error)
                raise
        case.settle(None)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give the report what the summary tells; a plain attribute travels through xdist as well."""
        from pytest_agentops._case import CASE

        report = yield
        case = item.stash.get(CASE, None)
        if case is None:
            return report
        case.note(call.when, None if call.excinfo is None else call.excinfo.value)
        if call.when == "teardown":
            report.agentops = case.told()  # type: ignore[attr-defined]
            del item.stash[CASE]
        return report


@contextmanager
def loops_that_jump() -> Iterator[None]:
    """Give every default event loop that is made meanwhile the ability to run on virtual time.

    It runs in real time until a replay lives on it. Loops of another kind (uvloop's) stay.
    """
    from agentops_eval.seams import new_virtual_loop

    original = asyncio.events.new_event_loop

    def new_event_loop() -> asyncio.AbstractEventLoop:
        loop = original()
        if type(loop) is not asyncio.SelectorEventLoop:
            return loop
        loop.close()
        return new_virtual_loop()

    _set_factory(new_event_loop)
    try:
        yield
    finally:
        if asyncio.events.new_event_loop is new_event_loop:  # else a run began, and the seams took over
            _set_factory(original)


def _set_factory(factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    for module in (asyncio, asyncio.events):
        module.new_event_loop = factory  # type: ignore[attr-defined]


@contextmanager
def _reaching(item: pytest.Item, scope: object) -> Iterator[None]:
    """Make the run current inside an async test, whichever context its runner was made in.

    anyio's runner task may be older than the run (an async fixture of wider scope made it), and
    IsolatedAsyncioTestCase copies its context when the instance is made.
    """
    import inspect

    from pytest_agentops._reach import enter_test_case, reaching

    function = getattr(item, "obj", None)
    if not isinstance(item, pytest.Function) or not inspect.iscoroutinefunction(function):
        yield
        return
    if enter_test_case(item.instance, item.name, scope):
        yield
        return
    item.obj = reaching(function, scope)
    try:
        yield
    finally:
        item.obj = function
