"""``doctor`` finds what is wrong and says how to mend it; ``init`` writes a project that passes at once."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from agentops_eval.demo.starter import write_starter
from tests.cli._kit import documented_keys, environment, printed_keys, process

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli._kit import Commands


def _levels(ae: Commands) -> dict[str, str]:
    found = ae("doctor", "--json").document["findings"]
    return {
        one["name"]: one["level"] for one in found if one["level"] != "ok" and one["name"] != "pytest plugin"
    }


def _golden_dir(ae: Commands) -> Path:
    folder = ae.folder / "golden_traces"
    folder.mkdir()
    for name in ("r.cassette.jsonl", "r.otlp.jsonl"):
        (folder / name).write_bytes((ae.folder / name).read_bytes())
    return folder


def test_a_sound_project_is_well(ae: Commands) -> None:
    """Everything in order is exit code 0."""
    _golden_dir(ae)
    done = ae("doctor")
    assert (done.code, "all well" in done.out) == (0, True)
    assert _levels(ae) == {}


def test_each_problem_is_found(ae: Commands) -> None:
    """Damage, secrets and stale branches are named, what was interrupted with a command to paste."""
    folder = _golden_dir(ae)
    whole = (folder / "r.cassette.jsonl").read_text()
    (folder / "cut.cassette.jsonl").write_text(whole.splitlines()[0] + "\n")
    (folder / "key.cassette.jsonl").write_text(whole.replace("refunded", "sk-" + "proj-" + "Ab1" * 16))
    (folder / "r@b.cassette.jsonl").write_text(whole.replace('"version":1', '"version":1,"branch":"b"'))
    (folder / ".new.cassette.jsonl.1.ab.partial").write_text("\n".join(whole.splitlines()[:2]) + "\n")
    (folder / "bad.otlp.jsonl").write_text("{}\n")
    assert _levels(ae) == {
        "golden_traces/cut.cassette.jsonl": "error",
        "golden_traces/key.cassette.jsonl": "error",
        "golden_traces/bad.otlp.jsonl": "error",
        "golden_traces/r@b.cassette.jsonl": "warning",
        "golden_traces/.new.cassette.jsonl.1.ab.partial": "warning",
    }
    done = ae("doctor")
    assert (done.code, "3 problems found" in done.out) == (1, True)
    assert "Ab1Ab1Ab1" not in done.out
    line = next(text for text in done.out.splitlines() if "cassette recover" in text)
    assert ae.paste(line.split("fix:")[1].strip()).code == 0


def test_bad_settings_are_a_problem(ae: Commands) -> None:
    """A misspelt setting is found with the right name, and what it keeps from being read is said."""
    (ae.folder / "pyproject.toml").write_text("[tool.agentops]\nstrikt = true\n")
    done = ae("doctor")
    assert (done.code, "did you mean 'strict'?" in done.out) == (1, True)
    assert "recordings                 not looked at" in done.out


def test_rules_that_do_not_compile_are_each_a_problem(ae: Commands) -> None:
    """Bad JSONPaths and expressions are all named, and the recordings are still read under the others."""
    folder = _golden_dir(ae)
    kept = folder / "r.cassette.jsonl"
    kept.write_text(kept.read_text().replace("refunded", "order-7731"))
    (ae.folder / "pyproject.toml").write_text(
        "[tool.agentops]\nignore = ['$.fine', '$.[', '$']\nredact_allow = ['(', 'ok']\n"
        "redact_patterns = { broken = '[', huge = 'a{9999999999999}', order = 'order-[0-9]+' }\n"
    )
    done = ae("doctor", "--json")
    wrong = [one for one in done.document["findings"] if one["level"] == "error"]
    assert done.code == 1
    assert [one["name"] for one in wrong] == [
        "settings: ignore",
        "settings: ignore",
        "settings: redact_patterns",
        "settings: redact_patterns",
        "settings: redact_allow",
        "golden_traces/r.cassette.jsonl",
    ]
    assert all(one["text"].startswith("AE401") for one in wrong[:-1])
    assert all(one["remedy"] for one in wrong)
    assert "'$.['" in wrong[0]["text"]
    assert "FAIL  settings: ignore" in ae("doctor").out


def test_each_thing_is_looked_at_once(ae: Commands) -> None:
    """No name stands twice in a report: a library with two clients has one line for both."""
    found = ae("doctor", "--json").document["findings"]
    names = [one["name"] for one in found]
    assert len(names) == len(set(names))
    told = next(one["text"] for one in found if one["name"] == "seam httpx2")
    assert "Client._transport_for_url and AsyncClient._transport_for_url are there" in told


def test_a_project_that_is_not_there_is_a_mistake(ae: Commands) -> None:
    """A wrong root is not an empty project."""
    assert ae("doctor", "--root", "nix").code == 2


def test_init_writes_a_project_that_passes_from_a_relative_path(ae: Commands) -> None:
    """The printed command passes, though the folder's name needs quotes."""
    done = process(ae.folder, "init", "my proj/ünï", "--client", "requests", "--json")
    assert done.code == 0
    known = documented_keys()["init"]
    assert printed_keys(done.document, known) == known
    assert done.document["next"] == "cd 'my proj/ünï' && pytest"
    folder = ae.folder / "my proj/ünï"
    passed = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "pytest_agentops.plugin"],
        cwd=folder,
        env=environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "4 passed" in passed.stdout, passed.stdout
    assert (folder / ".gitignore").read_text().split("\n")[0] == "__pycache__/"
    again = ae("init", "my proj/ünï", "--client", "requests")
    assert (again.code, "exists already" in again.err) == (2, True)
    assert again.remedy == "agentops-eval init NEW_FOLDER --client requests"


