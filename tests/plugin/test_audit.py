"""The determinism audit of tests."""

from __future__ import annotations

from tests.plugin.conftest import Project, outcomes, text_of

SHOP = '''
import random
import pytest
from agent import ask

@pytest.mark.cassette
def test_steady():
    assert ask("hello")

@pytest.mark.cassette
def test_shaky():
    """The request depends on a draw that the recording answers."""
    ask(f"lucky number {random.getrandbits(16)}")
'''


def test_an_accidental_dependence_fails_the_audit(project: Project) -> None:
    """Both tests replay; the audit fails the one whose request depends on entropy, and says where."""
    project.write("test_shop.py", SHOP)
    project.record()
    assert outcomes(project.run()) == {"passed": 2}
    done = project.run("--agentops-audit")
    text = text_of(done)
    assert outcomes(done) == {"passed": 2, "errors": 1}, text
    assert "entropy: accidental, reached http POST" in text
    assert "read at   test_shop:test_shaky" in text
    assert "audit        test_shop.py::test_steady: deterministic" in text
    assert "traceback entries are hidden" not in text


def test_a_declared_dependence_passes_the_audit(project: Project) -> None:
    """What is declared intentional in the settings is told and fails nothing."""
    project.write("pytest.ini", "[pytest]\nagentops_intentional = test_shop:*\n")
    project.write("test_shop.py", SHOP)
    project.record()
    done = project.run("--agentops-audit", "-k", "shaky")
    assert outcomes(done) == {"passed": 1}, text_of(done)
    assert "entropy: intentional" in text_of(done)
