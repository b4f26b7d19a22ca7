"""Evidence written by whatever has shown something: silently, and never at its cost.

What proves an item is kept beside the store as a document of its own, named by its content. Reports and
results may be written over or thrown away; what was shown stays shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agentops_eval.domain import AgentopsError, Evidence, Json, ascii_json, moment_text, to_json
from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness._settings import Settings, is_project
from agentops_eval.harness.evidencing._items import EVIDENCE, PROOFS, claim_of, text_of, utf8
from agentops_eval.harness.evidencing._shard_file import ShardFile
from agentops_eval.traces import write_whole
from agentops_eval.traces.redaction import Redactor

RUN_DAYS, FILES_DAYS = 90, 30
"""How long items count: what was run, and what was read from the project's files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What something has shown: facts that need neither a moment nor a source, and what proves them."""

    facts: Sequence[Evidence]
    proof: Json
    days: int = RUN_DAYS


def wants_evidence(root: Path, settings: Settings) -> bool:
    """Whether evidence is written: as the settings say, else where there is a project of ours."""
    return is_project(root) if settings.evidence is None else settings.evidence


def note_evidence(
    root: Path, settings: Settings, make: Callable[[], Noted], *, warn: Callable[[str], object]
) -> None:
    """Write what ``make`` gives, where the project wants evidence.

    Nothing that goes wrong is anybody's end: ``warn`` hears one line.
    """
    if not wants_evidence(root, settings):
        return
    try:
        keep_evidence(root, redactor_of(settings), make())
    except Exception as error:
        warn(f"no evidence was written: {_reason(error)}")


def keep_evidence(
    root: Path, redactor: Redactor, noted: Noted, *, now: datetime | None = None
) -> tuple[str, ...]:
    """Write what was shown to a shard of its own, and give the digests of the items.

    Raises OSError, and EvidenceInvalid for what no store may hold.
    """
    if not noted.facts:
        return ()
    now = now or datetime.now(UTC)
    at, expires = (moment_text(moment) for moment in (now, now + timedelta(days=noted.days)))
    facts = [replace(one, at=one.at or at, expires=one.expires or expires) for one in noted.facts]
    claims = [claim_of(text_of(one, redactor)) for one in facts]
    source, digest = _keep_proof(root, redactor, noted.proof, claims)
    with ShardFile(root, redactor, now=now) as shard:
        return shard.append(
            replace(
                fact,
                source=fact.source or source,
                source_digest=fact.source_digest if fact.source else digest,
            )
            for fact in facts
        )


def _keep_proof(root: Path, redactor: Redactor, proof: Json, claims: Sequence[str]) -> tuple[str, str]:
    """A proof names what it proves: an item that was copied or changed does not become true by it."""
    found = redactor.json(utf8(to_json(proof)))
    told = {**(found if isinstance(found, dict) else {"proof": found}), "claims": list(claims)}
    data = ascii_json(told).encode() + b"\n"
    digest = hashlib.sha256(data).hexdigest()
    path = root / EVIDENCE / PROOFS / f"{digest[:32]}.json"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    return path.relative_to(root).as_posix(), digest


def _reason(error: Exception) -> str:
    if isinstance(error, AgentopsError):
        return f"{error.what}, {error.where}" if error.where else error.what
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return f"{type(error).__name__}: {error}"
