"""``trace audit``: what was done, by whom, on whose authority and why."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_exports import span
from tests.cli.test_stats import agent, exported, llm

if TYPE_CHECKING:
    from tests.cli._kit import Commands

KEY = "sk-" + "proj-" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4"
ANSWER = json.dumps(
    [
        {
            "role": "assistant",
            "parts": [
                {"type": "text", "content": "It came \x1b[31mbroken."},
                {"type": "tool_call", "id": "c1", "name": "refund", "arguments": {}},
            ],
        }
    ]
)


def tool(number: int, name: str, **more: Any) -> dict[str, Any]:
    told = {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": name}
    return span(number, f"execute_tool {name}", 1, **told, **more)


TOLD = exported(
    agent(1, enduser__id="u-1"),
    tool(2, "get_order", agentops__tool__effect="read"),
    llm(3, 1, gen_ai__output__messages=ANSWER, agentops__cost__amount=0.5),
    span(
        4,
        "agentops.hitl_checkpoint",
        1,
        agentops__hitl__action="refund",
        agentops__hitl__status="approved",
        agentops__hitl__details='{"order": 7}',
        agentops__hitl__approver_hash="p-9",
        agentops__hitl__wait_ms=1500,
    ),
    tool(
        5,
        "refund",
        agentops__tool__effect="write",
        gen_ai__tool__call__id="c1",
        gen_ai__tool__call__arguments=json.dumps({"order": 7, "api_key": KEY}),
        gen_ai__tool__call__result='"=1+1"',
        agentops__tool__idempotency_key="k",
    ),
    agentops__tenant="t-1",
)


def test_an_action_is_told_line_by_line(ae: Commands) -> None:
    """Who, on whose authority, why, what it was given and gave, who approved; no secret, no escape."""
    (ae.folder / "told.jsonl").write_text(json.dumps(TOLD) + "\n")
    out = ae("trace", "audit", "told.jsonl").out
    assert "refund  write (as told), 2026-" in out
    for line in ("by        desk", "authority u-1 (enduser.id)", "approval  approved by p-9, after 1.5 s"):
        assert line in out
    assert "why       It came \\x1b[31mbroken. (llm text)" in out
    assert "cost      $0.500000 (trace)" in out
    assert ("1 action with an effect in 1 run" in out, "Not told:" in out, KEY in out) == (True, False, False)


def test_a_recording_is_audited_and_its_gaps_are_told(ae: Commands) -> None:
    """Our own recordings tell effects; what they do not tell is listed with the way to have it told."""
    out = ae("trace", "audit", "r.cassette.jsonl").out
    assert "issue_refund  write (as told)" in out
    assert "authority not told" in out
    assert "set agentops.authority (or enduser.id) on the run's first span" in out


def test_named_tools_are_actions(ae: Commands) -> None:
    """--effect makes an action of any tool, on the user's word."""
    words = ("trace", "audit", "r.cassette.jsonl", "--effect", "get_order", "--json")
    records = ae(*words).document["records"]
    assert [(one["action"], one["effect_told_by"]) for one in records] == [
        ("get_order", "user"),
        ("issue_refund", "trace"),
    ]


def test_csv_can_be_read_back(ae: Commands) -> None:
    """One line for each action below the names of the columns; no secret, and no formula."""
    (ae.folder / "told.jsonl").write_text(json.dumps(TOLD) + "\n")
    done = ae("trace", "audit", "told.jsonl", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(done.out))
    assert (row["action"], row["authority"], row["approval"], row["cost_usd"]) == (
        "refund",
        "u-1",
        "approved",
        "0.5",
    )
    assert (row["result"], KEY in done.out) == ("'=1+1", False)


def test_inputs_and_records_are_sealed(ae: Commands) -> None:
    """The document names the digest of each file, and of the chain of all records."""
    path = ae.folder / "told.jsonl"
    path.write_text(json.dumps(TOLD) + "\n")
    document = ae("trace", "audit", "told.jsonl", "r.cassette.jsonl", "--json").document
    assert document["inputs"][0]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert document["sha256"] == document["records"][-1]["sha256"]
    assert len({record["sha256"] for record in document["records"]}) == 2


def test_files_without_actions_say_so(ae: Commands) -> None:
    """Nothing to audit is no error, and nothing to read is one."""
    (ae.folder / "quiet.jsonl").write_text(json.dumps(exported(agent(1))) + "\n")
    done = ae("trace", "audit", "quiet.jsonl")
    assert (done.code, "0 actions with an effect in 1 run" in done.out) == (0, True)
    assert ae("trace", "audit", "missing.jsonl").code == 2


def test_a_named_tool_that_never_ran_is_told(ae: Commands) -> None:
    """A misspelt --effect would make an audit look clean: it is said, with the nearest name."""
    words = ("trace", "audit", "r.cassette.jsonl", "--effect", "get_ordr", "--effect", "get_order")
    done = ae(*words)
    told = "--effect get_ordr: no such tool ran in these files; did you mean get_order?"
    assert (done.code, told in done.out) == (0, True)
    assert ae(*words, "--json").document["unmatched"] == ["get_ordr"]


@pytest.mark.parametrize("form", ["csv", "text"])
def test_formats_that_contradict_each_other_are_refused(ae: Commands, form: str) -> None:
    """--json beside another format is no choice that could be made in silence."""
    done = ae("trace", "audit", "r.cassette.jsonl", "--format", form, "--json")
    assert (done.code, f"--json and --format {form} contradict" in done.out) == (2, True)


def test_records_are_written_to_a_file(ae: Commands) -> None:
    """--out holds what would have been printed, in every format."""
    for form in ("csv", "json", "text"):
        words = ("trace", "audit", "r.cassette.jsonl", "--format", form)
        done = ae(*words, "--out", f"made/audit.{form}")
        assert done.out == f"written to made/audit.{form}\n"
        assert (ae.folder / "made" / f"audit.{form}").read_text() == ae(*words).out
    assert sorted(path.name for path in (ae.folder / "made").iterdir()) == [
        "audit.csv",
        "audit.json",
        "audit.text",
    ]


def test_the_digest_is_not_broken_on_a_narrow_terminal(ae: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 columns the line breaks between words."""
    monkeypatch.setenv("COLUMNS", "80")
    out = ae("trace", "audit", "r.cassette.jsonl").out
    line = next(text for text in out.splitlines() if text.startswith("sha256 "))
    assert len(line) <= 80
    assert out.split(line)[1].startswith("\n       all records")


def test_records_in_a_file_replace_it_and_nothing_else(ae: Commands) -> None:
    """The file keeps its permissions, a link stays a link, and one that is read is never written over."""
    (ae.folder / "kept.csv").write_text("old")
    (ae.folder / "kept.csv").chmod(0o640)
    (ae.folder / "link.csv").symlink_to("kept.csv")
    words = ("trace", "audit", "r.cassette.jsonl", "--out")
    assert ae(*words, "link.csv").out == "written to link.csv\n"
    assert (ae.folder / "link.csv").is_symlink()
    assert (ae.folder / "kept.csv").read_text().startswith("trace_id,")
    assert (ae.folder / "kept.csv").stat().st_mode & 0o777 == 0o640
    assert ae(*words, "r.cassette.jsonl").code == 2
    assert ae("trace", "audit", "nix.jsonl", "--out", "link.csv").code == 2
    assert (ae.folder / "kept.csv").read_text().startswith("trace_id,")
    assert not list(ae.folder.glob(".*partial"))
