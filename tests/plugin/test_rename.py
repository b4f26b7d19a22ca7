"""Tests that are renamed or moved, and what they left under their old names."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest

from tests.plugin.conftest import Project, outcomes, text_of

SHOP = '''
import pytest
from agent import ask

@pytest.mark.cassette
@pytest.mark.parametrize("what", ["a lamp", "a chair"])
def test_refund(what, cassette, golden):
    """Two cases."""
    ask(f"refund {what}")
    assert cassette.trace == golden
'''


@pytest.fixture
def recorded(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose two cases are recorded and approved."""

    def make() -> None:
        project.write("tests/test_shop.py", SHOP)
        assert outcomes(project.run("--agentops-record=once", "--agentops-approve")) == {"passed": 2}

    project.once("two", make, monkeypatch)
    return project


def paste_the_hint(project: Project, text: str) -> str:
    """Run the command that the error asks about, and give it back."""
    hints = {line.partition("moved? ")[2] for line in text.splitlines() if "renamed or moved? " in line}
    (hint,) = hints
    words = [sys.executable, "-m", "agentops_eval.cli", *shlex.split(hint)[1:]]
    subprocess.run(words, cwd=project.root, check=True, capture_output=True)
    return hint


def test_the_hint_mends_a_renamed_test(recorded: Project) -> None:
    """One command for all parameters, after which the test passes and approving again changes nothing."""
    recorded.edit("tests/test_shop.py", "def test_refund", "def test_pay_back")
    done = recorded.run()
    assert outcomes(done) == {"errors": 2}
    old, new = "golden_traces/tests/test_shop/test_refund", "golden_traces/tests/test_shop/test_pay_back"
    assert paste_the_hint(recorded, text_of(done)) == f"agentops-eval cassette rename {old} {new}"
    assert outcomes(recorded.run("--agentops-strict")) == {"passed": 2}
    assert text_of(recorded.run("--agentops-approve")).count("  unchanged") == 2
    assert "orphaned" not in text_of(recorded.run("--agentops-strict", "-v"))


def test_the_hint_mends_a_renamed_module(recorded: Project) -> None:
    """The whole folder follows."""
    (recorded.root / "tests/test_shop.py").rename(recorded.root / "tests/test_till.py")
    done = recorded.run()
    hint = paste_the_hint(recorded, text_of(done))
    assert hint.endswith("rename golden_traces/tests/test_shop golden_traces/tests/test_till")
    assert outcomes(recorded.run()) == {"passed": 2}


def test_files_that_were_moved_by_hand_are_mended(recorded: Project) -> None:
    """The error of a cassette of another test names the command that makes it this one's."""
    recorded.edit("tests/test_shop.py", "def test_refund", "def test_pay_back")
    for path in (recorded.root / "golden_traces/tests/test_shop").iterdir():
        path.rename(path.with_name(path.name.replace("test_refund", "test_pay_back")))
    text = text_of(recorded.run())
    fixes = [line.partition("fix:")[2].strip() for line in text.splitlines() if "fix:" in line]
    assert len(fixes) == 2
    for fix in fixes:
        words = [sys.executable, "-m", "agentops_eval.cli", *shlex.split(fix)[1:]]
        subprocess.run(words, cwd=recorded.root, check=True, capture_output=True)
    assert outcomes(recorded.run()) == {"passed": 2}


def test_a_new_test_gets_no_hint(recorded: Project) -> None:
    """Where every recording still has its test, nothing is suggested."""
    recorded.edit(
        "tests/test_shop.py", "def test_refund", "def test_other(cassette):\n    pass\n\ndef test_x"
    )
    recorded.edit("tests/test_shop.py", '"""Two cases."""', '"""As test_refund."""')
    assert "renamed" not in text_of(recorded.run())


def test_a_missing_recording_of_a_path_of_its_own_is_told(recorded: Project) -> None:
    """It is AE101 also where other recordings lie beside the missing one."""
    (recorded.root / "recs").mkdir()
    source = next((recorded.root / "golden_traces/tests/test_shop").glob("*.cassette.jsonl"))
    (recorded.root / "recs/test_a.cassette.jsonl").write_bytes(source.read_bytes())
    named = '@pytest.mark.cassette("recs/test_b.cassette.jsonl")\ndef test_b(cassette):\n    pass\n'
    recorded.write("tests/test_named.py", f"import pytest\n\n{named}")
    text = text_of(recorded.run("tests/test_named.py"))
    assert "AE101" in text
    assert "relative_to" not in text
