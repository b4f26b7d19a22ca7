"""A cassette under another name: its first line changes, and every other line keeps its very bytes."""

from __future__ import annotations

import json
from pathlib import Path

from agentops_eval.replay._cassette import corrupt, read_header, split_lines


def retitled_cassette(data: bytes, path: Path, *, case: str, agent: str, branch_of: str = "") -> bytes:
    """The bytes of the cassette at ``path`` as one of ``case`` and ``agent``.

    ``branch_of`` is the digest of the recording that a branch left, where that one changes, too.
    Keys that this release does not know stay. Raises CassetteCorrupt, CassetteVersion and MergeConflict.
    """
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
