"""What every test stands on: a known environment, bounded property tests, and no network."""

from __future__ import annotations

import compileall
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.examples import IN_CI
from tests.no_network import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

# What would change how the code under test behaves, or send its traffic through a proxy.
UNWANTED = {"CI", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
# Where a developer keeps foreign recordings for tests that are skipped without them.
WANTED = {"AGENTOPS_DEV_DATA"}

ROOT = Path(__file__).resolve().parents[1]
if IN_CI:
    os.environ["TESTS_IN_CI"] = "1"  # for the workers of xdist, which begin after CI was taken away below
settings.register_profile(
    "agentops",
    deadline=None,  # two busy cores say nothing about the code
    derandomize=IN_CI,
    max_examples=40 if IN_CI else 100,  # the same ones each time find nothing new; a developer's are new
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("agentops")

for _name in list(os.environ):
    if _name.upper() in UNWANTED or (_name.startswith(("AGENTOPS_", "OTEL_")) and _name not in WANTED):
        del os.environ[_name]

_watch = Watch()
_watch.install()


def pytest_configure(config: pytest.Config) -> None:
    """Compile the packages at once: the processes that tests start may write no bytecode, and are many."""
    if not hasattr(config, "workerinput"):
        for folder in ("agentops_eval", "pytest_plugin"):
            compileall.compile_dir(ROOT / folder, quiet=2)


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Sessions of pytest with our plugin and no other: what is installed beside it takes a second to load."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.plugins = ["pytest_agentops.plugin"]
    return pytester


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test that reached out, even where something swallowed the refusal."""
    _watch.take()
    yield
    tried = _watch.take()
    if tried and request.node.get_closest_marker("reaches_out") is None:
        pytest.fail(f"the test reached out of this machine: {tried}", pytrace=False)
