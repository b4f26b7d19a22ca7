"""``chaos run``: journals for scripts, words for people, and exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from agentops_eval.chaos.experiments import journal_from_json
from tests.cli._kit import ROOT, Commands, documented_keys, printed_keys

if TYPE_CHECKING:
    from pathlib import Path

FLAWS = "agentops_eval.demo.flaws.duplicate_email_on_lost_reply"


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Commands:
    """A folder with experiments in it."""
    for version in ("flawed", "mended"):
        (tmp_path / f"{version}.json").write_text(json.dumps(experiment(version)))
    return Commands(tmp_path, capsys, monkeypatch)


def experiment(version: str, **more: Any) -> dict[str, Any]:
    """An experiment with the demo's email agent."""
    fault = {"fault": "tool_reply_lost", "target": "send_email", "nth": [1]}
    provider = {"type": "agent", "agent": f"{FLAWS}:{version}", "faults": [fault]}
    method = [{"type": "action", "name": "lose the answer", "provider": provider}]
    return {"title": f"the {version} one", "owner": "role:mail", "method": method, **more}


def test_exit_codes_tell_steady_deviated_and_not_run(folder: Commands) -> None:
    """0, 1 and 2; of several experiments 2 wins over 1, and 1 over 0."""
    (folder.folder / "bad.json").write_text(json.dumps(experiment("mended", method=[])).replace("[]", "7"))
    broken = experiment("mended")
    broken["method"][0]["provider"]["faults"][0]["target"] = "nobody"
    (folder.folder / "missed.json").write_text(json.dumps(broken))
    assert folder("chaos", "run", "mended.json").code == 0
    assert folder("chaos", "run", "flawed.json").code == 1
    assert folder("chaos", "run", "mended.json", "flawed.json").code == 1
    assert folder("chaos", "run", "flawed.json", "missed.json").code == 2
    assert folder("chaos", "run", "bad.json").code == 2
    assert folder("chaos", "run", "gone.json").code == 2


def test_nothing_is_begun_behind_one_that_could_not_be_undone(folder: Commands) -> None:
    """The next file waits until the rollback is done: exit code 2, and no line of it."""
    provider = {"type": "python", "module": "gone_ops", "func": "gone"}
    rollback = {"type": "action", "name": "tidy", "provider": provider}
    (folder.folder / "gone_ops.py").write_text("def gone(): raise RuntimeError('no')")
    (folder.folder / "left.json").write_text(json.dumps(experiment("mended", rollbacks=[rollback])))
    done = folder("chaos", "run", "left.json", "flawed.json")
    assert done.code == 2
    assert "not undone" in done.out
    assert "the flawed one" not in done.out


def test_json_is_the_journal_and_the_same_bytes_again(folder: Commands) -> None:
    """One document on standard output; of several an array; a file with sorted keys where one is named."""
    one = folder("chaos", "run", "flawed.json", "--json", "--journal", "journal.json")
    again = folder("chaos", "run", "flawed.json", "--json")
    assert one.out == again.out
    journal = journal_from_json(one.document)
    assert (journal.title, journal.run[0].name) == ("the flawed one", "lose the answer")
    written = (folder.folder / "journal.json").read_text()
    assert written == json.dumps(one.document, indent=2, sort_keys=True) + "\n"
    both = folder("chaos", "run", "mended.json", "flawed.json", "--json").document
    assert [one["experiment"]["title"] for one in both] == ["the mended one", "the flawed one"]


def test_a_script_gets_the_documented_keys(folder: Commands) -> None:
    """Of runs that are steady, deviate, fail and are dry, every key of the journal is in the table."""
    known = documented_keys()["chaos run"]
    (folder.folder / "looks.py").write_text("def one():\n    return 1\n")
    one = {"type": "python", "module": "looks", "func": "one"}
    lost = experiment("flawed")
    lost["method"].append({"type": "probe", "name": "look", "provider": one, "tolerance": 1})
    missed = experiment("mended")
    missed["method"][0]["provider"]["faults"][0]["target"] = "nobody"
    printed = set[str]()
    for number, (told, *words) in enumerate([(lost,), (missed,), (missed, "--dry-run")]):
        (folder.folder / f"{number}.json").write_text(json.dumps(told))
        document = folder("chaos", "run", f"{number}.json", "--json", *words).document
        printed |= printed_keys(document, known)
    assert printed == known


