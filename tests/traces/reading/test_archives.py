"""Archives of inspect_ai: members one by one, and whatever is wrong with them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from agentops_eval.domain import TraceUnreadable
from agentops_eval.traces.reading.formats import _eval_archive
from tests.traces.reading import _documents as d


def test_a_broken_member_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    """What cannot be read is named by its member."""
    data = d.archive(b"{", d.sample(), b"[]", b"\xff\xfe")
    runs, problems = d.read(tmp_path / "log.eval", data)
    assert len(runs) == 1
    assert [problem.partition(": ")[0] for problem in problems] == [
        "samples/1_epoch_1.json",
        "samples/3_epoch_1.json",
        "samples/4_epoch_1.json",
    ]
    assert all("passed over" in problem for problem in problems)


def test_an_evaluation_that_was_killed_has_a_journal(tmp_path: Path) -> None:
    """Without a header the task stands in the journal; without both, samples are read all the same."""
    start = json.dumps({"version": 2, "eval": {"task": "journalled"}}).encode()
    (run,), problems = d.read(
        tmp_path / "a.eval", d.archive(d.sample(), header={}, **{"_journal/start.json": start})
    )
    assert (run.trace.spans[0].name, problems) == ("invoke_agent journalled", [])
    (run,), problems = d.read(tmp_path / "b.eval", d.archive(d.sample(), header={}))
    assert (len(run.trace), problems) == (4, ["header.json cannot be read: the task and its llm are unknown"])


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """A member that unpacks to more than its bound is passed over, whatever the archive says of its size."""
    bomb = b'{"messages": ["' + b"0" * (_eval_archive.MAX_MEMBER + 1) + b'"]}'
    runs, problems = d.read(tmp_path / "log.eval", d.archive(bomb, d.sample()))
    assert len(runs) == 1
    assert problems == ["samples/1_epoch_1.json: passed over: more than 67108864 bytes when unpacked"]
    lying = bytearray(d.archive(d.sample(), header={}))
    at = lying.index(b"PK\x01\x02")
    lying[at + 24 : at + 28] = (5).to_bytes(4, "little")
    runs, problems = d.read(tmp_path / "lying.eval", bytes(lying))
    assert runs == []
    assert "passed over" in problems[-1]


def test_a_list_of_members_has_a_bound(tmp_path: Path) -> None:
    """An archive whose list would fill memory is refused before it is read."""
    data = bytearray(d.archive(d.sample()))
    at = data.rindex(b"PK\x05\x06")
    data[at + 12 : at + 16] = (1 << 30).to_bytes(4, "little")
    with pytest.raises(TraceUnreadable, match="list of members is too long"):
        d.read(tmp_path / "log.eval", bytes(data))


@pytest.mark.parametrize("packed", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_methods_without_a_bound_are_not_unpacked(tmp_path: Path, packed: int) -> None:
    """Members that are packed as no log is are passed over."""
    runs, problems = d.read(tmp_path / "log.eval", d.archive(d.sample(), packed=packed))
    assert runs == []
    assert f"packed by method {packed}, which is not read" in problems[-1]


def test_an_encrypted_member_is_passed_over(tmp_path: Path) -> None:
    """A member that asks for a password is named."""
    data = bytearray(d.archive(d.sample()))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark)
        data[at + offset] |= 1
    runs, problems = d.read(tmp_path / "log.eval", bytes(data))
    assert runs == []
    assert "samples/1_epoch_1.json: passed over: it cannot be unpacked" in problems[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04", "the zip archive cannot be read"),
        (d.archive(d.sample())[:200], "the zip archive cannot be read"),
        (d.archive(header={}), "it has no samples"),
        (d.archive(header={}, **{"a.txt": b"x"}), "it has no samples"),
    ],
    ids=["beginning", "cut", "empty", "other"],
)
def test_other_archives_are_errors(tmp_path: Path, data: bytes, said: str) -> None:
    """What is no archive of inspect_ai is an error with the file's name."""
    with pytest.raises(TraceUnreadable, match=said) as caught:
        d.read(tmp_path / "log.eval", data)
    assert "log.eval" in str(caught.value)


def test_an_archive_without_samples_says_why(tmp_path: Path) -> None:
    """A header alone tells how the evaluation ended."""
    head = {"version": 2, "status": "cancelled", "eval": {"task": "t"}}
    runs, problems = d.read(tmp_path / "log.eval", d.archive(header=head))
    assert runs == []
    assert problems == ["the log holds no samples, so there is nothing to read (its status is cancelled)"]
