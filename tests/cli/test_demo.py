"""The first part of ``demo`` shows the idea on real SDK clients; what it prints can be pasted."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import pytest

from agentops_eval.harness import lock_alone
from agentops_eval.traces.redaction import RedactionRules, Redactor
from tests.cli._kit import (
    ROOT,
    Commands,
    Done,
    documented_keys,
    environment,
    interrupted,
    printed_keys,
    process,
)

if TYPE_CHECKING:
    from pathlib import Path

ENDED = ["desk-anthropic", "desk-openai", "team"]
WITHOUT_OPENAI = """
import sys
from importlib.machinery import PathFinder


class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name == "openai" else PathFinder.find_spec(name, path, target)


sys.meta_path = [Without if one is PathFinder else one for one in sys.meta_path]
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo leaves what it made."""
    return tmp_path_factory.mktemp("demo") / "made here"


@pytest.fixture(scope="module")
def shown(out: Path) -> Done:
    """Its first part as people see it, run once, in an empty home and as in CI."""
    home = out.parent / "home"
    home.mkdir()
    return process(out.parent, "demo", "--replay-only", "--out", out.name, HOME=str(home), CI="1")


def _pasted(shown: Done, first: str, number: int = 0) -> list[str]:
    """The words of the ``number``-th printed command that begins like this."""
    text = shown.out.replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith(first)]
    return shlex.split(lines[number])[1:]


def test_it_ends_with_equal_digests_verdicts_and_a_divergence(shown: Done) -> None:
    """Each agent replays twice alike and as approved; a changed prompt misses, and diverges."""
    assert (shown.code, shown.err) == (0, "")
    endings = [line for line in shown.out.splitlines() if ", golden equal" in line]
    assert sorted(line.split()[0] for line in endings) == ENDED
    for line in endings:
        left, _, right = line.split(",")[0].split()[2:]
        assert left == right
    assert 'this run  "... order, up to 40.00 EUR per order' in shown.out
    assert "also      url" not in shown.out
    assert "desk-openai diverged from desk-openai.otlp.jsonl at call 1 of 7" in shown.out


def test_its_commands_work_where_it_left_things(
    shown: Done, out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The printed commands draw the tree, replay as approved, and approve the change."""
    ae = Commands(out, capsys, monkeypatch)
    assert "llm scripted-large" in ae(*_pasted(shown, "agentops-eval trace show")).out
    again = ae(*_pasted(shown, "agentops-eval replay"))
    assert (again.code, "golden   equal" in again.out) == (0, True)
    approved = ae(*_pasted(shown, "agentops-eval replay", 1))
    assert "golden   approved: desk-openai.otlp.jsonl" in approved.out


@pytest.mark.usefixtures("shown")
def test_it_can_be_run_again_and_its_keys_are_documented(
    out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second run in the same folder starts anew; its document has the keys of the page but the chain's."""
    done = Commands(out.parent, capsys, monkeypatch)("demo", "--replay-only", "--out", out.name, "--json")
    assert (done.code, done.err) == (0, "")
    known = documented_keys()["demo"]
    chain = {key for key in known if key.startswith(("steps", "findings"))}
    assert printed_keys(done.document, known) == known - chain
    assert (done.document["steps"], done.document["report"]) == ([], None)
    assert done.document["ok"]
    assert [one["effects_replayed"] for one in done.document["cases"]] == [0, 0, 0]


def test_it_never_takes_over_another_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that holds anything, and no demo made it, is left alone, for the first part as well."""
    ae = Commands(tmp_path, capsys, monkeypatch)
    for name in ("pyproject.toml", "notes.txt"):
        (tmp_path / name).write_text("[project]\n")
        for words in (("demo", "--out", "."), ("demo", "--replay-only", "--out", "")):
            done = ae(*words)
            assert (done.code, "another project" in done.err) == (2, True)
        assert [path.name for path in tmp_path.iterdir()] == [name]
        (tmp_path / name).unlink()


def test_two_at_once_do_not_share_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one works in a folder, another is told to wait or to take another, and writes nothing."""
    busy = os.open(tmp_path, os.O_RDONLY)
    lock_alone(busy, tmp_path, what="this folder")
    done = Commands(tmp_path, capsys, monkeypatch)("demo", "--out", ".")
    os.close(busy)
    assert (done.code, "another process is writing this folder" in done.err) == (2, True)
    assert "agentops-eval demo --out ANOTHER-FOLDER" in done.remedy
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_no_process_behind(tmp_path: Path) -> None:
    """Broken off in its chain it says how to go on; what it started, and held the folder's lock, is gone."""
    done = interrupted(tmp_path, "demo", "--out", "out", after="replay       mended")
    assert (done.code, done.remedy) == (130, "agentops-eval demo --out out")
    assert "what was seen so far is kept in out" in done.err
    folder = os.open(tmp_path / "out", os.O_RDONLY)
    lock_alone(folder, tmp_path, what="it, still")
    os.close(folder)


def test_without_an_sdk_it_says_how_to_install_it(tmp_path: Path) -> None:
    """Where openai is not installed nothing is begun, and the command that installs it is named."""
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_OPENAI)
    path = os.pathsep.join([str(tmp_path), environment()["PYTHONPATH"]])
    done = process(tmp_path, "demo", "--out", "out", PYTHONPATH=path)
    assert (done.code, "need openai" in done.err) == (2, True)
    assert "pip install 'agentops-eval[demo]'" in done.remedy
    assert not (tmp_path / "out").exists()


def test_what_is_shipped_holds_no_secret() -> None:
    """The package's goldens trip no detector, not even the optional one for emails."""
    redactor = Redactor(RedactionRules(emails=True))
    shipped = sorted((ROOT / "agentops_eval/demo/goldens").iterdir())
    assert [path.name for path in shipped] == [f"{name}.otlp.jsonl" for name in ENDED]
    for path in shipped:
        assert redactor.find(path.read_text(encoding="utf-8")) == ()
