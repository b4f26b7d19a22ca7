"""The determinism audit of tests."""

from __future__ import annotations

import pytest

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


BROKEN = """
import asyncio
import os
import pytest
from agent import ask

@pytest.mark.cassette
def test_order():
    ask("hello")
    os.environ.get("COLOUR")
    said = []
    async def one(word):
        await asyncio.sleep(0)
        said.append(word)
    async def both():
        await asyncio.gather(one("a"), one("b"))
    asyncio.run(both())
    assert said == ["a", "b"], "the order matters"
"""


def test_what_an_audit_could_not_judge_is_said_with_its_reason(project: Project) -> None:
    """An assertion that fails in another order is shown, and the last line does not call that judged."""
    project.write("test_shop.py", BROKEN)
    project.record()
    done = project.run("--agentops-audit")
    text = text_of(done)
    assert outcomes(done) == {"passed": 1}, text
    assert "task-order: unclear, the run ended differently: raised AssertionError: the order matters" in text
    assert "environment: harmless, reached no request; read at " in text
    assert "test_shop:test_order:10 (COLOUR)" in text
    last = next(line for line in text.splitlines() if "in what could be judged" in line)
    assert last.endswith("environment; unclear, so not judged: task-order")


PLAIN = """
def test_plain():
    pass
"""
NOTHING = "audit        no test was audited: "


def test_an_audit_of_nothing_is_said_and_does_not_pass(project: Project) -> None:
    """Without a test that replays a recording, the summary says so, and the session ends with exit code 5."""
    project.write("test_plain.py", PLAIN)
    project.write("test_shop.py", SHOP)
    for args in (("test_plain.py",), ("test_plain.py", "-n1")):
        plugins = ("xdist.plugin",) if "-n1" in args else ()
        done = project.run("--agentops-audit", *args, plugins=plugins)
        assert (outcomes(done), done.ret) == ({"passed": 1}, pytest.ExitCode.NO_TESTS_COLLECTED)
        assert f"{NOTHING}none that was selected replays a recording" in text_of(done)
    missing = project.run("--agentops-audit", "-k", "steady")
    assert missing.ret == pytest.ExitCode.TESTS_FAILED
    assert f"{NOTHING}none that was selected replays a recording" in text_of(missing)
    assert NOTHING not in text_of(project.run("test_plain.py"))
    assert project.run("--agentops-audit", "--collect-only").ret == pytest.ExitCode.OK


def test_what_is_not_audited_says_why(project: Project) -> None:
    """A test that is being recorded, or that fails its plain replay, is named as not audited."""
    project.write("test_shop.py", SHOP)
    recorded = project.record("--agentops-audit", "-k", "steady")
    assert recorded.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "test_steady: not audited: it was being recorded" in text_of(recorded)
    assert f"{NOTHING}none of them passed a replay" in text_of(recorded)
    project.edit("test_shop.py", 'ask("hello")', 'ask("goodbye")')
    failed = project.run("--agentops-audit", "-k", "steady")
    assert failed.ret == pytest.ExitCode.TESTS_FAILED
    assert "test_steady: not audited: it does not pass a plain replay" in text_of(failed)


def test_a_declared_dependence_passes_the_audit(project: Project) -> None:
    """What is declared intentional in the settings is told and fails nothing."""
    project.write("pytest.ini", "[pytest]\nagentops_intentional = test_shop:*\n")
    project.write("test_shop.py", SHOP)
    project.record()
    done = project.run("--agentops-audit", "-k", "shaky")
    assert outcomes(done) == {"passed": 1}, text_of(done)
    assert "entropy: intentional" in text_of(done)