def test_the_remedy_of_a_refused_init_can_be_pasted(ae: Commands) -> None:
    """Where a file is in the way, the printed command writes the project into a folder of its own."""
    (ae.folder / "agent.py").touch()
    refused = ae("init")
    assert (refused.code, refused.remedy) == (2, "agentops-eval init NEW_FOLDER")
    done = process(ae.folder, *shlex.split(refused.remedy)[1:])
    assert done.code == 0
    assert (ae.folder / "NEW_FOLDER" / "agent.py").exists()


def test_init_leaves_a_gitignore_as_it_is(ae: Commands) -> None:
    """A .gitignore, as a new repository has one, is neither in the way nor written over."""
    (ae.folder / ".gitignore").write_text("/mine\n")
    done = process(ae.folder, "init", "--client", "requests", "--json")
    assert (done.code, ".gitignore" in done.document["files"]) == (0, False)
    assert (ae.folder / ".gitignore").read_text() == "/mine\n"


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_the_gitignore_covers_what_an_interrupted_recording_leaves(ae: Commands) -> None:
    """git passes over compiled files and over partial recordings, and not over recordings."""
    write_starter(ae.folder / "p")
    names = ["__pycache__/x.pyc", "golden_traces/.a.cassette.jsonl.1.ab.partial", ".a.partial-2"]
    subprocess.run(["git", "init", "-q", "p"], cwd=ae.folder, check=True)
    done = subprocess.run(
        ["git", "check-ignore", *names, "golden_traces/a.cassette.jsonl"],
        cwd=ae.folder / "p",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == names


def test_init_that_fails_leaves_nothing(ae: Commands) -> None:
    """Where the tests cannot be recorded, what was written goes, and what was there stays."""
    target = ae.folder / "fresh"
    target.mkdir()
    (target / "conftest.py").write_text("raise RuntimeError('not this one')")
    done = process(ae.folder, "init", "fresh", "--client", "requests")
    assert (done.code, "not this one" in done.err) == (2, True)
    assert [path.name for path in target.iterdir()] == ["conftest.py"]
