"""A recording under another name: first lines change, and every other line keeps its bytes, CRLF made LF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from agentops_eval.replay._blobs import FOLDER, blob_name, cited, drop_blobs
from agentops_eval.replay._cassette import corrupt, digest_of, read_header, split_lines
from agentops_eval.replay._names import parent_path


def moved_cassette(targets: Mapping[Path, Path], *, case: str, agent: str) -> dict[Path, bytes]:
    """The files that a recording and its branches become as those of ``case`` and ``agent``, blobs first.

    ``targets`` says where each goes, or that it stays. Nothing is written. A branch of the recording
    as it was is one of the recording as it will be; a stale one stays stale. A blob that is missing or
    damaged is passed over: who reads it is told. Raises OSError, CassetteCorrupt and kin.
    """
    before = {path: path.read_bytes() for path in targets}
    blobs: dict[Path, bytes] = {}
    for path, target in targets.items():
        for name in cited(before[path]) if path.parent != target.parent else ():
            with suppress(FileNotFoundError):
                blob = (path.parent / FOLDER / name).read_bytes()
                if blob_name(blob) == name:
                    blobs[target.parent / FOLDER / name] = blob
    after: dict[Path, bytes] = {}
    for path in sorted(targets, key=lambda path: path != parent_path(path)):  # recordings before branches
        parent, branch_of = parent_path(path), ""
        if parent in after:
            left = read_header(split_lines(before[path], path), path).branch_of
            branch_of = digest_of(after[parent]) if left == digest_of(before[parent]) else ""
        after[path] = _retitled(before[path], path, case=case, agent=agent, branch_of=branch_of)
    return blobs | {targets[path]: data for path, data in after.items()}


def drop_blobs_of(folder: Path, data: bytes) -> None:
    """Remove the blobs of ``folder`` that ``data`` cites and no file there, and what is empty then."""
    drop_blobs(folder, cited(data))
    for left in (folder / FOLDER, folder):
        with suppress(OSError):  # not empty, or not there
            left.rmdir()


def _retitled(data: bytes, path: Path, *, case: str, agent: str, branch_of: str) -> bytes:
    """The bytes of the cassette at ``path`` under its names; keys that this release does not know stay."""
    lines = split_lines(data, path)
    read_header(lines, path)
    try:
        head = json.loads(lines[0])
    except (ValueError, RecursionError) as error:
        raise corrupt(path, 1, error) from error
    changes = {"case": case, "agent": agent, "branch_of": branch_of}
    head["cassette"] |= {key: value for key, value in changes.items() if value}
    first = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return b"\n".join([first, *(line.rstrip(b"\r") for line in lines[1:]), b""])
