"""``doctor`` finds what is wrong and says how to mend it; ``init`` writes a project that passes at once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

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
    """A misspelt setting is found with the right name."""
    (ae.folder / "pyproject.toml").write_text("[tool.agentops]\nstrikt = true\n")
    done = ae("doctor")
    assert (done.code, "did you mean 'strict'?" in done.out) == (1, True)


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
    assert "2 passed" in passed.stdout, passed.stdout
    again = ae("init", "my proj/ünï")
    assert (again.code, "exists already" in again.err) == (2, True)


def test_init_that_fails_leaves_nothing(ae: Commands) -> None:
    """Where the tests cannot be recorded, what was written goes, and what was there stays."""
    target = ae.folder / "fresh"
    target.mkdir()
    (target / "conftest.py").write_text("raise RuntimeError('not this one')")
    done = process(ae.folder, "init", "fresh", "--client", "requests")
    assert (done.code, "not this one" in done.err) == (2, True)
    assert [path.name for path in target.iterdir()] == ["conftest.py"]
