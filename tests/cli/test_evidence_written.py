"""Commands write evidence of what they have shown, where there is a project, and never in their own way."""

from __future__ import annotations

import json
import resource
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.cli._kit import process
from tests.cli.test_exports import EXPORT

PROJECT = "[tool.agentops]\n"


@pytest.fixture
def ours(ae) -> Path:
    """A project of ours with an exported trace."""
    (ae.folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (ae.folder / "prod.jsonl").write_text(json.dumps(EXPORT) + "\n", encoding="utf-8")
    return ae.folder


def shown(ae) -> dict[tuple[str, str], dict[str, Any]]:
    """The items that count, by kind and subject."""
    items = ae("evidence", "list", "--json").document["items"]
    assert all(one["counts"] for one in items), items
    return {(one["kind"], one["subject"]): one for one in items}


def test_nothing_is_written_outside_of_projects(ae):
    """Reading a stranger's trace in any folder leaves nothing behind."""
    (ae.folder / "prod.jsonl").write_text(json.dumps(EXPORT) + "\n", encoding="utf-8")
    ae("trace", "lint", "prod.jsonl")
    ae("trace", "stats", "prod.jsonl")
    assert not (ae.folder / ".agentops").exists()


@pytest.mark.parametrize(
    ("table", "variable", "written"),
    [
        ("[tool.agentops]\n", None, True),
        ("[tool.agentops]\nevidence = false\n", None, False),
        ("[tool.agentops]\n", "0", False),
        ("[tool.other]\n", "1", True),
        ("[tool.agentops]\nevidence = false\n", "1", True),
    ],
)
def test_settings_say_whether_it_is_written(ae, ours, monkeypatch, table, variable, written):
    """The environment goes before the project's table, which need say nothing."""
    (ours / "pyproject.toml").write_text(table, encoding="utf-8")
    if variable is not None:
        monkeypatch.setenv("AGENTOPS_EVIDENCE", variable)
    ae("trace", "lint", "prod.jsonl")
    assert (ours / ".agentops").exists() is written


def test_what_traces_show(ae, ours):
    """Lint tells all and each group, stats the levels, the audit its actions; each with its proof."""
    for command in ("lint", "stats", "audit"):
        ae("trace", command, "prod.jsonl")
    found = shown(ae)
    report = ae("trace", "lint", "prod.jsonl", "--json").document
    every = found["trace.lint", "all"]
    assert every["measures"]["runs"] == len(report["runs"])
    assert every["verdict"] == ("fail" if every["measures"]["errors"] else "pass")
    assert {subject for kind, subject in found if kind == "trace.lint"} == set(
        "all llm tool decision human cost confidence correlation hygiene audit".split()
    )
    assert 0 <= found["trace.stats", "levels"]["measures"]["llm_pinned_share"] <= 1
    assert ("trace.audit", "actions") in found
    proof = json.loads((ours / every["source"]).read_text(encoding="utf-8"))
    assert proof["files"][0]["path"] == "prod.jsonl"
    assert ae("evidence", "verify").code == 0


def test_a_part_shows_nothing_of_the_whole(ae, ours):
    """Some rules are not all rules, and runs that were picked by how they went are not the agent's."""
    ae("trace", "lint", "prod.jsonl", "--select", "AL1")
    assert {subject for _, subject in shown(ae)} <= {"llm"}
    ae("trace", "stats", "prod.jsonl", "--errors")
    assert "levels" not in {subject for _, subject in shown(ae)}


def test_a_name_for_all(ae, ours):
    """agent_name is whose evidence is, whatever a trace says."""
    (ours / "pyproject.toml").write_text('[tool.agentops]\nagent_name = "desk"\n', encoding="utf-8")
    ae("trace", "lint", "prod.jsonl")
    assert {one["agent"] for one in shown(ae).values()} == {"desk"}


def test_a_replay_shows_that_it_equals_its_golden(ae, ours):
    """And that it does not, where it diverged or missed; the later one decides."""
    words = ("cli_shop:refund", "1042", "--cassette", "r.cassette.jsonl")
    assert ae("replay", *words).code == 0
    assert shown(ae)["replay", "r"]["verdict"] == "pass"
    assert shown(ae)["replay", "r"]["measures"]["recorded_share"] == 1
    ae("replay", "cli_shop:cents", "1042", "--cassette", "r.cassette.jsonl")
    assert shown(ae)["replay", "r"]["verdict"] == "fail"


def test_an_audit_of_a_replay_is_one_item(ae, ours):
    """The runs that it makes in other processes show nothing of their own."""
    ae("replay", "cli_shop:refund", "1042", "--cassette", "r.cassette.jsonl", "--twice")
    (only,) = ae("evidence", "list", "--json").document["items"]
    assert (only["kind"], only["verdict"]) == ("replay", "pass")
    assert only["measures"]["varied"] > 0


def test_checks_and_explorations(ae, ours):
    """Each check is an item; an exploration is one of its depth, and each fault that was tried alone."""
    ae("chaos", "check", "cli_shop:refund", "1042", "--cassette", "r.cassette.jsonl", "--only", "idempotency")
    ae("chaos", "explore", "cli_shop:refund", "1042", "--cassette", "r.cassette.jsonl", "--depth", "1")
    found = shown(ae)
    assert ("chaos.check", "idempotency") in found
    assert found["chaos.explore", "depth-1"]["agent"] == "refund"
    explored = found["chaos.explore", "depth-1"]["measures"]
    assert 0 <= explored["covered_share"] <= 1
    assert 0 <= explored["resilience_score"] <= 100
    assert 0 <= explored["containment_rate"] <= 1
    singles = [one for (kind, _), one in found.items() if kind == "chaos.fault"]
    assert explored["findings"] > 0
    assert {one["verdict"] for one in singles} == {"fail"}  # what is withstood beside it is no comfort
    assert not any(one.get("harms") for one in singles)  # told of the search, which takes them back


def test_an_exploration_of_chosen_faults_shows_those_faults(ae, ours):
    """A scorecard's plan asks for faults of one kind: each is an item, and no search of that depth is."""
    explore = (
        "chaos",
        "explore",
        "cli_shop:refund",
        "1042",
        "--cassette",
        "r.cassette.jsonl",
        "--depth",
        "1",
    )
    assert ae(*explore, "--faults", "tool_error").code == 0
    found = shown(ae)
    assert {kind for kind, _ in found} == {"chaos.fault"}
    assert {one["verdict"] for one in found.values()} == {"pass"}


def test_a_command_ends_as_it_would_without_evidence(ae, ours):
    """A store that cannot be written is one line on standard error, and no other exit code."""
    before = ae("trace", "stats", "prod.jsonl", "--json")
    folder = ours / ".agentops/evidence"
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    folder.rmdir()
    folder.write_text("in the way", encoding="utf-8")
    done = ae("trace", "stats", "prod.jsonl", "--json")
    assert (done.code, done.out) == (before.code, before.out)
    assert done.err.startswith("no evidence was written: ")
    assert len(done.err.splitlines()) == 1


def test_a_full_disk_is_one_line(ae, ours):
    """The command still tells what it found."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        done = ae("trace", "stats", "prod.jsonl")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, former)
    assert done.code == 0
    assert done.err.startswith("no evidence was written: File too large")
    assert ae("evidence", "list").code == 1


def test_the_folder_of_the_project_is_kept(ours):
    """An agent that changes the folder does not take the evidence along."""
    (ours / "wanders.py").write_text(
        "import os, tempfile\n"
        "from agentops_eval import tool\n"
        "@tool\n"
        "def look(n: int) -> int:\n    return n\n"
        "def go() -> int:\n    os.chdir(tempfile.gettempdir())\n    return look(1)\n",
        encoding="utf-8",
    )
    process(ours, "chaos", "check", "wanders:go", "--only", "idempotency")
    assert len(list((ours / ".agentops/evidence").glob("*.jsonl"))) == 1
