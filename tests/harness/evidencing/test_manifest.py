"""A manifest that was kept elsewhere shows what a store has lost."""

from __future__ import annotations

import pytest

from agentops_eval.domain import EvidenceInvalid
from agentops_eval.harness.evidencing import (
    Manifest,
    Reading,
    manifest_of,
    read_manifest,
    write_manifest,
)
from tests.harness.evidencing._kit import NOW, item, proof, three, write


def _manifest(root) -> Manifest:
    reading = Reading(root, now=NOW)
    assert all(one.counts for one in reading)
    path = root / "evidence.manifest.json"
    write_manifest(path, manifest_of(reading.shards, at=NOW))
    return read_manifest(path)


def _compared(root, manifest: Manifest) -> tuple[list[str], int]:
    reading = Reading(root, now=NOW, marks=manifest.marks)
    for _ in reading:
        pass
    return manifest.differences(reading.shards), manifest.added(reading.shards)


def test_a_store_that_grew_is_what_it_was(tmp_path):
    """What came since a manifest is counted, and no difference."""
    three(tmp_path)
    manifest = _manifest(tmp_path)
    assert _compared(tmp_path, manifest) == ([], 0)
    write(tmp_path, item(**proof()))
    assert _compared(tmp_path, manifest) == ([], 1)


def test_lines_taken_from_the_end_show(tmp_path):
    """A chain alone cannot tell that its last line is gone."""
    path = three(tmp_path)
    manifest = _manifest(tmp_path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert _compared(tmp_path, manifest) == ([f"{path.name} has 2 items; it had 3"], 0)


def test_a_shard_that_is_gone_shows(tmp_path):
    """So does a whole file."""
    path = three(tmp_path)
    manifest = _manifest(tmp_path)
    path.unlink()
    assert _compared(tmp_path, manifest) == ([f"{path.name} is missing; it had 3 items"], 0)


def test_a_shard_written_anew_shows(tmp_path):
    """Somebody who computes a whole chain anew draws another nonce, or has other digests."""
    path = three(tmp_path)
    manifest = _manifest(tmp_path)
    head = path.read_bytes().splitlines(keepends=True)[0]
    path.unlink()
    from agentops_eval.harness.evidencing._items import line_of, taken_apart, text_of
    from agentops_eval.traces.redaction import Redactor

    told = taken_apart(head, b'{"shard":')
    assert told is not None
    after, lines = told[1], [head]
    for _ in range(3):
        line, after = line_of(text_of(item(**proof()), Redactor()), after=after)
        lines.append(line)
    path.write_bytes(b"".join(lines))
    assert _compared(tmp_path, manifest)[0] == [f"{path.name} is not what it was up to item 3"]
    other = write(tmp_path, item(**proof()))
    data = other.read_bytes().replace(other.name.encode(), path.name.encode())
    other.unlink()
    path.write_bytes(data)
    assert _compared(tmp_path, manifest)[0] == [f"{path.name} is another file than it was"]


@pytest.mark.parametrize("text", ["", "{}", "[]", "\xff", '{"format": 1}'])
def test_what_is_no_manifest_says_so(tmp_path, text):
    """A wrong file is refused with the command that makes a right one."""
    path = tmp_path / "m.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(EvidenceInvalid, match="this is no manifest"):
        read_manifest(path)
    with pytest.raises(EvidenceInvalid, match="cannot be read"):
        read_manifest(tmp_path / "none.json")


def test_a_manifest_that_was_edited_says_so(tmp_path):
    """Its digest covers every shard."""
    three(tmp_path)
    _manifest(tmp_path)
    path = tmp_path / "evidence.manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"items": 3', '"items": 2'), encoding="utf-8")
    with pytest.raises(EvidenceInvalid, match="not as it was written"):
        read_manifest(path)
