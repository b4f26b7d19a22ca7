"""Upkeep: pruning keeps what runs ask for, migrating keeps everything."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval.domain import (
    CassetteCorrupt,
    CassetteMissing,
    CassetteVersion,
    ConfigInvalid,
    ToolRequest,
    ValueReply,
)
from agentops_eval.replay._blobs import INLINE_LIMIT
from agentops_eval.replay._cassette import read_cassette
from agentops_eval.replay._prune import Document, migrate, prune
from tests._events import event
from tests.replay._cassette_kit import HEADER, http, write


def test_pruning_keeps_the_lines_of_used_events(tmp_path: Path) -> None:
    """Unused events go, used ones keep their bytes and numbers, and so do the events around them."""
    events = [http(0), http(1), http(2, parent=1), http(3)]
    path = write(tmp_path / "c.cassette.jsonl", events)
    lines = path.read_bytes().splitlines()
    pruned = prune(read_cassette(path), {2})
    assert (pruned.kept, pruned.removed) == (2, (0, 3))
    assert pruned.freed > 0
    assert path.read_bytes().splitlines()[:-1] == [lines[0], lines[2], lines[3]]
    assert read_cassette(path).events == (events[1], events[2])


def test_pruning_nothing_changes_nothing(tmp_path: Path) -> None:
    """Where every event is used, the file is not touched."""
    path = write(tmp_path / "c.cassette.jsonl", [http(0)])
    before = path.stat()
    assert prune(read_cassette(path), [0]).removed == ()
    assert path.stat() == before


def test_pruning_removes_blobs_that_nothing_cites(tmp_path: Path) -> None:
    """A blob goes with its last citation; one that another cassette cites stays."""
    shared, own = b"s" * (INLINE_LIMIT + 1), b"o" * (INLINE_LIMIT + 1)
    path = write(tmp_path / "c.cassette.jsonl", [http(0, reply=shared), http(1, reply=own), http(2)])
    other = write(tmp_path / "d.cassette.jsonl", [http(0, reply=shared)])
    pruned = prune(read_cassette(path), [2])
    assert len(pruned.blobs) == 1
    assert pruned.freed > INLINE_LIMIT
    assert read_cassette(other).events == (http(0, reply=shared),)


def test_pruning_names_branches_that_no_longer_fit(tmp_path: Path) -> None:
    """A branch cites its parent's digest; after pruning it is told of."""
    path = write(tmp_path / "c.cassette.jsonl", [http(0), http(1)])
    header = replace(HEADER, branch="v2", branch_of=read_cassette(path).digest)
    branch = write(tmp_path / "c@v2.cassette.jsonl", [http(2)], header)
    assert prune(read_cassette(path), [0]).stale_branches == (branch,)


def test_migrating_the_present_format_does_nothing(tmp_path: Path) -> None:
    """A cassette of this release's format is left as it is."""
    path = write(tmp_path / "c.cassette.jsonl", [http(0)])
    before = path.read_bytes()
    assert migrate(path) is False
    assert path.read_bytes() == before


def test_migrating_an_older_format_runs_its_steps(tmp_path: Path) -> None:
    """A registered step turns the old lines into new ones, in place."""
    path = write(tmp_path / "c.cassette.jsonl", [http(0)])
    old = path.read_text().replace('"version":1', '"version":0').replace('"boundary"', '"edge"')
    path.write_text(old)

    def rename(documents: list[Document]) -> list[Document]:
        return [
            {("boundary" if key == "edge" else key): value for key, value in doc.items()} for doc in documents
        ]

    assert migrate(path, migrations={0: rename}) is True
    assert read_cassette(path).events == (http(0),)


def test_a_format_without_a_way_is_named(tmp_path: Path) -> None:
    """Where no step leads on, the file stays and the version is named."""
    path = write(tmp_path / "c.cassette.jsonl", [http(0)])
    path.write_text(path.read_text().replace('"version":1', '"version":0'))
    before = path.read_bytes()
    with pytest.raises(CassetteVersion, match="from format version 0 to 1"):
        migrate(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["[1]\n", "{\n", '{"a": 1}\n', json.dumps({"cassette": {}}) + "\n"])
def test_migrating_something_else_is_an_error(tmp_path: Path, text: str) -> None:
    """What is no cassette is not migrated."""
    path = tmp_path / "c.cassette.jsonl"
    path.write_text(text)
    with pytest.raises(CassetteCorrupt):
        migrate(path)


def test_lines_with_lone_surrogates_survive_pruning(tmp_path: Path) -> None:
    """A line that only escapes can spell is kept as it is."""
    odd = event(1, ToolRequest(name="t", arguments={}), ValueReply(value="\ud800"))
    path = write(tmp_path / "c.cassette.jsonl", [http(0), odd])
    prune(read_cassette(path), [1])
    assert read_cassette(path).events == (odd,)


def test_a_cassette_of_vcrpy_is_not_rewritten(tmp_path: Path) -> None:
    """It reads, and is to be converted before it is pruned or migrated."""
    path = tmp_path / "c.yaml"
    path.write_text("version: 1\ninteractions: []\n")
    for rewrite in (lambda: prune(read_cassette(path), []), lambda: migrate(path)):
        with pytest.raises(ConfigInvalid, match="vcrpy"):
            rewrite()


def test_migrating_nothing_is_a_missing_cassette(tmp_path: Path) -> None:
    """Where no file is, that is what is said."""
    with pytest.raises(CassetteMissing):
        migrate(tmp_path / "c.cassette.jsonl")
