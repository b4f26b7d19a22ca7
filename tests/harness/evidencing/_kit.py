"""A project with evidence in it, for the tests of the store."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agentops_eval.domain import Evidence, VerdictValue, Versions
from agentops_eval.harness.evidencing import EVIDENCE, PROOFS, Doubt, Reading, ShardFile, digest_of_file
from agentops_eval.harness.evidencing._items import claim_of, text_of
from agentops_eval.traces.redaction import Redactor

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


PROMISED = "promised"
"""In place of the digest of a proof that is written with its items: it tells which they are."""


def proof(*, name: str = "proof.json") -> dict[str, str]:
    """A document of the store that will prove an item, as the item names it."""
    return {"source": (EVIDENCE / PROOFS / name).as_posix(), "source_digest": PROMISED}


def proven(root: Path, *items: Evidence) -> list[Evidence]:
    """The same items, with the documents that were promised written, each beside earlier ones of its name."""
    claims: dict[str, list[str]] = {}
    for one in items:
        if one.source_digest == PROMISED:
            claims.setdefault(one.source, []).append(claim_of(text_of(one, Redactor())))
    told = {}
    for source, its in claims.items():
        path = first = root / source
        for number in itertools.count(2):
            if not path.exists():
                break
            path = first.with_stem(f"{first.stem}-{number}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"claims": its}), encoding="utf-8")
        name = path.relative_to(root).as_posix()
        told[source] = {"source": name, "source_digest": digest_of_file(path)}
    return [replace(one, **told[one.source]) if one.source_digest == PROMISED else one for one in items]


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
    """Write items to a shard of their own, and the proofs that they were promised."""
    with ShardFile(root, Redactor(), now=NOW) as shard:
        shard.append(proven(root, *items))
    return shard.path


def three(root: Path) -> Path:
    """A shard with three items that a file proves."""
    told = proof()
    return write(root, *(item(subject=name, **told) for name in ("breaker", "saga", "budget")))


def read(root: Path) -> list[tuple[str, Doubt | None]]:
    """Subject and doubt of each item."""
    return [(one.evidence.subject if one.evidence else "", one.doubt) for one in Reading(root, now=NOW)]


def shards(root: Path) -> list[Path]:
    """The files of the store."""
    return sorted((root / EVIDENCE).glob("*.jsonl"))
