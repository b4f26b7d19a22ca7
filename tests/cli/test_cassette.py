"""``cassette``: recordings are listed, converted and kept tidy, and what cannot be read is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli._kit import interrupted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli._kit import Commands

NAME = "r.cassette.jsonl"
CHATS = """
version: 1
interactions:
- request:
    method: POST
    uri: https://llm.example.test/v1beta/models/of-a-rather-long-name-2.5:generateContent
    body: '{}'
    headers: {}
  response:
    status: {code: 200, message: OK}
    headers: {}
    body: {string: '{}'}
"""


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_a_recording_is_listed(ae: Commands) -> None:
    """Header and calls, one a line."""
    out = ae("cassette", "show", NAME).out
    assert "2 calls, completed" in out
    assert "format    version 1, rules " in out
    assert "2  tool  issue_refund  " in out
    assert "warning" not in out


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("name", ["r.cassette.jsonl", "chats.yaml"])
def test_no_line_is_wider_than_the_terminal(
    ae: Commands, monkeypatch: pytest.MonkeyPatch, columns: int, name: str
) -> None:
    """Each call stays on its line: answers are cut at their end, and addresses in their middle."""
    (ae.folder / "chats.yaml").write_text(CHATS)
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = ae("cassette", "show", name, "--all").out.splitlines()
    assert max(map(len, lines)) <= columns
    if name == "chats.yaml":
        assert [text for text in lines if "POST https://" in text and text.endswith("200, 2 bytes")]
    else:
        assert any(text.startswith("  1  tool  get_order ") for text in lines)
        assert any(text.startswith("  2  tool  issue_refund ") for text in lines)


def test_what_happened_inside_a_tool_is_told_apart(ae: Commands) -> None:
    """It has no number, for a replay does not ask for it, and is counted beside the calls."""
    done = ae("record", "cli_shop:outer", 1042, "--cassette", "outer.cassette.jsonl")
    assert done.code == 0
    out = ae("cassette", "show", "outer.cassette.jsonl").out
    assert "2 calls and 1 more inside tools, completed" in out
    assert "\n  1  tool  report " in out
    assert "\n     tool  get_order  in /report#0 " in out
    assert "\n  2  tool  is_old " in out


def test_what_is_odd_is_warned_of(ae: Commands) -> None:
    """Unknown keys, another ending and other rules than those here are no errors, but said."""
    path = ae.folder / "raised.cassette.jsonl"
    head, *rest = _lines(path)
    rest = [line.replace('{"index":', '{"colour":"red","index":') for line in rest]
    path.write_text("\n".join([head.replace('"version":1', '"version":1,"planet":"x"'), *rest, ""]))
    (ae.folder / "pyproject.toml").write_text("[tool.agentops]\nany_host = true\n")
    warnings = ae("cassette", "show", path.name, "--json").document["warnings"]
    assert "colour, planet" in warnings[0]
    assert "raised KeyError" in warnings[1]
    assert "rules of matching" in warnings[2]
    assert "no harm" in warnings[2]


def test_a_stale_branch_is_warned_of(ae: Commands) -> None:
    """A branch whose recording was made anew says so."""
    ae("replay", "cli_shop:cents", 1042, "--cassette", NAME, "--branch", "b", "--record")
    ae("record", "cli_shop:refund", 1042, "--cassette", NAME)
    done = ae("cassette", "show", "r@b.cassette.jsonl")
    assert "branch    b, of the recording" in done.out
    assert "was recorded anew" in done.out


BAD = {
    "cut": lambda lines: lines[:-1],
    "empty": lambda lines: [],
    "future": lambda lines: [lines[0].replace('"version":1', '"version":99'), *lines[1:]],
    "binary": lambda lines: ["\x00\x01", *lines],
    "conflict": lambda lines: [lines[0], "<<<<<<< HEAD", *lines[1:]],
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize(
    "command",
    [
        ("cassette", "show"),
        ("cassette", "migrate"),
        ("trace", "show"),
        ("replay", "cli_shop:refund", "1042", "--cassette"),
    ],
    ids=lambda words: words[0] + words[1][:4],
)
def test_bad_recordings_are_named_with_their_line(ae: Commands, kind: str, command: tuple[str, ...]) -> None:
    """Whatever reads it: exit code 2, file and line, a remedy, and the file as it was."""
    path = ae.folder / NAME
    path.write_text("\n".join([*BAD[kind](_lines(path)), ""]) if kind != "empty" else "")
    before = path.read_bytes()
    done = ae(*command, NAME)
    assert done.code == 2
    assert f"where: {NAME}:" in done.err
    assert "fix:" in done.err
    assert "--agentops" not in done.err
    assert path.read_bytes() == before


def test_a_misspelt_file_is_found(ae: Commands) -> None:
    """A missing recording names the nearest file that can be read as one; a folder is told apart."""
    done = ae("cassette", "show", "rr.cassette.jsonl")
    assert (done.code, done.remedy) == (3, f"did you mean {NAME}?")
    assert "is a folder" in ae("cassette", "show", ".").err
    (ae.folder / "plans.json").write_text("{}")
    (ae.folder / "zz.otlp.jsonl").write_text("{}")
    for missing in ("plan.json", "z.cassette.jsonl"):
        assert "plans.json" not in ae("cassette", "show", missing).remedy
        assert "zz.otlp" not in ae("cassette", "show", missing).remedy


def test_a_damaged_recording_can_be_recorded_anew(ae: Commands) -> None:
    """The remedy of a replay on a damaged file works, though the file cannot be read."""
    (ae.folder / NAME).write_text("nonsense\n")
    done = ae("replay", "cli_shop:refund", 1042, "--cassette", NAME)
    assert ae.paste(done.remedy).code == 0


def test_conversion_lists_what_is_lost_and_overwrites_on_request(ae: Commands) -> None:
    """vcrpy holds HTTP only; an existing target stays unless the pasted remedy replaces it."""
    done = ae("cassette", "convert", NAME, "r.yaml")
    assert (done.code, "left out  2 of the seam tool" in done.out) == (0, True)
    refused = ae("cassette", "convert", NAME, "r.yaml")
    assert (refused.code, "exists already" in refused.err) == (2, True)
    assert ae.paste(refused.remedy.removeprefix("to replace it: ")).code == 0
    assert "same file" in ae("cassette", "convert", NAME, f"./{NAME}").err
    assert "AE401" in ae("cassette", "convert", NAME, "r.txt").err
    shown = ae("cassette", "show", "r.yaml")
    assert (shown.code, "format    vcrpy" in shown.out) == (0, True)


def test_pruning_drops_what_was_not_asked_for(ae: Commands) -> None:
    """What a replay does not need goes; the replay then passes in strict mode."""
    done = ae("cassette", "prune", NAME, "cli_shop:look", 1042)
    assert (done.code, "1 event dropped, 1 kept" in done.out) == (0, True)
    assert (
        ae("replay", "cli_shop:look", 1042, "--cassette", NAME, "--strict").code == 1
    )  # other than its golden
    again = ae("cassette", "prune", NAME, "cli_shop:look", 1042, "--json").document
    assert (again["removed"], again["kept"]) == ([], 1)


@pytest.mark.parametrize("target", ["cents", "words"])
def test_pruning_a_run_that_differs_drops_nothing(ae: Commands, target: str) -> None:
    """A miss, or another ending than recorded, leaves the file alone."""
    name = NAME if target == "cents" else "raised.cassette.jsonl"
    before = (ae.folder / name).read_bytes()
    done = ae("cassette", "prune", name, f"cli_shop:{target}", 1042)
    assert done.code != 0
    assert (ae.folder / name).read_bytes() == before


def test_pruning_one_of_vcrpys_says_how_to_convert_it(ae: Commands) -> None:
    """Only our own format is pruned and migrated."""
    ae("cassette", "convert", NAME, "r.yaml")
    for words in (["prune", "r.yaml", "cli_shop:look"], ["migrate", "r.yaml"]):
        assert "agentops-eval cassette convert r.yaml" in ae("cassette", *words).err


def test_migrating_a_current_recording_changes_nothing(ae: Commands) -> None:
    """There is one version so far."""
    before = (ae.folder / NAME).read_bytes()
    assert "already version 1" in ae("cassette", "migrate", NAME).out
    assert (ae.folder / NAME).read_bytes() == before


def test_an_interrupted_recording_can_be_recovered(ae: Commands) -> None:
    """Ctrl-C ends with 130, leaves the old recording, and names a command that recovers what was seen."""
    before = (ae.folder / NAME).read_bytes()
    done = interrupted(ae.folder, "record", "cli_shop:slow", 1042, "--cassette", NAME)
    assert done.code == 130
    assert "Traceback" not in done.err
    assert (ae.folder / NAME).read_bytes() == before
    recovered = ae.paste(done.remedy)
    assert "1 event recovered" in recovered.out
    shown = ae("cassette", "show", f"recovered-{NAME}", "--json").document
    assert shown["outcome"] == "interrupted"


def test_only_partials_are_recovered(ae: Commands) -> None:
    """A whole recording is never taken for what an interrupted one left."""
    assert "is not what an interrupted recording leaves" in ae("cassette", "recover", NAME).err
    assert (ae.folder / NAME).exists()


def test_json_of_a_recording_gives_every_event(ae: Commands) -> None:
    """Scripts see the same calls as people."""
    document = json.loads(ae("cassette", "show", NAME, "--json").out)
    assert [event["boundary"] for event in document["events"]] == ["get_order", "issue_refund"]
    assert [(event["call"], event["index"]) for event in document["events"]] == [(1, 0), (2, 1)]
