"""Comparing with goldens, and approving them."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import Project, outcomes, text_of

GOLDEN_TEST = '''
import pytest
from agent import ask

@pytest.mark.cassette(agent="refund_agent")
def test_refund(cassette, golden):
    """A run of two calls."""
    ask("first")
    ask("second")
    assert cassette.trace == golden
'''


@pytest.fixture
def approved(project: Project) -> Project:
    """A project whose one test is recorded and approved."""
    project.write("tests/test_refund.py", GOLDEN_TEST)
    done = project.run("--agentops-record=once", "--agentops-approve")
    assert outcomes(done) == {"passed": 1}, text_of(done)
    assert "approved     golden_traces/tests/test_refund/test_refund.otlp.jsonl  new" in text_of(done)
    return project


def test_approved_golden_holds_on_replay(approved: Project) -> None:
    """A replay equals its golden, and approving it again changes nothing."""
    golden = approved.root / "golden_traces" / approved.goldens()[0]
    before = golden.read_bytes()
    assert outcomes(approved.run()) == {"passed": 1}
    again = approved.run("--agentops-approve")
    assert "unchanged" in text_of(again)
    assert golden.read_bytes() == before


def test_missing_golden_fails_with_the_command(project: Project) -> None:
    """A golden that nobody approved fails the test, and the error ends in the command that approves it."""
    project.write("tests/test_refund.py", GOLDEN_TEST)
    project.record()
    done = project.run()
    text = text_of(done)
    assert outcomes(done) == {"failed": 1}
    assert "AE201" in text
    assert "pytest tests/test_refund.py::test_refund --agentops-approve" in text
    assert project.goldens() == []


@pytest.mark.parametrize("line", ["cassette.trace == golden", "golden == cassette.trace"])
def test_divergence_shows_both_sides_and_the_command(approved: Project, line: str) -> None:
    """A run that left its golden is explained as a call with both sides, whichever stands first."""
    approved.edit("tests/test_refund.py", 'ask("second")', 'ask("2nd")')
    approved.edit("tests/test_refund.py", "cassette.trace == golden", line)
    done = approved.run("--agentops-record=all")
    text = text_of(done)
    assert outcomes(done) == {"failed": 1}
    path = "golden_traces/tests/test_refund/test_refund.otlp.jsonl"
    assert f"refund_agent diverged from {path} at call 2 of 2" in text
    assert "golden     " in text
    assert "this run   " in text
    assert "Approve it:  pytest tests/test_refund.py::test_refund --agentops-approve" in text
    assert "the test failed (AssertionError)" in text


def test_a_miss_beside_a_golden_is_mended_by_one_command(approved: Project) -> None:
    """Where a test compares with a golden, the fix of a miss records and approves at once."""
    approved.edit("tests/test_refund.py", 'ask("second")', 'ask("2nd")')
    text = text_of(approved.run())
    assert "AE110" in text
    assert "pytest tests/test_refund.py::test_refund --agentops-record=all --agentops-approve" in text


def test_unequal_is_explained_too(approved: Project) -> None:
    """A test that wants a difference and finds none says so."""
    approved.edit("tests/test_refund.py", "cassette.trace == golden", "cassette.trace != golden")
    done = approved.run()
    assert outcomes(done) == {"failed": 1}
    assert "the run equals its golden golden_traces/tests/test_refund/test_refund.otlp.jsonl" in text_of(done)


def test_comparing_the_run_itself_is_explained(approved: Project) -> None:
    """Forgetting ``.trace`` is answered with the line to write."""
    approved.edit("tests/test_refund.py", "cassette.trace == golden", "cassette == golden")
    done = approved.run()
    assert outcomes(done) == {"failed": 1}
    assert "cassette.trace == golden" in text_of(done)


def test_plain_asserts_are_explained_in_the_summary(approved: Project) -> None:
    """With --assert=plain the failure says nothing, so the summary does."""
    approved.edit("tests/test_refund.py", 'ask("second")', 'ask("2nd")')
    done = approved.run("--agentops-record=all", "--assert=plain")
    assert outcomes(done) == {"failed": 1}
    summary = text_of(done).partition("= agentops =")[2]
    assert "refund_agent diverged from" in summary
    assert "Approve it:" in summary


def test_only_passing_tests_are_approved(approved: Project) -> None:
    """A test that fails for another reason keeps its golden, and the summary says so."""
    golden = approved.root / "golden_traces" / approved.goldens()[0]
    before = golden.read_bytes()
    approved.edit("tests/test_refund.py", "== golden\n", "== golden\n    assert 1 == 2\n")
    approved.edit("tests/test_refund.py", 'ask("second")', 'ask("2nd")')
    done = approved.run("--agentops-record=all", "--agentops-approve")
    assert outcomes(done) == {"failed": 1}
    assert "golden not approved: the test did not pass" in text_of(done)
    assert golden.read_bytes() == before


def test_a_miss_approves_nothing(approved: Project) -> None:
    """A run that missed is no behaviour to approve, even where its agent swallowed the miss."""
    golden = approved.root / "golden_traces" / approved.goldens()[0]
    before = golden.read_bytes()
    approved.edit("tests/test_refund.py", "import ask", "import ask, forgiving")
    approved.edit("tests/test_refund.py", 'ask("second")', 'forgiving("2nd")')
    done = approved.run("--agentops-approve")
    assert outcomes(done) == {"failed": 1}
    assert golden.read_bytes() == before


def test_approving_a_change_shows_its_size(approved: Project) -> None:
    """Approving a changed run names the golden and how many lines changed."""
    approved.edit("tests/test_refund.py", 'ask("second")', 'ask("2nd")')
    done = approved.run("--agentops-record=all", "--agentops-approve")
    assert outcomes(done) == {"passed": 1}
    line = next(li for li in text_of(done).splitlines() if li.startswith("approved"))
    assert "test_refund.otlp.jsonl  +" in line
    approved.server.stop()
    assert outcomes(approved.run()) == {"passed": 1}


def test_golden_with_conflict_marks_is_named(approved: Project) -> None:
    """A golden in the middle of a merge is an error of its own."""
    golden = approved.root / "golden_traces" / approved.goldens()[0]
    golden.write_text("<<<<<<< ours\n" + golden.read_text() + "=======\n>>>>>>> theirs\n")
    done = approved.run()
    assert outcomes(done) == {"failed": 1}
    assert "AE107" in text_of(done)


def test_missing_recording_of_a_golden_test_names_both_options(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test with a golden is recorded and approved at once; CI is told to wait for the commit."""
    project.write("tests/test_refund.py", GOLDEN_TEST)
    text = text_of(project.run())
    assert "AE101" in text
    assert "pytest tests/test_refund.py::test_refund --agentops-record=once --agentops-approve" in text
    monkeypatch.setenv("CI", "true")
    text = text_of(project.run())
    assert "AE101" in text
    assert "record the cassette on your machine, commit it" in text
    assert "--agentops-record" not in text


def test_the_command_that_approves_stays_on_the_branch(approved: Project) -> None:
    """On a branch the golden's command names the branch, or it would approve another run."""
    approved.edit("tests/test_refund.py", 'ask("second")', 'ask("2nd")')
    done = approved.run("--agentops-record=once", "--agentops-branch=later")
    assert outcomes(done) == {"failed": 1}
    assert "test_refund --agentops-approve --agentops-branch=later" in text_of(done)
