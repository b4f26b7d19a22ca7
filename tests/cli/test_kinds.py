"""What a file is, its first line says: nothing is taken for another kind, nor overwritten by one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from agentops_eval import recording
from agentops_eval.domain import CassetteWrite, GoldenWrite
from agentops_eval.harness import Settings
from agentops_eval.traces import read_golden, write_golden
from agentops_eval.traces.redaction import Redactor

if TYPE_CHECKING:
    from tests.cli._kit import Commands


@pytest.mark.parametrize("verb", ["record", "replay"])
@pytest.mark.parametrize("approve", [(), ("--approve",)])
def test_a_recording_is_never_taken_for_a_golden(ae: Commands, verb: str, approve: tuple[str, ...]) -> None:
    """Neither is it compared with, nor is approving onto it offered or done."""
    shutil.copy("r.cassette.jsonl", "other.cassette.jsonl")
    before = (ae.folder / "other.cassette.jsonl").read_bytes()
    done = ae(verb, "cli_shop:refund", 1042, "--golden", "other.cassette.jsonl", *approve)
    assert (done.code, "is a recording, not a golden" in done.err) == (2, True)
    assert "--approve" not in done.remedy
    assert (ae.folder / "other.cassette.jsonl").read_bytes() == before


@pytest.mark.parametrize("words", [("--cassette", "keep.py"), ("--golden", "keep.py", "--approve")])
def test_other_files_are_not_overwritten(ae: Commands, words: tuple[str, ...]) -> None:
    """A source file that was named by mistake stays, and the agent is not run for nothing."""
    (ae.folder / "keep.py").write_text("mine = 1\n")
    done = ae("record", "cli_shop:refund", 1042, *words)
    assert (done.code, "really paid" in done.out + done.err) == (2, False)
    assert (ae.folder / "keep.py").read_text() == "mine = 1\n"


def test_one_file_is_not_both(ae: Commands) -> None:
    """The same path for the recording and the golden is refused, however it is spelled."""
    done = ae(
        "record", "cli_shop:refund", 1042, "--cassette", "new.jsonl", "--golden", "./new.jsonl", "--approve"
    )
    assert (done.code, "cannot be both" in done.err) == (2, True)
    assert not (ae.folder / "new.jsonl").exists()


def test_the_api_overwrites_no_other_file_either(ae: Commands) -> None:
    """Writing a recording onto a golden, or a golden onto a recording, is refused by what writes them."""
    cassette, golden = ae.folder / "r.cassette.jsonl", ae.folder / "r.otlp.jsonl"
    before = cassette.read_bytes(), golden.read_bytes()
    with pytest.raises(CassetteWrite, match="no recording"):
        recording(golden, settings=Settings())
    with pytest.raises(GoldenWrite, match="no golden"):
        write_golden(cassette, read_golden(golden).trace, redactor=Redactor())
    assert (cassette.read_bytes(), golden.read_bytes()) == before


def test_a_damaged_file_can_be_made_anew(ae: Commands) -> None:
    """What is called a recording or golden and was damaged is recorded and approved again."""
    for name in ("r.cassette.jsonl", "r.otlp.jsonl"):
        (ae.folder / name).write_text("<<<<<<< ours\n")
    words = ("cli_shop:refund", 1042, "--cassette", "r.cassette.jsonl")
    assert ae("record", *words, "--approve").code == 0
    assert "golden   equal" in ae("replay", *words).out


@pytest.mark.parametrize("name", ["out.txt", "keep.py", "out", "out.json"])
def test_a_recording_may_have_any_name(ae: Commands, name: str) -> None:
    """What was recorded there is replayed and shown like any other."""
    shutil.copy("r.cassette.jsonl", name)
    assert ae("replay", "cli_shop:refund", 1042, "--cassette", name).code == 0
    assert ae("cassette", "show", name, "--json").document["format"] == "version 1"
    assert ae("trace", "show", name).out == ae("trace", "show", "r.cassette.jsonl").out
    assert ae("cassette", "convert", name, "back.cassette.jsonl").code == 0


def test_a_golden_may_have_any_name(ae: Commands) -> None:
    """trace show knows it by its first line."""
    shutil.copy("r.otlp.jsonl", "approved.txt")
    assert ae("trace", "diff", "approved.txt", "r.cassette.jsonl").code == 0


@pytest.mark.parametrize("words", [("show", "r.otlp.jsonl"), ("convert", "r.otlp.jsonl", "r.yaml")])
def test_a_golden_is_no_cassette_and_says_so(ae: Commands, words: tuple[str, ...]) -> None:
    """The error names the command that shows it."""
    done = ae("cassette", *words)
    assert (done.code, "AE102 the file is a golden, not a recording" in done.err) == (2, True)
    assert ae.paste(done.remedy).code == 0


@pytest.mark.parametrize("data", [b"some text\n", b"\x89PNG\r\n\x1a\n\x00\xff", b"{}\n"])
def test_other_files_are_no_cassettes(ae: Commands, data: bytes) -> None:
    """Nothing is said of git or of recording again."""
    (ae.folder / "file.bin").write_bytes(data)
    done = ae("cassette", "show", "file.bin")
    assert (done.code, "AE102 the file is no cassette" in done.err) == (2, True)
    assert ae.paste(done.remedy.partition(" (")[0]).code == 0


def test_a_damaged_golden_is_approved_again(ae: Commands) -> None:
    """A golden is approved, not recorded."""
    (ae.folder / "r.otlp.jsonl").write_text('{"resourceSpans": 1}\n')
    assert ae("trace", "show", "r.otlp.jsonl").remedy.endswith("or approve it again")


def test_an_empty_folder_has_nothing_to_rename(ae: Commands) -> None:
    """It is told as what it is, also where only a golden of a branch or a folder looks like a case."""
    (ae.folder / "adir").mkdir()
    for odd in ("", "d.otlp.jsonl"):
        (ae.folder / "adir" / odd).mkdir(exist_ok=True)
        done = ae("cassette", "rename", "adir", "other")
        assert (done.code, "neither a recording nor a golden in that folder" in done.err) == (3, True)
