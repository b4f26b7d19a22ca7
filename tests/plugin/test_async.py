"""Async tests: the run is seen, and sleeping costs nothing on replay."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import Project, outcomes, text_of

ONE_TEST = '''
@pytest_asyncio.fixture(loop_scope="{scope}")
async def warm_{scope}():
    """An async fixture that talks to the llm within the run."""
    return await ask_async("warm {scope}")

@pytest.mark.asyncio(loop_scope="{scope}")
@pytest.mark.cassette
async def test_{scope}(warm_{scope}, cassette):
    """An hour passes on the run's clock only."""
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert await ask_async("hello {scope}") == "You said hello {scope}"
    if cassette.mode == "replay":
        await asyncio.sleep(3600)
        assert loop.time() - before >= 3600
    assert len([e for e in cassette.events if e.seam == "http"]) == 2
'''

ASYNCIO = """
import asyncio
import pytest
import pytest_asyncio
from agent import ask_async

@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def long_lived():
    yield 1

@pytest.mark.asyncio(loop_scope="session")
async def test_unmarked(long_lived):
    assert long_lived == 1
""" + "".join(ONE_TEST.format(scope=scope) for scope in ("function", "class", "module", "session"))

ANYIO = '''
import anyio
import pytest
from agent import ask_async

pytestmark = pytest.mark.anyio

@pytest.fixture(scope="module", params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param

@pytest.fixture(scope="module")
async def older():
    """Makes anyio's runner before any run begins, and keeps it."""
    yield 1

@pytest.fixture
async def warm():
    return await ask_async("warm")

class TestWithOwnFixture:
    @pytest.fixture
    async def around(self):
        self.answer = await ask_async("before")
        yield
        await ask_async("after")

    @pytest.mark.cassette
    async def test_around(self, older, around, cassette):
        assert self.answer == "You said before"

@pytest.mark.cassette
async def test_plain(cassette, warm):
    assert await ask_async("plain") == "You said plain"
    assert len([e for e in cassette.events if e.seam == "http"]) == 2

@pytest.mark.cassette
async def test_older_runner(older, warm, cassette, anyio_backend):
    before = anyio.current_time()
    assert await ask_async("older") == "You said older"
    if cassette.mode == "replay" and anyio_backend == "asyncio":
        await anyio.sleep(3600)
        assert anyio.current_time() - before >= 3600
    assert len([e for e in cassette.events if e.seam == "http"]) == 2

async def test_unmarked(older):
    assert older == 1
'''

UNITTEST = """
import unittest
import pytest
from agent import ask, ask_async, forgiving

@pytest.mark.cassette
class SyncCase(unittest.TestCase):
    def setUp(self):
        self.warm = ask("warm")

    def test_sync(self):
        self.assertEqual(ask("sync"), "You said sync")
        self.assertEqual(self.warm, "You said warm")

@pytest.mark.usefixtures("cassette")
class AsyncCase(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.warm = await ask_async("warm")

    async def test_async(self):
        self.assertEqual(await ask_async("async"), "You said async")
"""


def test_pytest_asyncio_on_loops_of_every_scope(project: Project) -> None:
    """Under pytest-asyncio fixtures and tests are in the run, whatever loop they share."""
    project.write("test_it.py", ASYNCIO)
    plugins = ("pytest_asyncio.plugin",)
    recorded = project.record("-W", "error", plugins=plugins)
    assert outcomes(recorded) == {"passed": 5}, text_of(recorded)
    replayed = project.run("-W", "error", "--durations=0", plugins=plugins)
    assert outcomes(replayed) == {"passed": 5}, text_of(replayed)
    assert "8 replayed" in text_of(replayed)


def test_pytest_asyncio_in_real_time(project: Project) -> None:
    """With --agentops-real-time loops stay on the machine's clock."""
    project.write("test_it.py", ASYNCIO.replace("sleep(3600)", "sleep(0.2)").replace(">= 3600", ">= 0.1"))
    plugins = ("pytest_asyncio.plugin",)
    project.record(plugins=plugins)
    assert outcomes(project.run("--agentops-real-time", plugins=plugins)) == {"passed": 5}


def test_anyio_with_runners_older_than_the_run(project: Project) -> None:
    """Under anyio, on asyncio and trio, the run reaches tests and fixtures whose runner is older."""
    project.write("test_it.py", ANYIO)
    recorded = project.record("-W", "error", plugins=("anyio.pytest_plugin",))
    assert outcomes(recorded) == {"passed": 8}, text_of(recorded)
    assert project.server.hits == 12
    replayed = project.run("-W", "error", "--agentops-strict", plugins=("anyio.pytest_plugin",))
    assert outcomes(replayed) == {"passed": 8}, text_of(replayed)
    assert "12 replayed" in text_of(replayed)


def test_unittest_cases_sync_and_async(project: Project) -> None:
    """unittest's cases are in the run by mark and by usefixtures, set-up included."""
    project.write("test_it.py", UNITTEST)
    recorded = project.record("-W", "error")
    assert outcomes(recorded) == {"passed": 2}, text_of(recorded)
    assert project.server.hits == 4
    replayed = project.run("-W", "error")
    assert outcomes(replayed) == {"passed": 2}, text_of(replayed)
    assert "4 replayed" in text_of(replayed)


@pytest.mark.parametrize("ending", ["", "\n        self.assertEqual(1, 2)"])
def test_unittest_cases_fail_for_a_swallowed_miss(project: Project, ending: str) -> None:
    """A miss that the agent swallowed fails a unittest case too, and is what is shown."""
    project.write("test_it.py", UNITTEST)
    project.record()
    project.edit(
        "test_it.py", 'self.assertEqual(ask("sync"), "You said sync")', f'forgiving("other"){ending}'
    )
    done = project.run()
    assert outcomes(done) == {"failed": 1, "passed": 1}
    assert "AE110" in text_of(done)


def test_an_async_miss_fails_once(project: Project) -> None:
    """A miss inside an async test is one failure, swallowed or not."""
    project.write("test_it.py", ASYNCIO)
    plugins = ("pytest_asyncio.plugin",)
    project.record(plugins=plugins)
    project.edit(
        "test_it.py", 'ask_async("hello function") == "You said hello function"', 'ask_async("other")'
    )
    done = project.run("-k", "test_function", plugins=plugins)
    assert outcomes(done) == {"failed": 1}
    assert "AE110" in text_of(done)