def test_people_read_what_was_found_and_what_to_do(folder: Commands) -> None:
    """The finding with its owner and remedy, and a word at the end."""
    said = folder("chaos", "run", "flawed.json").out
    for words in ("experiment: the flawed one", "unsafe", "role:mail", "remedy:", "a weakness was found"):
        assert words in said


def test_an_error_is_told_before_anything_is_done(folder: Commands) -> None:
    """All files are read first: a bad one keeps the good one from running."""
    bad = experiment("mended")
    bad["metod"] = bad.pop("method")
    (folder.folder / "bad.json").write_text(json.dumps(bad))
    done = folder("chaos", "run", "mended.json", "bad.json", "--json")
    assert done.code == 2
    assert done.document["error"]["code"] == "AE630"
    assert "method" in done.document["error"]["difference"]


def test_a_dry_run_tells_and_does_nothing(folder: Commands) -> None:
    """Even an agent that cannot be imported is only told."""
    said = experiment("mended")
    said["method"][0]["provider"]["agent"] = "no_such_module:agent"
    (folder.folder / "dry.json").write_text(json.dumps(said))
    done = folder("chaos", "run", "dry.json", "--dry-run")
    assert done.code == 0
    assert "would run no_such_module:agent under tool_reply_lost" in done.out
    assert folder("chaos", "run", "dry.json").code == 2


def test_schemas_are_printed(folder: Commands) -> None:
    """Editors get both."""
    for name in ("experiment", "gameday"):
        document = json.loads(folder("schema", name).out)
        jsonschema.Draft202012Validator.check_schema(document)


def test_this_projects_own_experiments_are_steady(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The experiments and the game day in chaos/ hold, offline, and are valid by their schemas."""
    import yaml

    command = Commands(ROOT, capsys, monkeypatch)
    monkeypatch.setenv("OPENAI_API_KEY", "unset")
    files = ["chaos/desk-hiccups.yaml", "chaos/lost-replies.yaml"]
    experiment_schema = command("schema", "experiment", "--json").document["schema"]
    for file in files:
        jsonschema.Draft202012Validator(experiment_schema).validate(yaml.safe_load((ROOT / file).read_text()))
    gameday_schema = command("schema", "gameday", "--json").document["schema"]
    plan = yaml.safe_load((ROOT / "chaos/gameday.yaml").read_text())
    jsonschema.Draft202012Validator(gameday_schema).validate(plan)
    done = command("chaos", "run", *files, "--json", "--journal", tmp_path / "journal.json")
    assert done.code == 0, done.out
    assert all(one["status"] == "completed" for one in json.loads((tmp_path / "journal.json").read_text()))


def test_an_experiment_of_chaos_toolkit_is_imported(folder: Commands) -> None:
    """What was changed is told; a file that is there is never overwritten; a journal can be run again."""
    provider = {"type": "python", "module": "chaostoxi.proxy.actions", "func": "disable_proxy"}
    provider["arguments"] = {"proxy_name": "p"}  # type: ignore[assignment]
    method = [{"type": "action", "name": "down", "provider": provider}]
    (folder.folder / "theirs.json").write_text(
        json.dumps({"title": "t", "description": "d", "method": method})
    )
    done = folder("chaos", "import", "theirs.json", "--out", "ours.yaml", "--json")
    assert (done.code, done.document["notes"][0]["where"]) == (0, "method[0]")
    known = documented_keys()["chaos import"]
    assert printed_keys(done.document, known) == known
    assert "type: toxiproxy" in (folder.folder / "ours.yaml").read_text()
    assert folder("chaos", "import", "theirs.json", "--out", "ours.yaml").code == 2
    folder("chaos", "run", "mended.json", "--journal", "journal.json")
    assert folder("chaos", "import", "journal.json", "--out", "again.json").code == 0
    assert folder("chaos", "run", "again.json").code == 0
