"""Beside other plugins: pytest-xdist, pytest-recording, and those that use the same names."""

from __future__ import annotations

from tests.plugin.conftest import Project, outcomes, text_of

MANY = """
import pytest
from agent import ask

@pytest.mark.cassette
@pytest.mark.parametrize("number", range(6))
def test_many(number, cassette, golden):
    assert ask(f"number {number}") == f"You said number {number}"
    assert cassette.trace == golden
"""

BESIDE = """
import pytest
from agent import LLM, ask, client

def post(text):
    return client.post(LLM, json={"model": "m", "messages": [{"role": "user", "content": text}]}).text

@pytest.mark.vcr
def test_theirs():
    assert "You said" in post("v")

@pytest.mark.cassette
def test_ours():
    assert ask("ours") == "You said ours"

@pytest.mark.vcr
def test_theirs_again():
    assert "You said" in post("w")
"""

OTHER_PLUGIN = """
import pytest

@pytest.fixture
def golden():
    return "theirs"
"""


def test_xdist_tells_everything_once(project: Project) -> None:
    """On two workers recording, approving and replaying work, and the summary is one."""
    project.write("test_many.py", MANY)
    xdist = ("xdist.plugin",)
    recorded = project.record("-n2", "-W", "error", "--agentops-approve", plugins=xdist)
    assert outcomes(recorded) == {"passed": 6}, text_of(recorded)
    assert len(project.cassettes()) == len(project.goldens()) == 6
    assert text_of(recorded).count("approved     ") == 6
    replayed = project.run("-n2", "-W", "error", plugins=xdist)
    assert outcomes(replayed) == {"passed": 6}
    assert text_of(replayed).count("tests: 6 replayed; calls: 6 replayed") == 1


def test_xdist_carries_the_explanation(project: Project) -> None:
    """A diverging golden is explained in a worker's failure as in one process."""
    project.write("test_many.py", MANY)
    project.record("--agentops-approve")
    project.write("agent_two.py", "")
    project.edit("test_many.py", "== golden", "!= golden")
    done = project.run("-n2", "-k", "0", plugins=("xdist.plugin",))
    assert outcomes(done) == {"failed": 1}
    assert "the run equals its golden" in text_of(done)


def test_junit_files_hold_nothing_of_ours(project: Project) -> None:
    """What the summary needs does not end up as properties in JUnit XML."""
    project.write("test_many.py", MANY)
    project.record("--agentops-approve")
    assert outcomes(project.run("--junitxml=out.xml", "-W", "error")) == {"passed": 6}
    assert "agentops" not in (project.root / "out.xml").read_text().replace(str(project.root), "")


def test_beside_pytest_recording(project: Project) -> None:
    """pytest-recording's tests and ours record and replay in one session."""
    project.write("test_both.py", BESIDE)
    recording = ("pytest_recording.plugin",)
    recorded = project.record("--record-mode=once", plugins=recording)
    assert outcomes(recorded) == {"passed": 3}, text_of(recorded)
    assert project.server.hits == 3
    replayed = project.run("-W", "error", "--record-mode=none", plugins=recording)
    assert outcomes(replayed) == {"passed": 3}, text_of(replayed)


def test_a_name_used_twice_is_named_with_its_remedy(project: Project) -> None:
    """Where another plugin's fixture bears our name, tests that mean either are told what to set."""
    project.write("other_plugin.py", OTHER_PLUGIN)
    project.write("test_clash.py", "def test_who(golden):\n    assert golden == 'theirs'\n")
    for plugins in (("other_plugin",), ()):
        late = () if plugins else ("-p", "other_plugin")
        done = project.run(*late, plugins=plugins)
        assert outcomes(done) == {"errors": 1}
        assert "two fixtures are called 'golden': ours and that of other_plugin" in text_of(done)
        assert "agentops_prefix = true" in text_of(done)


def test_a_conftest_fixture_of_our_name(project: Project) -> None:
    """The user's own fixture wins for unmarked tests; a marked test is told of the clash."""
    project.write("conftest.py", OTHER_PLUGIN + "\n@pytest.fixture\ndef cassette():\n    return 'own'\n")
    project.write(
        "test_own.py", "def test_own(golden, cassette):\n    assert (golden, cassette) == ('theirs', 'own')\n"
    )
    project.write("test_marked.py", "import pytest\n\n@pytest.mark.cassette\ndef test_marked():\n    pass\n")
    done = project.run()
    assert outcomes(done) == {"passed": 1, "errors": 1}
    assert "two fixtures are called 'cassette'" in text_of(done)
    assert "agentops_prefix = true" in text_of(done)


def test_a_fixture_may_extend_ours(project: Project) -> None:
    """A conftest fixture that asks for ours by its own name is no clash."""
    project.write(
        "conftest.py", "import pytest\n\n@pytest.fixture\ndef cassette(cassette):\n    return cassette\n"
    )
    project.write("test_many.py", MANY)
    assert outcomes(project.record("--agentops-approve")) == {"passed": 6}
    assert outcomes(project.run()) == {"passed": 6}


def test_prefixed_names(project: Project) -> None:
    """With agentops_prefix our fixtures have longer names, and theirs are theirs."""
    project.write("pytest.ini", "[pytest]\nagentops_prefix = true\n")
    project.write("other_plugin.py", OTHER_PLUGIN)
    project.write(
        "test_prefix.py",
        MANY.replace("cassette, golden", "agentops_cassette, agentops_golden, golden").replace(
            "cassette.trace == golden",
            "agentops_cassette.trace == agentops_golden\n    assert golden == 'theirs'",
        ),
    )
    assert outcomes(project.record("--agentops-approve", plugins=("other_plugin",))) == {"passed": 6}
    assert outcomes(project.run(plugins=("other_plugin",))) == {"passed": 6}
