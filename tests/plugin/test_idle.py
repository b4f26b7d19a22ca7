"""A session without a cassette test does not notice the plugin."""

from __future__ import annotations

from tests.plugin.conftest import Project, outcomes

IDLE = '''
import sys
import pytest

@pytest.mark.parametrize("n", range(3))
def test_trivial(n):
    pass

def test_nothing_was_loaded(request):
    """Neither core nor per-test hooks are there."""
    assert "agentops_eval" not in sys.modules
    assert "pytest_agentops._watch" not in sys.modules
    assert not request.config.pluginmanager.has_plugin("agentops-watch")
    names = request.fixturenames
    assert "cassette" not in names and "golden" not in names
'''


def test_nothing_is_loaded_or_hooked(project: Project) -> None:
    """No hook runs per test and nothing of the core is imported, golden folder and ini keys or not."""
    project.write("pytest.ini", "[pytest]\nagentops_strict = true\n")
    project.write("pyproject.toml", "[tool.agentops]\npace = 1\n")
    project.write("test_idle.py", IDLE)
    assert outcomes(project.run("-v", "-W", "error")) == {"passed": 4}
    assert not (project.root / "golden_traces").exists()


def test_a_folder_called_cassette_is_none_of_ours(project: Project) -> None:
    """Names of folders and tests do not make a test ours."""
    project.write(
        "cassette/test_idle.py", IDLE.replace('    assert "pytest_agentops._watch" not in sys.modules\n', "")
    )
    assert outcomes(project.run("-W", "error")) == {"passed": 4}
