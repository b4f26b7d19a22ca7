"""A project with evidence in it, for the tests of the store."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agentops_eval.domain import Evidence, VerdictValue, Versions
from agentops_eval.harness.evidencing import EVIDENCE, Doubt, Reading, ShardFile
from agentops_eval.harness.evidencing._sources import digest_of_file
from agentops_eval.traces.redaction import Redactor

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def proof(root: Path, text: str = "all went well", *, name: str = "proof.json") -> dict[str, str]:
    """A file that proves an item, as the item names it."""
    path = root / name
    path.write_text(text, encoding="utf-8")
    return {"source": name, "source_digest": digest_of_file(path)}


def item(**more: Any) -> Evidence:
    """One item of evidence."""
    plain = {
        "agent": "refund",
        "kind": "chaos.check",
        "subject": "breaker",
        "at": "2026-11-27T06:33:15Z",
        "verdict": VerdictValue.PASS,
        "says": "the breaker opened after 3 failures",
        "measures": {"runs": 5.0, "findings": 0.0},
        "versions": Versions(prompt="p1"),
        "expires": "2027-02-25T06:33:15Z",
    }
    return Evidence(**{**plain, **more})


def write(root: Path, *items: Evidence) -> Path:
    """Write items to a shard of their own."""
    with ShardFile(root, Redactor(), now=NOW) as shard:
        shard.append(items)
    return shard.path


def three(root: Path) -> Path:
    """A shard with three items that a file proves."""
    told = proof(root)
    return write(root, *(item(subject=name, **told) for name in ("breaker", "saga", "budget")))


def read(root: Path) -> list[tuple[str, Doubt | None]]:
    """Subject and doubt of each item."""
    return [(one.evidence.subject if one.evidence else "", one.doubt) for one in Reading(root, now=NOW)]


def shards(root: Path) -> list[Path]:
    """The files of the store."""
    return sorted((root / EVIDENCE).glob("*.jsonl"))
